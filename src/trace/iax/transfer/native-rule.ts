import type { Milliseconds } from '../../../core';
import { formatAddress } from '../../../net';
import type { MessageRecord } from '../../message';
import type { Signalling, TransferRule } from '../../transfer-record';
import { nameIn, notMeasured } from '../../words';
import { causeInBrackets } from '../words';
import type { NativeAttempt, TransferEnd } from './attempt';

/** The guard of the one in the middle; the ends give up after five seconds (IAX2 reference 6.4 and 6.5). */
const guard: Milliseconds = 10_000;
/** After this no TXREL is sent again by anybody (IAX2 reference 3.3). */
const retransmissionsEnd: Milliseconds = 10_000;

/** A frame may be sent again for as long as this before it arrives, or is given up (IAX2 reference 3.3). */
const repeatsEnd: Milliseconds = 40_000;

/** What is to be said of a native transfer, at each of its steps. */
export class NativeRule implements TransferRule {
  readonly #attempt: NativeAttempt;

  constructor(attempt: NativeAttempt) {
    this.#attempt = attempt;
  }

  signalling(): Signalling {
    const { completed, completedWith } = this.#attempt;
    if (completed === undefined || completedWith === undefined) return this.#failure() ?? this.#underWay();
    return completed === 'switch' ? this.#afterSwitch(completedWith) : this.#afterMedia(completedWith);
  }

  success(): string {
    const { transferor, transferee, target } = this.#names();
    const { transfer, completed } = this.#attempt;
    if (completed === 'media') return `${transferee} and ${target} send each other their voice directly; the signalling stays with ${transferor}`;
    const call = transfer.survivingCall;
    const rang = call?.final !== undefined ? `, who still rang when ${transferor} left` : `; ${transferor} has left`;
    return `${transferee} talks to ${target}${rang}`;
  }

  recovery(): string {
    const { transferor } = this.#names();
    // Who has let one end go cannot take it back.
    if (this.#attempt.ends.some(({ release }) => release !== undefined)) return '';
    const calls = this.#attempt.transfer.replacedCalls;
    return calls.length > 0 && calls.every(({ isOver }) => !isOver) ? `the calls go on through ${transferor}` : '';
  }

  /** What voice the trace itself shows on the new path. */
  caveat(): string {
    const silent = this.#attempt.ends.filter((end) => this.#attempt.directVoice(end) === 0);
    if (silent.length === 0) return '';
    if (silent.length === 2) return notMeasured;
    return `no voice of ${nameIn((silent[0] ?? this.#attempt.target).party)} was seen`;
  }

  /** Refused, impossible, given up or hung up before it was completed. */
  #failure(): Signalling | undefined {
    const { ends } = this.#attempt;
    const { transferor } = this.#names();
    const unsupported = ends.find((end) => end.unsupported !== undefined);
    if (unsupported !== undefined) return failed(`${nameOf(unsupported)} does not know native transfers (UNSUPPORT)`, unsupported.unsupported);
    const refusing = ends.find((end) => end.refused !== undefined);
    if (refusing !== undefined) return failed(this.#refusal(refusing), refusing.refused);
    const elsewhere = ends.find((end) => end.refusedElsewhere !== undefined);
    if (elsewhere !== undefined) {
      return failed(`${nameOf(elsewhere)} gave the attempt up and told ${nameOf(this.#attempt.other(elsewhere))} instead of ${transferor} (TXREJ)`, elsewhere.refusedElsewhere);
    }
    const over = ends.find((end) => end.hungUp !== undefined);
    if (over?.hungUp !== undefined) {
      const by = over.hungUp.side === over.middle ? transferor : nameOf(over);
      return failed(`${by} hung up before the transfer was completed${causeInBrackets(over.leg?.call?.cause)}`, over.hungUp);
    }
    const withdrawn = ends.find((end) => end.withdrawn !== undefined);
    return withdrawn === undefined ? undefined : failed(`${transferor} gave the transfer up (TXREJ)`, withdrawn.withdrawn);
  }

  /** An end that has probed in vain says TXREJ after five seconds; one that never probed does not want to (IAX2 reference 6.5). */
  #refusal(end: TransferEnd): string {
    const other = this.#attempt.other(end);
    if (end.probes === 0 || end.hasReached) return `${nameOf(end)} refused the transfer (TXREJ)`;
    const times = end.probes === 1 ? 'its TXCNT' : `each of its ${end.probes} TXCNT`;
    return `${nameOf(end)} could not reach ${nameOf(other)} at ${formatAddress(other.address)}: ${times} went unanswered`;
  }

