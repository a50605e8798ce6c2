import type { Milliseconds } from '../core';
import type { CallRecord } from './call';
import type { Explanation } from './lint';
import type { MessageRecord } from './message';
import type { Party, PartyRecord } from './party';
import { describeTransfer } from './reason';
import type { TraceTransaction } from './transaction';
import type { Transfer, TransferKind, TransferProgress, Verdict } from './transfer';

/** What the signalling of a transfer says so far. */
export type Signalling =
  | {
      readonly state: 'open';
      /** The sentence for a person who watches. */
      readonly news: string;
      /** The clause that says what went wrong if no more comes. */
      readonly lacking: string;
      /** No more is expected after this and a settling time; undefined: wait until the trace is over. */
      readonly since?: Milliseconds;
      readonly by?: MessageRecord | undefined;
      /** What has come is all that this system ever says of a success: when no more comes, it is one. */
      readonly isEnough?: boolean;
    }
  | {
      readonly state: 'done';
      readonly by: MessageRecord | undefined;
      /** When the transferor knew, and could leave; undefined where it needs no telling. */
      readonly knownAt?: Milliseconds;
    }
  | { readonly state: 'failed'; readonly cause: string; readonly by: MessageRecord | undefined };

/** What one kind of transfer knows that the others do not. */
export interface TransferRule {
  signalling(): Signalling;
  /** The sentence for success. `leftover` names a replaced call that is still up. */
  success(leftover: CallRecord | undefined): string;
  /** What has become of the people after a failure, as a clause; empty when there is nothing to say. */
  recovery(): string;
  /** What is said in brackets when no phone measured the media; that it was not measured, unless given. */
  caveat?(): string | undefined;
}

export interface TransferParties {
  readonly transferor: Party;
  readonly transferee: Party;
  readonly target: PartyRecord;
}

/**
 * The model's own, growing form of a {@link Transfer}. A correlator opens it, links its calls and gives it its rule.
 */
export class TransferRecord implements Transfer {
  readonly id: string;
  /** A native transfer turns out to be one of the media only when it is completed. */
  kind: TransferKind;
  readonly transferor: Party;
  /** Who is asked to call: the transferee, as a rule. */
  readonly asked: Party;
  readonly opened: MessageRecord;
  readonly progress: TransferProgress[] = [];
  readonly replacedCalls: CallRecord[] = [];
  readonly messages: string[] = [];
  readonly #target: PartyRecord;
  readonly #transactions = new Set<TraceTransaction>();
  /** Whether the old calls are done with, so that their further messages are none of its own. */
  #isSettled = false;
  #survivingCall: CallRecord | undefined;
  /** Given by the correlator right after it opened the transfer. */
  rule: TransferRule | undefined;
  verdict: Verdict = 'pending';
  /** Why it failed, as a clause without its full stop. */
  cause = '';
  /** Said in brackets after a success, such as that the media was not measured. */
  caveat = '';
  /** Said after the sentence of a success: what the media have shown. */
  addition = '';
  /** Its signalling is done, and only the media of a capture are looked at before the verdict: all else is as after it. */
  isSignalled = false;
  /** The target is the one asked, and calls the transferee (reference 14.4): so it stays hidden from them. */
  isTargetAsked = false;
  /** The call between the transferor and the one asked. */
  askedIn: CallRecord | undefined;
  /** What a lint has found that makes it fail. */
  explanation: Explanation | undefined;
  decidedBy: string | undefined;
  decidedAt: Milliseconds | undefined;
  /** When the signalling was first known to have succeeded; the media must be right within the settling time. */
  signalledAt: Milliseconds | undefined;
  newest: MessageRecord;

  constructor(id: string, kind: TransferKind, opened: MessageRecord, parties: TransferParties) {
    this.id = id;
    this.kind = kind;
    this.opened = opened;
    this.newest = opened;
    this.transferor = parties.transferor;
    this.asked = parties.transferee;
    this.#target = parties.target;
  }

  get startedAt(): Milliseconds {
    return this.opened.at;
  }

  get transferee(): Party {
    return this.isTargetAsked ? this.called : this.asked;
  }

  get target(): Party {
    return this.isTargetAsked ? this.asked : this.called;
  }

  /** Who is to be called: as asked for, or who the new call really went to (a redirection or a proxy may have sent it on). */
  get called(): Party {
    const call = this.kind === 'pick-up' ? undefined : this.#survivingCall;
    if (call === undefined) return this.#target;
    const isElsewhere = call.callee.phone !== '' || call.redirectedFrom !== undefined || call.isForwarded;
    return isElsewhere ? call.callee : this.#target;
  }

  get survivingCall(): CallRecord | undefined {
    return this.#survivingCall;
  }

  /** Names the call between transferee and target; one tried again elsewhere takes the place of the one before. */
  survive(call: CallRecord): void {
    this.#survivingCall = call;
    this.#target.address ??= call.callee.address;
    if (!call.transfers.includes(this)) call.transfers.push(this);
  }

  replace(call: CallRecord | undefined): void {
    if (call === undefined || this.replacedCalls.includes(call)) return;
    this.replacedCalls.push(call);
    if (!call.transfers.includes(this)) call.transfers.push(this);
  }

  /** Makes a message one of this transfer's. */
  attach(message: MessageRecord): void {
    if (message.transfers.includes(this)) return;
    message.transfers.push(this);
    this.messages.push(message.id);
    this.newest = message;
    if (message.transaction !== undefined) this.#transactions.add(message.transaction);
  }

  /**
   * Whether a message of one of its calls is part of it: all until the verdict, then what ends or resumes the old
   * calls.
   */
  wants(message: MessageRecord): boolean {
    if (message.transaction !== undefined && this.#transactions.has(message.transaction)) return true;
    if (this.isOpen) return true;
    if (this.#isSettled || message.call === this.#survivingCall) return false;
    this.#isSettled = this.#hasSettled();
    return true;
  }

  get wentWrongAt(): string | undefined {
    if (this.verdict !== 'failed') return undefined;
    const final = this.#survivingCall?.final;
    const refusal = (final?.facts?.status ?? 0) >= 300 ? final?.id : undefined;
    return this.explanation?.message.id ?? refusal ?? this.decidedBy;
  }

  /** Whether its signalling may still bring something. */
  get isOpen(): boolean {
    return this.verdict === 'pending' && !this.isSignalled;
  }

  get isDecided(): boolean {
    return this.verdict !== 'pending';
  }

  get reason(): string {
    return describeTransfer(this);
  }

  /** Reaches the verdict; it stays. */
  decide(verdict: 'success' | 'failed', at: Milliseconds, by: string | undefined, cause: string): void {
    this.verdict = verdict;
    this.decidedAt = at;
    this.decidedBy = by;
    this.cause = cause;
    this.#isSettled = this.#hasSettled();
  }

  /** The old calls have ended, or after a failure the first one has been taken up again. */
  #hasSettled(): boolean {
    if (this.verdict !== 'failed') return this.replacedCalls.every((call) => call.isOver);
    const [first] = this.replacedCalls;
    return first === undefined || first.isOver || !(first.held.caller || first.held.callee);
  }
}
