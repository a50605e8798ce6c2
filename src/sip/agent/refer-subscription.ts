import type { Milliseconds } from '../../core';
import type { Dialog } from '../dialog';
import { respond, type SipRequest, type SipResponse, type SubscriptionState } from '../message';
import { renewalDelay } from '../subscription';
import { giveUpAfter, ProtocolTimers, type ServerTransaction } from '../transaction';
import { glareBackOff } from './back-off';
import { type AgentServices, longestWait } from './services';
import { parseSipfrag, type Sipfrag } from './sipfrag';

/** Hears what becomes of a REFER that we sent. One of `onRefused` and `onFinal` comes, once, and it is the last. */
export interface ReferUser {
  onAccepted?(): void;
  /** A provisional sipfrag: the target rings, say. */
  onProgress?(frag: Sipfrag): void;
  /** The final sipfrag; undefined when the subscription ended without one: the outcome is unknown. */
  onFinal(frag: Sipfrag | undefined): void;
  onRefused(status: number, reason: string): void;
}

type State = 'referring' | 'waiting' | 'active' | 'ended';

/** Seconds asked for with a SUBSCRIBE that prolongs the subscription, and assumed where a NOTIFY names none. */
const lifetime = 180;

/** A peer that is busy with something else in the dialog (491, or 500 with Retry-After) is asked this often. */
const maximumTries = 4;
const longestRetryAfter = 10;

/**
 * The transferor's side of one REFER: the request and its implicit subscription (RFC 3515 section 2.4, RFC 6665). It
 * lives in the dialog of the REFER and outlives that dialog's call.
 */
export class ReferSubscription {
  readonly #services: AgentServices;
  readonly #dialog: Dialog;
  readonly #referTo: string;
  readonly #user: ReferUser;
  readonly #timers: ProtocolTimers<'N' | 'expires' | 'renew' | 'retry'>;
  readonly #name: string;
  readonly #onEnded: () => void;
  #state: State = 'referring';
  /** The CSeq of the REFER that was accepted names the subscription (RFC 3515 section 2.4.6). */
  #id: number | undefined;
  #tries = 0;
  #isWaitingToRetry = false;
  #callEnded = false;
  #polled = false;
  #renewAt = Number.POSITIVE_INFINITY;
  /** A second NOTIFY path never reopens what one has told. */
  #told = false;

  /** `refer` says in which dialog, with which Refer-To, and under which name it is known; `onEnded` is called once. */
  constructor(
    services: AgentServices,
    refer: { readonly dialog: Dialog; readonly referTo: string; readonly name: string },
    user: ReferUser,
    onEnded: () => void,
  ) {
    this.#services = services;
    this.#dialog = refer.dialog;
    this.#referTo = refer.referTo;
    this.#user = user;
    this.#name = refer.name;
    this.#onEnded = onEnded;
    this.#timers = new ProtocolTimers(services.clock, services.observer, refer.name);
  }

  get isLive(): boolean {
    return this.#state !== 'ended';
  }

  get id(): number | undefined {
    return this.#id;
  }

  start(): void {
    const { settings } = this.#services;
    const headers: [string, string][] = [
      ['Contact', `<${settings.contactUri(this.#dialog.transport)}>`],
      ['Refer-To', this.#referTo],
      ['Referred-By', `<${settings.uri}>`],
    ];
    this.#tries += 1;
    this.#services.requests.send({ dialog: this.#dialog, method: 'REFER', headers, body: undefined }, {
      onSent: (refer) => {
        this.#id = refer.cseq.sequence;
      },
      onResponse: (response) => {
        if (response.status >= 300) this.#onRefused(response);
        else if (response.status >= 200) this.#onAccepted();
      },
      onTimeout: () => {
        // The peer may have acted on it all the same (reference 9.3); a NOTIFY proves that it has.
        if (this.#state === 'active') this.#onAccepted();
        else this.#refused(408, 'No answer to the REFER');
      },
      onTransportError: (error) => {
        this.#refused(503, error.message);
      },
    });
  }

