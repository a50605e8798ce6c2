import type { Milliseconds } from '../../core';
import type { SipRequest, SipUri } from '../message';
import { type Hop, ProtocolTimers, type ServerTransaction } from '../transaction';
import { type Retry, retryAfterEnd, retryAfterRefusal } from './rules';
import type { SubscriptionServices } from './services';
import { SubscribeAttempt, type SubscribeFailure } from './subscribe-attempt';
import type { NotifyFault, Subscription, SubscriptionEnd, SubscriptionSubject } from './subscription';

/** Where it stands for the person who wants to be told: `waiting` between two tries. */
export type SubscriberPhase = 'asking' | 'pending' | 'active' | 'waiting' | 'ended';

export interface SubscriberPlan {
  readonly target: SipUri;
  /** Where to send it if not to the address in `target`. */
  readonly hop?: Hop;
  readonly subject: SubscriptionSubject;
}

export interface SubscriberUser {
  /** A state document of one notifier. Returns what is wrong with it, if anything. */
  onNotify(notify: SipRequest, subscription: Subscription): NotifyFault | undefined;
  /** One notifier has ended, or let us end, its subscription: what it told is known no longer. */
  onGone(subscription: Subscription): void;
  /** `why` is a sentence without its full stop. */
  onPhase(phase: SubscriberPhase, why: string): void;
}

/** A subscription that lived so long was none of those that a notifier ends at once, again and again. */
const steady: Milliseconds = 60_000;

/** Setbacks double the pause between two tries, up to this, unless the notifier asked for more. */
const longestPause: Milliseconds = 300_000;

/**
 * Keeps a subscription for as long as somebody wants it: when the notifier ends it, or it fails for the time being, it is
 * asked for again by the rules of RFC 6665 section 4.1.3.
 */
export class Subscriber {
  readonly plan: SubscriberPlan;
  readonly #services: SubscriptionServices;
  readonly #user: SubscriberUser;
  readonly #name: string;
  readonly #onEnded: () => void;
  readonly #timers: ProtocolTimers<'retry'>;
  #attempt: SubscribeAttempt | undefined;
  #attempts = 0;
  #phase: SubscriberPhase = 'asking';
  #isWanted = true;
  /** Subscriptions one after the other that came to nothing, or were ended at once. */
  #setbacks = 0;
  #startedAt = 0;

  /** `name` is what it is known by in the journal; `onEnded` is called once, when nothing more can come. */
  constructor(services: SubscriptionServices, plan: SubscriberPlan, name: string, user: SubscriberUser, onEnded: () => void) {
    this.plan = plan;
    this.#services = services;
    this.#user = user;
    this.#name = name;
    this.#onEnded = onEnded;
    this.#timers = new ProtocolTimers(services.clock, services.observer, name);
  }

  get phase(): SubscriberPhase {
    return this.#phase;
  }

  /** Nothing is on its way, nor owed. */
  get isQuiet(): boolean {
    return this.#phase === 'ended';
  }

  start(): void {
    this.#attempts += 1;
    const name = this.#attempts === 1 ? this.#name : `${this.#name}/${String(this.#attempts)}`;
    const { target, hop, subject } = this.plan;
    const attempt = new SubscribeAttempt(this.#services, { target, hop, subject, name }, {
      onNotify: (notify, subscription) => this.#user.onNotify(notify, subscription),
      onState: (_subscription, state) => {
        if (state === 'pending' || state === 'active') this.#enter(state, 'the notifier speaks');
      },
      onEnded: (subscription, end) => {
        this.#onSubscriptionEnded(attempt, subscription, end);
      },
      onFailed: (failure) => {
        this.#onFailed(failure);
      },
    });
    this.#attempt = attempt;
    this.#startedAt = this.#services.clock.now();
    this.#enter('asking', 'SUBSCRIBE sent');
    attempt.start();
  }

  /** Gives a NOTIFY to the attempt that it is for. Returns false when it is for none of ours. */
  receive(notify: SipRequest, transaction: ServerTransaction): boolean {
    if (this.#attempt?.owns(notify) !== true) return false;
    this.#attempt.receive(notify, transaction);
    return true;
  }

  askForState(): void {
    this.#attempt?.askForState();
  }

  /** Ends it, with a word to the notifier. */
  leave(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#timers.clearAll();
    const attempt = this.#attempt;
    if (attempt === undefined || this.#phase === 'waiting') {
      this.#end('nobody wants it any more');
      return;
    }
    attempt.leave();
  }

  /** Forgets it, without a word. */
  abandon(): void {
    this.#isWanted = false;
    this.#timers.clearAll();
    this.#attempt?.abandon('the lab stopped');
    this.#end('the lab stopped');
  }

  #onSubscriptionEnded(attempt: SubscribeAttempt, subscription: Subscription, end: SubscriptionEnd): void {
    this.#user.onGone(subscription);
    if (attempt.subscriptions.length > 0 || this.#phase === 'ended') return;
    if (end.wanted) this.#end(this.plan.subject.expires === 0 ? 'the state was told, as asked' : 'unsubscribed');
    else this.#retry(retryAfterEnd(end.reason, end.retryAfter), end.reason === undefined ? end.why : `ended by the notifier: ${end.reason}`);
  }

  #onFailed({ status, text, retryAfter }: SubscribeFailure): void {
    // One look at the state is not worth a second try: whoever wanted it has to know.
    const isOnce = this.plan.subject.expires === 0;
    this.#retry(isOnce ? { again: false, rule: text } : retryAfterRefusal(status, retryAfter), text);
  }

  #retry(retry: Retry, why: string): void {
    this.#attempt = undefined;
    if (!retry.again || !this.#isWanted) {
      this.#end(why);
      return;
    }
    this.#enter('waiting', why);
    const lasted = this.#services.clock.now() - this.#startedAt >= steady;
    this.#setbacks = lasted ? 0 : this.#setbacks + 1;
    const delay = Math.max(retry.after, Math.min(retry.after * 2 ** this.#setbacks, longestPause));
    this.#timers.set('retry', delay, () => {
      this.start();
    });
  }

  #end(why: string): void {
    if (this.#phase === 'ended') return;
    this.#attempt?.abandon(why);
    this.#attempt = undefined;
    this.#enter('ended', why);
    this.#onEnded();
  }

  #enter(phase: SubscriberPhase, why: string): void {
    if (this.#phase === phase && phase !== 'asking') return;
    this.#phase = phase;
    this.#user.onPhase(phase, why);
  }
}
