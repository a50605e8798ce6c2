import { describeError, type Milliseconds } from '../../core';
import type { Dialog } from '../dialog';
import type { SipRequest, SipResponse } from '../message';
import type { HoldStyle, MediaNegotiation } from '../sdp';
import { giveUpAfter, type Hop, ProtocolTimers } from '../transaction';
import { credentialsOf } from './authorizer';
import { glareBackOff } from './back-off';
import type { DialogRequest } from './dialog-requests';
import { blame, blameSession } from './blame';
import { sdpBody } from './sdp-body';
import { type AgentServices, capabilityHeaders, sdpContentType } from './services';

interface Failure {
  readonly status: number;
  readonly reason: string;
}

/** What a re-INVITE shall change, and whom to tell. */
export interface HoldChange {
  readonly hold: boolean;
  readonly style: HoldStyle;
  /** Called once: with undefined when the peer agreed, else with its status and reason; the call goes on as before. */
  readonly done: (failure: Failure | undefined) => void;
}

export interface ReinviteUser {
  readonly transport: Hop['transport'];
  /** Whether an INVITE of the peer is not finished yet: answered, say, but not acknowledged. */
  isBusy(): boolean;
  /** The peer agreed, and media may have changed. */
  onAgreed(): void;
  /** The call itself is gone: 481, or no answer at all (RFC 5057, RFC 3261 section 12.2.1.2). */
  onCallGone(status: number): void;
}

/** How often a 491 or 500 with Retry-After is tried again before the change is given up. */
const maximumTries = 10;

/** A peer that asks for more patience than this has refused (RFC 3261 section 14.2 says up to 10 s). */
const longestRetryAfter = 30;

/**
 * The re-INVITEs that we send in one dialog, one at a time: hold and resume, with the back-off after glare (RFC 3261
 * section 14.1).
 */
