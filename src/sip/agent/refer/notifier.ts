import type { Dialog } from '../../dialog';
import { respond, type SipRequest } from '../../message';
import { type Notification, type NotifyLimits, NotifyPump } from '../../subscription';
import { ProtocolTimers, type ServerTransaction } from '../../transaction';
import type { AgentServices } from '../services';
import { formatSipfrag, type Sipfrag, sipfragContentType } from './sipfrag';

/** Seconds of life that each NOTIFY grants: longer than a call may ring, so that no subscription starves meanwhile. */
export const subscriptionSeconds = 300;

/** A call has four or five pieces of news; a person can read no storm of them (reference 18). */
const limits: NotifyLimits = { burst: 8, interval: 1_000 };

/** What there is to tell. */
export interface ReferNews {
  readonly frag: Sipfrag;
  /** Our person has not consented yet (RFC 6665 section 4.1.3: `pending`). */
  readonly isPending: boolean;
}

/**
 * One subscription to the fate of a REFER, on the side of whoever was referred. One NOTIFY at a time; provisional news that
 * newer news overtakes is dropped, the final one never (reference 9.4). A NOTIFY that fails ends the subscription and
 * nothing else: the referred call goes on.
 */
export class ReferNotifier {
  readonly #services: AgentServices;
  readonly #dialog: Dialog;
  /** Of the Event header; a SUBSCRIBE to Refer-Events-At needs none (RFC 7614 section 4.2). */
  readonly #id: string | undefined;
  readonly #name: string;
  readonly #news: () => ReferNews;
  readonly #onEnded: () => void;
  readonly #timers: ProtocolTimers<'expires'>;
  readonly #pump: NotifyPump;
  #live = true;
  /** Unsubscribed, or expired: the next NOTIFY is the last, whatever it tells. */
  #isTimedOut = false;
  #expiresAt: number;

  constructor(
    services: AgentServices,
    subscription: { readonly dialog: Dialog; readonly id: string | undefined; readonly name: string },
    news: () => ReferNews,
    onEnded: () => void,
  ) {
    this.#services = services;
    this.#dialog = subscription.dialog;
    this.#id = subscription.id;
    this.#name = subscription.name;
    this.#news = news;
    this.#onEnded = onEnded;
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.#name);
    this.#expiresAt = services.clock.now() + 1000 * subscriptionSeconds;
    const source = { compose: () => this.#compose(), onEnded: (why: string) => this.#end(why) };
    this.#pump = new NotifyPump(services, this.#dialog, this.#name, source, limits);
  }

  /** The dialog that the NOTIFYs go in. */
  get dialog(): Dialog {
    return this.#dialog;
  }

  /** The subscription begins: the first NOTIFY leaves at once (RFC 3515 section 2.4.4). */
  start(why: string, seconds: number = subscriptionSeconds): void {
    this.#services.observer.stateChanged('subscription', this.#name, 'none', this.#news().isPending ? 'pending' : 'active', why);
    this.#grant(seconds);
    this.notify();
  }

  /** The subscriber asks for the state again, or unsubscribes with zero seconds (RFC 6665 section 4.2.1). */
  refresh(subscribe: SipRequest, transaction: ServerTransaction): void {
    const seconds = grantedSeconds(subscribe);
    transaction.respond(
      respond(subscribe, 200, { source: transaction.source, headers: this.#grantHeaders(seconds, transaction) }),
    );
    this.#grant(seconds);
    this.notify(); // RFC 6665 4.2.1.2: each SUBSCRIBE gets a NOTIFY with the state as it is
  }

  matches(id: string | undefined): boolean {
    return this.#live && (id === undefined || id === this.#id);
  }

  /** Ends without a word: the dialog is gone. */
  abandon(why: string): void {
    this.#end(why);
  }

  /** Tells how things stand now, or as soon as the NOTIFY on its way is answered. */
  notify(): void {
    if (this.#live) this.#pump.push(this.#isOver ? 'urgent' : 'paced');
  }

  get #isOver(): boolean {
    return this.#isTimedOut || this.#news().frag.status >= 200;
  }

  #compose(): Notification {
    const { frag, isPending } = this.#news();
    const secondsLeft = Math.max(1, Math.round((this.#expiresAt - this.#services.clock.now()) / 1000));
    const state = this.#isOver
      ? `terminated;reason=${frag.status >= 200 ? 'noresource' : 'timeout'}`
      : `${isPending ? 'pending' : 'active'};expires=${String(secondsLeft)}`;
    const headers: [string, string][] = [
      ['Contact', `<${this.#services.settings.contactUri(this.#dialog.transport)}>`],
      ['Event', this.#id === undefined ? 'refer' : `refer;id=${this.#id}`],
      ['Subscription-State', state],
      ['Content-Type', sipfragContentType],
    ];
    return { headers, body: formatSipfrag(frag), isLast: this.#isOver };
  }

  #grantHeaders(seconds: number, transaction: ServerTransaction): [string, string][] {
    return [
      ['Expires', String(seconds)],
      ['Contact', `<${this.#services.settings.contactUri(transaction.source.transport)}>`],
    ];
  }

  #grant(seconds: number): void {
    this.#isTimedOut ||= seconds === 0;
    if (this.#isTimedOut) return;
    this.#expiresAt = this.#services.clock.now() + 1000 * seconds;
    this.#timers.set('expires', 1000 * seconds, () => {
      this.#isTimedOut = true;
      this.notify();
    });
  }

  #end(why: string): void {
    if (!this.#live) return;
    this.#live = false;
    this.#pump.stop();
    this.#timers.clearAll();
    this.#services.observer.stateChanged('subscription', this.#name, 'active', 'ended', why);
    this.#onEnded();
  }
}

/** RFC 6665 section 4.2.1.1: never longer than asked for. */
export function grantedSeconds(subscribe: SipRequest): number {
  return Math.min(subscribe.expires ?? subscriptionSeconds, subscriptionSeconds);
}
