import type { Milliseconds } from '../../../core';
import { otherSide } from '../../call';
import type { LegTable, PlacedFrame } from '../../iax';
import type { LintContext } from '../lint';
import { elementPlace, type IaxLint, personAt } from './lint';

const noCall = 1;
/** Who begins anew does so at once. */
const patience: Milliseconds = 2_000;

/** How calls and registrations begin: the call token, and passwords in the clear. */
export class OpeningLint implements IaxLint {
  readonly #context: LintContext;
  readonly #legs: LegTable;

  constructor(context: LintContext, legs: LegTable) {
    this.#context = context;
    this.#legs = legs;
  }

  onFrame(placed: PlacedFrame): void {
    const { record, frame, leg, side } = placed;
    if (frame.sourceCall === noCall && (frame.command === 'REJECT' || frame.command === 'REGREJ')) this.#onRefusal(placed);
    if (frame.find('password') !== undefined) {
      this.#context.report({
        id: 'iax-plaintext-password',
        clause: `${personAt(leg, side)} sends its password for everybody to read`,
        message: record,
        range: elementPlace(record, 'password'),
      });
    }
  }

  /** A bare refusal without a call is how a missing or false token is answered. */
  #onRefusal({ record, leg, side }: PlacedFrame): void {
    const request = record.answers;
    if (request?.iax === undefined) return;
    const token = request.iax.element('callToken');
    const how = token === undefined ? 'without a call token' : token.length === 0 ? 'with an empty call token' : 'with a call token that is not taken';
    const title = request.iax.title;
    const report = (): void =>
      this.#context.report({
        id: 'iax-token-refused',
        clause: `${personAt(leg, otherSide(side))} sends ${title} ${how}, and is refused`,
        message: request,
        range: elementPlace(request, 'callToken'),
        related: [record],
      });
    // One that came too late, since packets were lost, is asked for anew.
    if (token === undefined || token.length === 0) {report();}
    else {this.#context.later(patience, () => {
      const again = leg[otherSide(side)].number;
      const next = again === undefined ? undefined : this.#legs.withOwnNumber(record.destination, again);
      if (next === undefined || next === leg) report();
    });}
  }
}
