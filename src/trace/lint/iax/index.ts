import type { LegTable } from '../../iax';
import type { LintContext } from '../lint';
import { AcknowledgementLint } from './acknowledgement';
import { AddressingLint } from './addressing';
import { HandoverLint } from './handover';
import type { IaxLint } from './lint';
import { MediaOrderLint } from './media-order';
import { OpeningLint } from './opening';
import { TransferOrderLint } from './transfer-order';

export type { IaxLint } from './lint';
export { type IaxLintId, iaxLintRules } from './rules';

/** All lints of IAX2. One more is one file beside these, one line here and one in the table of rules. */
export const iaxLints: readonly ((context: LintContext, legs: LegTable) => IaxLint)[] = [
  (context, legs) => new OpeningLint(context, legs),
  (context, legs) => new AddressingLint(context, legs),
  (context, legs) => new TransferOrderLint(context, legs),
  (context) => new HandoverLint(context),
  (context) => new MediaOrderLint(context),
  (context) => new AcknowledgementLint(context),
];
