import { type Lab, type VerbName, verbNames } from '../../lab';
import type { LabPhase } from '../lab/lab-host';
import { contextKeyOf } from './table';

/** What the context keys are read from. */
export interface ContextSource {
  readonly phase: LabPhase;
  readonly lab: Pick<Lab, 'phones' | 'can'> | undefined;
  readonly hasMessages: boolean;
  readonly isPlaying: boolean;
}

/** The context keys that enable commands, and their values now. */
export function contextKeys(source: ContextSource): ReadonlyMap<string, string | boolean> {
  const keys = new Map<string, string | boolean>([
    ['callLab.phase', source.phase],
    ['callLab.hasMessages', source.hasMessages],
    ['callLab.playing', source.isPlaying],
  ]);
  const names = source.lab?.phones.map(({ name }) => name) ?? [];
  const isPossible = (verb: VerbName): boolean =>
    source.phase === 'running' && names.some((name) => source.lab?.can(verb, name) === true);
  for (const verb of verbNames) keys.set(contextKeyOf(verb), isPossible(verb));
  return keys;
}

/** Those of `next` that `shown` lacks or has with another value: only they need telling. */
export function changedKeys(
  shown: ReadonlyMap<string, string | boolean>,
  next: ReadonlyMap<string, string | boolean>,
): readonly (readonly [key: string, value: string | boolean])[] {
  return [...next].filter(([key, value]) => shown.get(key) !== value);
}
