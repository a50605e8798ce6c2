import type { Milliseconds } from '../../core';
import type { Dialog } from '../dialog';
import { formatReplaces, type NameAddr, type SipRequest, type SipResponse } from '../message';
import type { HoldStyle, MediaNegotiation } from '../sdp';
import { ProtocolTimers, type ServerTransaction } from '../transaction';
import { answerInDialog, answerInfo, replyToInvite, refusalOfReinvite } from './answers';
import { blame, blameSession } from './blame';
import { Farewell } from './farewell';
import { InviteAnswers } from './invite-answers';
import { InviteAttempt, type InviteFailure } from './invite-attempt';
import { type HoldChange, Reinviter } from './reinvite';
import type { ReferSubscription, ReferUser } from './refer-subscription';
import { ReferUsages } from './refer-usages';
import type { ReferStyle } from './refer-style';
import type { Referral, ReferRequest } from './referral';
import { sdpBody } from './sdp-body';
import type { AgentServices } from './services';
import type { EndCause, IncomingCall, PlacedCall, SessionFields, SessionOwner, SessionState } from './session-state';

type Headers = readonly (readonly [string, string])[];

/**
 * One party's view of one call: the INVITE usage of a dialog, and the REFER subscriptions that share the dialog. RFC
 * 3261 sections 13, 14 and 15; RFC 3515; RFC 3891; RFC 5057.
 */
export class Session {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  /** For an INVITE with Replaces: the call whose place this one takes. */
  readonly replaces: Session | undefined;
  /** The INVITE that made an incoming call. */
  readonly invite: SipRequest | undefined;
  readonly #services: AgentServices;
  readonly #owner: SessionOwner;
  readonly #timers: ProtocolTimers<'ring limit' | 'hang-up'>;
  readonly #refers: ReferUsages;
  readonly #farewell: Farewell;
  /** The address we dialled, as text. */
  readonly #dialled: string;
  #state: SessionState;
  #dialog: Dialog | undefined;
  #negotiation: MediaNegotiation | undefined;
  #attempt: InviteAttempt | undefined;
  #inviteTransaction: ServerTransaction | undefined;
  #answers: InviteAnswers | undefined;
  #reinviter: Reinviter | undefined;
  #endCause: EndCause | undefined;
  #finished = false;

  private constructor(services: AgentServices, owner: SessionOwner, fields: SessionFields) {
    this.#services = services;
    this.#owner = owner;
    this.id = fields.id;
    this.direction = fields.direction;
    this.replaces = fields.replaces;
    this.invite = fields.invite;
    this.#dialled = fields.dialled;
    this.#state = fields.direction === 'outgoing' ? 'calling' : 'incoming';
    this.#timers = new ProtocolTimers(services.clock, services.observer, fields.id);
    const settle = (): void => this.#settle();
    this.#refers = new ReferUsages(services, settle);
    this.#farewell = new Farewell(services, settle);
  }

  /** Calls somebody: sends the INVITE with a fresh offer. */
  static place(services: AgentServices, owner: SessionOwner, call: PlacedCall): Session {
    const { id, invitation, negotiation } = call;
    const session = new Session(services, owner, { id, direction: 'outgoing', dialled: invitation.target.toString() });
    session.#negotiation = negotiation;
    services.observer.stateChanged('call', id, 'none', 'calling', `INVITE to ${invitation.target.toString()}`);
    const attempt = new InviteAttempt(services, { ...invitation, offer: negotiation.createOffer() }, {
      onProgress: (response, dialog) => session.#onProgress(response, dialog),
      onAnswer: (response, dialog) => session.#onAnswer(response, dialog),
      onUnreachable: (error, response) => session.#onUnreachable(error, response),
      onFailure: (failure) => session.#onInviteFailed(failure),
      onUnwanted: (dialog) => session.#farewell.say(dialog),
    });
    session.#attempt = attempt;
    attempt.start();
    return session;
  }

