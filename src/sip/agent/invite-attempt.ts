import { describeError, randomToken } from '../../core';
import { Dialog, routeRequest } from '../dialog';
import { parseUri, type SipRequest, type SipResponse, type SipUri } from '../message';
import { type ClientTransaction, giveUpAfter, type Hop, ProtocolTimers, type RequestDraft } from '../transaction';
import { credentialsOf, mostChallenges } from './authorizer';
import { Redirections } from './redirections';
import { type AgentServices, capabilityHeaders, sdpContentType } from './services';
import type { SessionTimer } from './session-timer';

/** An INVITE to be sent: whom to, and what it says besides the usual. */
export interface Invitation {
  readonly target: SipUri;
  /** Where to send it if not to the address in `target`: an outbound proxy, or the flow of a known dialog. */
  readonly hop?: Hop;
  /** Replaces, Referred-By and the like. */
  readonly headers: readonly (readonly [string, string])[];
  /** The SDP offer. */
  readonly offer: string;
}

export interface InviteFailure {
  readonly status: number;
  readonly reason: string;
  /** The response that decided, or undefined when none came (408, 503) or we gave up ourselves (487). */
  readonly response: SipResponse | undefined;
}

export interface InviteAttemptUser {
  /** A provisional response; with the early dialog it made or belongs to, when it had a To tag. */
  onProgress(response: SipResponse, dialog: Dialog | undefined): void;
  /** The first 2xx. The ACK is sent already. */
  onAnswer(response: SipResponse, dialog: Dialog): void;
  /** The ACK to the first 2xx cannot be sent: nobody is reached at the Contact of the other side. */
  onUnreachable(error: Error, response: SipResponse): void;
  onFailure(failure: InviteFailure): void;
  /** A 2xx of another branch of a fork, or one that crossed our CANCEL: acknowledged here, to be hung up by the user. */
  onUnwanted(dialog: Dialog): void;
}

type AttemptTimer = 'ring limit' | 'cancel' | 'unsendable' | 'other branches';

/**
 * One attempt to call somebody: an initial INVITE with all that may become of it before a dialog is confirmed: forks,
 * challenges, redirections, CANCEL and its races. RFC 3261 sections 8.1.3, 9.1, 13.2.
 */
export class InviteAttempt {
  readonly callId: string;
  readonly localTag: string;
  readonly #services: AgentServices;
  readonly #invitation: Invitation;
  readonly #sessionTimer: SessionTimer;
  readonly #user: InviteAttemptUser;
  readonly #timers: ProtocolTimers<AttemptTimer>;
  /** One early dialog for each To tag (RFC 3261 section 13.2.2.1). */
  readonly #early = new Map<string, Dialog>();
  readonly #acks = new Map<string, { readonly ack: SipRequest; readonly hop: Hop }>();
  readonly #redirections: Redirections;
  /** The proxy that a 305 named. */
  #route: string | undefined;
  #sequence = 0;
  #challenges = 0;
  #redirectedTo: SipUri | undefined;
  #transaction: ClientTransaction | undefined;
  #provisional = false;
  #cancelWanted: { readonly reason: string | undefined; readonly evenIfAnswered: boolean } | undefined;
  #cancelSent = false;
  #answered = false;
  #over = false;
  #best: InviteFailure | undefined;