  /** Whether a NOTIFY with this Event id belongs here; without one it does, if we are the only live one. */
  matches(id: string | undefined, isOnly: boolean): boolean {
    if (!this.isLive) return false;
    return id === undefined ? isOnly : id === String(this.#id);
  }

  /** A NOTIFY, which may come before the 2xx to the REFER (RFC 6665 section 4.1.2.4). */
  receive(notify: SipRequest, transaction: ServerTransaction): void {
    const state = notify.subscriptionState;
    const { source } = transaction;
    if (state === undefined) {
      transaction.respond(respond(notify, 400, { source, reason: 'Missing Subscription-State' })); // RFC 6665 8.2.1
      return;
    }
    transaction.respond(respond(notify, 200, { source }));
    this.#dialog.refreshTarget(notify.contact); // RFC 6665 4.4.1
    this.#timers.clear('N');
    this.#move('active', 'RFC 6665 4.1.2.4: a NOTIFY');
    const frag = parseSipfrag(notify.body);
    const isOver = state.state === 'terminated';
    if (frag !== undefined && frag.status >= 200) this.#final(frag);
    else if (frag !== undefined && !isOver && !this.#told) this.#user.onProgress?.(frag);
    if (!isOver) {
      this.#expireAfter(state);
      return;
    }
    // A terminated subscription with a provisional body, or none, means "no more news", not failure (reference 9.4).
    this.#final(undefined);
    this.#end('RFC 6665 4.1.3: the notifier ended it');
  }

  /** The call of the dialog ended. What was accepted lives on; what waits for a second try does not. */
  onCallEnded(): void {
    this.#callEnded = true;
    if (this.#isWaitingToRetry) this.#refused(487, 'The call ended meanwhile');
    // Many notifiers forget it with the call (reference 3.5); after a while of silence it is worth asking.
    else if (this.#state === 'active' && !this.#told) this.#renewIn(this.#patience);
  }

  /** How long a silence is taken without asking once the call of the dialog is over. */
  get #patience(): Milliseconds {
    return this.#callEnded ? giveUpAfter(this.#services.timers) : Number.POSITIVE_INFINITY;
  }

  /** Forgets it: the dialog is gone. */
  abandon(why: string): void {
    if (!this.isLive) return;
    this.#final(undefined);
    this.#end(why);
  }

  #onAccepted(): void {
    if (!this.isLive) return;
    if (this.#state === 'referring') {
      this.#move('waiting', 'RFC 3515 2.4.4: the REFER was accepted');
      this.#awaitNotify();
    }
    if (!this.#told) this.#user.onAccepted?.();
  }

  #onRefused({ status, reason, retryAfter }: SipResponse): void {
    // Reference 9.3: as for a re-INVITE (RFC 3261 14.1), but never after the call has ended.
    const isBusy = status === 491 || (status === 500 && retryAfter !== undefined && retryAfter <= longestRetryAfter);
    if (!isBusy || this.#tries >= maximumTries || this.#state !== 'referring' || this.#callEnded) {
      this.#refused(status, reason);
      return;
    }
    const delay = status === 500 && retryAfter !== undefined ? retryAfter * 1000 : glareBackOff(this.#services.random, this.#dialog.isCaller);
    this.#isWaitingToRetry = true;
    this.#timers.set('retry', delay, () => {
      this.#isWaitingToRetry = false;
      this.start();
    });
  }

  /** RFC 6665 section 4.1.2.4, for the implicit subscription too: the first NOTIFY must come within 64*T1. */
  #awaitNotify(): void {
    this.#timers.set('N', giveUpAfter(this.#services.timers), () => {
      if (this.#polled) this.#giveUp('RFC 6665 4.1.2.4: timer N, no NOTIFY came');
      else this.#poll();
    });
  }

  /** No NOTIFY came: perhaps they got lost. Asks once how things stand (reference 13, 15.4). */
  #poll(): void {
    this.#polled = true;
    this.#subscribe({
      onAccepted: () => {
        if (this.#state === 'waiting') this.#awaitNotify();
      },
      onRefused: () => {
        if (this.#state === 'waiting') this.#giveUp('RFC 6665 4.1.2.1: timer N, and no answer to the question how it stands');
      },
    });
  }

  #expireAfter({ expires = lifetime }: SubscriptionState): void {
    // Once the outcome is known only the formal end is waited for.
    const life = Math.min(expires * 1000, this.#told ? giveUpAfter(this.#services.timers) : longestWait);
    this.#timers.set('expires', life, () => {
      this.#giveUp('RFC 6665 4.1.2: it expired');
    });
    this.#renewAt = Number.POSITIVE_INFINITY;
    if (!this.#told) this.#renewIn(Math.min(this.#patience, renewalDelay(life)));
  }

  /** Prolongs the subscription in `delay`, unless that is to happen sooner anyway. */
  #renewIn(delay: Milliseconds): void {
    const at = this.#services.clock.now() + delay;
    if (at >= this.#renewAt) return;
    this.#renewAt = at;
    this.#timers.set('renew', delay, () => {
      this.#subscribe({
        onAccepted: (granted) => {
          if (this.#state === 'active') this.#expireAfter({ state: 'active', expires: granted ?? lifetime });
        },
        onRefused: (status) => {
          // RFC 6665 4.1.2.2: the notifier has forgotten it. Any other refusal leaves what is left of its life, for which
          // nobody waits when the call is over.
          if (status === 481 || this.#callEnded) this.#giveUp('RFC 6665 4.1.2.2: the notifier no longer knows it');
        },
      });
    });
  }

  /** Prolongs the subscription, or asks for its state: RFC 6665 section 4.1.2.2. */
  #subscribe(user: { onAccepted(expires: number | undefined): void; onRefused(status: number): void }): void {
    const headers: [string, string][] = [
      ['Contact', `<${this.#services.settings.contactUri(this.#dialog.transport)}>`],
      ['Event', `refer;id=${String(this.#id)}`],
      ['Expires', String(lifetime)],
      ['Accept', 'message/sipfrag'],
    ];
    this.#services.requests.send({ dialog: this.#dialog, method: 'SUBSCRIBE', headers, body: undefined }, {
      onResponse: (response) => {
        if (response.status >= 300) user.onRefused(response.status);
        else if (response.status >= 200) user.onAccepted(response.expires);
      },
      onTimeout: () => {
        user.onRefused(408);
      },
      onTransportError: () => {
        user.onRefused(503);
      },
    });
  }

  #giveUp(why: string): void {
    this.#final(undefined);
    this.#end(why);
  }

  #refused(status: number, reason: string): void {
    if (!this.isLive) return;
    const isNews = !this.#told;
    this.#told = true;
    this.#end(`RFC 3515 2.4.2: refused with ${String(status)}`);
    if (isNews) this.#user.onRefused(status, reason);
  }

  #final(frag: Sipfrag | undefined): void {
    if (this.#told) return;
    this.#told = true;
    this.#timers.clear('renew');
    this.#user.onFinal(frag);
  }

  #end(why: string): void {
    if (!this.isLive) return;
    this.#timers.clearAll();
    this.#move('ended', why);
    this.#onEnded();
  }

  #move(to: State, why: string): void {
    if (this.#state === to) return;
    const from = this.#state;
    this.#state = to;
    this.#services.observer.stateChanged('subscription', this.#name, from, to, why);
  }
}