export class Reinviter {
  readonly #services: AgentServices;
  readonly #dialog: Dialog;
  readonly #negotiation: MediaNegotiation;
  readonly #user: ReinviteUser;
  readonly #timers: ProtocolTimers<'glare' | 'no answer'>;
  readonly #waiting: HoldChange[] = [];
  #current: HoldChange | undefined;
  /** Ours that has no final answer yet. */
  #request: DialogRequest | undefined;
  #isBackingOff = false;
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
    return this.#request !== undefined;
  }

  change(change: HoldChange): void {
    if (this.#stopped) {
      change.done({ status: 481, reason: 'The call is over' });
      return;
    }
    this.#waiting.push(change);
    this.proceed();
  }

  /** The peer's INVITE is finished: what waited for that may go out. */
  proceed(): void {
    if (this.#stopped || this.isInFlight || this.#isBackingOff) return;
    if (this.#current === undefined) {
      this.#current = this.#waiting.shift();
      this.#tries = 0;
    }
    if (this.#current === undefined) return;
    if (this.#negotiation.localHold === this.#current.hold && this.#tries === 0) this.#finish(undefined);
    // RFC 3261 14.1, RFC 3264 4: one INVITE at a time in a dialog, and one offer.
    else if (!this.#user.isBusy() && this.#negotiation.offerPending === 'none') this.#send(this.#current);
  }

  /** The call ended: whoever waits is told, and no timer stays. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timers.clearAll();
    // Whoever hung up owes our INVITE a 487 or its late 2xx, but nothing makes him pay (RFC 3261 17.1.1.2).
    this.#request?.forgetAfter(giveUpAfter(this.#services.timers));
    const unfinished = this.#current === undefined ? this.#waiting : [this.#current, ...this.#waiting];
    this.#current = undefined;
    for (const { done } of unfinished.splice(0)) done({ status: 487, reason: 'The call ended meanwhile' });
  }

  #send(change: HoldChange): void {
    const negotiation = this.#negotiation;
    const before = { hold: negotiation.localHold, style: negotiation.holdStyle };
    const undo = (): void => {
      this.#request = undefined;
      this.#timers.clear('no answer');
      negotiation.abandonOffer();
      negotiation.localHold = before.hold;
      negotiation.holdStyle = before.style;
    };
    negotiation.localHold = change.hold;
    if (change.hold) negotiation.holdStyle = change.style;
    const offer = negotiation.createOffer();
    this.#tries += 1;
    let sent: SipRequest | undefined;
    const headers = [...capabilityHeaders(this.#services.settings, this.#user.transport), ['Content-Type', sdpContentType]] as const;
    const request = { dialog: this.#dialog, method: 'INVITE', headers, body: offer };
    this.#request = this.#services.requests.send(request, {
      onSent: (invite) => {
        sent = invite;
      },
      onResponse: (response) => {
        if (sent === undefined) return;
        if (response.status < 200) {
          this.#limit(undo);
        } else if (response.status < 300) {
          this.#onAgreed(sent, response, undo);
        } else {
          undo();
          this.#onRefused(change, response);
        }
      },
      onTimeout: () => {
        undo();
        this.#onGone({ status: 408, reason: 'No answer from the other side' });
      },
      onTransportError: (error) => {
        undo();
        this.#finish({ status: 503, reason: error.message });
      },
    });
  }

  /** A provisional response ends the time limit of the transaction; a peer that then says nothing is as good as gone. */
  #limit(undo: () => void): void {
    if (this.#stopped) return;
    this.#timers.set('no answer', this.#services.settings.ringLimit, () => {
      this.#request?.forgetAfter(0);
      undo();
      this.#onGone({ status: 408, reason: 'No answer from the other side' });
    });
  }

  #onAgreed(invite: SipRequest, response: SipResponse, undo: () => void): void {
    const { sequence } = invite.cseq;
    if (this.#ack?.sequence === sequence) {
      this.#services.transactions.resend(this.#ack.ack, this.#ack.hop); // RFC 3261 13.2.2.4, for re-INVITEs too
      return;
    }
    this.#acknowledge(invite, response);
    if (this.#stopped) return;
    this.#request = undefined;
    this.#timers.clear('no answer');
    try {
      this.#negotiation.receiveAnswer(sdpBody(response) ?? '');
    } catch (error) {
      this.#services.reportProblem(blameSession(error, response));
      undo();
      this.#finish({ status: 488, reason: describeError(error) });
      return;
    }
    this.#user.onAgreed();
    this.#finish(undefined);
  }

  #acknowledge(invite: SipRequest, response: SipResponse): void {
    const { sequence } = invite.cseq;
    try {
      const { draft, hop } = this.#dialog.createAck(sequence, credentialsOf(invite));
      const ack = this.#services.transactions.acknowledge(draft, hop, () => {
        // The 2xx will come again, and the peer gives up when no ACK ever does.
      });
      this.#ack = { ack, hop, sequence };
    } catch (error) {
      // The new Contact is nothing that can be sent to.
      this.#services.reportProblem(blame('CL2002', describeError(error), response, 'contact'));
    }
  }

  #onRefused(change: HoldChange, { status, reason, retryAfter }: SipResponse): void {
    if (status === 491) {
      this.#backOff(change);
    } else if (status === 500 && retryAfter !== undefined && retryAfter <= longestRetryAfter) {
      this.#backOff(change, retryAfter * 1000); // RFC 3261 14.2: the peer's own INVITE is not finished
    } else if (status === 481 || status === 408) {
      this.#onGone({ status, reason }); // RFC 3261 12.2.1.2
    } else {
      this.#finish({ status, reason }); // RFC 3261 14.1: the session stays as before the request
    }
  }

  /** The call is over first, so that nobody who is told of the failure acts on it as if it were up. */
  #onGone(failure: Failure): void {
    const change = this.#current;
    this.#current = undefined;
    this.#user.onCallGone(failure.status);
    change?.done(failure);
  }

  #backOff(change: HoldChange, delay?: Milliseconds): void {
    if (this.#stopped) return;
    if (this.#tries >= maximumTries) {
      this.#finish({ status: 491, reason: 'The other side keeps changing the call at the same time' });
      return;
    }
    this.#isBackingOff = true;
    this.#timers.set('glare', delay ?? glareBackOff(this.#services.random, this.#dialog.isCaller), () => {
      this.#isBackingOff = false;
      if (this.#current === change) this.proceed();
    });
  }

  #finish(failure: Failure | undefined): void {
    const change = this.#current;
    if (change === undefined) return;
    this.#current = undefined;
    change.done(failure);
    this.proceed();
  }
}
