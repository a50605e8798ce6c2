import type { Dialog } from '../dialog';
import { type NameAddr, respond, type Replaces, type SipRequest, type SipUri } from '../message';
import { type Notification, NotifyPump } from '../subscription';
import { ProtocolTimers, type ServerTransaction } from '../transaction';
import type { AgentServices } from './services';
import { formatSipfrag, type Sipfrag, sipfragContentType } from './sipfrag';

/** Seconds of life that each NOTIFY grants: longer than a call may ring, so that no subscription starves meanwhile. */
const subscriptionSeconds = 300;

/** What a REFER asks for, checked. */
export interface ReferRequest {
  readonly target: SipUri;
  readonly replaces: Replaces | undefined;
  readonly referredBy: NameAddr | undefined;
}

/**
 * The transferee's side of one REFER: it tells the transferor how the referred call fares. One NOTIFY at a time;
 * provisional news that newer news overtakes is dropped, the final one never (reference 9.4). A NOTIFY that fails ends
 * the subscription and nothing else: the referred call goes on.
 */
export class Referral {
  readonly request: ReferRequest;
  readonly #services: AgentServices;
  readonly #dialog: Dialog;
  readonly #id: number;
  readonly #timers: ProtocolTimers<'expires'>;
  readonly #name: string;
  readonly #onEnded: () => void;
  readonly #pump: NotifyPump;
  #live = true;
  #last: Sipfrag = { status: 100, reason: 'Trying' };
  /** Unsubscribed, or expired: the next NOTIFY is the last, whatever it tells. */
  #isTimedOut = false;
  #expiresAt: number;

  constructor(services: AgentServices, dialog: Dialog, refer: SipRequest, request: ReferRequest, onEnded: () => void) {
    this.#services = services;
    this.#dialog = dialog;
    this.#id = refer.cseq.sequence;
    this.#name = `refer ${String(this.#id)} in ${dialog.callId}`;
    this.request = request;
    this.#onEnded = onEnded;
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.#name);
    this.#expiresAt = services.clock.now() + 1000 * subscriptionSeconds;
    this.#pump = new NotifyPump(services, dialog, this.#name, {
      compose: () => this.#compose(),
      onEnded: (why) => {
        this.#end(why);
      },
    });
  }

  get isLive(): boolean {
    return this.#live;
  }

  /** Accepts the REFER: 202, then at once the first NOTIFY (RFC 3515 section 2.4.4). */
  accept(transaction: ServerTransaction): void {
    const contact = `<${this.#services.settings.contactUri(transaction.source.transport)}>`;
    transaction.respond(
      respond(transaction.request, 202, { source: transaction.source, headers: [['Contact', contact]] }),
    );
    this.#services.observer.stateChanged('subscription', this.#name, 'none', 'active', 'RFC 3515 2.4.4: a REFER');
    this.#grant(subscriptionSeconds);
    this.#pump.push();
  }

  /** Passes on how the referred call fares. After a final status nothing more is sent. */
  report(frag: Sipfrag): void {
    if (!this.#live || this.#last.status >= 200) return;
    this.#last = frag;
    this.#pump.push();
  }

  /** The transferor asks for the state again, or unsubscribes with zero seconds (RFC 6665 section 4.2.1). */
  refresh(subscribe: SipRequest, transaction: ServerTransaction): void {
    const seconds = Math.min(subscribe.expires ?? subscriptionSeconds, subscriptionSeconds);
    const headers: [string, string][] = [
      ['Expires', String(seconds)],
      ['Contact', `<${this.#services.settings.contactUri(transaction.source.transport)}>`],
    ];
    transaction.respond(respond(subscribe, 200, { source: transaction.source, headers }));
    this.#grant(seconds);
    this.#pump.push(); // RFC 6665 4.2.1.2: each SUBSCRIBE gets a NOTIFY with the state as it is
  }

  matches(id: string | undefined): boolean {
    return this.#live && (id === undefined || id === String(this.#id));
  }

  /** Ends without a word: the dialog is gone. */
  abandon(why: string): void {
    this.#end(why);
  }

  #grant(seconds: number): void {
    this.#isTimedOut ||= seconds === 0;
    if (this.#isTimedOut) return;
    this.#expiresAt = this.#services.clock.now() + 1000 * seconds;
    this.#timers.set('expires', 1000 * seconds, () => {
      this.#isTimedOut = true;
      this.#pump.push();
    });
  }

  #compose(): Notification {
    const isFinal = this.#last.status >= 200;
    const isOver = isFinal || this.#isTimedOut;
    const secondsLeft = Math.max(1, Math.round((this.#expiresAt - this.#services.clock.now()) / 1000));
    const state = isOver
      ? `terminated;reason=${isFinal ? 'noresource' : 'timeout'}`
      : `active;expires=${String(secondsLeft)}`;
    const headers: [string, string][] = [
      ['Contact', `<${this.#services.settings.contactUri(this.#dialog.transport)}>`],
      ['Event', `refer;id=${String(this.#id)}`],
      ['Subscription-State', state],
      ['Content-Type', sipfragContentType],
    ];
    return { headers, body: formatSipfrag(this.#last), isLast: isOver };
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
