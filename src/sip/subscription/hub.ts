import { dialogKey, dialogKeyOf } from '../dialog';
import type { SipRequest } from '../message';
import type { ServerTransaction } from '../transaction';
import type { EventPackage } from './event-package';
import { acceptsType, Notifier } from './notifier';
import type { Headers, SubscriptionServices } from './services';
import { Subscriber, type SubscriberPlan, type SubscriberUser } from './subscriber';

/** Watchers of one user agent; more are turned away with 503. */
const mostNotifiers = 100;

/** What watchers are told when the agent is switched off: to come back, but not at once (RFC 6665 section 4.1.3). */
const farewell = 'probation;retry-after=60';

/** How a request is refused. */
export type RefuseRequest = (transaction: ServerTransaction, status: number, more?: { readonly reason?: string; readonly headers?: Headers }) => void;

/**
 * The subscriptions of one user agent that have dialogs of their own: those it asked for, and those others have of it (RFC
 * 6665). Subscriptions that a REFER makes live in the REFER's dialog and are kept there.
 */
export class SubscriptionHub {
  readonly #services: SubscriptionServices;
  readonly #refuse: RefuseRequest;
  readonly #packages = new Map<string, EventPackage>();
  readonly #subscribers = new Set<Subscriber>();
  /** By the key of their dialog. */
  readonly #notifiers = new Map<string, Notifier>();
  #count = 0;
  #isLeaving = false;

  /** `refuse` answers a request and tells a person why. */
  constructor(services: SubscriptionServices, refuse: RefuseRequest) {
    this.#services = services;
    this.#refuse = refuse;
  }

  /** What stands in Allow-Events besides `refer`. */
  get packages(): readonly string[] {
    return [...this.#packages.keys()];
  }

  /** Those who are told of our state, whether they may know it yet or not. */
  get notifiers(): readonly Notifier[] {
    return [...this.#notifiers.values()];
  }

  /** No subscription is up or on its way. */
  get isQuiet(): boolean {
    return this.#subscribers.size === 0 && this.#notifiers.size === 0;
  }

  /** Lets others subscribe to `eventPackage`. */
  offer(eventPackage: EventPackage): void {
    this.#packages.set(eventPackage.name, eventPackage);
  }

  /** The state of a package changed: whoever watches it is told. */
  changed(packageName: string): void {
    for (const notifier of this.#notifiers.values()) if (notifier.package.name === packageName) notifier.changed();
  }

  /** Subscribes to somebody's state, for as long as `leave` of the subscriber is not called. */
  subscribe(plan: SubscriberPlan, user: SubscriberUser): Subscriber {
    this.#count += 1;
    const name = `${plan.subject.package} ${String(this.#count)} of ${plan.target.toString()}`;
    const subscriber: Subscriber = new Subscriber(this.#services, plan, name, user, () => {
      this.#subscribers.delete(subscriber);
    });
    this.#subscribers.add(subscriber);
    subscriber.start();
    return subscriber;
  }

  /** A SUBSCRIBE outside any dialog, or for one that is not known. Returns false for a package that is not offered. */
  onSubscribe(subscribe: SipRequest, transaction: ServerTransaction): boolean {
    const eventPackage = this.#packages.get(subscribe.event?.package ?? '');
    if (eventPackage === undefined || this.#isLeaving) return false;
    const seconds = this.#secondsFor(subscribe, transaction, eventPackage);
    if (seconds === undefined) return true;
    if (subscribe.contact === undefined) {
      this.#refuse(transaction, 400, { reason: 'Missing Contact' }); // RFC 3261 12.1.1: it would form a dialog
    } else if (!acceptsType(subscribe, eventPackage.contentType)) {
      this.#refuse(transaction, 406, { headers: [['Accept', eventPackage.contentType]] }); // RFC 3261 21.4.7
    } else if (this.#notifiers.size >= mostNotifiers) {
      this.#refuse(transaction, 503, { reason: 'Too many watchers', headers: [['Retry-After', '60']] });
    } else {
      this.#admit(subscribe, transaction, eventPackage, seconds);
    }
    return true;
  }

  /** A SUBSCRIBE or NOTIFY in one of our dialogs. Returns false when it belongs to none of them. */
  onRequestInDialog(request: SipRequest, transaction: ServerTransaction): boolean {
    if (request.method === 'NOTIFY') return [...this.#subscribers].some((subscriber) => subscriber.receive(request, transaction));
    const notifier = this.#notifiers.get(dialogKeyOf(request));
    if (notifier === undefined) return false;
    if (!notifier.dialog.acceptSequence(request.cseq.sequence)) {
      this.#refuse(transaction, 500, { reason: 'CSeq out of order' }); // RFC 3261 12.2.2
    } else if (request.event?.package !== notifier.package.name) {
      this.#refuse(transaction, 489, { headers: [['Allow-Events', notifier.package.name]] }); // RFC 6665 4.5.2: one usage
    } else if (!notifier.isLive) {
      this.#refuse(transaction, 481); // RFC 6665 4.2.1.1
    } else {
      const seconds = this.#secondsFor(request, transaction, notifier.package);
      if (seconds !== undefined) notifier.accept(transaction, seconds, true);
    }
    return true;
  }

  /** Ends all of them, with a word to the others. Wait for {@link isQuiet}. */
  leave(): void {
    this.#isLeaving = true;
    for (const subscriber of [...this.#subscribers]) subscriber.leave();
    for (const notifier of this.#notifiers.values()) notifier.withdraw(farewell);
  }

  /** Forgets all of them, without a word. */
  abandon(): void {
    for (const subscriber of [...this.#subscribers]) subscriber.abandon();
    for (const notifier of [...this.#notifiers.values()]) notifier.abandon();
  }

  /** Seconds granted; undefined when it is refused because they are too few (RFC 6665 section 4.2.1.1). */
  #secondsFor(subscribe: SipRequest, transaction: ServerTransaction, { expires }: EventPackage): number | undefined {
    const asked = subscribe.expires ?? expires.usual;
    if (asked > 0 && asked < expires.least) {
      this.#refuse(transaction, 423, { headers: [['Min-Expires', String(expires.least)]] });
      return undefined;
    }
    return Math.min(asked, expires.most); // RFC 6665 4.2.1.1: may be shortened, never lengthened
  }

  #admit(subscribe: SipRequest, transaction: ServerTransaction, eventPackage: EventPackage, seconds: number): void {
    const admission = eventPackage.admit(subscribe, transaction.source);
    if (admission.is === 'denied') {
      this.#refuse(transaction, 403, { reason: 'Forbidden' }); // RFC 6665 4.2.1.3
      return;
    }
    const notifier: Notifier = new Notifier(this.#services, eventPackage, transaction, () => {
      this.#notifiers.delete(key);
    });
    const key = dialogKey(notifier.dialog);
    this.#notifiers.set(key, notifier);
    notifier.accept(transaction, seconds, admission.is === 'allowed');
  }
}
