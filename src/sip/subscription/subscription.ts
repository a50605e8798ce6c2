import type { Dialog } from '../dialog';
import { respond, type SipRequest, type SubscriptionState } from '../message';
import { giveUpAfter, ProtocolTimers, type ServerTransaction } from '../transaction';
import { NotifyRate } from './notify-rate';
import { endsOnRefresh, renewalDelay } from './rules';
import { longestWait, type SubscriptionServices } from './services';
import { type SubscriberEvent, type SubscriberState, subscriberStep } from './subscriber-machine';

/** What is subscribed to. */
export interface SubscriptionSubject {
  /** The event package: `dialog`. */
  readonly package: string;
  /** The media type of its state documents. */
  readonly accept: string;
  /** Seconds asked for; zero for one look at the state (RFC 6665 section 4.4.3). */
  readonly expires: number;
}

/** Why a subscription is no more. */
export interface SubscriptionEnd {
  /** The reason of the last Subscription-State, where one came. */
  readonly reason: string | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly why: string;
  /** We wanted it to end. */
  readonly wanted: boolean;
}

/** Why a NOTIFY cannot be used. */
export interface NotifyFault {
  readonly status: number;
  readonly text: string;
}

export interface SubscriptionUser {
  /** A state document. Returns what is wrong with it, if anything. */
  onNotify(notify: SipRequest, subscription: Subscription): NotifyFault | undefined;
  onState(subscription: Subscription, state: SubscriberState): void;
  onEnded(subscription: Subscription, end: SubscriptionEnd): void;
}

/** A notifier that says more than this is not read any more; the full state is asked for when it is calm again. */
const notifyBudget = { burst: 20, interval: 100 };

/** How long a notifier that said too much is left alone, in milliseconds. */
const calm = 2_000;

/**
 * The subscriber's side of one subscription: one notifier, one dialog. A SUBSCRIBE that was forked makes several (RFC 6665
 * section 4.4.1, RFC 4235 section 3.9). The dialog is made by its first NOTIFY.
 */
export class Subscription {
  readonly dialog: Dialog;
  readonly subject: SubscriptionSubject;
  readonly #services: SubscriptionServices;
  readonly #user: SubscriptionUser;
  readonly #timers: ProtocolTimers<'N' | 'expires' | 'renew' | 'calm'>;
  readonly #name: string;
  readonly #budget: NotifyRate;
  #state: SubscriberState = 'notify wait';
  /** A SUBSCRIBE with Expires: 0 is out, or was from the first. */
  #isLeaving: boolean;
  #isAsking = false;
  /** Another SUBSCRIBE is wanted as soon as the one on its way is answered. */
  #asksAgain = false;

  constructor(
    services: SubscriptionServices,
    fields: { readonly dialog: Dialog; readonly subject: SubscriptionSubject; readonly name: string },
    user: SubscriptionUser,
  ) {
    this.#services = services;
    this.dialog = fields.dialog;
    this.subject = fields.subject;
    this.#name = fields.name;
    this.#user = user;
    this.#isLeaving = fields.subject.expires === 0;
    this.#budget = new NotifyRate(services.clock, notifyBudget);
    this.#timers = new ProtocolTimers(services.clock, services.observer, fields.name);
  }

  get state(): SubscriberState {
    return this.#state;
  }

  get isLive(): boolean {
    return this.#state !== 'terminated';
  }

  /** A NOTIFY in this dialog, its number in order; it may come before the 2xx to the SUBSCRIBE (RFC 6665 section 4.1.2.4). */
  receive(notify: SipRequest, transaction: ServerTransaction): void {
    const { source } = transaction;
    const told = notify.subscriptionState;
    if (told === undefined) {
      transaction.respond(respond(notify, 400, { source, reason: 'Missing Subscription-State' })); // RFC 6665 8.2.1
      return;
    }
    const isOver = told.state === 'terminated';
    // A flood is answered, or it would be repeated, but not read: what it said is asked for when it has calmed down.
    const isTooMuch = this.#budget.pause() > 0 && !isOver;
    if (!isTooMuch) this.#budget.spend();
    const fault = isTooMuch ? undefined : this.#user.onNotify(notify, this);
    if (isTooMuch) this.#askWhenCalm();
    if (fault === undefined) transaction.respond(respond(notify, 200, { source })); // RFC 6665 4.1.3: at once
    else this.#refuse(notify, transaction, fault);
    this.dialog.refreshTarget(notify.contact); // RFC 6665 4.4.1: a target refresh request
    this.#timers.clear('N');
    this.#apply({ is: 'notify', state: told.state }, told);
    if (this.isLive) this.#live(told.expires);
  }