  /** A call came in. Nothing is answered yet: `ring`, `accept`, `reject` or `redirect` does. */
  static incoming(services: AgentServices, owner: SessionOwner, call: IncomingCall): Session {
    const { id, transaction, dialog, replaces } = call;
    const invite = transaction.request;
    const session = new Session(services, owner, { id, direction: 'incoming', dialled: '', replaces, invite });
    session.#dialog = dialog;
    session.#inviteTransaction = transaction;
    session.#answers = session.#newAnswers(dialog);
    services.observer.stateChanged('call', id, 'none', 'incoming', `INVITE from ${invite.from.uriText}`);
    // Whoever forgets this call, on either side, must not leave it ringing for ever.
    session.#timers.set('ring limit', services.settings.ringLimit, () => session.reject(480, 'No answer'));
    return session;
  }

  get state(): SessionState {
    return this.#state;
  }

  get dialog(): Dialog | undefined {
    return this.#dialog;
  }

  get negotiation(): MediaNegotiation | undefined {
    return this.#negotiation;
  }

  /** Set once the call ended. */
  get endCause(): EndCause | undefined {
    return this.#endCause;
  }

  /** The Call-ID, known from the first INVITE on. */
  get callId(): string {
    return this.invite?.callId ?? this.#attempt?.callId ?? '';
  }

  /** The other party's URI: who called, or whom we dialled. */
  get remoteUri(): string {
    return this.invite?.from.uriText ?? this.#dialled;
  }

  get remoteDisplayName(): string | undefined {
    return this.invite?.from.displayName;
  }

  /** Who transferred this call to us, from Referred-By (RFC 3892). */
  get referredBy(): NameAddr | undefined {
    return this.invite?.referredBy;
  }

  /** True once nothing is left that could send or receive: no call, no subscription, no unanswered BYE. */
  get isFinished(): boolean {
    return this.#finished;
  }

  /** The call is over and nothing we owe the peer of it is outstanding; a subscription may linger on. */
  get isQuiet(): boolean {
    return this.#state === 'ended' && !this.#farewell.isPending;
  }

  /** We hung up while it rang, and the other side has not confirmed that yet. */
  get isGivenUp(): boolean {
    return this.#attempt?.isGivenUp === true;
  }

