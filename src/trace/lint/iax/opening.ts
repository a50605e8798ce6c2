import { otherSide } from '../../call';
import type { PlacedFrame } from '../../iax';
import type { LintContext } from '../lint';
import { elementPlace, type IaxLint, personAt } from './lint';

const noCall = 1;

/** How calls and registrations begin: the call token, and passwords in the clear. */
export class OpeningLint implements IaxLint {
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
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
    this.#context.report({
      id: 'iax-token-refused',
      clause: `${personAt(leg, otherSide(side))} sends ${request.iax.title} ${how}, and is refused`,
      message: request,
      range: elementPlace(request, 'callToken'),
      related: [record],
    });
  }
}
