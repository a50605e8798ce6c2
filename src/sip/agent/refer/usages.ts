import type { Dialog } from '../../dialog';
import { respond, type SipRequest } from '../../message';
import type { ServerTransaction } from '../../transaction';
import { blameRequest } from '../blame';
import { Referral, type ReferRequest } from './referral';
import { type ReferStyle, usualReferStyle } from './style';
import { ReferSubscription, type ReferUser } from './subscription';
import type { AgentServices } from '../services';

/**
 * The REFERs that belong to one call: those we asked for and those the peer asked for. The subscriptions of most share the
 * call's dialog. Each lives until it is terminated, and the dialog with it, whatever becomes of the call (RFC 5057, RFC
 * 6665 section 4.5).
 */
export class ReferUsages {
  readonly #services: AgentServices;
  readonly #onEnded: () => void;
  readonly #subscriptions = new Set<ReferSubscription>();
  readonly #referrals = new Set<Referral>();
  #count = 0;

  /** `onEnded` is called each time one of them has ended. */
  constructor(services: AgentServices, onEnded: () => void) {
    this.#services = services;
    this.#onEnded = onEnded;
  }

  get areOver(): boolean {
    return this.#subscriptions.size === 0 && this.#referrals.size === 0;
  }

  /** Whether the peer has sent us to somebody and that is still at work. */
  get hasReferral(): boolean {
    return [...this.#referrals].some((referral) => referral.isAtWork);
  }

  /** Sends a REFER. */
  refer(dialog: Dialog, referTo: string, user: ReferUser, style: ReferStyle = usualReferStyle): ReferSubscription {
    this.#count += 1;
    const name = `our refer ${String(this.#count)} in ${dialog.callId}`;
    const subscription: ReferSubscription = new ReferSubscription(this.#services, { dialog, referTo, name, style }, user, () => {
      this.#subscriptions.delete(subscription);
      this.#onEnded();
    });
    this.#subscriptions.add(subscription);
    subscription.start();
    return subscription;
  }

  /** Takes up a REFER of the peer; `dialog` is where its implicit subscription lives. The 2xx is the caller's. */
  accept(dialog: Dialog, refer: SipRequest, request: ReferRequest, onEnded: () => void): Referral {
    const referral: Referral = new Referral(this.#services, dialog, refer, request, () => {
      this.#referrals.delete(referral);
      onEnded();
      this.#onEnded();
    });
    this.#referrals.add(referral);
    return referral;
  }

  /** A NOTIFY or SUBSCRIBE in `dialog`, the call's own. */
  receive(request: SipRequest, transaction: ServerTransaction, dialog: Dialog): void {
    if (request.method === 'NOTIFY') this.#onNotify(request, transaction);
    else this.#onSubscribe(request, transaction, dialog);
  }

  /** Reference 9.4: an Event id must fit exactly; without one it is the only subscription, or the oldest. */
  #onNotify(request: SipRequest, transaction: ServerTransaction): void {
    if (request.event?.package !== 'refer') {
      this.#refuse(transaction, 489); // RFC 6665 8.2.1
      return;
    }
    const live = [...this.#subscriptions];
    const { id } = request.event;
    const match = live.find((subscription) => subscription.matches(id, live.length === 1)) ?? (id === undefined ? live[0] : undefined);
    if (match === undefined) this.#refuse(transaction, 481); // RFC 6665 4.1.3
    else match.receive(request, transaction);
  }

  #onSubscribe(request: SipRequest, transaction: ServerTransaction, dialog: Dialog): void {
    if (request.event?.package !== 'refer') {
      this.#refuse(transaction, 489); // RFC 6665 4.2.1.1
      return;
    }
    const { id } = request.event;
    const match = [...this.#referrals].map((referral) => referral.find(dialog, id)).find((notifier) => notifier !== undefined);
    if (match === undefined) this.#refuse(transaction, 481); // RFC 3515 2.4.4: only REFER makes this subscription
    else match.refresh(request, transaction);
  }

  /** The call ended: no REFER is tried again. */
  onCallEnded(): void {
    for (const subscription of [...this.#subscriptions]) subscription.onCallEnded();
  }

  abandon(why: string): void {
    for (const usage of [...this.#subscriptions, ...this.#referrals]) usage.abandon(why);
  }

  #refuse(transaction: ServerTransaction, status: number): void {
    const { request, source } = transaction;
    this.#services.reportProblem(blameRequest(request, status));
    // RFC 6665 8.2.2: a 489 says what there is.
    const headers: [string, string][] = status === 489 ? [['Allow-Events', 'refer']] : [];
    transaction.respond(respond(request, status, { source, headers }));
  }
}
