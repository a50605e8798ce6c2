import type { Dialog } from '../dialog';
import { respond, type SipMessage, type SipRequest } from '../message';
import { type MediaNegotiation, SdpError } from '../sdp';
import type { ServerTransaction } from '../transaction';
import { answerInDialog } from './answers';
import { blameSession } from './blame';
import { InviteAnswers } from './invite-answers';
import { sdpBody } from './sdp-body';
import { type AgentServices, capabilityHeaders, sdpContentType } from './services';
import { type SessionChange, SessionChanges } from './session-changes';
import type { SessionState } from './session-state';
import { refusalOfInterval, type SessionTimer } from './session-timer';

export interface ExchangeUser {
  state(): SessionState;
  /** Offer and answer agreed on something, new or not. */
  onMedia(): void;
  /** A request of the peer that says who it is was accepted, or it accepted one of ours. */
  onIdentity(message: SipMessage): void;
  /** The ACK to our 2xx came. `isUsable` is false when it should have answered our offer and did not. */
  onAck(isUsable: boolean): void;
  onNoAck(): void;
  /** The peer does not know the call any more, or does not answer. */
  onCallGone(status: number): void;
}

/**
 * What the two sides of one dialog agree on after the INVITE that made it, and at its end: re-INVITE and UPDATE both ways,
 * and our 2xx with their ACK. A call that forked has one for each branch. RFC 3261 section 14, RFC 3311, RFC 6337.
 */
export class Exchange {
  readonly dialog: Dialog;
  readonly answers: InviteAnswers;
  readonly #services: AgentServices;
  readonly #timer: SessionTimer;
  readonly #user: ExchangeUser;
  #negotiation: MediaNegotiation | undefined;
  #changes: SessionChanges | undefined;
  /** The first offer has its answer, for good: more may follow (RFC 3311 section 5.1). */
  #isSettled = false;
  /** What the peer said that it can do, in its newest message that says so. */
  #allows: readonly string[] = [];
  #supports: readonly string[] = [];

  constructor(services: AgentServices, dialog: Dialog, timer: SessionTimer, user: ExchangeUser) {
    this.#services = services;
    this.dialog = dialog;
    this.#timer = timer;
    this.#user = user;
    this.answers = new InviteAnswers(services, dialog.localTag, user);
  }

  /** Undefined until a callee has taken up the offer of the INVITE. */
  get negotiation(): MediaNegotiation | undefined {
    return this.#negotiation;
  }

