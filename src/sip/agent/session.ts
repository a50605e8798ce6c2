import type { Milliseconds } from '../../core';
import type { Dialog } from '../dialog';
import type { NameAddr, SipMessage, SipRequest, SipResponse } from '../message';
import type { HoldStyle, MediaNegotiation } from '../sdp';
import { ProtocolTimers, type ServerTransaction } from '../transaction';
import { answerInDialog, answerInfo, redirection } from './answers';
import { blameSession } from './blame';
import { Exchange } from './exchange';
import { Farewell, reasonOf } from './farewell';
import { IncomingInvite } from './incoming-invite';
import { sendInfo } from './info-digit';
import { notAcceptable, OutgoingInvite } from './outgoing-invite';
import { identityToTell, isTrusted, PeerIdentity } from './peer-identity';
import type { ReferSubscription, ReferUser } from './refer/subscription';
import { ReferUsages } from './refer/usages';
import type { ReferStyle } from './refer/style';
import type { Referral, ReferRequest } from './refer/referral';
import type { AgentServices } from './services';
import type { ChangeFailure, SessionChange } from './session-changes';
import type { EndCause, IncomingCall, PlacedCall, SessionFields, SessionOwner, SessionState } from './session-state';
import { SessionTimer } from './session-timer';

type Headers = readonly (readonly [string, string])[];

