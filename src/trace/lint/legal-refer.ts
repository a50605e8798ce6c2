import type { PlacedMessage } from '../correlator';
import { attempt, type MessageRecord } from '../message';
import type { SubscriptionRecord } from '../subscription';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { headerPlace } from './places';
import { isReferral } from './referral';

/** T14, a REFER with Refer-Sub: false or without Referred-By: both are legal. */
export class LegalReferLint implements Lint {
  readonly methods = ['REFER', 'NOTIFY'];
  readonly #context: LintContext;
  /** Their 2xx said that there is no subscription (RFC 4488 section 4). */
  readonly #without = new WeakMap<SubscriptionRecord, MessageRecord>();

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts, transaction, subscription }: PlacedMessage): void {
    const { request } = transaction;
    if (facts.method === 'NOTIFY') {
      const promise = subscription === undefined ? undefined : this.#without.get(subscription);
      if (sip.kind === 'request' && promise !== undefined) this.#onNotify(record, promise);
    } else if (sip.kind === 'response' && request?.sip !== undefined) {
      if (sip.status === 400 || sip.status >= 500) {this.#onRefused(record, sip.status, request);}
      else if (sip.status >= 200 && sip.status < 300 && subscription !== undefined && isFalse(sip.header('Refer-Sub'))) {
        this.#without.set(subscription, record);
      }
    }
  }

  #onRefused(answer: MessageRecord, status: number, request: MessageRecord): void {
    const { sip } = request;
    // Not implemented, or a person's no: those say nothing about this REFER.
    if (sip === undefined || status === 501 || status >= 600 || attempt(() => sip.referTo) === undefined) return;
    const isWithoutNews = isFalse(sip.header('Refer-Sub'));
    if (!isWithoutNews && sip.header('Referred-By') !== undefined) return;
    const transferee = answer.transfers.find(isReferral)?.asked;
    const whose = transferee === undefined ? 'the receiver' : nameIn(transferee);
    const what = isWithoutNews ? 'with Refer-Sub: false' : 'without Referred-By';
    this.#context.report({
      id: 'T14',
      clause: `${whose} cannot cope with a REFER ${what} (${status}), which is legal`,
      message: answer,
      range: answer.sip?.startLineRange ?? { start: 0, end: 0 },
      related: [request],
    });
  }

  #onNotify(notify: MessageRecord, promise: MessageRecord): void {
    if (notify.sip === undefined) return;
    const transferee = notify.transfers.find(isReferral)?.asked;
    this.#context.report({
      id: 'T14',
      clause: `${transferee === undefined ? 'the sender' : nameIn(transferee)} sends news of the transfer after agreeing to send none (Refer-Sub: false)`,
      message: notify,
      range: headerPlace(notify.sip, 'Event'),
      related: [promise],
    });
  }
}

function isFalse(header: string | undefined): boolean {
  return /^\s*false\b/i.test(header ?? '');
}
