import type { SipRequest } from '../message';
import { type MediaNegotiation, SdpError } from '../sdp';
import type { ServerTransaction } from '../transaction';
import { replyToInvite } from './answers';
import { blameSession } from './blame';
import type { Exchange } from './exchange';
import { type PrackAnswer, type ProvisionalResponse, ReliableResponses } from './reliable-responses';
import { sdpBody } from './sdp-body';
import { type AgentServices, capabilityHeaders, identityHeaders, sdpContentType } from './services';
import type { SessionTimer } from './session-timer';

type Headers = readonly (readonly [string, string])[];

export interface IncomingInviteUser {
  /** The 2xx is out. */
  onAccepted(): void;
  /** Early media was agreed on, or changed. */
  onMedia(): void;
  /** The call cannot be accepted: refuse it with this status. */
  onHopeless(status: number, reason: string | undefined): void;
}

/**
 * The INVITE that makes an incoming call, from its first response to its last: ringing, early media, the 2xx or the refusal;
 * reliably where the caller wants it (RFC 3261 section 13.3, RFC 3262).
 */
export class IncomingInvite {
  readonly transaction: ServerTransaction;
  readonly #services: AgentServices;
  readonly #exchange: Exchange;
  readonly #timer: SessionTimer;
  readonly #user: IncomingInviteUser;
  readonly #reliable: ReliableResponses;
  /** What our description in an unreliable response was: the 2xx repeats it. */
  #previewed: string | undefined;
  /** A reliable response said it, so the 2xx need not. */
  #isAgreed = false;
  #isAccepting = false;

  constructor(
    services: AgentServices,
    { transaction, exchange, timer }: { readonly transaction: ServerTransaction; readonly exchange: Exchange; readonly timer: SessionTimer },
    user: IncomingInviteUser,
  ) {
    this.#services = services;
    this.transaction = transaction;
    this.#exchange = exchange;
    this.#timer = timer;
    this.#user = user;
    this.#reliable = new ReliableResponses(services, transaction, exchange.dialog.localTag, {
      onAcknowledged: (prack, response) => this.#onAcknowledged(prack, response),
      onSettled: () => {
        if (this.#isAgreed) exchange.settle();
        if (this.#isAccepting) this.#send200();
      },
      onGiveUp: () => {
        user.onHopeless(504, 'No PRACK came'); // RFC 3262 3: a 5xx after 64*T1
      },
    });
  }

  get request(): SipRequest {
    return this.transaction.request;
  }

  /** The person has answered, but the caller has not acknowledged what must come first. */
  get isAccepting(): boolean {
    return this.#isAccepting;
  }

