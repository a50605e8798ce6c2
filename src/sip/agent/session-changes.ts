import { describeError, type Milliseconds } from '../../core';
import type { Dialog, Identity } from '../dialog';
import { formatNameAddr, type SipRequest, type SipResponse } from '../message';
import type { HoldStyle, MediaNegotiation } from '../sdp';
import { giveUpAfter, type Hop, ProtocolTimers } from '../transaction';
import { credentialsOf } from './authorizer';
import { glareBackOff } from './back-off';
import { blame, blameSession } from './blame';
import type { DialogRequest } from './dialog-requests';
import { sdpBody } from './sdp-body';
import { type AgentServices, capabilityHeaders, sdpContentType } from './services';
import type { SessionTimer } from './session-timer';

type Headers = readonly (readonly [string, string])[];

export interface ChangeFailure {
  readonly status: number;
  readonly reason: string;
}

/** Something that we ask of the peer in the middle of a call, by re-INVITE or UPDATE, and whom to tell how it went. */
export interface SessionChange {
  /** Whether we hold the peer, where that changes. */
  readonly hold?: { readonly on: boolean; readonly style: HoldStyle };
  /** Who we are from now on, where that changes (RFC 4916). */
  readonly identity?: Identity;
  /** UPDATE where the peer takes it; INVITE unless given. Before the call is answered there is only UPDATE. */
  readonly method?: 'INVITE' | 'UPDATE';
  /** Called once: with undefined when the peer agreed, else with its status and reason; the call goes on as before. */
  readonly done: (failure: ChangeFailure | undefined) => void;
}

export interface SessionChangesUser {
  readonly transport: Hop['transport'];
  readonly timer: SessionTimer;
  /** Whether an INVITE of the peer is not finished yet: answered, say, but not acknowledged. */
  isBusy(): boolean;
  /** Whether the peer said that it takes UPDATE. */
  takesUpdate(): boolean;
  /** The peer agreed, and media may have changed. */
  onAgreed(response: SipResponse): void;
  /** The call itself is gone: 481, or no answer at all (RFC 5057, RFC 3261 section 12.2.1.2). */
  onCallGone(status: number): void;
}

/** How often a 491 or 500 with Retry-After is tried again before the change is given up. */
const maximumTries = 10;

/** A peer that asks for more patience than this has refused (RFC 3261 section 14.2 says up to 10 s). */
const longestRetryAfter = 30;

/** An UPDATE that got one of these may succeed as a re-INVITE (RFC 3311 section 5.2 for 504). */
const notByUpdate: ReadonlySet<number> = new Set([405, 501, 504]);

/** One try of a change: the request on its way, and how to take back what it set. */
interface Attempt {
  readonly change: SessionChange;
  readonly method: 'INVITE' | 'UPDATE';
  /** Our offer, in the body; undefined when nothing but the session timer or our identity is meant. */
  readonly offer: string | undefined;
  /** The request as sent last; undefined before. */
  sent: SipRequest | undefined;
  undo(): void;
}

/**
 * The changes that we make to one call, one at a time: hold, resume, refresh, a new identity; by re-INVITE or UPDATE, with
 * the back-off after glare (RFC 3261 section 14.1, RFC 3311 section 5.1).
 */
export class SessionChanges {
  readonly #services: AgentServices;
  readonly #dialog: Dialog;
  readonly #negotiation: MediaNegotiation;
  readonly #user: SessionChangesUser;
  readonly #timers: ProtocolTimers<'glare' | 'no answer'>;
  readonly #waiting: SessionChange[] = [];
  #current: SessionChange | undefined;
  /** Ours that has no final answer yet. */
  #attempt: Attempt | undefined;
  #request: DialogRequest | undefined;
  #isBackingOff = false;
  #tries = 0;
  /** The peer refused an UPDATE as such. */
  #updateFails = false;
  #stopped = false;
  #ack: { readonly ack: SipRequest; readonly hop: Hop; readonly sequence: number } | undefined;

  constructor(services: AgentServices, dialog: Dialog, negotiation: MediaNegotiation, user: SessionChangesUser) {
    this.#services = services;
    this.#dialog = dialog;
    this.#negotiation = negotiation;
    this.#user = user;
    this.#timers = new ProtocolTimers(services.clock, services.observer, `re-INVITE in ${dialog.callId}`);
  }

  /** Whether our INVITE or our offer is unanswered now: an INVITE of the peer then gets 491. */
  get blocksInvite(): boolean {
    return this.#attempt?.method === 'INVITE' || this.#attempt?.offer !== undefined;
  }

  change(change: SessionChange): void {
    if (this.#stopped) {
      change.done({ status: 481, reason: 'The call is over' });
      return;
    }
    this.#waiting.push(change);
    this.proceed();
  }