  /** How the peer would be told to replace this call: its view has our remote tag as its own (RFC 3891 section 3). */
  get replacesValue(): string | undefined {
    if (this.#dialog === undefined) return undefined;
    const { callId, remoteTag, localTag } = this.#dialog;
    return formatReplaces({ callId, toTag: remoteTag, fromTag: localTag, earlyOnly: false });
  }

  // --- what a person does with an incoming call ---

  /** Says 180: the phone rings. */
  ring(): void {
    if (this.#state === 'incoming') this.#reply(180);
  }

  /**
   * Answers with 200. Throws what deserves a 488 and has then refused the call.
   * With Replaces, the replaced call is ended once the 200 is out (RFC 3891 section 3).
   */
  accept(negotiation: MediaNegotiation): void {
    const transaction = this.#inviteTransaction;
    if (this.#state !== 'incoming' || transaction === undefined) return;
    if (this.replaces?.state === 'ended') {
      this.reject(603, 'The call to be replaced is over'); // RFC 3891 3: it ended, or was replaced, meanwhile
      return;
    }
    this.#negotiation = negotiation;
    try {
      this.#answers?.accept(transaction, negotiation);
    } catch (error) {
      this.#services.reportProblem(blameSession(error, transaction.request));
      this.reject(488); // RFC 3261 13.3.1.3
      throw error;
    }
    this.#timers.clearAll();
    this.#dialog?.confirm();
    this.#move('answering', 'RFC 3261 13.3.1.4: 200 sent, ACK awaited');
    this.#owner.onMedia(this);
    this.replaces?.endAsReplaced();
  }

  reject(status: number, reason?: string, headers: Headers = []): void {
    if (this.#state !== 'incoming') return;
    this.#reply(status, reason, headers);
    this.#end({ by: 'us', status, text: reason ?? 'refused by us' });
  }

  /** Sends the caller elsewhere: 302 with one Contact for each target (RFC 3261 section 21.3.3). */
  redirect(targets: readonly string[]): void {
    const contacts = targets.map((target): [string, string] => ['Contact', `<${target}>`]);
    // RFC 5806 section 6: the newest stands on top of those that the call came with.
    const diversions = [`<${this.#services.settings.uri}>;reason=deflection`, ...(this.invite?.headerValues('Diversion') ?? [])];
    const headers = diversions.map((value): [string, string] => ['Diversion', value]);
    this.reject(302, 'Moved Temporarily', [...contacts, ...headers]);
  }

  // --- what a person does with a call that is up ---

  /** Holds or resumes; `done` is called once, with the reason if the peer refused. */
  changeHold(hold: boolean, style: HoldStyle, done: HoldChange['done']): void {
    if (this.#state !== 'connected' || this.#reinviter === undefined) {
      done({ status: 481, reason: 'The call is not up' });
      return;
    }
    this.#reinviter.change({ hold, style, done });
  }

  /** Asks the peer to call `referTo` (the whole header value). RFC 3515. */
  refer(referTo: string, user: ReferUser, style?: ReferStyle): ReferSubscription | undefined {
    const dialog = this.#dialog;
    if (this.#state !== 'connected' || dialog === undefined) {
      user.onRefused(481, 'The call is not up');
      return undefined;
    }
    return this.#refers.refer(dialog, referTo, user, style);
  }

  /** Ends the call, whatever its state: BYE, CANCEL, or a refusal (RFC 3261 sections 9 and 15). */
  hangUp(text = 'hung up by us', reason?: string): void {
    switch (this.#state) {
      case 'calling':
        this.#attempt?.cancel(reason);
        // Nobody rings yet, and CANCEL may have to wait (RFC 3261 9.1), for 32 s where nobody is: the person need not.
        this.#end({ by: 'us', status: 487, text });
        return;
      case 'ringing':
        this.#attempt?.cancel(reason);
        return;
      case 'incoming':
        this.reject(480);
        return;
      case 'answering':
        this.#farewell.afterAck(reason);
        this.#end({ by: 'us', status: 200, text });
        return;
      case 'connected':
        this.#hangUp({ by: 'us', status: 200, text }, reason);
        return;
      case 'ended':
        return;
    }
  }

  /** Gives up a call that rings, unless the answer is on its way already: that one is welcome (reference 14.5). */
  withdraw(): void {
    if (this.#state === 'calling' || this.#state === 'ringing') this.#attempt?.withdraw();
  }

  /** Another call took the place of this one (RFC 3891 section 3): BYE when confirmed, CANCEL when early. */
  endAsReplaced(): void {
    this.hangUp('replaced by another call', 'SIP;cause=200;text="Replaced"');
  }

  /** The peer has every reason to hang up now; after `patience` we do it ourselves, so that no ghost leg stays. */
  expectHangUp(patience: Milliseconds, text: string): void {
    if (this.#state === 'ended') return;
    this.#timers.set('hang-up', patience, () => this.hangUp(text));
  }

  /** Drops everything at once, without a word to the peer: only when the lab can wait no longer. */
  abandon(): void {
    this.#attempt?.abandon();
    this.#answers?.stop();
    this.#farewell.abandon();
    this.#end({ by: 'network', status: 408, text: 'given up: the other side did not answer' });
    this.#refers.abandon('the lab stopped');
  }

  // --- what the peer does ---

  /** A request inside our dialog; its CSeq is in order. */
  receive(request: SipRequest, transaction: ServerTransaction): void {
    switch (request.method) {
      case 'INVITE':
        this.#onReinvite(request, transaction);
        return;
      case 'BYE':
        this.#onBye(request, transaction);
        return;
      case 'NOTIFY':
        this.#refers.onNotify(request, transaction);
        return;
      case 'SUBSCRIBE':
        if (this.#dialog !== undefined) this.#refers.onSubscribe(request, transaction, this.#dialog);
        return;
      case 'INFO':
        answerInfo(this.#services, transaction, this.#state, (digit) => this.#owner.onDigit(this, digit));
        return;
      default:
        answerInDialog(this.#services, transaction, 405);
    }
  }

  /** The ACK to one of our 2xx. */
  acknowledge(ack: SipRequest): void {
    this.#answers?.acknowledge(ack);
  }

  /** The caller gave up: RFC 3261 section 9.2. The CANCEL itself is answered already. */
  cancelled(): void {
    if (this.#state !== 'incoming') return;
    this.#reply(487);
    this.#end({ by: 'peer', status: 487, text: 'the caller gave up' });
  }

  /**
   * Takes up a REFER of the peer, which was checked; the 2xx is the caller's. `dialog` is where its subscription lives:
   * this call's, or one of its own. `onEnded` is called once nobody can ask for the outcome any more.
   */
  acceptRefer(refer: SipRequest, request: ReferRequest, dialog: Dialog, onEnded: () => void): Referral {
    dialog.refreshTarget(refer.contact); // RFC 3515 2.4.1: a target refresh request
    return this.#refers.accept(dialog, refer, request, onEnded);
  }

  get hasLiveReferral(): boolean {
    return this.#refers.hasReferral;
  }

  // --- outgoing INVITE ---

  #onProgress(response: SipResponse, dialog: Dialog | undefined): void {
    if (dialog !== undefined) {
      // After a refusal or redirection the early dialogs before it are over (RFC 3261 13.2.2.3).
      if (this.#dialog === undefined || this.#dialog.state === 'terminated') this.#dialog = dialog;
      this.#owner.addDialog(dialog, this);
    }
    if (response.status > 100 && this.#state === 'calling') this.#move('ringing', `${String(response.status)} received`);
  }

  #onAnswer(response: SipResponse, dialog: Dialog): void {
    this.#dialog = dialog;
    this.#owner.addDialog(dialog, this);
    try {
      this.#negotiation?.receiveAnswer(sdpBody(response) ?? '');
    } catch (error) {
      // RFC 3261 13.2.2.4: the ACK is out; an answer that cannot be used ends the call.
      this.#services.reportProblem(blameSession(error, response));
      const cause = { by: 'us', status: 488, text: 'the answer to our offer cannot be used' } as const;
      this.#hangUp(cause, 'SIP;cause=488;text="Not Acceptable Here"');
      return;
    }
    this.#connect('RFC 3261 13.2.2.4: 2xx received, ACK sent');
    this.#owner.onMedia(this);
  }

  #onUnreachable(error: Error, response: SipResponse): void {
    if (this.#state === 'ended') return;
    const text = `the other side cannot be reached where it wants to be: ${error.message}`;
    this.#services.reportProblem(blame('CL2002', text, response, 'contact'));
    this.#end({ by: 'network', status: 503, text });
  }

  #onInviteFailed(failure: InviteFailure): void {
    const by = failure.response === undefined ? (failure.status === 487 ? 'us' : 'network') : 'peer';
    this.#end({ by, status: failure.status, text: failure.reason });
    this.#settle();
  }

  #connect(why: string): void {
    const { dialog, negotiation } = { dialog: this.#dialog, negotiation: this.#negotiation };
    if (dialog === undefined || negotiation === undefined) return;
    const answers = (this.#answers ??= this.#newAnswers(dialog));
    this.#reinviter = new Reinviter(this.#services, dialog, negotiation, {
      transport: dialog.transport,
      isBusy: () => answers.isWaiting,
      onAgreed: () => this.#owner.onMedia(this),
      onCallGone: (status) => {
        if (this.#state === 'ended') return;
        const cause = { by: 'network', status, text: 'the other side no longer knows the call' } as const;
        if (status === 408) this.#hangUp(cause); // RFC 3261 12.2.1.2
        else this.#end(cause);
      },
    });
    this.#move('connected', why);
  }

  // --- incoming INVITE and re-INVITE ---

  #newAnswers(dialog: Dialog): InviteAnswers {
    return new InviteAnswers(this.#services, dialog.localTag, {
      onAck: (isUsable) => this.#onAck(dialog, isUsable),
      onNoAck: () => {
        // RFC 3261 13.3.1.4 and 14.2: no ACK within 64*T1: the call is set up for nobody, so BYE.
        if (this.#farewell.waitsForAck) this.#farewell.acknowledged(dialog);
        else this.#hangUp({ by: 'network', status: 408, text: 'our answer was never acknowledged' });
      },
    });
  }

  #onAck(dialog: Dialog, isUsable: boolean): void {
    this.#farewell.acknowledged(dialog);
    if (this.#state === 'answering') {
      if (isUsable) {
        this.#connect('RFC 3261 13.3.1.4: ACK received');
      } else {
        const cause = { by: 'us', status: 488, text: 'no usable answer to our offer came' } as const;
        this.#hangUp(cause, 'SIP;cause=488;text="Not Acceptable Here"');
      }
    }
    if (this.#state !== 'connected') return;
    this.#owner.onMedia(this);
    this.#reinviter?.proceed();
  }

  #onReinvite(request: SipRequest, transaction: ServerTransaction): void {
    const { dialog, negotiation, answers } = { dialog: this.#dialog, negotiation: this.#negotiation, answers: this.#answers };
    if (this.#state === 'ended') {
      answerInDialog(this.#services, transaction, 481); // RFC 5057: the INVITE usage is over
      // Whoever sends a re-INVITE has our 2xx: the BYE that waited for the ACK may go.
      answers?.stop();
      if (dialog !== undefined) this.#farewell.acknowledged(dialog);
      return;
    }
    const isOursOut = this.#reinviter?.isInFlight === true || negotiation?.offerPending === 'local';
    const refusal = refusalOfReinvite(this.#services, this.#state, isOursOut);
    if (refusal !== undefined || dialog === undefined || negotiation === undefined || answers === undefined) {
      answerInDialog(this.#services, transaction, refusal?.status ?? 500, refusal?.headers);
      return;
    }
    try {
      answers.accept(transaction, negotiation);
    } catch (error) {
      this.#services.reportProblem(blameSession(error, request));
      answerInDialog(this.#services, transaction, 488); // RFC 3261 14.2: the session stays as it was
      return;
    }
    dialog.refreshTarget(request.contact); // RFC 3261 12.2.2
    if (this.#state === 'answering') this.#connect('RFC 3261 14.2: a re-INVITE stands in for the lost ACK');
    this.#owner.onMedia(this);
  }

  #onBye(request: SipRequest, transaction: ServerTransaction): void {
    answerInDialog(this.#services, transaction, 200);
    this.#farewell.cancel();
    this.#answers?.stop();
    const reason = request.header('Reason');
    const text = reason === undefined ? 'hung up by the other side' : `hung up by the other side (${reason})`;
    if (this.#state === 'calling' || this.#state === 'ringing') {
      // RFC 3261 15: a callee must not end an early dialog by BYE. It means to, so the rest of the call is given up.
      this.#attempt?.cancel();
      return;
    }
    if (this.#state === 'incoming') this.#reply(487); // RFC 3261 15.1.2: a pending request gets 487
    this.#end({ by: 'peer', status: 200, text });
    this.#settle();
  }

  // --- endings ---

  /** Ends the call with BYE. */
  #hangUp(cause: EndCause, reason?: string): void {
    this.#end(cause, () => {
      if (this.#dialog !== undefined) this.#farewell.say(this.#dialog, reason);
    });
  }

  /** Ends the call for its owner. `sayGoodbye` sends what the peer must be told, before anybody else acts on the end. */
  #end(cause: EndCause, sayGoodbye: () => void = () => undefined): void {
    if (this.#state === 'ended') return;
    this.#endCause = cause;
    this.#timers.clearAll();
    // An answer that is not acknowledged is repeated no more, unless our BYE waits for its ACK.
    if (!this.#farewell.waitsForAck) this.#answers?.stop();
    sayGoodbye();
    // The state first: who is told that a hold or a REFER failed must not take the call for alive.
    this.#move('ended', cause.text);
    this.#reinviter?.stop();
    this.#refers.onCallEnded();
    this.#settle();
  }

  /** Forgets the session once its call is over and nothing else uses the dialog (RFC 5057). */
  #settle(): void {
    if (this.#finished || this.#state !== 'ended') return;
    if (this.#attempt?.isOpen === true || this.#farewell.isPending || !this.#refers.areOver) return;
    this.#finished = true;
    this.#dialog?.terminate();
    this.#owner.onFinished(this);
  }

  #move(to: SessionState, why: string): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.#services.observer.stateChanged('call', this.id, from, to, why);
    this.#owner.onState(this, from, to);
  }

  #reply(status: number, reason?: string, headers: Headers = []): void {
    const transaction = this.#inviteTransaction;
    const toTag = this.#dialog?.localTag ?? '';
    if (transaction !== undefined) replyToInvite(this.#services, transaction, status, { toTag, reason, headers });
  }
}
