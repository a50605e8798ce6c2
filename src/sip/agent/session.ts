import type { Dialog } from '../dialog';
import { formatReplaces, type NameAddr, respond, type SipRequest, type SipResponse } from '../message';
import type { HoldStyle, MediaNegotiation } from '../sdp';
import { ProtocolTimers, type ServerTransaction } from '../transaction';
import { AnswerKeeper } from './answer-keeper';
import { blameRequest, blameSession } from './blame';
import { InviteAttempt, type Invitation, type InviteFailure } from './invite-attempt';
import { type HoldChange, Reinviter } from './reinvite';
import { ReferSubscription, type ReferUser } from './refer-subscription';
import { Referral, type ReferRequest } from './referral';
import { type AgentServices, capabilityHeaders, sdpContentType } from './services';

/**
 * Where a call stands for the person who has it.
 * Outgoing: calling, ringing, connected, ended. Incoming: incoming, answering (2xx sent, no ACK yet), connected, ended.
 */
export type SessionState = 'calling' | 'ringing' | 'incoming' | 'answering' | 'connected' | 'ended';

/** Why a call ended. */
export interface EndCause {
  readonly by: 'us' | 'peer' | 'network';
  /** The SIP status that ended it; 200 for an orderly hang-up. */
  readonly status: number;
  readonly text: string;
}

/** Hears of everything that happens to the sessions of an agent. */
export interface SessionObserver {
  onState(session: Session, from: SessionState, to: SessionState): void;
  /** What may be sent and received changed: look at `negotiation.media`. */
  onMedia(session: Session): void;
  /** The peer asks us to call somebody; accepted already, to be followed by `followReferral`. */
  onReferral(session: Session, referral: Referral): void;
  /** A DTMF digit by INFO. */
  onDigit(session: Session, digit: string): void;
}

