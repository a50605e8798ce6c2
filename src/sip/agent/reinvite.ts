import { type Milliseconds, randomInteger } from '../../core';
import type { Dialog } from '../dialog';
import type { SipRequest, SipResponse } from '../message';
import type { HoldStyle, MediaNegotiation } from '../sdp';
import { type Hop, ProtocolTimers } from '../transaction';
import { type AgentServices, capabilityHeaders, sdpContentType } from './services';

/** What a re-INVITE shall change, and whom to tell. */
export interface HoldChange {
  readonly hold: boolean;
  readonly style: HoldStyle;
  /** Called once: with undefined when the peer agreed, else with its status and reason; the call goes on as before. */
  readonly done: (failure: { readonly status: number; readonly reason: string } | undefined) => void;
}

export interface ReinviteUser {
  readonly transport: Hop['transport'];
  /** The peer agreed, and media may have changed. */
  onAgreed(): void;
  /** The call itself is gone: 481, or no answer at all (RFC 5057, RFC 3261 section 12.2.1.2). */
  onCallGone(status: number): void;
}

/** How often a 491 or 500 with Retry-After is tried again before the change is given up. */
const maximumTries = 10;

/**
 * The re-INVITEs that we send in one dialog, one at a time: hold and resume, with the back-off after glare (RFC 3261
 * section 14.1).
 */
export class Reinviter {
  readonly #services: AgentServices;
  readonly #dialog: Dialog;
  readonly #negotiation: MediaNegotiation;
  readonly #user: ReinviteUser;
  readonly #timers: ProtocolTimers<'glare'>;
  readonly #waiting: HoldChange[] = [];
  #current: HoldChange | undefined;
  #inFlight = false;
  #tries = 0;
  #stopped = false;
  #ack: { readonly ack: SipRequest; readonly hop: Hop; readonly sequence: number } | undefined;

  constructor(services: AgentServices, dialog: Dialog, negotiation: MediaNegotiation, user: ReinviteUser) {
    this.#services = services;
    this.#dialog = dialog;
    this.#negotiation = negotiation;
    this.#user = user;
    this.#timers = new ProtocolTimers(services.clock, services.observer, `re-INVITE in ${dialog.callId}`);
  }

  /** Whether our INVITE is unanswered now: an INVITE of the peer then gets 491. */
  get isInFlight(): boolean {
    return this.#inFlight;
  }

  change(change: HoldChange): void {
    this.#waiting.push(change);
    this.#startNext();
  }

  /** The call ended: whoever waits is told, and no timer stays. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timers.clearAll();
    const unfinished = this.#current === undefined ? this.#waiting : [this.#current, ...this.#waiting];
    this.#current = undefined;
    for (const { done } of unfinished.splice(0)) done({ status: 487, reason: 'The call ended meanwhile' });
  }

  #startNext(): void {
    if (this.#stopped || this.#current !== undefined) return;
    const change = this.#waiting.shift();
    if (change === undefined) return;
    this.#current = change;
    this.#tries = 0;
    if (this.#negotiation.localHold === change.hold) this.#finish(undefined);
    else this.#send(change);
  }

  #send(change: HoldChange): void {
    if (this.#negotiation.offerPending !== 'none') {
      this.#backOff(change, undefined); // RFC 3264 4: one offer at a time; the peer's is being answered
      return;
    }
    const before = { hold: this.#negotiation.localHold, style: this.#negotiation.holdStyle };
    this.#negotiation.localHold = change.hold;
    if (change.hold) this.#negotiation.holdStyle = change.style;
    const offer = this.#negotiation.createOffer();
    const fail = (status: number, reason: string): void => {
      this.#inFlight = false;
      this.#negotiation.abandonOffer();
      this.#negotiation.localHold = before.hold;
      this.#negotiation.holdStyle = before.style;
      this.#afterFailure(change, status, reason);
    };
    this.#inFlight = true;
    this.#tries += 1;
    let sequence = 0;
    const headers = [...capabilityHeaders(this.#services.settings, this.#user.transport)];
    this.#services.requestInDialog(this.#dialog, 'INVITE', [...headers, ['Content-Type', sdpContentType]], offer, {
      onSent: (number) => {
        sequence = number;
      },
      onResponse: (response) => {
        if (response.status < 200) return;
        if (response.status < 300) this.#onAgreed(change, sequence, response);
        else if (response.status === 491) {
          fail(491, response.reason);
        } else if (response.status === 500 && response.retryAfter !== undefined) {
          this.#inFlight = false;
          this.#negotiation.abandonOffer();
          this.#negotiation.localHold = before.hold;
          this.#backOff(change, response.retryAfter * 1000);
        } else fail(response.status, response.reason);
      },
      onTimeout: () => {
        fail(408, 'No answer from the other side');
      },
      onTransportError: (error) => {
        fail(503, error.message);
      },
    });
  }

  #onAgreed(change: HoldChange, sequence: number, response: SipResponse): void {
    if (this.#ack?.sequence === sequence) {
      this.#services.transactions.resend(this.#ack.ack, this.#ack.hop); // RFC 3261 13.2.2.4, for re-INVITEs too
      return;
    }
    this.#dialog.refreshTarget(response.contact);
    const { draft, hop } = this.#dialog.createAck(sequence, []);
    this.#ack = { ack: this.#services.transactions.acknowledge(draft, hop), hop, sequence };
    if (!this.#inFlight || this.#stopped) return;
    this.#inFlight = false;
    try {
      this.#negotiation.receiveAnswer(response.body);
    } catch (error) {
      this.#negotiation.abandonOffer();
      this.#negotiation.localHold = !change.hold;
      this.#finish({ status: 488, reason: error instanceof Error ? error.message : 'unusable answer' });
      return;
    }
    this.#user.onAgreed();
    this.#finish(undefined);
  }

  #afterFailure(change: HoldChange, status: number, reason: string): void {
    if (this.#stopped) return;
    if (status === 491) {
      this.#backOff(change, undefined);
    } else if (status === 481 || status === 408) {
      this.#finish({ status, reason });
      this.#user.onCallGone(status); // RFC 3261 12.2.1.2
    } else {
      this.#finish({ status, reason }); // RFC 3261 14.1: the session stays as before the request
    }
  }

  /** RFC 3261 section 14.1: the owner of the Call-ID waits 2.1-4 s, the other side 0-2 s, in steps of 10 ms. */
  #backOff(change: HoldChange, delay: Milliseconds | undefined): void {
    if (this.#tries >= maximumTries) {
      this.#finish({ status: 491, reason: 'The other side keeps changing the call at the same time' });
      return;
    }
    const drawn = this.#dialog.isCaller
      ? 2_100 + 10 * randomInteger(this.#services.random, 191)
      : 10 * randomInteger(this.#services.random, 201);
    this.#timers.set('glare', delay ?? drawn, () => {
      if (!this.#stopped && this.#current === change) this.#send(change);
    });
  }

  #finish(failure: { readonly status: number; readonly reason: string } | undefined): void {
    const { done } = this.#current ?? { done: () => undefined };
    this.#current = undefined;
    done(failure);
    this.#startNext();
  }
}
