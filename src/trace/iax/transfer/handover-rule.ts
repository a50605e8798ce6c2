import type { Milliseconds } from '../../../core';
import { describeData } from '../../../iax';
import type { Signalling, TransferRule } from '../../transfer-record';
import { otherSide } from '../../call';
import { nameIn, sentence } from '../../words';
import { causeInBrackets } from '../words';
import type { Handover } from './handover-correlator';

/** As long as it may be under way still (IAX2 reference 3.3). */
const retransmissionsEnd: Milliseconds = 10_000;

/**
 * What is to be said of a TRANSFER. It has no progress and no result: the HANGUP that follows it looks the same whether the
 * number exists or not (IAX2 reference 6.7). So it was at best handed over, unless the trace itself shows the new call.
 */
export class HandoverRule implements TransferRule {
  readonly #handover: Handover;

  constructor(handover: Handover) {
    this.#handover = handover;
  }

  signalling(): Signalling {
    const { transfer, asked, unsupported, call, kept } = this.#handover;
    const { transferor, transferee, target, receiver } = this.#names();
    if (unsupported !== undefined) return { state: 'failed', cause: `${receiver} does not do TRANSFER (UNSUPPORT)`, by: unsupported };
    const survivor = transfer.survivingCall;
    if (survivor !== undefined) {
      if (survivor.upAt !== undefined) return { state: 'done', by: survivor.final };
      if (survivor.isOver) return { state: 'failed', cause: `${target} did not take the call${causeInBrackets(survivor.cause)}`, by: survivor.endedWith };
      const news = survivor.state === 'ringing' ? `${target} is ringing.` : `${receiver} is calling ${target} for ${transferee}.`;
      return { state: 'open', news, lacking: `${target} never answered`, by: survivor.invite };
    }
    const lacking = this.#refusal() ?? `${receiver} did nothing about the transfer to ${target}`;
    // The switch cannot dial the number, and gives both calls up: the one who asked saw what a success looks like.
    if (kept?.isOver === true && kept.endedWith?.index !== undefined && kept.endedWith.index > asked.index) {
      const isByReceiver = kept.endedBy !== undefined && kept.behind[kept.endedBy] !== undefined;
      return { state: 'failed', cause: this.#refusal() ?? this.#lost(isByReceiver), by: kept.endedWith };
    }
    if (call.isOver) {
      return {
        state: 'open',
        news: `${transferor} has handed ${transferee} over to ${target}.`,
        lacking: '',
        since: call.endedAt ?? asked.at,
        by: call.endedWith,
        isEnough: true,
      };
    }
    return {
      state: 'open',
      news: sentence(this.#refusal() ?? `${transferor} asks ${receiver} to connect ${transferee} to ${target}`),
      lacking,
      since: asked.acknowledgedBy?.at ?? asked.at + retransmissionsEnd,
      by: asked,
    };
  }

  /** What a switch that is better than the protocol says in words. */
  #refusal(): string | undefined {
    const { said } = this.#handover;
    if (said?.iax === undefined) return undefined;
    return `${this.#names().receiver} did not do the transfer and says ${describeData(said.iax)}`;
  }

  /** The call of the one who was to be handed over is over, and no other was placed. */
  #lost(isByReceiver: boolean): string {
    const { call, side } = this.#handover;
    const { transferor, transferee, target, receiver } = this.#names();
    if (!isByReceiver) return `${transferee} hung up before ${target} was reached`;
    if (call.endedBy === side) return `${transferor} hung up before ${receiver} had done anything about the transfer to ${target}`;
    return `${receiver} could not call ${target} and hung up on ${transferee} as well as on ${transferor}`;
  }

  success(): string {
    const { transferor, transferee, target } = this.#names();
    if (this.#handover.transfer.survivingCall !== undefined) return `${transferee} talks to ${target}; ${transferor} has left`;
    return `${transferor} handed ${transferee} over to ${target}; nothing says whether ${target} answered`;
  }

  recovery(): string {
    const { call, kept, transfer } = this.#handover;
    // The new call was answered: the old ones were not needed any more.
    if (transfer.survivingCall?.upAt !== undefined) return '';
    const { transferor, transferee } = this.#names();
    if (!call.isOver) return `the call of ${transferor} goes on`;
    return kept?.isOver === true ? `the call of ${transferee} is lost` : '';
  }

  /** A handover is not a connection: that nobody measured one goes without saying. */
  caveat(): string | undefined {
    return this.#handover.transfer.survivingCall === undefined ? '' : undefined;
  }

  #names(): { readonly transferor: string; readonly transferee: string; readonly target: string; readonly receiver: string } {
    const { transfer, call, side } = this.#handover;
    return { transferor: nameIn(transfer.transferor), transferee: nameIn(transfer.transferee), target: nameIn(transfer.target), receiver: nameIn({ name: call[otherSide(side)].place }) };
  }
}