/**
 * One party's view of one call: the INVITE usage of a dialog, and the REFER subscriptions that share the dialog. It keeps
 * the call's state; the INVITE that makes the call, what is changed in it later, and its end have modules of their own. RFC
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
  readonly #sessionTimer: SessionTimer;
  readonly #refers: ReferUsages;
  readonly #farewell: Farewell;
  readonly #peer: PeerIdentity;
  #state: SessionState;
  #exchange: Exchange | undefined;
  #outgoing: OutgoingInvite | undefined;
  #incoming: IncomingInvite | undefined;
  #endCause: EndCause | undefined;
  #finished = false;

  private constructor(services: AgentServices, owner: SessionOwner, fields: SessionFields) {
    this.#services = services;
    this.#owner = owner;
    this.id = fields.id;
    this.direction = fields.direction;
    this.replaces = fields.replaces;
    this.invite = fields.invite;
    this.#peer = new PeerIdentity(fields.invite?.from.uriText ?? fields.dialled, fields.invite?.from.displayName);
    this.#state = fields.direction === 'outgoing' ? 'calling' : 'incoming';
    this.#timers = new ProtocolTimers(services.clock, services.observer, fields.id);
    this.#sessionTimer = new SessionTimer(services, fields.id, {
      onRefresh: () => this.#refresh(),
      onExpired: () => this.#hangUp({ by: 'network', status: 408, text: 'the session expired: nobody refreshed it' }, 'SIP;cause=408;text="Session expired"'),
    });
    const settle = (): void => this.#settle();
    this.#refers = new ReferUsages(services, settle);
    this.#farewell = new Farewell(services, settle);
  }

  /** Calls somebody: sends the INVITE with a fresh offer. */
  static place(services: AgentServices, owner: SessionOwner, call: PlacedCall): Session {
    const { id, invitation, negotiation } = call;
    const session = new Session(services, owner, { id, direction: 'outgoing', dialled: invitation.target.toString() });
    services.observer.stateChanged('call', id, 'none', 'calling', `INVITE to ${invitation.target.toString()}`);
    session.#outgoing = new OutgoingInvite(services, { invitation, negotiation, timer: session.#sessionTimer }, {
      createExchange: (dialog) => session.#newExchange(dialog),
      onBranch: (exchange, response) => session.#onBranch(exchange, response),
      onRinging: (why) => {
        if (session.#state === 'calling') session.#move('ringing', why);
      },
      onMedia: () => owner.onMedia(session),
      onAnswered: (exchange, response) => {
        session.#exchange = undefined;
        session.#peer.moveTo(session.#outgoing?.redirectedTo);
        session.#onBranch(exchange, response);
      },
      onConnected: (response) => {
        session.#sessionTimer.onAccepted(response);
        session.#connect('RFC 3261 13.2.2.4: 2xx received, ACK sent');
        owner.onMedia(session);
      },
      onOver: (cause, goodbye) => {
        if (goodbye === undefined) session.#end(cause);
        else session.#hangUp(cause, goodbye);
        session.#settle();
      },
      onUnwanted: (dialog) => session.#farewell.say(dialog),
    });
    session.#outgoing.start();
    return session;
  }

  /** A call came in. Nothing is answered yet: `ring`, `progress`, `accept`, `reject` or `redirect` does. */
  static incoming(services: AgentServices, owner: SessionOwner, call: IncomingCall): Session {
    const { id, transaction, dialog, replaces } = call;
    const invite = transaction.request;
    const session = new Session(services, owner, { id, direction: 'incoming', dialled: '', replaces, invite });
    const exchange = session.#newExchange(dialog);
    exchange.hear(invite);
    session.#exchange = exchange;
    session.#peer.note(invite, isTrusted(services.settings, transaction.source));
    session.#incoming = new IncomingInvite(services, { transaction, exchange, timer: session.#sessionTimer }, {
      onAccepted: () => session.#onAccepted(),
      onMedia: () => session.#owner.onMedia(session),
      onHopeless: (status, reason) => session.reject(status, reason),
    });
    services.observer.stateChanged('call', id, 'none', 'incoming', `INVITE from ${invite.from.uriText}`);
    // Whoever forgets this call, on either side, must not leave it ringing for ever.
    session.#timers.set('ring limit', services.settings.ringLimit, () => session.reject(480, 'No answer'));
    return session;
  }

  get state(): SessionState {
    return this.#state;
  }

  get dialog(): Dialog | undefined {
    return this.#exchange?.dialog;
  }

  /** What may be heard now, be it early media; undefined until an incoming call's offer was taken up. */
  get negotiation(): MediaNegotiation | undefined {
    const isEarly = this.#state === 'calling' || this.#state === 'ringing';
    return isEarly ? this.#outgoing?.negotiation : this.#exchange?.negotiation;
  }

  /** Set once the call ended. */
  get endCause(): EndCause | undefined {
    return this.#endCause;
  }

  /** The Call-ID, known from the first INVITE on. */
  get callId(): string {
    return this.invite?.callId ?? this.#outgoing?.callId ?? '';
  }

  /** The other party's URI: who called, or whom we dialled, until the other side says that it is somebody else. */
  get remoteUri(): string {
    return this.#peer.uri;
  }

  get remoteDisplayName(): string | undefined {
    return this.#peer.displayName;
  }

  /** Who transferred this call to us, from Referred-By (RFC 3892). */
  get referredBy(): NameAddr | undefined {
    return this.invite?.referredBy;
  }

  /** How long the session lives without a refresh, in seconds; undefined when it has no timer (RFC 4028). */
  get sessionInterval(): number | undefined {
    return this.#sessionTimer.interval;
  }

  /** True once nothing is left that could send or receive: no call, no subscription, no unanswered BYE. */
  get isFinished(): boolean {
    return this.#finished;
  }

  /** The call is over and nothing we owe the peer of it is outstanding; a subscription may linger on. */
  get isQuiet(): boolean {
    return this.#state === 'ended' && !this.#farewell.isPending;
  }

  /** Whether the session may be changed now: it is up, or the peer answered our offer while it rings (RFC 3311). */
  get canHold(): boolean {
    const isOpen = this.#state === 'connected' || this.#state === 'ringing' || this.#state === 'incoming';
    return isOpen && this.#exchange?.canChange === true;
  }

  /** We hung up while it rang, and the other side has not confirmed that yet. */
  get isGivenUp(): boolean {
    return this.#outgoing?.isGivenUp === true;
  }

  /** How the peer would be told to replace this call: its view has our remote tag as its own (RFC 3891 section 3). */
  get replacesValue(): string | undefined {
    return this.dialog?.replacesValue;
  }

  // --- what a person does with an incoming call ---

  /** Says 180: the phone rings. */
  ring(): void {
    if (this.#state === 'incoming') this.#incoming?.ring();
  }

  /** Says 183 with a session description: audio flows before anybody answers. The same negotiation serves the answer. */
  progress(negotiation: MediaNegotiation): void {
    if (this.#state === 'incoming') this.#incoming?.progress(negotiation);
  }

  /**
   * Answers with 200; later, if a reliable response with a session description is not acknowledged yet. Throws what
   * deserves a 488 and has then refused the call. With Replaces, the replaced call is ended once the 200 is out (RFC 3891
   * section 3).
   */
  accept(negotiation: MediaNegotiation): void {
    if (this.#state !== 'incoming' || this.#incoming === undefined) return;
    if (this.replaces?.state === 'ended') {
      this.reject(603, 'The call to be replaced is over'); // RFC 3891 3: it ended, or was replaced, meanwhile
      return;
    }
    try {
      this.#incoming.accept(negotiation);
    } catch (error) {
      this.#services.reportProblem(blameSession(error, this.#incoming.request));
      this.reject(488); // RFC 3261 13.3.1.3
      throw error;
    }
  }

  reject(status: number, reason?: string, headers: Headers = []): void {
    if (this.#state !== 'incoming') return;
    this.#incoming?.refuse(status, reason, headers);
    this.#end({ by: 'us', status, text: reason ?? 'refused by us' });
  }

  /** Sends the caller elsewhere: 302 with one Contact for each target (RFC 3261 section 21.3.3). */
  redirect(targets: readonly string[]): void {
    this.reject(302, 'Moved Temporarily', redirection(this.#services.settings.uri, this.invite, targets));
  }

  // --- what a person does with a call that is up ---

  /**
   * Holds or resumes; `done` is called once, with the reason if the peer refused. Before the answer it takes a peer that has
   * answered our offer already, and UPDATE (RFC 3311).
   */
  changeHold(hold: boolean, style: HoldStyle, done: SessionChange['done']): void {
    this.#change({ hold: { on: hold, style }, done });
  }

  /** Sends one telephone key by INFO; `done` is called once, with the reason if the peer did not take it. */
  sendDigit(digit: string, done: (failure: ChangeFailure | undefined) => void): void {
    if (this.#state === 'connected' && this.dialog !== undefined) sendInfo(this.#services, this.dialog, digit, done);
    else done({ status: 481, reason: 'The call is not up' });
  }

  /** Asks the peer to call `referTo` (the whole header value). RFC 3515. */
  refer(referTo: string, user: ReferUser, style?: ReferStyle): ReferSubscription | undefined {
    const { dialog } = this;
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
      case 'ringing':
        this.#outgoing?.cancel(reason);
        // If nobody rings yet, CANCEL may have to wait (RFC 3261 9.1), for 32 s where nobody is: the person need not.
        if (this.#state === 'calling') this.#end({ by: 'us', status: 487, text });
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
    if (this.#state === 'calling' || this.#state === 'ringing') this.#outgoing?.withdraw();
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
    this.#outgoing?.abandon();
    this.#exchange?.answers.stop();
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
      case 'UPDATE':
        if (this.#state === 'ended') answerInDialog(this.#services, transaction, 481); // RFC 5057: it belongs to the INVITE usage
        else this.#exchange?.onUpdate(request, transaction);
        return;
      case 'PRACK':
        if (this.#incoming === undefined) answerInDialog(this.#services, transaction, 481);
        else this.#incoming.onPrack(request, transaction);
        return;
      case 'BYE':
        this.#onBye(request, transaction);
        return;
      case 'NOTIFY':
      case 'SUBSCRIBE':
        if (this.dialog !== undefined) this.#refers.receive(request, transaction, this.dialog);
        return;
      case 'INFO':
        answerInfo(this.#services, transaction, this.#state, (digit) => this.#owner.onDigit(this, digit));
        return;
      default:
        answerInDialog(this.#services, transaction, 405);
    }
  }

  /** An UPDATE in another branch of the call that we make. Returns false when that branch is over. */
  receiveUpdateInBranch(dialog: Dialog, request: SipRequest, transaction: ServerTransaction): boolean {
    const branch = this.#outgoing?.branchOf(dialog);
    branch?.exchange.onUpdate(request, transaction);
    return branch !== undefined;
  }

  /** The ACK to one of our 2xx. */
  acknowledge(ack: SipRequest): void {
    this.#exchange?.answers.acknowledge(ack);
  }

  /** The caller gave up: RFC 3261 section 9.2. The CANCEL itself is answered already. */
  cancelled(): void {
    if (this.#state !== 'incoming') return;
    this.#incoming?.refuse(487, undefined, []);
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

  // --- the INVITE that made the call, and later ones ---

  #onBranch(exchange: Exchange, response: SipResponse): void {
    // After a refusal or redirection the early dialogs before it are over (RFC 3261 13.2.2.3).
    if (this.dialog === undefined || this.dialog.state === 'terminated') this.#exchange = exchange;
    this.#owner.addDialog(exchange.dialog, this);
    this.#onIdentity(response, exchange.dialog);
  }

  /** Our 2xx is out. */
  #onAccepted(): void {
    this.#timers.clearAll();
    this.dialog?.confirm();
    this.#move('answering', 'RFC 3261 13.3.1.4: 200 sent, ACK awaited');
    this.#owner.onMedia(this);
    this.replaces?.endAsReplaced();
  }

  #newExchange(dialog: Dialog): Exchange {
    return new Exchange(this.#services, dialog, this.#sessionTimer, {
      state: () => this.#state,
      onMedia: () => this.#owner.onMedia(this),
      onIdentity: (message) => this.#onIdentity(message, dialog),
      onAck: (isUsable) => this.#onAck(dialog, isUsable),
      onNoAck: () => {
        // RFC 3261 13.3.1.4 and 14.2: no ACK within 64*T1: the call is set up for nobody, so BYE.
        if (this.#farewell.waitsForAck) this.#farewell.acknowledged(dialog);
        else this.#hangUp({ by: 'network', status: 408, text: 'our answer was never acknowledged' });
      },
      onCallGone: (status) => {
        if (this.#state !== 'answering' && this.#state !== 'connected') return; // before that the INVITE's own answer decides
        const cause = { by: 'network', status, text: 'the other side no longer knows the call' } as const;
        if (status === 408) this.#hangUp(cause); // RFC 3261 12.2.1.2
        else this.#end(cause);
      },
    });
  }

  #onAck(dialog: Dialog, isUsable: boolean): void {
    this.#farewell.acknowledged(dialog);
    if (this.#state === 'answering') {
      if (isUsable) this.#connect('RFC 3261 13.3.1.4: ACK received');
      else this.#hangUp({ by: 'us', status: 488, text: 'no usable answer to our offer came' }, notAcceptable);
    }
    if (this.#state !== 'connected') return;
    this.#owner.onMedia(this);
    this.#exchange?.proceed();
  }

  #onReinvite(request: SipRequest, transaction: ServerTransaction): void {
    const exchange = this.#exchange;
    if (this.#state === 'ended' || exchange === undefined) {
      answerInDialog(this.#services, transaction, 481); // RFC 5057: the INVITE usage is over
      // Whoever sends a re-INVITE has our 2xx: the BYE that waited for the ACK may go.
      exchange?.answers.stop();
      if (exchange !== undefined) this.#farewell.acknowledged(exchange.dialog);
      return;
    }
    if (!exchange.onReinvite(request, transaction)) return;
    if (this.#state === 'answering') this.#connect('RFC 3261 14.2: a re-INVITE stands in for the lost ACK');
    this.#owner.onMedia(this);
  }

  #onBye(request: SipRequest, transaction: ServerTransaction): void {
    answerInDialog(this.#services, transaction, 200);
    this.#farewell.cancel();
    this.#exchange?.answers.stop();
    if (this.#state === 'calling' || this.#state === 'ringing') {
      // RFC 3261 15: a callee must not end an early dialog by BYE. It means to, so the rest of the call is given up.
      this.#outgoing?.cancel();
      return;
    }
    if (this.#state === 'incoming') this.#incoming?.refuse(487, undefined, []); // RFC 3261 15.1.2: a pending request gets 487
    this.#end({ by: 'peer', status: 200, text: reasonOf(request) });
    this.#settle();
  }

  // --- a call that is up ---

  #connect(why: string): void {
    this.#move('connected', why);
    if (this.#state === 'connected') this.#sayWhoWeAre();
  }

  #change(change: SessionChange): void {
    if (this.canHold) this.#exchange?.change(change);
    else change.done({ status: 481, reason: 'The call is not up' });
  }

  /** RFC 4028 section 10. */
  #refresh(): void {
    this.#change({
      method: this.#sessionTimer.method,
      done: (failure) => {
        if (failure !== undefined) this.#sessionTimer.refreshLater();
      },
    });
  }

  /** RFC 4916 section 4.4: the caller meant to reach somebody else, and now learns whom it has reached. */
  #sayWhoWeAre(): void {
    const identity = identityToTell(this.#services.settings, this.invite);
    if (identity === undefined || this.#exchange?.takesFromChange !== true) return;
    this.#change({ identity, method: 'UPDATE', done: () => undefined });
  }

  #onIdentity(message: SipMessage, dialog: Dialog): void {
    if (this.#peer.note(message, isTrusted(this.#services.settings, dialog.nextHop))) this.#owner.onIdentity?.(this);
  }

  // --- endings ---

  /** Ends the call with BYE. */
  #hangUp(cause: EndCause, reason?: string): void {
    this.#end(cause, () => {
      if (this.dialog !== undefined) this.#farewell.say(this.dialog, reason);
    });
  }

  /** Ends the call for its owner. `sayGoodbye` sends what the peer must be told, before anybody else acts on the end. */
  #end(cause: EndCause, sayGoodbye: () => void = () => undefined): void {
    if (this.#state === 'ended') return;
    this.#endCause = cause;
    this.#timers.clearAll();
    this.#sessionTimer.stop();
    this.#incoming?.stop();
    // An answer that is not acknowledged is repeated no more, unless our BYE waits for its ACK.
    if (!this.#farewell.waitsForAck) this.#exchange?.answers.stop();
    sayGoodbye();
    // The state first: who is told that a hold or a REFER failed must not take the call for alive.
    this.#move('ended', cause.text);
    this.#exchange?.stop();
    this.#refers.onCallEnded();
    this.#settle();
  }

  /** Forgets the session once its call is over and nothing else uses the dialog (RFC 5057). */
  #settle(): void {
    if (this.#finished || this.#state !== 'ended') return;
    if (this.#outgoing?.isOpen === true || this.#farewell.isPending || !this.#refers.areOver) return;
    this.#finished = true;
    this.#outgoing?.close();
    this.dialog?.terminate();
    this.#owner.onFinished(this);
  }

  #move(to: SessionState, why: string): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.#services.observer.stateChanged('call', this.id, from, to, why);
    this.#owner.onState(this, from, to);
  }
}
