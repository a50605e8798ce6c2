import type { Milliseconds } from '../core';
import type { Replaces } from '../sip';
import { type CallRecord, type DialogRecord, type Side } from './call';
import type { CallTable } from './call-table';
import type { MessageRecord } from './message';
import { explainReplaces } from './replaces-cause';
import type { Signalling, TransferRecord, TransferRule } from './transfer-record';
import { sameParty } from './party';
import type { StatusLine } from './sipfrag';
import { nameIn, outcomeClause, refusalClause } from './words';

/** A status, and the message that brought it. */
interface Answer {
  readonly message: MessageRecord;
  readonly status: number;
  readonly reason: string;
}

/** 64 * T1 (RFC 3261 table 4). */
const transactionTimeout: Milliseconds = 32_000;
/** Who hangs up this soon after a failure hangs up because of it. */
const atOnce: Milliseconds = 1_000;
/** Answers after which the same REFER may come once more, with what was missing (RFC 3515 section 2.4.2, RFC 7614). */
const repeatable = new Set([401, 407, 420, 421, 429, 491, 500]);

/** What a transfer by REFER means by its messages (RFC 5589; state machine of the transferor and the transferee). */
export class ReferRule implements TransferRule {
  readonly #transfer: TransferRecord;
  readonly #firstCall: CallRecord | undefined;
  readonly #replaces: Replaces | undefined;
  readonly #calls: CallTable;
  /** The transferor's side of the first call. */
  readonly #side: Side;
  readonly #wasHeld: boolean;
  #refer: MessageRecord;
  #answer: Answer | undefined;
  #outcome: Answer | undefined;
  /**
   * The status with which the transferor refused a NOTIFY: it means that nobody listens any more, and nothing else (RFC
   * 5057).
   */
  notifyRefused: number | undefined;

  constructor(
    transfer: TransferRecord,
    refer: MessageRecord,
    dialog: DialogRecord | undefined,
    replaces: Replaces | undefined,
    calls: CallTable,
  ) {
    this.#transfer = transfer;
    this.#refer = refer;
    this.#firstCall = dialog?.call;
    this.#replaces = replaces;
    this.#calls = calls;
    this.#side = sideOf(transfer, refer, dialog);
    this.#wasHeld = this.#firstCall?.held[this.#side] === true;
  }

  get refer(): MessageRecord {
    return this.#refer;
  }

  get mayBeRepeated(): boolean {
    return this.#answer !== undefined && repeatable.has(this.#answer.status);
  }

  get isAccepted(): boolean {
    return this.#answer !== undefined && this.#answer.status < 300;
  }

  asked(refer: MessageRecord): void {
    this.#refer = refer;
    this.#answer = undefined;
  }

  answered(message: MessageRecord, status: number, reason: string): void {
    this.#answer = { message, status, reason };
  }

  /**
   * A NOTIFY brought news. `terminated` with a 1xx means that no more comes, not that it failed: only the status
   * counts.
   */
  told(message: MessageRecord, line: StatusLine): void {
    const final = line.status >= 200;
    this.#transfer.progress.push({ ...line, at: message.at, message: message.id, final });
    if (final) this.#outcome ??= { message, ...line };
  }