  #underWay(): Signalling {
    const { ends } = this.#attempt;
    const { transferor, transferee, target } = this.#names();
    const requests = ends.flatMap(({ requested }) => requested ?? []);
    const since = Math.max(...requests.map(({ at }) => at)) + guard;
    const waiting = ends.filter(({ ready }) => ready === undefined);
    const by = newest([...requests, ...ends.flatMap(({ ready, release }) => [ready, release])]);
    const halfReleased = ends.find(({ release }) => release !== undefined);
    if (halfReleased !== undefined) {
      const other = this.#attempt.other(halfReleased);
      const news = `${transferor} has let ${nameOf(halfReleased)} go, and not yet ${nameOf(other)}.`;
      return { state: 'open', news, lacking: `${transferor} let ${nameOf(halfReleased)} go (TXREL) and never ${nameOf(other)}: the call is torn in two`, since: Math.max(since, (halfReleased.release?.at ?? 0) + guard), by };
    }
    const [first] = waiting;
    if (first === undefined) {
      const news = `${transferee} and ${target} have reached each other; ${transferor} has to let them go.`;
      const lacking = `${transferee} and ${target} had reached each other, but ${transferor} never let them go (no TXREL)`;
      // Before TXREL the middle takes its ends off hold, and waits until that is acknowledged (IAX2 reference 6.6, 3.3).
      const ready = Math.max(...ends.flatMap((end) => end.ready?.at ?? []));
      return { state: 'open', news, lacking, since: Math.max(since, ready + repeatsEnd), by };
    }
    if (waiting.length === 1) {
      const news = `${nameOf(this.#attempt.other(first))} has reached ${nameOf(first)}, who has not said so yet.`;
      return { state: 'open', news, lacking: `${nameOf(first)} never said that it was ready (TXREADY)`, since, by };
    }
    const news = `${transferor} asks ${transferee} and ${target} to connect directly.`;
    return { state: 'open', news, lacking: `${transferee} and ${target} never reached each other directly`, since, by };
  }

  #afterSwitch(by: MessageRecord): Signalling {
    const { transfer } = this.#attempt;
    const { transferor, transferee, target } = this.#names();
    const call = transfer.survivingCall;
    const uncertain = this.#unacknowledged();
    if (uncertain !== undefined) {
      return {
        state: 'open',
        news: `${transferor} has let both go; ${nameOf(uncertain)} has not acknowledged it yet.`,
        lacking: `it is uncertain whether ${nameOf(uncertain)} was connected to ${nameOf(this.#attempt.other(uncertain))}: it never acknowledged its TXREL`,
        since: by.at + retransmissionsEnd,
        by: uncertain.release,
      };
    }
    if (call !== undefined && call.upAt === undefined) {
      if (call.isOver) return failed(`${target} did not answer${causeInBrackets(call.cause)}`, call.endedWith);
      return { state: 'open', news: `${transferee} waits for ${target}, who is ringing; ${transferor} has left.`, lacking: `${target} never answered`, by };
    }
    return this.#silence() ?? this.#voice(by);
  }

  /** An end that has not acknowledged its TXREL or TXMEDIA, nor shown by what it sends that it has it. */
  #unacknowledged(): TransferEnd | undefined {
    return this.#attempt.ends.find((end) => end.release !== undefined && !end.isReleaseAcknowledged && !this.#attempt.hasMoved(end));
  }

  #afterMedia(by: MessageRecord): Signalling {
    const uncertain = this.#unacknowledged();
    if (uncertain === undefined) return this.#voice(by);
    return {
      state: 'open',
      news: `${nameOf(uncertain)} has not acknowledged its TXMEDIA yet.`,
      lacking: `it is uncertain whether ${nameOf(uncertain)} sends its voice directly: it never acknowledged its TXMEDIA`,
      since: by.at + retransmissionsEnd,
      by: uncertain.release,
    };
  }

  /** A peer may keep QUELCH across the move, and then sends nobody any voice (IAX2 reference 6.6). */
  #silence(): Signalling | undefined {
    const { ends } = this.#attempt;
    const held = ends.find((end) => end.leftOnHold !== undefined && this.#attempt.directVoice(end) === 0);
    if (held?.leftOnHold === undefined) return undefined;
    const { transferor, transferee, target } = this.#names();
    const other = this.#attempt.other(held);
    const effect = this.#attempt.directVoice(other) === 0 ? 'nobody hears anybody' : `${nameOf(other)} does not hear ${nameOf(held)}`;
    return {
      state: 'open',
      news: `${transferee} and ${target} are connected, but ${transferor} has left ${nameOf(held)} on hold.`,
      lacking: `${transferee} and ${target} are connected, but ${effect}: ${transferor} put ${nameOf(held)} on hold (QUELCH) and left without UNQUELCH`,
      since: held.release?.at ?? 0,
      by: held.leftOnHold,
    };
  }

  /** All is said with TXREL; that voice goes both ways on the new path is more than that. */
  #voice(by: MessageRecord): Signalling {
    const { ends } = this.#attempt;
    if (ends.every((end) => this.#attempt.isHeard(end))) return { state: 'done', by };
    const { transferee, target } = this.#names();
    return { state: 'open', news: `${transferee} and ${target} are connected; their voice is awaited.`, lacking: '', since: by.at, by, isEnough: true };
  }

  #names(): { readonly transferor: string; readonly transferee: string; readonly target: string } {
    const { transferor } = this.#attempt.transfer;
    return { transferor: nameIn(transferor), transferee: nameOf(this.#attempt.transferee), target: nameOf(this.#attempt.target) };
  }
}

function nameOf({ party }: TransferEnd): string {
  return nameIn(party);
}

function failed(cause: string, by: MessageRecord | undefined): Signalling {
  return { state: 'failed', cause, by };
}

function newest(messages: readonly (MessageRecord | undefined)[]): MessageRecord | undefined {
  return messages.reduce((last, message) => ((message?.index ?? -1) > (last?.index ?? -1) ? message : last), undefined);
}