  /** The peer's INVITE is finished: what waited for that may go out. */
  proceed(): void {
    if (this.#stopped || this.#attempt !== undefined || this.#isBackingOff) return;
    if (this.#current === undefined) {
      this.#current = this.#waiting.shift();
      this.#tries = 0;
    }
    const change = this.#current;
    if (change === undefined) return;
    const isDone = this.#negotiation.localHold === change.hold?.on && this.#tries === 0;
    if (isDone) this.#finish(undefined);
    // RFC 3261 14.1, RFC 3264 4: one INVITE at a time in a dialog, and one offer.
    else if (!this.#user.isBusy() && this.#negotiation.offerPending === 'none') this.#send(change);
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

  #send(change: SessionChange): void {
    const attempt = this.#begin(change);
    const body = attempt.offer;
    const headers: Headers = [
      ...capabilityHeaders(this.#services.settings, this.#user.transport),
      ...this.#user.timer.requestHeaders(),
      ...this.#identityHeaders(change),
      ...(body === undefined ? [] : [['Content-Type', sdpContentType] as const]),
    ];
    this.#tries += 1;
    this.#attempt = attempt;
    this.#request = this.#services.requests.send({ dialog: this.#dialog, method: attempt.method, headers, body }, {
      onSent: (request) => {
        attempt.sent = request;
      },
      onResponse: (response) => {
        this.#onResponse(attempt, response);
      },
      onTimeout: () => {
        attempt.undo();
        this.#onGone({ status: 408, reason: 'No answer from the other side' });
      },
      onTransportError: (error) => {
        attempt.undo();
        this.#finish({ status: 503, reason: error.message });
      },
    });
  }

  /** Sets what the request will say, and remembers what was before. */
  #begin(change: SessionChange): Attempt {
    const negotiation = this.#negotiation;
    const { localHold, holdStyle } = negotiation;
    const before = this.#dialog.localIdentity;
    if (change.hold !== undefined) negotiation.localHold = change.hold.on;
    if (change.hold?.on === true) negotiation.holdStyle = change.hold.style;
    if (change.identity !== undefined) this.#dialog.localIdentity = change.identity;
    const isUpdate = this.#dialog.state === 'early' || (change.method === 'UPDATE' && !this.#updateFails && this.#user.takesUpdate());
    const offer = isUpdate && change.hold === undefined ? undefined : negotiation.createOffer();
    return {
      change,
      method: isUpdate ? 'UPDATE' : 'INVITE',
      offer,
      sent: undefined,
      undo: () => {
        this.#close();
        if (offer !== undefined) {
          negotiation.abandonOffer();
          negotiation.localHold = localHold;
          negotiation.holdStyle = holdStyle;
        }
        this.#dialog.localIdentity = before; // RFC 4916 4.4.3: refused, so the peer knows us as before
      },
    };
  }

  #close(): void {
    this.#attempt = undefined;
    this.#request = undefined;
    this.#timers.clear('no answer');
  }

  #identityHeaders({ identity }: SessionChange): Headers {
    return identity === undefined ? [] : [['P-Asserted-Identity', formatNameAddr(identity)]];
  }

  #onResponse(attempt: Attempt, response: SipResponse): void {
    if (attempt.sent === undefined) return;
    if (response.status < 200) {
      this.#limit(attempt);
    } else if (response.status < 300) {
      this.#onAgreed(attempt, attempt.sent, response);
    } else {
      attempt.undo();
      this.#onRefused(attempt, response);
    }
  }

  /** A provisional response ends the time limit of an INVITE; a peer that then says nothing is as good as gone. */
  #limit(attempt: Attempt): void {
    if (this.#stopped || attempt.method !== 'INVITE') return;
    this.#timers.set('no answer', this.#services.settings.ringLimit, () => {
      this.#request?.forgetAfter(0);
      attempt.undo();
      this.#onGone({ status: 408, reason: 'No answer from the other side' });
    });
  }

  #onAgreed(attempt: Attempt, request: SipRequest, response: SipResponse): void {
    const { sequence } = request.cseq;
    if (attempt.method === 'INVITE') {
      if (this.#ack?.sequence === sequence) {
        this.#services.transactions.resend(this.#ack.ack, this.#ack.hop); // RFC 3261 13.2.2.4, for re-INVITEs too
        return;
      }
      this.#acknowledge(request, response);
    }
    if (this.#stopped) return;
    this.#close();
    try {
      if (attempt.offer !== undefined) this.#negotiation.receiveAnswer(sdpBody(response) ?? '');
    } catch (error) {
      this.#services.reportProblem(blameSession(error, response));
      attempt.undo();
      this.#finish({ status: 488, reason: describeError(error) });
      return;
    }
    this.#user.timer.onAccepted(response);
    this.#user.onAgreed(response);
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

  #onRefused({ change, method }: Attempt, response: SipResponse): void {
    const { status, reason, retryAfter } = response;
    if (status === 491) {
      this.#backOff(change);
    } else if (status === 500 && retryAfter !== undefined && retryAfter <= longestRetryAfter) {
      this.#backOff(change, retryAfter * 1000); // RFC 3261 14.2, RFC 3311 5.2: the peer's own offer is not finished
    } else if (status === 422 && this.#user.timer.raise(response)) {
      this.proceed(); // RFC 4028 7.3: again, with a longer interval
    } else if (method === 'UPDATE' && notByUpdate.has(status) && this.#dialog.state === 'confirmed') {
      this.#updateFails ||= status !== 504;
      this.#current = { ...change, method: 'INVITE' };
      this.proceed();
    } else if (status === 481 || status === 408) {
      this.#onGone({ status, reason }); // RFC 3261 12.2.1.2
    } else {
      this.#finish({ status, reason }); // RFC 3261 14.1: the session stays as before the request
    }
  }

  /** The call is over first, so that nobody who is told of the failure acts on it as if it were up. */
  #onGone(failure: ChangeFailure): void {
    const change = this.#current;
    this.#current = undefined;
    this.#user.onCallGone(failure.status);
    change?.done(failure);
  }

  #backOff(change: SessionChange, delay?: Milliseconds): void {
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

  #finish(failure: ChangeFailure | undefined): void {
    const change = this.#current;
    if (change === undefined) return;
    this.#current = undefined;
    change.done(failure);
    this.proceed();
  }
}
