import type { Milliseconds } from '../../core';
import type { PlacedMessage } from '../correlator';
import type { VerbEntry } from '../journal';
import type { MessageRecord } from '../message';
import { readSipfrag } from '../sipfrag';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { answerOf, isByTransferor, isReferral, type Referral, referralIn, referralOf } from './referral';

/** Who does something this soon after a message does it because of it. */
const atOnce: Milliseconds = 500;
/** A phone that has not hung up so long after a transfer worked never will. */
const ghost: Milliseconds = 10_000;

/** What is known of how the one who transfers left. */
interface Leave {
  readonly bye: MessageRecord;
  /** The status of the last outcome told before; undefined when it was unknown. */
  readonly known: number | undefined;
}

/**
 * T5, T6, T7 and T8: the one who transfers leaves, and what that must not do to the new call and to the subscription.
 */
export class LeavingLint implements Lint {
  readonly methods = ['BYE', 'CANCEL', 'INVITE', 'NOTIFY'];
  readonly #context: LintContext;
  readonly #left = new WeakMap<Referral, Leave>();
  readonly #refused = new WeakMap<Referral, MessageRecord>();
  /** Their new call was taken down by the leaving: no reason to blame who left. */
  readonly #takenDown = new WeakSet<Referral>();
  /** When a person last asked each phone to hang up. */
  readonly #hangUps = new Map<string, Milliseconds>();

  constructor(context: LintContext) {
    this.#context = context;
  }

  onVerb({ owner, text, at }: VerbEntry): void {
    if (/\bhangup\b/u.test(text)) this.#hangUps.set(owner, at);
  }

  onMessage(message: PlacedMessage): void {
    const { record, sip, facts } = message;
    if (facts.method === 'NOTIFY') {this.#onNotify(message);}
    else if (facts.method === 'INVITE') {
      if (sip.kind === 'response' && sip.status >= 300) this.#onNewCallFailed(record);
    } else if (sip.kind === 'request') {
      const left = referralIn(record.call);
      if (left !== undefined) this.#onLeft(left, record);
      const ended = referralOf(record.call);
      if (ended !== undefined) this.#onNewCallEnded(ended, record);
    }
  }

  #onLeft(referral: Referral, bye: MessageRecord): void {
    if (bye.facts?.method !== 'BYE' || !isByTransferor(referral, bye)) return;
    const answer = answerOf(referral);
    if (answer?.facts?.status === undefined || answer.facts.status >= 300) return;
    const outcome = referral.progress.findLast(({ final }) => final);
    this.#left.set(referral, { bye, known: outcome?.status });
    if (outcome === undefined || outcome.status < 300 || bye.at - outcome.at > atOnce) return;
    const { transferor, asked: transferee } = referral;
    // A person may well hang up on hearing the news; a phone must not.
    const asked = this.#hangUps.get(transferor.phone);
    if (asked !== undefined && bye.at - asked <= atOnce) return;
    this.#reportT8(referral, bye, `${nameIn(transferor)}'s phone hangs up on ${nameIn(transferee)} although the transfer has failed (${outcome.status})`);
  }

  /** The transferee ended the new call, or gave it up: for the right reason? */
  #onNewCallEnded(referral: Referral, request: MessageRecord): void {
    const { survivingCall: call, transferor, asked: transferee, called: target } = referral;
    const { facts } = request;
    if (call === undefined || facts === undefined || facts.fromTag !== call.invite.facts?.fromTag) return;
    const refusal = this.#refused.get(referral);
    const leave = this.#left.get(referral);
    const ends = `${nameIn(transferee)} ${facts.method === 'CANCEL' ? 'gives up calling' : 'hangs up on'} ${nameIn(target)}`;
    const range = request.sip?.startLineRange ?? { start: 0, end: 0 };
    if (refusal !== undefined && request.at - refusal.at <= atOnce) {
      this.#takenDown.add(referral);
      this.#context.report({
        id: 'T5',
        clause: `${ends} because ${nameIn(transferor)} refused a NOTIFY (${refusal.facts?.status ?? 481})`,
        message: request,
        range,
        related: [leave?.bye, refusal],
      });
    } else if (leave !== undefined && leave.known === undefined && request.at - leave.bye.at <= atOnce) {
      const wasUp = call.upAt !== undefined && call.upAt <= leave.bye.at;
      if (wasUp) return;
      this.#takenDown.add(referral);
      this.#context.report({
        id: 'T6',
        clause: `${ends} because ${nameIn(transferor)} has hung up`,
        message: request,
        range,
        related: [leave.bye],
      });
    }
  }

  #onNotify({ record, sip, transaction, subscription }: PlacedMessage): void {
    const referral = record.transfers.find(isReferral);
    if (referral === undefined || subscription?.package !== 'refer') return;
    const { transferor, asked: transferee } = referral;
    if (sip.kind === 'request') {
      const status = readSipfrag(sip)?.status ?? 100;
      if (status >= 300) this.#onFailure(referral, record);
      else if (status >= 200) this.#awaitLeave(referral, record);
      return;
    }
    if (sip.status < 300) return;
    this.#refused.set(referral, record);
    const { request } = transaction;
    const isLast = request?.sip !== undefined && (readSipfrag(request.sip)?.status ?? 100) >= 200;
    const first = referral.askedIn;
    if (sip.status !== 481 || !isLast || first?.isOver !== true) return;
    this.#context.report({
      id: 'T7',
      clause: `${nameIn(transferor)} refuses the last news of the transfer because the call with ${nameIn(transferee)} is over, and never learns how it went`,
      message: record,
      range: sip.startLineRange,
      related: [first.endedWith, request],
    });
  }

  #onNewCallFailed(response: MessageRecord): void {
    const referral = referralOf(response.call);
    if (referral !== undefined && response.call?.final === response) this.#onFailure(referral, response);
  }

  /** The transfer has failed: is the one who transfers still there to take the call back? */
  #onFailure(referral: Referral, news: MessageRecord): void {
    const leave = this.#left.get(referral);
    if (leave === undefined || leave.known !== undefined || this.#takenDown.has(referral)) return;
    const { transferor, asked: transferee } = referral;
    this.#reportT8(
      referral,
      leave.bye,
      `${nameIn(transferor)} hung up before knowing whether the transfer works; it did not, and ${nameIn(transferee)} is left alone`,
      news,
    );
  }

  #awaitLeave(referral: Referral, news: MessageRecord): void {
    const first = referral.askedIn;
    if (first === undefined || first.isOver) return;
    this.#context.later(ghost, () => {
      if (first.isOver) return;
      const { transferor, asked: transferee } = referral;
      const clause = `${nameIn(transferor)} never hung up, although ${nameIn(transferee)} reported that the transfer has worked`;
      this.#reportT8(referral, news, clause);
    });
  }

  #reportT8(referral: Referral, message: MessageRecord, clause: string, other?: MessageRecord): void {
    if (message.sip === undefined) return;
    this.#context.report({ id: 'T8', clause, message, range: message.sip.startLineRange, related: [referral.opened, other] });
  }
}
