import { respond, type SipRequest } from '../message';
import type { MediaNegotiation } from '../sdp';
import type { ServerTransaction } from '../transaction';
import { AnswerKeeper } from './answer-keeper';
import { blameSession } from './blame';
import { sdpBody } from './sdp-body';
import { type AgentServices, capabilityHeaders, sdpContentType } from './services';

type Headers = readonly (readonly [string, string])[];

/** Hears how the 2xx of a dialog fare. */
export interface InviteAnswersUser {
  /** The ACK came. `isUsable` is false when it should have answered our offer and did not. */
  onAck(isUsable: boolean): void;
  /** No ACK came within 64*T1. */
  onNoAck(): void;
}

/** What a 2xx shall say besides the usual. */
export interface AnswerWords {
  /** Asked for when it is sure that the 2xx leaves: it starts the session timer. */
  headers(): Headers;
  /** The session is agreed on already, by reliable provisional responses: the 2xx has nothing to add (RFC 3262 section 5). */
  readonly isAgreed?: boolean;
  /** The answer that a provisional response previewed, to be repeated as it was (RFC 3261 section 13.2.1). */
  readonly previewed?: string | undefined;
}

/**
 * Our 2xx to the INVITEs of the peer in one dialog, the first and the later ones: sends them until they are acknowledged,
 * and takes the answer out of the ACK when the INVITE had no offer (RFC 3261 sections 13.2.1 and 13.3.1.4).
 */
export class InviteAnswers {
  readonly #services: AgentServices;
  readonly #localTag: string;
  readonly #user: InviteAnswersUser;
  #keeper: AnswerKeeper | undefined;

  constructor(services: AgentServices, localTag: string, user: InviteAnswersUser) {
    this.#services = services;
    this.#localTag = localTag;
    this.#user = user;
  }

  /** A 2xx is not acknowledged yet: the INVITE is not finished. */
  get isWaiting(): boolean {
    return this.#keeper?.isWaiting === true;
  }

  /**
   * Answers with 200. Throws what deserves a 488, and has sent nothing then.
   * A later INVITE says that its sender has our 2xx to the one before, whose ACK is not waited for any more.
   */
  accept(transaction: ServerTransaction, negotiation: MediaNegotiation, words: AnswerWords): void {
    const { source, request } = transaction;
    const body = words.isAgreed === true ? undefined : (words.previewed ?? describe(request, negotiation));
    const wantsAnswer = words.isAgreed !== true && sdpBody(request) === undefined;
    this.stop();
    const response = respond(request, 200, {
      toTag: this.#localTag,
      source,
      headers: [
        ...capabilityHeaders(this.#services.settings, source.transport),
        ...words.headers(),
        ...(body === undefined ? [] : [['Content-Type', sdpContentType] as const]),
      ],
      body,
    });
    this.#keeper = new AnswerKeeper(this.#services, transaction, response, {
      onAck: (ack) => {
        this.#user.onAck(!wantsAnswer || this.#takeAnswer(ack, negotiation));
      },
      onNoAck: () => {
        this.#user.onNoAck();
      },
    });
  }

  /** An ACK inside the dialog: for the latest 2xx, or too late to matter. */
  acknowledge(ack: SipRequest): void {
    if (this.#keeper?.sequence === ack.cseq.sequence) this.#keeper.acknowledge(ack);
  }

  /** Waits for no ACK any more. */
  stop(): void {
    this.#keeper?.stop();
  }

  #takeAnswer(ack: SipRequest, negotiation: MediaNegotiation): boolean {
    try {
      negotiation.receiveAnswer(sdpBody(ack) ?? '');
      return true;
    } catch (error) {
      this.#services.reportProblem(blameSession(error, ack));
      return false;
    }
  }
}

/** RFC 3264, RFC 3261 13.2.1: no offer in the INVITE means that ours goes into the 2xx and the answer into the ACK. */
function describe(request: SipRequest, negotiation: MediaNegotiation): string {
  const offer = sdpBody(request);
  return offer === undefined ? negotiation.createOffer({ full: true }) : negotiation.receiveOffer(offer).answer;
}
