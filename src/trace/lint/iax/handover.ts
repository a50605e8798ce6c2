import type { Milliseconds } from '../../../core';
import { otherSide } from '../../call';
import type { PlacedFrame } from '../../iax';
import type { MessageRecord } from '../../message';
import { nameIn } from '../../words';
import type { LintContext } from '../lint';
import { elementPlace, type IaxLint, kindPlace, personAt } from './lint';

/** A switch that cannot dial a number gives up at once. */
const atOnce: Milliseconds = 3_000;

/** TRANSFER without a number, and to one that nobody has. */
export class HandoverLint implements IaxLint {
  readonly #context: LintContext;
  /** The newest few, with the frame that asked. */
  #asked: { readonly placed: PlacedFrame; readonly number: string }[] = [];

  constructor(context: LintContext) {
    this.#context = context;
  }

  onFrame(placed: PlacedFrame): void {
    const { record, frame, leg, side } = placed;
    if (frame.command === 'HANGUP') {
      this.#onHangUp(record);
      return;
    }
    if (frame.command !== 'TRANSFER') return;
    const number = frame.element('calledNumber') ?? '';
    if (number === '') {
      this.#context.report({
        id: 'iax-transfer-without-number',
        clause: `${personAt(leg, side)} asks ${personAt(leg, otherSide(side))} for a transfer and does not say to whom`,
        message: record,
        range: kindPlace,
      });
    } else {
      this.#asked = [...this.#asked.filter(({ placed: before }) => record.at - before.record.at <= atOnce), { placed, number }];
    }
  }

  /** The one who was to be handed over is hung up on instead, and no call to the number was placed. */
  #onHangUp(record: MessageRecord): void {
    for (const { placed, number } of this.#asked) {
      const { leg, side, record: asked } = placed;
      const kept = leg.call?.behind[otherSide(side)];
      const by = record.side;
      if (kept === undefined || kept !== record.call || by === undefined || record.at - asked.at > atOnce) continue;
      const isBySwitch = kept.behind[by] !== undefined;
      // Who hangs up has not waited for anything; and who says so in words has hung up on nobody for it.
      const isOver = leg.call?.endedBy === side;
      const hasDialled = asked.transfers.some(({ survivingCall }) => survivingCall !== undefined);
      if (!isBySwitch || isOver || hasDialled) continue;
      this.#context.report({
        id: 'iax-transfer-unknown-number',
        clause: `${personAt(leg, side)} hands ${nameIn(kept[otherSide(by)])} over to ${number}, which ${personAt(leg, otherSide(side))} cannot call`,
        message: asked,
        range: elementPlace(asked, 'calledNumber'),
        related: [record],
      });
    }
  }
}