/** What the owner of the sessions does for one of them. */
export interface SessionOwner extends SessionObserver {
  /** The session's dialog is known now: requests for it shall be given to it. */
  addDialog(dialog: Dialog, session: Session): void;
  /** Nothing more can come for this session; it may be forgotten. */
  onFinished(session: Session): void;
}

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
  readonly #timers: ProtocolTimers<'ring limit'>;
  readonly #subscriptions: ReferSubscription[] = [];
  readonly #referrals: Referral[] = [];
  #state: SessionState;
  #dialog: Dialog | undefined;
  #negotiation: MediaNegotiation | undefined;
  #attempt: InviteAttempt | undefined;
  #inviteTransaction: ServerTransaction | undefined;
  #keeper: AnswerKeeper | undefined;
  #reinviter: Reinviter | undefined;
  #endCause: EndCause | undefined;
  #referralCount = 0;
  /** We hung up before our 2xx was acknowledged: BYE must wait (RFC 3261 section 15). */
  #byeOnAck: string | undefined;
  #byePending = false;
  #finished = false;
  /** The address we dialled, as text. */
  readonly #dialled: string;

  private constructor(
    services: AgentServices,
    owner: SessionOwner,
    fields: {
      id: string;
      direction: 'outgoing' | 'incoming';
      dialled: string;
      replaces?: Session | undefined;
      invite?: SipRequest;
    },
  ) {
    this.#services = services;
    this.#owner = owner;
    this.id = fields.id;
    this.direction = fields.direction;
    this.replaces = fields.replaces;
    this.invite = fields.invite;
    this.#dialled = fields.dialled;
    this.#state = fields.direction === 'outgoing' ? 'calling' : 'incoming';
    this.#timers = new ProtocolTimers(services.clock, services.observer, fields.id);
  }

  /** Calls somebody: sends the INVITE with a fresh offer. */
  static place(
    services: AgentServices,
    owner: SessionOwner,
    id: string,
    invitation: Omit<Invitation, 'offer'>,
    negotiation: MediaNegotiation,
  ): Session {
    const session = new Session(services, owner, { id, direction: 'outgoing', dialled: invitation.target.toString() });
    session.#negotiation = negotiation;
    services.observer.stateChanged('call', id, 'none', 'calling', `INVITE to ${invitation.target.toString()}`);
    const attempt = new InviteAttempt(services, { ...invitation, offer: negotiation.createOffer() }, {
      onProgress: (response, dialog) => {
        session.#onProgress(response, dialog);
      },
      onAnswer: (response, dialog) => {
        session.#onAnswer(response, dialog);
      },
      onFailure: (failure) => {
        session.#onInviteFailed(failure);
      },
      onUnwanted: (dialog) => {
        session.#byeDialog(dialog, undefined, () => undefined);
      },
    });
    session.#attempt = attempt;
    attempt.start();
    return session;
  }

  /** A call came in. Nothing is answered yet: `ring`, `accept`, `reject` or `redirect` does. */
  static incoming(
    services: AgentServices,
    owner: SessionOwner,
    id: string,
    transaction: ServerTransaction,
    dialog: Dialog,
    replaces: Session | undefined,
  ): Session {
    const invite = transaction.request;
    const session = new Session(services, owner, { id, direction: 'incoming', dialled: '', replaces, invite });
    session.#dialog = dialog;
    session.#inviteTransaction = transaction;
    services.observer.stateChanged('call', id, 'none', 'incoming', `INVITE from ${invite.from.uriText}`);
    transaction.user = {
      onTimeout: () => {
        session.#settle(); // H fired: our refusal was never acknowledged, and nothing more can come
      },
    };
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
    return this.#state === 'ended' && !this.#byePending && this.#byeOnAck === undefined;
  }

  /** How the peer would be told to replace this call: its view has our remote tag as its own (RFC 3891 section 3). */
  get replacesValue(): string | undefined {
    const dialog = this.#dialog;
    if (dialog === undefined) return undefined;
    return formatReplaces({
      callId: dialog.callId,
      toTag: dialog.remoteTag,
      fromTag: dialog.localTag,
      earlyOnly: false,
    });
  }

  // --- what a person does with an incoming call ---

  /** Says 180: the phone rings. */
  ring(): void {
    if (this.#state !== 'incoming') return;
    this.#reply(180);
    this.#timers.set('ring limit', this.#services.settings.ringLimit, () => {
      this.reject(480, 'No answer');
    });
  }

  /**
   * Answers with 200. Throws what deserves a 488 and has then refused the call.
   * With Replaces, the replaced call is ended once the 200 is out (RFC 3891 section 3).
   */
  accept(negotiation: MediaNegotiation): void {
    const transaction = this.#inviteTransaction;
    if (this.#state !== 'incoming' || transaction === undefined) return;
    this.#negotiation = negotiation;
    const offer = transaction.request.body;
    let body: string;
    try {
      // RFC 3264, RFC 3261 13.2.1: no offer in the INVITE means that ours goes into the 2xx and the answer into the ACK.
      body = offer.length > 0 ? negotiation.receiveOffer(offer).answer : negotiation.createOffer({ full: true });
    } catch (error) {
      this.#services.reportProblem(blameSession(error, transaction.request));
      this.reject(488);
      throw error;
    }
    this.#timers.clearAll();
    this.#keep(transaction, body, offer.length === 0);
    this.#dialog?.confirm();
    this.#move('answering', 'RFC 3261 13.3.1.4: 200 sent, ACK awaited');
    this.#owner.onMedia(this);
    this.replaces?.endAsReplaced();
  }

  reject(status: number, reason?: string, headers: readonly (readonly [string, string])[] = []): void {
    if (this.#state !== 'incoming') return;
    this.#reply(status, reason, headers);
    this.#end({ by: 'us', status, text: reason ?? 'refused by us' });
    this.#settle();
  }

  /** Sends the caller elsewhere: 302 with one Contact for each target (RFC 3261 section 21.3.3). */
  redirect(targets: readonly string[]): void {
    const contacts = targets.map((target): [string, string] => ['Contact', `<${target}>`]);
    const diversion: [string, string] = ['Diversion', `<${this.#services.settings.uri}>;reason=deflection`];
    this.reject(302, 'Moved Temporarily', [...contacts, diversion]);
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
  refer(referTo: string, user: ReferUser): ReferSubscription | undefined {
    const dialog = this.#dialog;
    if (this.#state !== 'connected' || dialog === undefined) {
      user.onRefused(481, 'The call is not up');
      return undefined;
    }
    this.#referralCount += 1;
    const name = `our refer ${String(this.#referralCount)} in ${dialog.callId}`;
    const subscription = new ReferSubscription(this.#services, name, user, () => {
      this.#settle();
    });
    this.#subscriptions.push(subscription);
    subscription.start(dialog, referTo);
    return subscription;
  }

  /** Ends the call, whatever its state: BYE, CANCEL, or a refusal (RFC 3261 sections 9 and 15). */
  hangUp(text = 'hung up by us', reason?: string): void {
    switch (this.#state) {
      case 'calling':
      case 'ringing':
        this.#attempt?.cancel(reason);
        return;
      case 'incoming':
        this.reject(480);
        return;
      case 'answering':
        // RFC 3261 15: no BYE before the ACK has come or the 2xx has given up.
        this.#byeOnAck = reason ?? '';
        this.#end({ by: 'us', status: 200, text });
        return;
      case 'connected':
        this.#end({ by: 'us', status: 200, text });
        this.#bye(reason);
        return;
      case 'ended':
        return;
    }
  }

  /** Another call took the place of this one (RFC 3891 section 3): BYE when confirmed, CANCEL when early. */
  endAsReplaced(): void {
    this.hangUp('replaced by another call', 'SIP;cause=200;text="Replaced"');
  }

  /** Drops everything at once, without a word to the peer: only when the lab can wait no longer. */
  abandon(): void {
    this.#attempt?.abandon();
    this.#keeper?.stop();
    this.#byePending = false;
    this.#byeOnAck = undefined;
    this.#end({ by: 'network', status: 408, text: 'given up: the other side did not answer' });
    for (const part of [...this.#subscriptions, ...this.#referrals]) part.abandon('the lab stopped');
    this.#settle();
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
        this.#onNotify(request, transaction);
        return;
      case 'SUBSCRIBE':
        this.#onSubscribe(request, transaction);
        return;
      case 'INFO':
        this.#onInfo(request, transaction);
        return;
      default:
        this.#answer(transaction, 405);
    }
  }

  /** The ACK to one of our 2xx. */
  acknowledge(ack: SipRequest): void {
    if (this.#keeper?.sequence === ack.cseq.sequence) this.#keeper.acknowledge(ack);
  }

  /** The caller gave up: RFC 3261 section 9.2. The CANCEL itself is answered already. */
  cancelled(): void {
    if (this.#state !== 'incoming') return;
    this.#reply(487);
    this.#end({ by: 'peer', status: 487, text: 'the caller gave up' });
    this.#settle();
  }

  /** A REFER of the peer, checked and accepted: 202, the first NOTIFY, and the owner is told. */
  acceptRefer(transaction: ServerTransaction, request: ReferRequest): void {
    const dialog = this.#dialog;
    if (dialog === undefined) return;
    const referral = new Referral(this.#services, dialog, transaction.request, request, () => {
      this.#settle();
    });
    this.#referrals.push(referral);
    referral.accept(transaction);
    this.#owner.onReferral(this, referral);
  }

  get hasLiveReferral(): boolean {
    return this.#referrals.some((referral) => referral.isLive);
  }

  // --- outgoing INVITE ---

  #onProgress(response: SipResponse, dialog: Dialog | undefined): void {
    if (dialog !== undefined) {
      this.#dialog ??= dialog;
      this.#owner.addDialog(dialog, this);
    }
    if (response.status > 100 && this.#state === 'calling') this.#move('ringing', `${String(response.status)} received`);
  }

  #onAnswer(response: SipResponse, dialog: Dialog): void {
    this.#dialog = dialog;
    this.#owner.addDialog(dialog, this);
    const negotiation = this.#negotiation;
    if (negotiation === undefined) return;
    try {
      negotiation.receiveAnswer(response.body);
    } catch (error) {
      // RFC 3261 13.2.2.4: the ACK is out; an answer that cannot be used ends the call.
      this.#services.reportProblem(blameSession(error, response));
      this.#end({ by: 'us', status: 488, text: 'the answer to our offer cannot be used' });
      this.#bye('SIP;cause=488;text="Not Acceptable Here"');
      return;
    }
    this.#connect('RFC 3261 13.2.2.4: 2xx received, ACK sent');
    this.#owner.onMedia(this);
  }

  #onInviteFailed(failure: InviteFailure): void {
    const by = failure.response === undefined ? (failure.status === 487 ? 'us' : 'network') : 'peer';
    this.#end({ by, status: failure.status, text: failure.reason });
    this.#settle();
  }

  #connect(why: string): void {
    const { dialog, negotiation } = { dialog: this.#dialog, negotiation: this.#negotiation };
    if (dialog === undefined || negotiation === undefined) return;
    this.#reinviter = new Reinviter(this.#services, dialog, negotiation, {
      transport: dialog.transport,
      onAgreed: () => {
        this.#owner.onMedia(this);
      },
      onCallGone: (status) => {
        if (this.#state === 'ended') return;
        this.#end({ by: 'network', status, text: 'the other side no longer knows the call' });
        if (status === 408) this.#bye(undefined); // RFC 3261 12.2.1.2
        else this.#settle();
      },
    });
    this.#move('connected', why);
  }

  // --- incoming INVITE and re-INVITE ---

  #keep(transaction: ServerTransaction, body: string, answerInAck: boolean): void {
    const { source, request } = transaction;
    const response = respond(request, 200, {
      toTag: this.#dialog?.localTag ?? '',
      source,
      headers: [...capabilityHeaders(this.#services.settings, source.transport), ['Content-Type', sdpContentType]],
      body,
    });
    this.#keeper = new AnswerKeeper(this.#services, transaction, response, {
      onAck: (ack) => {
        this.#onAck(ack, answerInAck);
      },
      onNoAck: () => {
        // RFC 3261 13.3.1.4: no ACK within 64*T1: the call is set up for nobody, so BYE.
        if (this.#state !== 'ended') this.#end({ by: 'network', status: 408, text: 'our answer was never acknowledged' });
        this.#byeOnAck = undefined;
        this.#bye(undefined);
      },
    });
  }

  #onAck(ack: SipRequest, answerInAck: boolean): void {
    if (answerInAck && this.#negotiation?.offerPending === 'local') {
      try {
        this.#negotiation.receiveAnswer(ack.body);
      } catch (error) {
        this.#services.reportProblem(blameSession(error, ack));
        this.#negotiation.abandonOffer();
        if (this.#state === 'answering' && this.#byeOnAck === undefined) {
          this.#end({ by: 'us', status: 488, text: 'no usable answer to our offer came' });
          this.#byeOnAck = 'SIP;cause=488;text="Not Acceptable Here"';
        }
      }
    }
    if (this.#byeOnAck !== undefined) {
      const reason = this.#byeOnAck;
      this.#byeOnAck = undefined;
      this.#bye(reason === '' ? undefined : reason);
      return;
    }
    if (this.#state === 'answering') this.#connect('RFC 3261 13.3.1.4: ACK received');
    if (answerInAck && this.#state === 'connected') this.#owner.onMedia(this);
  }

  #onReinvite(request: SipRequest, transaction: ServerTransaction): void {
    const negotiation = this.#negotiation;
    if (this.#state === 'ended' || negotiation === undefined) {
      this.#answer(transaction, this.#state === 'ended' ? 481 : 500, [['Retry-After', '1']]);
      return;
    }
    if (this.#reinviter?.isInFlight === true) {
      this.#answer(transaction, 491); // RFC 3261 14.2: ours is on its way
      return;
    }
    if (negotiation.offerPending !== 'none') {
      // RFC 3261 14.2: an earlier offer is unanswered; come back after a while.
      this.#answer(transaction, 500, [['Retry-After', String(1 + Math.floor(this.#services.random.fraction() * 5))]]);
      return;
    }
    let body: string;
    try {
      body = request.body.length > 0 ? negotiation.receiveOffer(request.body).answer : negotiation.createOffer({ full: true });
    } catch (error) {
      this.#services.reportProblem(blameSession(error, request));
      this.#answer(transaction, 488); // RFC 3261 14.2: the session stays as it was
      return;
    }
    this.#dialog?.refreshTarget(request.contact);
    // The peer's next INVITE says that it has our 2xx: an ACK to the previous one that got lost is not waited for.
    this.#keeper?.stop();
    if (this.#state === 'answering') this.#connect('RFC 3261 14.2: a re-INVITE stands in for the lost ACK');
    this.#keep(transaction, body, request.body.length === 0);
    this.#owner.onMedia(this);
  }

  #onBye(request: SipRequest, transaction: ServerTransaction): void {
    this.#answer(transaction, 200);
    if (this.#state === 'incoming') {
      this.#reply(487); // RFC 3261 15.1.2: a pending request gets 487
    }
    this.#keeper?.stop();
    this.#byeOnAck = undefined;
    if (this.#state !== 'ended') {
      const reason = request.header('Reason');
      this.#end({ by: 'peer', status: 200, text: reason === undefined ? 'hung up by the other side' : `hung up by the other side (${reason})` });
    }
    this.#settle();
  }

  // --- subscriptions ---

  #onNotify(request: SipRequest, transaction: ServerTransaction): void {
    if (request.event?.package !== 'refer') {
      this.#answer(transaction, 489); // RFC 6665 8.2.1
      return;
    }
    const live = this.#subscriptions.filter((subscription) => subscription.isLive);
    const id = request.event.id;
    const match = live.find((subscription) => subscription.matches(id, live.length === 1)) ?? (id === undefined ? live[0] : undefined);
    if (match === undefined) this.#answer(transaction, 481); // RFC 6665 4.1.3
    else match.receive(request, transaction);
  }

  #onSubscribe(request: SipRequest, transaction: ServerTransaction): void {
    if (request.event?.package !== 'refer') {
      this.#answer(transaction, 489);
      return;
    }
    const match = this.#referrals.find((referral) => referral.matches(request.event?.id));
    if (match === undefined) this.#answer(transaction, 481); // RFC 6665 4.2.1: only REFER makes this subscription
    else match.refresh(request, transaction);
  }

  #onInfo(request: SipRequest, transaction: ServerTransaction): void {
    if (request.contentType !== 'application/dtmf-relay' && request.contentType !== 'application/dtmf') {
      this.#answer(transaction, 415);
      return;
    }
    this.#answer(transaction, 200);
    const text = Buffer.from(request.body).toString('latin1');
    const digit = /(?:Signal\s*=\s*)?(?<digit>[0-9A-D*#])/u.exec(text)?.groups?.['digit'];
    if (digit !== undefined) this.#owner.onDigit(this, digit);
  }

  // --- endings ---

  #bye(reason: string | undefined): void {
    const dialog = this.#dialog;
    if (dialog === undefined) {
      this.#settle();
      return;
    }
    this.#byePending = true;
    this.#byeDialog(dialog, reason, () => {
      this.#byePending = false;
      this.#settle();
    });
  }

  /** RFC 3261 section 15.1.1: whatever the answer to a BYE is, or if none comes, the call is over. */
  #byeDialog(dialog: Dialog, reason: string | undefined, onDone: () => void): void {
    const headers: [string, string][] = reason === undefined ? [] : [['Reason', reason]];
    this.#services.requestInDialog(dialog, 'BYE', headers, undefined, {
      onResponse: (response) => {
        if (response.status >= 200) onDone();
      },
      onTimeout: onDone,
      onTransportError: onDone,
    });
  }

  #end(cause: EndCause): void {
    if (this.#state === 'ended') return;
    this.#endCause = cause;
    this.#timers.clearAll();
    this.#reinviter?.stop();
    // Nobody waits for the ACK of a call that is over, except the BYE that has to come after it (RFC 3261 15).
    if (this.#byeOnAck === undefined) this.#keeper?.stop();
    this.#move('ended', cause.text);
  }

  /** Forgets the session once its call is over and nothing else uses the dialog (RFC 5057). */
  #settle(): void {
    if (this.#finished || this.#state !== 'ended' || this.#byePending || this.#byeOnAck !== undefined) return;
    if ([...this.#subscriptions, ...this.#referrals].some((usage) => usage.isLive)) return;
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

  #reply(status: number, reason?: string, headers: readonly (readonly [string, string])[] = []): void {
    const transaction = this.#inviteTransaction;
    if (transaction === undefined) return;
    const isDialogForming = status > 100 && status < 300;
    const contact = isDialogForming ? capabilityHeaders(this.#services.settings, transaction.source.transport) : [];
    transaction.respond(
      respond(transaction.request, status, {
        toTag: this.#dialog?.localTag ?? '',
        source: transaction.source,
        headers: [...contact, ...headers],
        ...(reason === undefined ? {} : { reason }),
      }),
    );
  }

  #answer(transaction: ServerTransaction, status: number, headers: readonly (readonly [string, string])[] = []): void {
    // 488 has been reported with the line of the session description; 491, and 500 with Retry-After, are mere bad timing.
    if (status === 405 || status === 415 || status === 481 || status === 489) {
      this.#services.reportProblem(blameRequest(transaction.request, status));
    }
    transaction.respond(respond(transaction.request, status, { source: transaction.source, headers }));
  }
}
