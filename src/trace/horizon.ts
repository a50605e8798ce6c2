import type { Milliseconds } from '../core';
import type { CallRecord } from './call';
import type { LegRecord } from './iax';
import type { MessageRecord } from './message';
import type { SubscriptionRecord } from './subscription';
import type { TransactionRecord } from './transaction';
import type { TransferRecord } from './transfer-record';

/** Nothing is sent again, and no answer comes, so long after the last message: twice 64 * T1 (RFC 3261 table 4); IAX2 gives up sooner. */
const repeatsEnd: Milliseconds = 64_000;
/** What waits for its end and has said nothing for so long is not waited for: registrations and subscriptions are refreshed each hour. */
const longestWait: Milliseconds = 2 * 3_600_000;
/** A call that is up may be silent all day when nobody uses session timers (RFC 4028). */
const longestCall: Milliseconds = 24 * 3_600_000;

/**
 * Where a trace is cut off: the messages before it are listed no longer. What belongs only to them is past and goes with them;
 * what is alive, or may still be answered or sent again, stays in the tables, so that what comes is judged as if nothing had gone.
 */
export class Horizon {
  /** Messages of a lower index go. */
  readonly before: number;
  readonly #now: Milliseconds;

  constructor(before: number, now: Milliseconds) {
    this.before = before;
    this.#now = now;
  }

  isListed({ index }: Pick<MessageRecord, 'index'>): boolean {
    return index >= this.before;
  }

  /** Whether so much time has gone by that nothing more comes of what was said then. */
  isQuietSince(at: Milliseconds, silence = repeatsEnd): boolean {
    return this.#now - at >= silence;
  }

  /** Whether a message, and all that came before it, is past. */
  hasPassed(newest: MessageRecord, silence = repeatsEnd): boolean {
    return !this.isListed(newest) && this.isQuietSince(newest.receivedAt ?? newest.at, silence);
  }

  isPastCall({ newest, isOver, state }: CallRecord): boolean {
    return this.hasPassed(newest, isOver ? repeatsEnd : state === 'up' ? longestCall : longestWait);
  }

  /** An INVITE may be answered as long as its call rings. */
  isPastTransaction({ newest, method, final, request }: TransactionRecord): boolean {
    if (newest !== undefined && !this.hasPassed(newest)) return false;
    const call = method === 'INVITE' && final === undefined ? request?.call : undefined;
    return call === undefined || call.isOver || this.isPastCall(call);
  }

  isPastSubscription({ newest, state }: SubscriptionRecord): boolean {
    return this.hasPassed(newest, state === 'terminated' || state === 'refused' ? repeatsEnd : longestWait);
  }

  /** The sentence of a transfer follows its old calls until they are over. */
  isPastTransfer({ newest, isDecided, decidedBy, replacedCalls }: TransferRecord): boolean {
    if (decidedBy !== undefined && Number(decidedBy.slice(1)) > this.before) return false;
    const isSettled = isDecided && replacedCalls.every((call) => call.isOver || this.isPastCall(call));
    return this.hasPassed(newest, isSettled ? repeatsEnd : longestWait);
  }

  /** Of media alone that was moved, the new path is no call, and full frames come there once a minute (RFC 5456 section 8.1.2). */
  isPastLeg({ messages, usedAt, call, triedBy }: LegRecord): boolean {
    const last = messages.at(-1);
    if ((last !== undefined && !this.hasPassed(last)) || !this.isQuietSince(usedAt, 2 * repeatsEnd)) return false;
    if (triedBy !== undefined && !this.isPastTransfer(triedBy)) return false;
    return call === undefined || this.isPastCall(call);
  }
}