  constructor(services: AgentServices, invitation: Invitation, timer: SessionTimer, user: InviteAttemptUser) {
    this.#services = services;
    this.#sessionTimer = timer;
    this.#invitation = invitation;
    this.#user = user;
    this.#redirections = new Redirections(services, invitation.target);
    this.callId = `${randomToken(services.random, 96)}@${parseUri(services.settings.uri).host}`;
    this.localTag = randomToken(services.random, 64);
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.callId);
  }

  /** Neither answered nor refused nor given up: something may still come. */
  get isOpen(): boolean {
    return !this.#over && !this.#answered;
  }

  /** Whom a redirection has led to; undefined while the call is where it was sent first. */
  get redirectedTo(): SipUri | undefined {
    return this.#redirectedTo;
  }

  /** Its person hung up: no answer is wanted any more. */
  get isGivenUp(): boolean {
    return this.#cancelWanted?.evenIfAnswered === true;
  }

  start(): void {
    this.#timers.set('ring limit', this.#services.settings.ringLimit, () => {
      // Who answers just now is welcome all the same.
      this.#cancel({ reason: 'SIP;cause=487;text="No answer"', evenIfAnswered: false });
    });
    this.#invite(this.#invitation.target, []);
  }

  /**
   * Gives up. CANCEL waits for the first provisional response (RFC 3261 section 9.1); when the answer comes first, it
   * is acknowledged and hung up.
   */
  cancel(reason?: string): void {
    this.#cancel({ reason, evenIfAnswered: true });
  }

  /** Gives up as well, but an answer that comes first is taken. */
  withdraw(): void {
    this.#cancel({ reason: undefined, evenIfAnswered: false });
  }

  /** The call is over: what is left of its branches is of no use to anybody. */
  close(): void {
    this.#timers.clear('other branches');
  }

  /** Forgets everything at once: the lab is stopping. */
  abandon(): void {
    this.#over = true;
    this.#timers.clearAll();
  }

  #cancel(wanted: { readonly reason: string | undefined; readonly evenIfAnswered: boolean }): void {
    if (this.#over || this.#answered) return;
    const isFirst = this.#cancelWanted === undefined;
    if (isFirst || wanted.evenIfAnswered) this.#cancelWanted = wanted;
    if (isFirst && this.#provisional) this.#sendCancel();
  }

  #invite(target: SipUri, credentials: readonly (readonly [string, string])[]): void {
    try {
      this.#send(target, credentials);
    } catch (error) {
      // A target, or a header of a redirection, that cannot be written into a request. Told later, as any failure to send.
      this.#timers.set('unsendable', 0, () => {
        this.#onFailed({ status: 503, reason: describeError(error), response: undefined });
      });
    }
  }

  #send(target: SipUri, credentials: readonly (readonly [string, string])[]): void {
    const { settings, transactions } = this.#services;
    const flow = this.#invitation.hop;
    const routed = routeRequest(target, flow === undefined ? (this.#route === undefined ? (settings.routes?.() ?? []) : [this.#route]) : []);
    const hop = flow ?? routed.hop;
    this.#sequence += 1;
    this.#provisional = false;
    const name = settings.displayName === '' ? '' : `"${settings.displayName.replace(/["\\]/gu, '\\$&')}" `;
    const draft: RequestDraft = {
      method: 'INVITE',
      uri: routed.uri,
      headers: [
        ['Max-Forwards', '70'],
        ...routed.routes.map((route) => ['Route', route] as const),
        ['From', `${name}<${settings.uri}>;tag=${this.localTag}`],
        // RFC 3261 8.1.3.4: To stays what the person dialled, however often the call is redirected.
        ['To', `<${this.#invitation.target.toString()}>`],
        ['Call-ID', this.callId],
        ['CSeq', `${String(this.#sequence)} INVITE`],
        ...capabilityHeaders(settings, hop.transport),
        ...(settings.reliable === 'required' ? [['Require', '100rel'] as const] : []),
        ...this.#sessionTimer.requestHeaders(),
        ...this.#invitation.headers,
        ...this.#redirections.headers,
        ...credentials,
        ['Content-Type', sdpContentType],
      ],
      body: this.#invitation.offer,
    };
    const transaction = transactions.request(draft, hop, {
      onResponse: (response) => {
        this.#onResponse(transaction, target, response);
      },
      onTimeout: () => {
        this.#onFailed({ status: 408, reason: 'No answer from the other side', response: undefined });
      },
      onTransportError: (error) => {
        this.#onFailed({ status: 503, reason: error.message, response: undefined });
      },
    });
    this.#transaction = transaction;
  }

  #onResponse(transaction: ClientTransaction, target: SipUri, response: SipResponse): void {
    if (response.status < 200) this.#onProvisional(response);
    else if (response.status < 300) this.#onAccepted(transaction, response);
    else this.#onRefused(transaction, target, response);
  }

  #onProvisional(response: SipResponse): void {
    if (this.#over) return;
    this.#provisional = true;
    if (this.#cancelWanted !== undefined) {
      this.#sendCancel(); // RFC 3261 9.1: now it may go
      return;
    }
    const dialog = response.status > 100 && response.toTag !== undefined ? this.#earlyDialog(response) : undefined;
    this.#user.onProgress(response, dialog);
  }

  #earlyDialog(response: SipResponse): Dialog {
    const tag = response.toTag ?? '';
    const known = this.#early.get(tag);
    if (known !== undefined) return known;
    const dialog = this.#newDialog(response);
    this.#early.set(tag, dialog);
    return dialog;
  }

  #newDialog(response: SipResponse): Dialog {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new Error('a response without a request');
    return Dialog.asCaller(transaction.request, response, transaction.hop.transport);
  }

  #onAccepted(transaction: ClientTransaction, response: SipResponse): void {
    const tag = response.toTag ?? '';
    const acknowledged = this.#acks.get(tag);
    if (acknowledged !== undefined) {
      // RFC 3261 13.2.2.4: each repeated 2xx gets the same ACK again.
      this.#services.transactions.resend(acknowledged.ack, acknowledged.hop);
      return;
    }
    const dialog = this.#early.get(tag) ?? this.#newDialog(response);
    dialog.confirm(response);
    const isWanted = !this.#answered && !this.#over && !this.isGivenUp;
    if (isWanted) {
      this.#answered = true;
      this.#timers.clearAll();
      // RFC 3261 13.2.2.4: whoever has not answered 64*T1 after the first 2xx never will.
      this.#timers.set('other branches', giveUpAfter(this.#services.timers), () => {
        for (const other of this.#early.values()) if (other.state === 'early') other.terminate();
      });
    }
    const isSent = this.#acknowledge(transaction, tag, dialog, (error) => {
      if (isWanted) this.#user.onUnreachable(error, response);
    });
    if (!isWanted) {
      // Another branch of the fork (RFC 3261 13.2.2.4), or the answer crossed our CANCEL (15.1.1 of RFC 3261, RFC 5407).
      if (isSent) this.#user.onUnwanted(dialog);
      if (!this.#answered) this.#finish({ status: 487, reason: 'Hung up before the answer', response: undefined });
      return;
    }
    if (isSent) this.#user.onAnswer(response, dialog);
  }

  /** RFC 3261 section 13.2.2.4. Returns false when there is nowhere to send the ACK to; `onFailure` is told, as later. */
  #acknowledge(transaction: ClientTransaction, tag: string, dialog: Dialog, onFailure: (error: Error) => void): boolean {
    const { request } = transaction;
    try {
      const { draft, hop } = dialog.createAck(request.cseq.sequence, credentialsOf(request));
      this.#acks.set(tag, { ack: this.#services.transactions.acknowledge(draft, hop, onFailure), hop });
      return true;
    } catch (error) {
      onFailure(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  #onRefused(transaction: ClientTransaction, target: SipUri, response: SipResponse): void {
    if (this.#over || this.#answered) return;
    for (const dialog of this.#early.values()) dialog.terminate();
    this.#early.clear(); // RFC 3261 13.2.2.3: a final refusal ends all early dialogs of the INVITE
    const { status } = response;
    if (this.#cancelWanted === undefined) {
      if ((status === 401 || status === 407) && this.#challenges < mostChallenges) {
        const credentials = this.#services.authorizer.authorize(response, transaction.request);
        if (credentials !== undefined) {
          this.#challenges += 1;
          this.#invite(target, credentials); // RFC 3261 22.2
          return;
        }
      }
      if (this.#sessionTimer.raise(response)) {
        this.#invite(target, []); // RFC 4028 7.3
        return;
      }
      if (status >= 300 && status < 400) {
        if (this.#follow(response)) return;
        this.#onFailed({ ...this.#redirections.deadEnd(response), response });
        return;
      }
    }
    this.#onFailed({ status, reason: response.reason, response });
  }

  /** Goes on to the Contacts of a 3xx: RFC 3261 section 8.1.3.4. Returns false when there is none left to try. */
  #follow(response: SipResponse): boolean {
    this.#redirections.take(response);
    return this.#tryNext();
  }

  #tryNext(): boolean {
    const next = this.#redirections.next();
    if (next === undefined) return false;
    this.#challenges = 0;
    this.#route = next.route;
    if (next.route === undefined) this.#redirectedTo = next.target; // a 305 names a proxy, and nobody else to talk to
    this.#invite(next.target, []); // credentials were for the one who asked for them
    return true;
  }

  #onFailed(failure: InviteFailure): void {
    if (this.#over || this.#answered) return;
    const isGlobal = failure.status >= 600;
    if (this.#best === undefined || rank(failure.status) < rank(this.#best.status)) this.#best = failure;
    if (!isGlobal && this.#cancelWanted === undefined && this.#tryNext()) return;
    this.#finish(this.#cancelWanted === undefined ? this.#best : failure);
  }

  #sendCancel(): void {
    const transaction = this.#transaction;
    if (transaction === undefined || this.#cancelSent || this.#over) return;
    this.#cancelSent = true;
    // A CANCEL that gets no answer, or 481, changes nothing: only the INVITE's own final response counts (RFC 3261 9.1).
    const ignore = (): void => undefined;
    const user = { onResponse: ignore, onTimeout: ignore, onTransportError: ignore };
    this.#services.transactions.cancel(transaction, user, this.#cancelWanted?.reason);
    this.#timers.set('cancel', giveUpAfter(this.#services.timers), () => {
      transaction.abandon();
      this.#finish({ status: 487, reason: 'Cancelled, and never confirmed by the other side', response: undefined });
    });
  }

  #finish(failure: InviteFailure): void {
    if (this.#over) return;
    this.#over = true;
    this.#timers.clearAll();
    this.#user.onFailure(failure);
  }
}

/** RFC 3261 section 16.7 step 6: a 6xx decides, else the lowest class; a 3xx only when there is nothing else to report. */
function rank(status: number): number {
  if (status >= 600) return 0;
  return status < 400 ? 7 : Math.floor(status / 100);
}
