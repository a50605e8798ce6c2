import { randomToken } from '../../core';
import { Dialog } from '../dialog';
import { respond, type SipRequest } from '../message';
import { ProtocolTimers, type ServerTransaction } from '../transaction';
import type { EventPackage, StateFeed } from './event-package';
import { type NotifierEvent, type NotifierState, notifierStep } from './notifier-machine';
import { type Notification, NotifyPump } from './notify-pump';
import type { SubscriptionServices } from './services';

/** How long what a subscriber refused is kept back before it is told again, in milliseconds. */
const repeatAfter = 2_000;

/** A subscriber that refuses this many NOTIFYs one after the other is told nothing more until there is news. */
const mostRepeats = 5;

/** The notifier's side of one subscription: RFC 6665 section 4.2. It has a dialog of its own. */
export class Notifier {
  readonly dialog: Dialog;
  readonly package: EventPackage;
  readonly #services: SubscriptionServices;
  readonly #timers: ProtocolTimers<'expires' | 'repeat'>;
  readonly #name: string;
  readonly #feed: StateFeed;
  readonly #pump: NotifyPump;
  readonly #onEnded: () => void;
  #state: NotifierState = 'response wait';
  /** Of the last Subscription-State. */
  #reason = 'timeout';
  #owesFullState = true;
  #expiresAt = 0;
  #refusals = 0;

  /** `onEnded` is called once, when the last NOTIFY was answered or none is owed. */
  constructor(services: SubscriptionServices, eventPackage: EventPackage, transaction: ServerTransaction, onEnded: () => void) {
    const { request, source } = transaction;
    this.#services = services;
    this.package = eventPackage;
    this.#onEnded = onEnded;
    this.dialog = Dialog.asCallee(request, randomToken(services.random, 64), source.transport);
    this.dialog.confirm();
    this.#name = `${eventPackage.name} watched by ${request.from.uriText}, ${this.dialog.callId}`;
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.#name);
    this.#feed = eventPackage.openFeed();
    this.#pump = new NotifyPump(
      services,
      this.dialog,
      this.#name,
      {
        compose: () => this.#compose(),
        onRefused: () => {
          this.#onRefused();
        },
        onEnded: (why) => {
          this.#apply({ is: 'notify failed', why });
          this.#finish();
        },
      },
      eventPackage.limits,
    );
  }

  get state(): NotifierState {
    return this.#state;
  }

  /** The subscription has not ended, whether anything may be told in it or not. */
  get isLive(): boolean {
    return this.#state !== 'terminated';
  }

  /** Answers the SUBSCRIBE that made it, or one that refreshes it, with 2xx, then sends a NOTIFY at once (section 4.2.1.2). */
  accept(transaction: ServerTransaction, seconds: number, isAllowed: boolean): void {
    const { request, source } = transaction;
    const headers: [string, string][] = [
      ['Expires', String(seconds)],
      ['Contact', this.#contact],
    ];
    transaction.respond(respond(request, 200, { source, toTag: this.dialog.localTag, headers }));
    this.dialog.refreshTarget(request.contact); // RFC 6665 4.4.1
    this.#owesFullState = true; // RFC 4235 4.3: a SUBSCRIBE gets the full state
    if (this.#state === 'response wait') this.#apply({ is: isAllowed ? 'allowed' : 'undecided' });
    if (seconds === 0) {
      this.#apply({ is: 'unsubscribed' });
    } else {
      this.#expiresAt = this.#services.clock.now() + 1000 * seconds;
      this.#timers.set('expires', 1000 * seconds, () => {
        this.#apply({ is: 'expired' });
        this.#pump.push('urgent');
      });
    }
    this.#pump.push('urgent');
  }

  /** Whoever had to decide has decided. */
  decide(isAllowed: boolean): void {
    if (this.#state !== 'pending') return;
    this.#owesFullState = true;
    this.#apply({ is: isAllowed ? 'allowed' : 'denied' });
    this.#pump.push('urgent');
  }

  /** The state of the package changed. */
  changed(): void {
    if (this.#state !== 'active' || this.#feed.isUpToDate) return;
    this.#refusals = 0;
    this.#timers.clear('repeat');
    this.#pump.push();
  }

  /** Ends it with a last NOTIFY that gives `reason`. */
  withdraw(reason: string): void {
    if (!this.isLive) return;
    this.#apply({ is: 'withdrawn', reason });
    this.#pump.push('urgent');
  }

  /** Forgets it, without a word. */
  abandon(): void {
    this.#apply({ is: 'notify failed', why: 'the lab stopped' });
    this.#pump.stop();
    this.#finish();
  }

  get #contact(): string {
    return `<${this.#services.settings.contactUri(this.dialog.transport)}>`;
  }

  #compose(): Notification {
    const secondsLeft = Math.max(1, Math.round((this.#expiresAt - this.#services.clock.now()) / 1000));
    const isLast = this.#state === 'terminated';
    const headers: [string, string][] = [
      ['Contact', this.#contact],
      ['Event', this.package.name],
      ['Subscription-State', isLast ? `terminated;reason=${this.#reason}` : `${this.#state};expires=${String(secondsLeft)}`],
    ];
    // RFC 6665 4.2.1.3: who is not authorised yet, or not at all, learns nothing.
    if (this.#state === 'pending' || this.#reason === 'rejected') return { headers, body: undefined, isLast };
    const body = this.#feed.next(this.#owesFullState);
    this.#owesFullState = false;
    headers.push(['Content-Type', this.package.contentType]);
    return { headers, body, isLast };
  }

  /** A NOTIFY was refused for the time being: its news is told again, with all the rest, after a while. */
  #onRefused(): void {
    this.#owesFullState = true;
    this.#refusals += 1;
    if (this.#refusals > mostRepeats || this.#state !== 'active') return;
    this.#timers.set('repeat', repeatAfter * this.#refusals, () => {
      this.#pump.push();
    });
  }

  #apply(event: NotifierEvent): void {
    const step = notifierStep(this.#state, event);
    if (step === undefined) return;
    const from = this.#state;
    this.#state = step.to;
    if (step.reason !== undefined) this.#reason = step.reason;
    if (step.to === 'terminated') this.#timers.clearAll();
    if (from !== step.to) this.#services.observer.stateChanged('subscription', this.#name, from, step.to, step.rule);
  }

  #finish(): void {
    if (this.dialog.state === 'terminated') return;
    this.dialog.terminate();
    this.#onEnded();
  }
}

/** Whether a SUBSCRIBE can take a document of this type (RFC 6665 section 3.1.3: without Accept, the package's usual one). */
export function acceptsType(subscribe: SipRequest, contentType: string): boolean {
  const accept = subscribe.headerValues('Accept');
  if (accept.length === 0) return true;
  const family = contentType.slice(0, contentType.indexOf('/'));
  return accept.some((value) => {
    const range = (value.split(';')[0] ?? '').replace(/\s/gu, '').toLowerCase();
    return range === '*/*' || range === contentType || range === `${family}/*`;
  });
}
