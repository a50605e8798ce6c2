import { describeError, randomToken } from '../../core';
import { asRequestUri, Dialog, routeRequest } from '../dialog';
import { parseUri, respond, type SipRequest, type SipResponse, type SipUri } from '../message';
import { type ClientTransaction, giveUpAfter, type Hop, ProtocolTimers, type ServerTransaction } from '../transaction';
import type { Headers, SubscriptionServices } from './services';
import { Subscription, type SubscriptionSubject, type SubscriptionUser } from './subscription';

/** A SUBSCRIBE that could not make a subscription. */
export interface SubscribeFailure {
  readonly status: number;
  readonly text: string;
  /** Seconds. */
  readonly retryAfter: number | undefined;
}

export interface SubscribeAttemptUser extends SubscriptionUser {
  /** Nothing came of it. Not called once a NOTIFY has come. */
  onFailed(failure: SubscribeFailure): void;
}

/** A 401, a 407 or a 423 is answered by another try, so often at the most. */
const mostTries = 5;

/** A SUBSCRIBE that forks reaches so many notifiers at the most. */
const mostSubscriptions = 10;

/**
 * One SUBSCRIBE outside a dialog, and the subscriptions that its NOTIFYs make: one for each notifier it reached, until timer
 * N fires (RFC 6665 sections 4.1.2.4 and 4.4.1).
 */
export class SubscribeAttempt {
  readonly callId: string;
  readonly localTag: string;
  readonly subject: SubscriptionSubject;
  readonly #services: SubscriptionServices;
  readonly #target: SipUri;
  /** The way, where it is known. */
  readonly #flow: Hop | undefined;
  readonly #user: SubscribeAttemptUser;
  readonly #name: string;
  readonly #timers: ProtocolTimers<'N' | 'unsendable'>;
  /** By the notifier's tag. */
  readonly #subscriptions = new Map<string, Subscription>();
  #expires: number;
  #sequence = 0;
  #tries = 0;
  #transaction: ClientTransaction | undefined;
  #granted: number | undefined;
  /** Timer N has not fired: a notifier that is not known yet may speak. */
  #isOpen = true;
  /** A SUBSCRIBE is out that has no final answer. */
  #isAsking = false;
  #isLeaving = false;

  constructor(
    services: SubscriptionServices,
    fields: { readonly target: SipUri; readonly hop: Hop | undefined; readonly subject: SubscriptionSubject; readonly name: string },
    user: SubscribeAttemptUser,
  ) {
    this.#services = services;
    this.#target = fields.target;
    this.#flow = fields.hop;
    this.subject = fields.subject;
    this.#name = fields.name;
    this.#user = user;
    this.#expires = fields.subject.expires;
    this.callId = `${randomToken(services.random, 96)}@${parseUri(services.settings.uri).host}`;
    this.localTag = randomToken(services.random, 64);
    this.#timers = new ProtocolTimers(services.clock, services.observer, fields.name);
  }

  /** Nothing can come any more. */
  get isOver(): boolean {
    return !this.#isOpen && !this.#isAsking && this.#subscriptions.size === 0;
  }