  /** Says 180; again, if need be. */
  ring(): void {
    // RFC 3262 5: the first reliable response to an INVITE without an offer has to make one; a 180 without would be none.
    if (this.#isReliable(false) && sdpBody(this.request) === undefined && !this.#isAgreed) return;
    this.#send(180, undefined);
  }

  /** Early media: a 183 with our session description, if the caller's INVITE lets us describe it now. */
  progress(negotiation: MediaNegotiation): void {
    if (this.#exchange.negotiation !== undefined) return;
    const offer = sdpBody(this.request);
    const isReliable = this.#isReliable(true);
    if (offer === undefined && !isReliable) {
      this.ring(); // RFC 3261 13.2.1: an offer goes into a reliable response only
      return;
    }
    const body = this.#describe(negotiation, offer);
    if (body === undefined) return;
    this.#exchange.use(negotiation);
    if (isReliable) this.#isAgreed = true;
    else this.#previewed = body;
    this.#send(183, body);
    this.#user.onMedia();
  }

  /** Answers, at once or as soon as RFC 3262 lets us. Throws what deserves a 488 and has sent nothing then. */
  accept(negotiation: MediaNegotiation): void {
    if (this.#isAccepting) return;
    // Early media has been agreed on with a negotiation of its own.
    if (this.#exchange.negotiation === undefined) this.#exchange.use(negotiation);
    this.#isAccepting = true;
    if (!this.#reliable.blocksAcceptance) this.#send200();
  }

  /** The final response, other than 2xx. */
  refuse(status: number, reason: string | undefined, headers: Headers): void {
    this.stop();
    replyToInvite(this.#services, this.transaction, status, { toTag: this.#toTag, reason, headers });
  }

  onPrack(request: SipRequest, transaction: ServerTransaction): void {
    this.#reliable.receive(request, transaction);
  }

  /** Nothing is repeated any more. */
  stop(): void {
    this.#isAccepting = false;
    this.#reliable.stop();
  }

  get #toTag(): string {
    return this.#exchange.dialog.localTag;
  }

  #send200(): void {
    const { negotiation } = this.#exchange;
    if (negotiation === undefined) return;
    this.#isAccepting = false;
    this.#exchange.answers.accept(this.transaction, negotiation, {
      headers: () => [...this.#timer.accept(this.request), ...identityHeaders(this.#services.settings)],
      isAgreed: this.#isAgreed,
      previewed: this.#previewed,
    });
    this.#reliable.stop();
    this.#user.onAccepted();
  }

  /** Our answer to the offer of the INVITE, or our offer; undefined when the offer cannot be used, and the call is refused. */
  #describe(negotiation: MediaNegotiation, offer: Uint8Array | undefined): string | undefined {
    if (offer === undefined) return negotiation.createOffer({ full: true });
    try {
      return negotiation.receiveOffer(offer).answer;
    } catch (error) {
      this.#services.reportProblem(blameSession(error, this.request));
      this.#user.onHopeless(488, undefined);
      return undefined;
    }
  }

  /** RFC 3262 section 3: when the caller requires it, and where it matters and the caller can. */
  #isReliable(hasDescription: boolean): boolean {
    const { reliable = 'supported' } = this.#services.settings;
    const { supported, require } = this.request;
    if (reliable === 'off') return false;
    if (includes(require, '100rel')) return true;
    return includes(supported, '100rel') && (reliable === 'required' || hasDescription);
  }

  #send(status: number, body: string | undefined): void {
    const { settings } = this.#services;
    const { source } = this.transaction;
    const content: Headers = body === undefined ? [] : [['Content-Type', sdpContentType]];
    const headers = [...capabilityHeaders(settings, source.transport), ...identityHeaders(settings), ...content];
    if (this.#isReliable(body !== undefined)) this.#reliable.send({ status, headers, body });
    else replyToInvite(this.#services, this.transaction, status, { toTag: this.#toTag, reason: undefined, headers: [...identityHeaders(settings), ...content], body });
  }

  /** RFC 3262 section 5: a PRACK answers the offer of the response that it acknowledges, or may make one. */
  #onAcknowledged(prack: SipRequest, response: ProvisionalResponse): PrackAnswer {
    const { negotiation } = this.#exchange;
    const description = sdpBody(prack);
    const nothing = { status: 200, headers: [], body: undefined };
    // An offer of ours that waits now may be a later one: the PRACK of a 180 can come when the call is up and we hold it.
    const isOffered = response.body !== undefined && sdpBody(this.request) === undefined;
    if (negotiation === undefined) return nothing;
    try {
      if (isOffered) {
        negotiation.receiveAnswer(description ?? '');
        this.#user.onMedia();
        return nothing;
      }
      if (description === undefined) return nothing;
      const { answer } = negotiation.receiveOffer(description);
      this.#user.onMedia();
      return { status: 200, headers: [['Content-Type', sdpContentType]], body: answer };
    } catch (error) {
      // RFC 3264 4: one offer at a time, so that of the PRACK waits for ours (RFC 3311 5.2 has the status).
      if (error instanceof SdpError && error.status !== 488) return { ...nothing, status: error.status };
      this.#services.reportProblem(blameSession(error, prack));
      this.#user.onHopeless(488, undefined);
      return nothing;
    }
  }
}

function includes(tags: readonly string[], wanted: string): boolean {
  return tags.some((tag) => tag.toLowerCase() === wanted);
}
