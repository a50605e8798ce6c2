import type { Milliseconds } from '../../../core';
import type { Dialog } from '../../dialog';
import type { NameAddr, Replaces, SipRequest, SipUri } from '../../message';
import { ProtocolTimers } from '../../transaction';
import { ReferNotifier, type ReferNews } from './notifier';
import type { AgentServices } from '../services';
import type { Sipfrag } from './sipfrag';

/** How long the outcome can be asked for after the end, where asking is the only way to learn it (RFC 7614 section 4.4). */
const keepOutcomeFor: Milliseconds = 64_000;

/** Subscriptions to one REFER; more are refused. */
const mostSubscribers = 4;

/** What a REFER asks for, checked. */
export interface ReferRequest {
  readonly target: SipUri;
  readonly replaces: Replaces | undefined;
  readonly referredBy: NameAddr | undefined;
  /** What the header part of Refer-To may put into the INVITE (reference 9.1); never what steers a call. */
  readonly headers: readonly (readonly [string, string])[];
  /** Who learns how it went: RFC 3515, RFC 4488 and `nosub`, `explicitsub` of RFC 7614. */
  readonly events: 'implicit' | 'none' | 'explicit';
  /** Whether our person must consent first. */
  readonly needsConsent: boolean;
}

/**
 * One REFER that we accepted: what it asks, how that fares, and whoever is told. The first NOTIFY of the implicit
 * subscription follows the 2xx at once; without a subscription nothing is told; with an explicit one, the outcome waits
 * to be asked for.
 */
export class Referral {
  readonly request: ReferRequest;
  /** The CSeq of the REFER: the id of its implicit subscription (RFC 3515 section 2.4.6). */
  readonly id: string;
  readonly #services: AgentServices;
  readonly #onEnded: () => void;
  readonly #timers: ProtocolTimers<'outcome' | 'consent'>;
  readonly #name: string;
  readonly #notifiers = new Set<ReferNotifier>();
  readonly #dialog: Dialog;
  #last: Sipfrag = { status: 100, reason: 'Trying' };
  #isPending: boolean;
  #isLive = true;
  #onDecided: ((allowed: boolean) => void) | undefined;

  /** `dialog` is where an implicit subscription lives. */
  constructor(services: AgentServices, dialog: Dialog, refer: SipRequest, request: ReferRequest, onEnded: () => void) {
    this.request = request;
    this.id = String(refer.cseq.sequence);
    this.#services = services;
    this.#dialog = dialog;
    this.#onEnded = onEnded;
    this.#isPending = request.needsConsent;
    this.#name = `refer ${this.id} in ${dialog.callId}`;
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.#name);
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Of the news told last: 100 in the beginning. */
  get status(): number {
    return this.#last.status;
  }

  /** What it asks for is still being done, or waits for consent. */
  get isAtWork(): boolean {
    return this.#isLive && this.#last.status < 200;
  }

  /** It waits for our person to say yes or no. */
  get isPending(): boolean {
    return this.#isPending && this.isAtWork;
  }

  /** The REFER was answered 2xx: the first NOTIFY leaves at once (RFC 3515 section 2.4.4). */
  begin(): void {
    if (this.request.events === 'implicit') {
      const notifier = this.#subscribe(this.#dialog, this.id, this.#name);
      notifier.start('RFC 3515 2.4.4: a REFER');
    }
    // Nobody who is asked and never answers may keep the other side waiting for ever.
    if (this.#isPending) this.#timers.set('consent', this.#services.settings.ringLimit, () => this.refuse());
  }

  /** `decided` hears once what our person said, or that nobody said anything in time. */
  onDecided(decided: (allowed: boolean) => void): void {
    this.#onDecided = decided;
  }

  /** Our person consents. */
  allow(): void {
    if (!this.isPending) return;
    this.#decide(true);
    for (const notifier of this.#notifiers) notifier.notify(); // RFC 6665 4.1.3: from pending to active
  }

  /** Our person does not want to be transferred: told in the subscription, for the REFER has had its 2xx (RFC 3515 2.4.5). */
  refuse(): void {
    if (!this.isPending) return;
    this.#decide(false);
    this.report({ status: 603, reason: 'Declined' });
  }

  /** Passes on how the referred call fares. After a final status nothing more is told. */
  report(frag: Sipfrag): void {
    if (!this.#isLive || this.#last.status >= 200) return;
    if (frag.status === this.#last.status && frag.reason === this.#last.reason) return;
    this.#last = frag;
    for (const notifier of [...this.#notifiers]) notifier.notify();
    if (frag.status < 200) return;
    if (this.request.events === 'explicit') {
      this.#timers.set('outcome', keepOutcomeFor, () => this.#end());
    } else if (this.#notifiers.size === 0) {
      this.#end();
    }
  }

  /** As many subscribe to it as may. */
  get isFull(): boolean {
    return this.#notifiers.size >= mostSubscribers;
  }

  /** A SUBSCRIBE where Refer-Events-At points; answered 200 already. */
  watch(dialog: Dialog, seconds: number, onEnded: () => void): ReferNotifier {
    const notifier = this.#subscribe(dialog, undefined, `${this.#name}, watched from ${dialog.callId}`, onEnded);
    notifier.start('RFC 7614 4.2: SUBSCRIBE to the events of a REFER', seconds);
    return notifier;
  }

  /** The subscription of this dialog with this Event id. */
  find(dialog: Dialog, id: string | undefined): ReferNotifier | undefined {
    return [...this.#notifiers].find((notifier) => notifier.dialog === dialog && notifier.matches(id));
  }

  /** Ends without a word: the dialog is gone. */
  abandon(why: string): void {
    for (const notifier of [...this.#notifiers]) notifier.abandon(why);
    this.#end();
  }

  #subscribe(dialog: Dialog, id: string | undefined, name: string, onEnded?: () => void): ReferNotifier {
    const news = (): ReferNews => ({ frag: this.#last, isPending: this.#isPending });
    const notifier: ReferNotifier = new ReferNotifier(this.#services, { dialog, id, name }, news, () => {
      this.#notifiers.delete(notifier);
      onEnded?.();
      // The implicit subscription is all that makes this a usage of its dialog; consent is asked for all the same.
      if (this.request.events === 'implicit' && !this.isPending) this.#end();
    });
    this.#notifiers.add(notifier);
    return notifier;
  }

  #decide(allowed: boolean): void {
    this.#isPending = false;
    this.#timers.clear('consent');
    this.#onDecided?.(allowed);
  }

  #end(): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    this.#timers.clearAll();
    this.#onEnded();
  }
}