  get subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  start(): void {
    // RFC 6665 4.1.2.4: timer N runs from the SUBSCRIBE on.
    this.#timers.set('N', giveUpAfter(this.#services.timers), () => {
      this.#onTimerN();
    });
    this.#ask([]);
  }

  /** Whether a NOTIFY that is for us may be for this attempt. */
  owns(notify: SipRequest): boolean {
    return notify.callId === this.callId && notify.toTag === this.localTag;
  }

  receive(notify: SipRequest, transaction: ServerTransaction): void {
    const { source } = transaction;
    const refuse = (status: number, headers: Headers = []): void => {
      transaction.respond(respond(notify, status, { source, headers }));
    };
    if (notify.event?.package !== this.subject.package) {
      refuse(489, [['Allow-Events', this.subject.package]]); // RFC 6665 8.2.1
      return;
    }
    const tag = notify.fromTag ?? '';
    const known = this.#subscriptions.get(tag);
    if (known !== undefined) {
      // RFC 3261 12.2.2
      if (known.dialog.acceptSequence(notify.cseq.sequence)) known.receive(notify, transaction);
      else transaction.respond(respond(notify, 500, { source, reason: 'CSeq out of order' }));
      return;
    }
    const asked = this.#transaction?.request;
    if (!this.#isOpen || asked === undefined || notify.contact === undefined || this.#subscriptions.size >= mostSubscriptions) {
      refuse(notify.contact === undefined ? 400 : 481); // RFC 6665 4.1.3; RFC 3261 12.1.1 wants a Contact
      return;
    }
    if (notify.subscriptionState === undefined) {
      transaction.respond(respond(notify, 400, { source, reason: 'Missing Subscription-State' })); // RFC 6665 8.2.1
      return;
    }
    const dialog = Dialog.asSubscriber(asked, notify, source.transport);
    const name = `${this.#name}, ${tag}`;
    const subscription = new Subscription(
      this.#services,
      { dialog, subject: this.subject, name },
      {
        onNotify: (request, of) => this.#user.onNotify(request, of),
        onState: (of, state) => {
          this.#user.onState(of, state);
        },
        onEnded: (of, end) => {
          this.#subscriptions.delete(tag);
          if (!end.wanted || this.subject.expires === 0) this.#isOpen &&= this.#subscriptions.size > 0;
          if (!this.#isOpen) this.#timers.clear('N');
          this.#user.onEnded(of, end);
        },
      },
    );
    this.#subscriptions.set(tag, subscription);
    subscription.receive(notify, transaction);
    if (this.#isLeaving) subscription.leave();
  }

  /** Ends all of it, with a word to each notifier. */
  leave(): void {
    this.#isLeaving = true;
    for (const subscription of this.subscriptions) subscription.leave();
    // Before the first NOTIFY there is no dialog to say anything in; the subscription that comes of it is left at once.
  }

  askForState(): void {
    for (const subscription of this.subscriptions) subscription.askForState();
  }

  abandon(why: string): void {
    this.#isOpen = false;
    this.#isAsking = false;
    this.#timers.clearAll();
    for (const subscription of this.subscriptions) subscription.abandon(why);
    this.#subscriptions.clear();
  }

  #ask(credentials: Headers): void {
    this.#tries += 1;
    this.#isAsking = true;
    this.#sequence += 1;
    const { settings, transactions } = this.#services;
    const refusal = settings.refusalToCall(this.#target);
    if (refusal !== undefined) {
      this.#failLater({ status: 503, text: refusal, retryAfter: undefined });
      return;
    }
    try {
      // RFC 3261 8.1.2: through the outbound proxy, unless the way is known.
      const { uri, routes, hop: next } = routeRequest(this.#target, this.#flow === undefined ? (settings.routes?.() ?? []) : []);
      const hop = this.#flow ?? next;
      const headers: [string, string][] = [
        ['Max-Forwards', '70'],
        ...routes.map((route): [string, string] => ['Route', route]),
        ['From', `<${settings.uri}>;tag=${this.localTag}`],
        ['To', `<${asRequestUri(this.#target).toString()}>`],
        ['Call-ID', this.callId],
        ['CSeq', `${String(this.#sequence)} SUBSCRIBE`],
        ['Contact', `<${settings.contactUri(hop.transport)}>`],
        ['Event', this.subject.package],
        ['Accept', this.subject.accept],
        ['Expires', String(this.#expires)],
        ...credentials.map(([name, value]): [string, string] => [name, value]),
      ];
      const transaction: ClientTransaction = transactions.request({ method: 'SUBSCRIBE', uri, headers }, hop, {
        onResponse: (response) => {
          this.#onResponse(response, transaction);
        },
        onTimeout: () => {
          this.#onRefused({ status: 408, text: 'no answer to the SUBSCRIBE', retryAfter: undefined });
        },
        onTransportError: (error) => {
          this.#onRefused({ status: 503, text: error.message, retryAfter: undefined });
        },
      });
      this.#transaction = transaction;
    } catch (error) {
      this.#failLater({ status: 503, text: describeError(error), retryAfter: undefined });
    }
  }

  /** A target that cannot be sent to. Told later, as any failure to send is. */
  #failLater(failure: SubscribeFailure): void {
    this.#timers.set('unsendable', 0, () => {
      this.#onRefused(failure);
    });
  }

  #onResponse(response: SipResponse, transaction: ClientTransaction): void {
    const { status, reason, retryAfter } = response;
    if (status < 200 || !this.#isAsking) return;
    if (status < 300) {
      this.#isAsking = false;
      // RFC 6665 4.1.2.1: what was granted counts until a NOTIFY says otherwise.
      this.#granted = response.expires ?? this.#expires;
      return;
    }
    if (this.#tries < mostTries && this.#isOpen) {
      if (status === 401 || status === 407) {
        const credentials = this.#services.authorizer.authorize(response, transaction.request);
        if (credentials !== undefined) {
          this.#ask(credentials); // RFC 3261 22.2
          return;
        }
      }
      const least = Number(response.header('Min-Expires'));
      // RFC 6665 4.1.2.1: 423 names the shortest time that the notifier accepts.
      if (status === 423 && this.#expires > 0 && Number.isInteger(least) && least > this.#expires && least <= 0xffff_ffff) {
        this.#expires = least;
        this.#ask([]);
        return;
      }
    }
    this.#onRefused({ status, text: `${String(status)} ${reason}`, retryAfter });
  }

  #onRefused(failure: SubscribeFailure): void {
    this.#isAsking = false;
    if (!this.#isOpen) return;
    // A notifier whose NOTIFY came knows us, whatever another branch, or a lost 2xx, says.
    if (this.#subscriptions.size > 0) return;
    this.#isOpen = false;
    this.#timers.clearAll();
    this.#user.onFailed(failure);
  }

  #onTimerN(): void {
    this.#isOpen = false;
    if (this.#subscriptions.size > 0) return; // it only ends the time in which further notifiers may speak
    this.#isAsking = false;
    const text = this.#granted === undefined ? 'no answer to the SUBSCRIBE' : 'it was accepted, but no NOTIFY came (timer N, RFC 6665 4.1.2.4)';
    this.#user.onFailed({ status: 408, text, retryAfter: undefined });
  }
}
