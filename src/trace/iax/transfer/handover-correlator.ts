import type { Milliseconds } from '../../../core';
import { frameTypes } from '../../../iax';
import { sameAddress } from '../../../net';
import { type CallRecord, otherSide, type Side } from '../../call';
import type { Horizon } from '../../horizon';
import type { MessageRecord } from '../../message';
import { PartyRecord } from '../../party';
import type { TransferRecord } from '../../transfer-record';
import { join } from '../bridges';
import type { LegRecord } from '../leg';
import type { PlacedFrame } from '../leg-table';
import type { IaxCorrelator, IaxCorrelatorContext } from './correlator';
import { HandoverRule } from './handover-rule';

/** A switch that obeys TRANSFER dials at once; where packets are lost that takes its time. */
const dialsWithin: Milliseconds = 5_000;
/** One that knows the number by another name gives that name; what it dials right after TRANSFER is what was asked for. */
const atOnce: Milliseconds = 250;

/** A call that somebody has asked to be handed over, as the frames have shown it so far. */
export interface Handover {
  readonly transfer: TransferRecord;
  readonly asked: MessageRecord;
  readonly number: string;
  /** The call of the one who asks, and which side of it that is. */
  readonly call: CallRecord;
  readonly side: Side;
  /** The call of the one who is handed over, behind the switch. */
  readonly kept: CallRecord | undefined;
  unsupported: MessageRecord | undefined;
  /** What the receiver has said in words: there is no other answer. */
  said: MessageRecord | undefined;
}

/** TRANSFER: a blind transfer by one frame without any result (RFC 5456 section 6.4, IAX2 reference 6.7). */
export class HandoverCorrelator implements IaxCorrelator {
  readonly #context: IaxCorrelatorContext;
  readonly #byLeg = new WeakMap<LegRecord, Handover>();
  /** Those whose new call has not been seen. */
  #waiting: Handover[] = [];

  constructor(context: IaxCorrelatorContext) {
    this.#context = context;
  }

  forget(horizon: Horizon): void {
    this.#waiting = this.#waiting.filter(({ transfer }) => !horizon.isPastTransfer(transfer));
  }

  onFrame({ record, frame, leg, side }: PlacedFrame): void {
    if (frame.command === 'TRANSFER') {
      this.#onTransfer(record, frame.element('calledNumber'), leg, side);
    } else if (frame.command === 'NEW') {
      this.#onNew(record);
    } else if (frame.command === 'UNSUPPORT') {
      const handover = this.#byLeg.get(leg);
      if (handover !== undefined && record.answers === handover.asked) handover.unsupported ??= record;
    } else if (frame.type === frameTypes.text) {
      const handover = this.#byLeg.get(leg);
      if (handover !== undefined && side !== handover.side) handover.said ??= record;
    }
  }

  #onTransfer(record: MessageRecord, number: string | undefined, leg: LegRecord, side: Side): void {
    const { call } = leg;
    if (call === undefined || number === undefined || number === '') return;
    const { bridges, directory } = this.#context;
    const receiver = otherSide(side);
    const transfer = this.#context.open('blind', record, {
      transferor: call[side],
      transferee: bridges.farParty(call, receiver),
      target: new PartyRecord(directory, undefined, { text: `iax2:${number}`, user: number, host: '' }),
    });
    const kept = call.behind[receiver];
    const handover: Handover = { transfer, asked: record, number, call, side, kept, unsupported: undefined, said: undefined };
    transfer.replace(call);
    if (kept !== undefined && !kept.transfers.includes(transfer)) kept.transfers.push(transfer);
    transfer.rule = new HandoverRule(handover);
    this.#byLeg.set(leg, handover);
    this.#waiting = [...this.#waiting.filter((other) => record.at - arrivalOf(other.asked) <= dialsWithin), handover];
    this.#context.attach(transfer, record);
  }

  /** The call that the receiver of TRANSFER places is the one that was asked for. */
  #onNew(record: MessageRecord): void {
    const { call } = record;
    if (call?.invite !== record || this.#waiting.length === 0) return;
    const number = record.iax?.element('calledNumber');
    const possible = this.#waiting.filter(({ asked }) => sameAddress(asked.destination, record.source) && record.at - arrivalOf(asked) <= dialsWithin);
    // A call that is passed on was not asked for here.
    const isOwn = call.behind.caller === undefined;
    const handover = possible.find(({ number: wanted }) => wanted === number) ?? possible.find(({ asked, kept: behind }) => isOwn && behind !== undefined && record.at - arrivalOf(asked) <= atOnce);
    if (handover === undefined) return;
    this.#waiting = this.#waiting.filter((other) => other !== handover);
    const { kept, transfer } = handover;
    if (kept !== undefined) join(kept, kept.behind.callee === handover.call ? 'callee' : 'caller', call, 'caller');
    transfer.survive(call);
    this.#context.attach(transfer, record);
  }
}

/** When the receiver has it at the latest: where packets are lost, that is long after its first sending. */
function arrivalOf(asked: MessageRecord): Milliseconds {
  const sendings = asked.leg?.messages.findLast((message) => message === asked || message.retransmissionOf === asked);
  return asked.acknowledgedBy?.at ?? sendings?.at ?? asked.at;
}
