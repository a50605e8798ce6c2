export type { IaxCorrelator, IaxCorrelatorContext } from './correlator';
import type { IaxCorrelator, IaxCorrelatorContext } from './correlator';
import { HandoverCorrelator } from './handover-correlator';
import { NativeCorrelator } from './native-correlator';

/** Both transfer systems of IAX2. */
export const iaxCorrelators: readonly ((context: IaxCorrelatorContext) => IaxCorrelator)[] = [
  (context) => new NativeCorrelator(context),
  (context) => new HandoverCorrelator(context),
];
