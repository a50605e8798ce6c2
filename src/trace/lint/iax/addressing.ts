import { FullFrame } from '../../../iax';
import { sameAddress } from '../../../net';
import type { LegTable, PlacedFrame } from '../../iax';
import type { LintContext } from '../lint';
import { type IaxLint, personAt } from './lint';

/** Frames that nobody may act on: cut, for another call number, or from somebody else. */
export class AddressingLint implements IaxLint {
  readonly #context: LintContext;
  readonly #legs: LegTable;

  constructor(context: LintContext, legs: LegTable) {
    this.#context = context;
    this.#legs = legs;
  }

  onFrame({ record, frame, leg, side, isMisaddressed }: PlacedFrame): void {
    if (frame.fault !== undefined) {
      this.#context.report({ id: 'iax-element-cut', clause: `${personAt(leg, side)} sends ${frame.title}, and ${frame.fault.text}`, message: record, range: frame.fault.range });
    }
    if (isMisaddressed) {
      this.#context.report({
        id: 'iax-wrong-call-number',
        clause: `${personAt(leg, side)} sends ${frame.title} for call ${frame.destinationCall}, which is not the number of this call there`,
        message: record,
        range: FullFrame.rangeOf('destinationCall'),
      });
    }
    if (leg.purpose !== 'unknown' || leg.messages.length > 1) return;
    const meant = this.#legs.withOwnNumber(record.destination, frame.destinationCall);
    if (meant === undefined || meant === leg || meant.ended !== undefined) return;
    const owner = meant.farFrom(record.destination);
    // Under another number it is the peer itself, who has taken a request for two.
    if (sameAddress(record.source, meant[owner].address)) return;
    this.#context.report({
      id: 'iax-wrong-source',
      clause: `${record.source.host}:${record.source.port} sends ${frame.title} into a call that ${personAt(meant, owner)} has with ${personAt(meant, owner === 'caller' ? 'callee' : 'caller')}`,
      message: record,
      range: FullFrame.rangeOf('destinationCall'),
      related: [meant.messages[0]],
    });
  }
}