  /** From now on this is what the two sides negotiate with. */
  use(negotiation: MediaNegotiation): void {
    if (this.#negotiation === negotiation) return;
    this.#negotiation = negotiation;
    this.#changes?.stop();
    this.#changes = new SessionChanges(this.#services, this.dialog, negotiation, {
      transport: this.dialog.transport,
      timer: this.#timer,
      isBusy: () => this.answers.isWaiting,
      takesUpdate: () => this.takesUpdate,
      onAgreed: (response) => {
        this.hear(response);
        this.#user.onIdentity(response);
        this.#user.onMedia();
      },
      onCallGone: (status) => {
        this.#user.onCallGone(status);
      },
    });
  }

  /** A message of the peer: it may say what it can do. */
  hear(message: SipMessage): void {
    if (message.header('Allow') !== undefined) this.#allows = message.allow;
    if (message.header('Supported') !== undefined) this.#supports = message.supported.map((tag) => tag.toLowerCase());
  }

  get takesUpdate(): boolean {
    return this.#allows.includes('UPDATE');
  }

  /** Whether the peer lets our From change in mid-call (RFC 4916 section 4.2). */
  get takesFromChange(): boolean {
    return this.#supports.includes('from-change');
  }

  /** Whether we may change the session now, or as soon as what is under way has finished. */
  get canChange(): boolean {
    if (this.#changes === undefined) return false;
    if (this.dialog.state === 'confirmed') return true;
    // RFC 3311 5.1: before the answer only by UPDATE, and only when the first offer has been answered.
    return this.dialog.state === 'early' && this.takesUpdate && this.#isSettled;
  }

  /** The first offer has its answer, and both sides know. */
  settle(): void {
    this.#isSettled = true;
  }

  change(change: SessionChange): void {
    if (this.#changes === undefined || !this.canChange) change.done({ status: 481, reason: 'The call is not up' });
    else this.#changes.change(change);
  }

  /** Whatever waited for the INVITE of the peer, or ours, to be finished may go on. */
  proceed(): void {
    this.#changes?.proceed();
  }

  /** The call, or this branch of it, is over: whoever waits for a change is told. */
  stop(): void {
    this.#changes?.stop();
  }

  /** A re-INVITE. Returns whether it was accepted. */
  onReinvite(request: SipRequest, transaction: ServerTransaction): boolean {
    const negotiation = this.#negotiation;
    const refusal = this.#refusalOfReinvite() ?? refusalOfInterval(request, this.#services.settings);
    if (refusal !== undefined || negotiation === undefined) {
      answerInDialog(this.#services, transaction, refusal?.status ?? 500, refusal?.headers);
      return false;
    }
    try {
      this.answers.accept(transaction, negotiation, { headers: () => this.#timer.accept(request) });
    } catch (error) {
      this.#services.reportProblem(blameSession(error, request));
      answerInDialog(this.#services, transaction, 488); // RFC 3261 14.2: the session stays as it was
      return false;
    }
    this.#accepted(request);
    return true;
  }

  /** RFC 3311 section 5.2: answered at once, with or without an offer. */
  onUpdate(request: SipRequest, transaction: ServerTransaction): void {
    const refusal = refusalOfInterval(request, this.#services.settings);
    if (refusal !== undefined) {
      answerInDialog(this.#services, transaction, refusal.status, refusal.headers);
      return;
    }
    const offer = sdpBody(request);
    const answer = offer === undefined ? undefined : this.#answer(offer, request, transaction);
    if (offer !== undefined && answer === undefined) return;
    const { settings } = this.#services;
    transaction.respond(
      respond(request, 200, {
        source: transaction.source,
        headers: [
          ...capabilityHeaders(settings, transaction.source.transport),
          ...this.#timer.accept(request),
          ...(answer === undefined ? [] : [['Content-Type', sdpContentType] as const]),
        ],
        body: answer,
      }),
    );
    this.#accepted(request);
    if (answer !== undefined) this.#user.onMedia();
  }

  /** The answer to the offer of an UPDATE or PRACK; undefined when there is none, and the request is refused then. */
  #answer(offer: Uint8Array, request: SipRequest, transaction: ServerTransaction): string | undefined {
    const negotiation = this.#negotiation;
    // The offer of the INVITE waits for our answer; the call that rings is answered when its person does.
    const isTooEarly = negotiation?.offerPending !== 'local' && this.dialog.state === 'early' && !this.#isSettled;
    const status = negotiation === undefined || isTooEarly ? 500 : outOfTurn[negotiation.offerPending];
    if (negotiation === undefined || status !== undefined) {
      answerInDialog(this.#services, transaction, status ?? 500, status === 500 ? this.#retryLater() : []);
      return undefined;
    }
    try {
      return negotiation.receiveOffer(offer).answer;
    } catch (error) {
      this.#services.reportProblem(blameSession(error, request));
      answerInDialog(this.#services, transaction, error instanceof SdpError ? error.status : 488);
      return undefined;
    }
  }

  /** An accepted re-INVITE or UPDATE of the peer: the new target, what it can do, who it is. */
  #accepted(request: SipRequest): void {
    this.dialog.refreshTarget(request.contact); // RFC 3261 12.2.2, RFC 3311 5.2
    if (request.from.uriText !== this.dialog.remoteUri) this.dialog.changeRemoteUri(request.from.uriText); // RFC 4916 4.4.4
    this.hear(request);
    this.#user.onIdentity(request);
  }

  /** Why a re-INVITE must wait, if it must: one INVITE at a time in a dialog (RFC 3261 section 14.2). */
  #refusalOfReinvite(): { readonly status: number; readonly headers: readonly (readonly [string, string])[] } | undefined {
    const state = this.#user.state();
    const isOursOut = this.#changes?.blocksInvite === true || this.#negotiation?.offerPending === 'local';
    if (isOursOut || state === 'calling' || state === 'ringing') return { status: 491, headers: [] };
    // The peer's own INVITE is unanswered: it shall come back after a while.
    return state === 'incoming' ? { status: 500, headers: this.#retryLater() } : undefined;
  }

  #retryLater(): readonly (readonly [string, string])[] {
    return [['Retry-After', String(1 + Math.floor(this.#services.random.fraction() * 10))]];
  }
}

/** RFC 3311 section 5.2: whose offer waits decides. */
const outOfTurn = { none: undefined, local: 491, remote: 500 } as const;