  signalling(): Signalling {
    const answer = this.#answer;
    const outcome = this.#outcome;
    if (answer !== undefined && answer.status >= 300) return this.#refused(answer);
    if (outcome !== undefined && outcome.status >= 300) {
      return { state: 'failed', cause: this.#targetClause(outcome.status, outcome.reason), by: outcome.message };
    }
    const call = this.#transfer.survivingCall;
    if (call?.upAt !== undefined) return this.#connected(call, outcome);
    if (call?.isOver === true) return this.#targetFailed(call, outcome);
    // The new call may be out of sight, behind a B2BUA; the transferee's word is then all there is.
    if (outcome !== undefined && call === undefined) return { state: 'done', by: outcome.message };
    const since = this.#patienceEnds(call);
    return {
      state: 'open',
      news: this.#news(call),
      lacking: this.#silence(call, outcome),
      by: this.#refer,
      ...(since !== undefined && { since }),
    };
  }

  success(leftover: CallRecord | undefined): string {
    const { transferor, transferee, target, survivingCall } = this.#transfer;
    const talks =
      survivingCall === undefined
        ? `${nameIn(transferee)} says that ${nameIn(target)} has answered`
        : `${nameIn(transferee)} talks to ${nameIn(target)}`;
    if (leftover === undefined) return `${talks}; ${nameIn(transferor)} has left`;
    if (leftover === this.#firstCall) return `${talks}; ${nameIn(transferor)} has not hung up yet`;
    return `${talks}; the call between ${nameIn(transferor)} and ${nameIn(target)} is still up`;
  }

  /** What became of the first call; empty once the new call was up, for then it was not needed any more. */
  recovery(): string {
    const call = this.#firstCall;
    if (call === undefined || this.#transfer.survivingCall?.upAt !== undefined) return '';
    const { transferor, transferee } = this.#transfer;
    const detour = call.transfers.find(({ isTargetAsked, opened }) => isTargetAsked && opened.index > this.#refer.index);
    if (detour !== undefined) return `${nameIn(transferor)} asked ${nameIn(detour.asked)} to call ${nameIn(transferee)} instead`;
    const both = `${nameIn(transferee)} and ${nameIn(transferor)}`;
    const isHeld = call.held[this.#side];
    if (isHeld && !call.isOver) return `${nameIn(transferee)} is still on hold`;
    if (!isHeld && (!call.isOver || this.#wentOn(call))) {
      return `${both} are ${this.#wasHeld ? 'talking again' : 'still talking'}`;
    }
    if (call.endedBy === undefined) return `the call between ${both} is lost`;
    const [gone, left] = call.endedBy === this.#side ? [transferor, transferee] : [transferee, transferor];
    return `${nameIn(gone)} has hung up on ${nameIn(left)}`;
  }

  /**
   * Whether the first call went on for a while after the failure, so that its end is none of the transfer's business.
   */
  #wentOn(call: CallRecord): boolean {
    const { decidedAt } = this.#transfer;
    return decidedAt !== undefined && call.endedAt !== undefined && call.endedAt - decidedAt > atOnce;
  }

  #refused({ message, status, reason }: Answer): Signalling {
    const { transferor, asked: transferee } = this.#transfer;
    const cause = refusalClause(nameIn(transferee), status, reason);
    if (!repeatable.has(status)) return { state: 'failed', cause, by: message };
    const news = `${nameIn(transferee)} did not accept the REFER as it was (${status}); ${nameIn(transferor)} may repeat it.`;
    return { state: 'open', news, lacking: cause, since: message.at, by: message };
  }

  /** Transferee and target are in a call: is the transferor out of it? */
  #connected(call: CallRecord, outcome: Answer | undefined): Signalling {
    const { transferor, asked: transferee, called: target } = this.#transfer;
    const answered = call.final;
    if (outcome !== undefined) {
      return { state: 'done', by: later(answered, outcome.message), knownAt: knownAt(outcome.message) };
    }
    // No news came or none could: who has left without waiting for it wanted none (reference 13, transferor). Where the
    // target was asked, the first call ends with its being replaced; the transferor leaves the call in which it asked.
    const left = this.#transfer.isTargetAsked ? this.#transfer.askedIn : this.#firstCall;
    if (left?.isOver === true) return { state: 'done', by: later(answered, left.endedWith) };
    return {
      state: 'open',
      news: `${nameIn(transferee)} and ${nameIn(target)} are connected; ${nameIn(transferor)} waits to be told.`,
      lacking: `${nameIn(transferee)} talks to ${nameIn(target)}, but ${nameIn(transferor)} was never told and has not hung up`,
      by: answered,
    };
  }

  /** The new call failed and no final NOTIFY says so yet. */
  #targetFailed(call: CallRecord, outcome: Answer | undefined): Signalling {
    const status = call.final?.facts?.status ?? 487;
    const clause = this.#targetClause(status, reasonOf(call.final));
    if (outcome !== undefined) {
      const cause = `${nameIn(this.#transfer.asked)} reported success too early: ${clause}`;
      return { state: 'failed', cause, by: call.final };
    }
    const transferor = nameIn(this.#transfer.transferor);
    const lacking = this.#firstCall?.isOver === true ? clause : `${clause}, which ${transferor} was never told`;
    return {
      state: 'open',
      news: `${clause}; ${transferor} is about to be told.`,
      lacking,
      since: call.endedAt ?? 0,
      by: call.final,
    };
  }

  #targetClause(status: number, reason: string): string {
    const { asked: transferee, called: target, survivingCall } = this.#transfer;
    const name = nameIn(target);
    // A refusal by the transferee's own user comes as a sipfrag without any call (RFC 3515 section 2.4.4). Where a call with
    // Replaces may be out of sight, 603 may as well be the target's word that the call to be replaced was over (RFC 3891 3).
    const isOutOfSight = this.#replaces !== undefined && transferee.phone === '';
    if (status === 603 && survivingCall === undefined && !isOutOfSight) return `${nameIn(transferee)} declined to call ${name} (603)`;
    if (this.#replaces !== undefined && (status === 481 || status === 400 || status === 603)) {
      const why = explainReplaces(this.#replaces, target, this.#transfer.askedIn, survivingCall, this.#calls);
      // The call was up and named as it should be: the target did not want to be taken over, as any call may be refused.
      if (status === 603 && why === '') return outcomeClause(name, status, reason);
      return `${name} knew no call to be replaced (${status}${why === '' ? '' : `: ${why}`})`;
    }
    // The triggered INVITE requires Replaces (RFC 3891 section 3), and the target lacks it (RFC 3261 section 8.2.2.3).
    if (this.#replaces !== undefined && status === 420) return `${name}'s phone cannot take over a call (420)`;
    if (status === 482) return `${nameIn(transferee)} was to call in a circle (482)`;
    return outcomeClause(name, status, reason);
  }

  #news(call: CallRecord | undefined): string {
    const [transferor, transferee, target] = [
      nameIn(this.#transfer.transferor),
      nameIn(this.#transfer.asked),
      nameIn(this.#transfer.called),
    ];
    const last = this.#transfer.progress.at(-1);
    if (call?.state === 'ringing' || last?.status === 180) return `${target} is ringing.`;
    if (call !== undefined) return `${transferee} is calling ${target}.`;
    if (this.#answer !== undefined) return `${transferee} has agreed to call ${target}.`;
    return `${transferor} asks ${transferee} to call ${target}.`;
  }

  /**
   * A REFER without an answer has failed with Timer F (RFC 3261 section 17.1.2.2), a 2xx without any NOTIFY with Timer
   * N (RFC 6665 section 4.1.2.4).
   */
  #patienceEnds(call: CallRecord | undefined): Milliseconds | undefined {
    if (call !== undefined || this.#transfer.progress.length > 0) return undefined;
    return (this.#answer?.message ?? this.#refer).at + transactionTimeout;
  }

  /** Why nothing came of it, when the trace ends like this. */
  #silence(call: CallRecord | undefined, outcome: Answer | undefined): string {
    const [transferee, target] = [nameIn(this.#transfer.asked), nameIn(this.#transfer.called)];
    if (call !== undefined && outcome !== undefined) {
      return `${transferee} reported success, but ${target} never answered`;
    }
    if (call !== undefined) return `${target} never answered`;
    if (this.#transfer.progress.length > 0) return `nobody said how the call to ${target} ended`;
    if (this.#answer !== undefined) return `${transferee} agreed to call ${target} and then did nothing`;
    return `${transferee} never answered the REFER`;
  }
}

/** In its own dialog the REFER's From tag says who sent it; outside, the addresses must do. */
function sideOf(transfer: TransferRecord, refer: MessageRecord, dialog: DialogRecord | undefined): Side {
  if (dialog === refer.dialog && dialog !== undefined && refer.facts !== undefined) {
    return dialog.sideOf(refer.facts.fromTag);
  }
  const call = dialog?.call;
  return call !== undefined && sameParty(call.callee, transfer.transferor) ? 'callee' : 'caller';
}

/** When a NOTIFY had arrived, as its answer shows; where packets are lost, its repeats may take until Timer F (RFC 3261 17.1.2.2). */
function knownAt(notify: MessageRecord): Milliseconds {
  return notify.transaction?.final?.at ?? notify.receivedAt ?? notify.at + transactionTimeout;
}

function later(a: MessageRecord | undefined, b: MessageRecord | undefined): MessageRecord | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.index > b.index ? a : b;
}

function reasonOf(message: MessageRecord | undefined): string {
  return message?.sip?.kind === 'response' ? message.sip.reason : '';
}
