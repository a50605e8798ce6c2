import type { Milliseconds } from '../../core';
import type { PlacedMessage } from '../correlator';
import type { MessageRecord } from '../message';
import type { SubscriptionRecord } from '../subscription';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { isByTransferor, isReferral, type Referral, referralIn, referralOf } from './referral';

/** The first NOTIFY is sent at once (RFC 3515 section 2.4.4); it may cross a BYE. */
const patience: Milliseconds = 1_000;
/** 64 * T1 (RFC 6665 section 4.1.2.4). */
const timerN: Milliseconds = 32_000;

interface Accepted {
  readonly answer: MessageRecord;
  readonly subscription: SubscriptionRecord;
}

/** T19, a REFER that was accepted and of which nothing more was heard. */
export class SilenceLint implements Lint {
  readonly methods = ['REFER', 'BYE', 'INVITE'];
  readonly #context: LintContext;
  readonly #accepted = new WeakMap<Referral, Accepted>();

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts, subscription, transaction }: PlacedMessage): void {
    if (facts.method === 'REFER') {
      const referral = record.transfers.find(isReferral);
      if (sip.kind !== 'response' || sip.status < 200 || sip.status >= 300) return;
      if (referral === undefined || subscription === undefined) return;
      if (owesNothing(record) || requiresNothing(transaction.request)) return;
      this.#accepted.set(referral, { answer: record, subscription });
      this.#check(referral, timerN, undefined);
    } else if (facts.method === 'BYE') {
      if (sip.kind !== 'request') return;
      const referral = referralIn(record.call);
      if (referral !== undefined && !isByTransferor(referral, record)) this.#check(referral, patience, record);
    } else if (sip.kind === 'response' && sip.status >= 200 && record.call?.final === record) {
      const referral = referralOf(record.call);
      if (referral !== undefined) this.#check(referral, patience, record);
    }
  }

  #check(referral: Referral, delay: Milliseconds, after: MessageRecord | undefined): void {
    const accepted = this.#accepted.get(referral);
    if (accepted === undefined || accepted.subscription.notifies.length > 0) return;
    const { answer, subscription } = accepted;
    this.#context.later(delay, () => {
      if (subscription.notifies.length > 0 || answer.sip === undefined) return;
      const { transferor, asked: transferee } = referral;
      this.#context.report({
        id: 'T19',
        clause: `${nameIn(transferee)} accepts the transfer and never says how it goes: ${nameIn(transferor)} cannot know`,
        message: answer,
        range: answer.sip.startLineRange,
        related: [referral.opened, after],
      });
    });
  }
}

/** RFC 4488 section 4: no subscription was made. */
function owesNothing({ sip }: MessageRecord): boolean {
  return /^\s*false\b/i.test(sip?.header('Refer-Sub') ?? '') || sip?.header('Refer-Events-At') !== undefined;
}

/** RFC 7614 section 4: `nosub`, or `explicitsub`, with which the sender subscribes itself. */
function requiresNothing(request: MessageRecord | undefined): boolean {
  return /\b(?:nosub|explicitsub)\b/i.test(request?.sip?.header('Require') ?? '');
}