  /** The notifier granted so many seconds in its 2xx; a NOTIFY that says otherwise is right (RFC 6665 section 4.1.2.1). */
  granted(seconds: number): void {
    if (this.isLive) this.#live(seconds);
  }

  /** Asks for the full state: a SUBSCRIBE gets a NOTIFY with all of it (RFC 6665 section 4.2.1.2, RFC 4235 section 4.3). */
  askForState(): void {
    if (this.isLive && !this.#isLeaving) this.#subscribe(this.subject.expires);
  }

  /** Ends it: SUBSCRIBE with Expires: 0, then the last NOTIFY is waited for (RFC 6665 section 4.1.2.3). */
  leave(): void {
    if (!this.isLive || this.#isLeaving) return;
    this.#isLeaving = true;
    this.#timers.clear('renew');
    this.#awaitNotify();
    this.#subscribe(0);
  }

  /** The first or the last NOTIFY must come within 64*T1: RFC 6665 section 4.1.2.4. */
  #awaitNotify(): void {
    this.#timers.set('N', giveUpAfter(this.#services.timers), () => {
      this.#apply({ is: 'timer N' });
    });
  }

  /** Forgets it, without a word. */
  abandon(why: string): void {
    this.#apply({ is: 'abandoned', why });
  }

  #live(expires: number | undefined): void {
    const life = Math.min((expires ?? this.subject.expires) * 1000, longestWait);
    if (this.#isLeaving) {
      this.#awaitNotify(); // this was not the last one yet
      return;
    }
    this.#timers.set('expires', Math.max(life, 1), () => {
      this.#apply({ is: 'expired' });
    });
    this.#timers.set('renew', renewalDelay(life), () => {
      this.#subscribe(this.subject.expires);
    });
  }

  #subscribe(seconds: number): void {
    if (this.#isAsking) {
      this.#asksAgain = true;
      return;
    }
    this.#isAsking = true;
    const { settings, requests } = this.#services;
    const headers: [string, string][] = [
      ['Contact', `<${settings.contactUri(this.dialog.transport)}>`],
      ['Event', this.subject.package],
      ['Accept', this.subject.accept],
      ['Expires', String(seconds)],
    ];
    requests.send({ dialog: this.dialog, method: 'SUBSCRIBE', headers, body: undefined }, {
      onResponse: ({ status, expires }) => {
        if (status < 200) return;
        if (status < 300 && seconds > 0) this.granted(expires ?? seconds);
        this.#onAnswer(status);
      },
      onTimeout: () => {
        this.#onAnswer(408);
      },
      onTransportError: () => {
        this.#onAnswer(503);
      },
    });
  }

  #onAnswer(status: number): void {
    this.#isAsking = false;
    if (!this.isLive) return;
    if (status >= 300) {
      // Who wants to leave and is not heard has left all the same.
      this.#apply({ is: 'refused', ends: this.#isLeaving || endsOnRefresh(status) });
      return;
    }
    if (!this.#asksAgain) return;
    this.#asksAgain = false;
    this.#subscribe(this.#isLeaving ? 0 : this.subject.expires);
  }

  #askWhenCalm(): void {
    this.#timers.set('calm', calm, () => {
      this.askForState();
    });
  }

  #refuse(notify: SipRequest, transaction: ServerTransaction, { status, text }: NotifyFault): void {
    const headers: [string, string][] = status === 415 ? [['Accept', this.subject.accept]] : [];
    transaction.respond(respond(notify, status, { source: transaction.source, headers }));
    const range = notify.headerRange(status === 415 ? 'content-type' : 'event') ?? notify.startLineRange;
    this.#services.reportProblem({ code: 'CL2010', text, message: notify, range });
  }

  #apply(event: SubscriberEvent, told?: SubscriptionState): void {
    const step = subscriberStep(this.#state, event);
    if (step === undefined) return;
    const from = this.#state;
    this.#state = step.to;
    if (from !== step.to) this.#services.observer.stateChanged('subscription', this.#name, from, step.to, step.rule);
    if (step.to === 'terminated') {
      this.#timers.clearAll();
      this.dialog.terminate();
      this.#user.onEnded(this, { reason: told?.reason, retryAfter: told?.retryAfter, why: step.rule, wanted: this.#isLeaving });
    } else if (from !== step.to) {
      this.#user.onState(this, step.to);
    }
  }
}
