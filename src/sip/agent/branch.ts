import type { Dialog } from '../dialog';
import { rseqOf, type SipResponse } from '../message';
import type { MediaNegotiation } from '../sdp';
import { blame, blameSession } from './blame';
import type { Exchange } from './exchange';
import { sdpBody } from './sdp-body';
import type { AgentServices } from './services';

/**
 * One branch of an outgoing call: a callee that a provisional response or a 2xx told us of by its To tag. Each has its own
 * dialog, its own answer to our offer and its own count of reliable responses (RFC 3261 section 13.2.2.4, RFC 3262
 * section 4).
 */
export class Branch {
  readonly exchange: Exchange;
  readonly #services: AgentServices;
  readonly #negotiation: MediaNegotiation;
  /** What an unreliable response let us see of the answer; the 2xx will repeat it (RFC 3261 section 13.2.1). */
  #preview: MediaNegotiation | undefined;
  #lastRseq: number | undefined;
  /** Our offer has its answer for good: later descriptions are repetitions (RFC 3261 section 13.2.1). */
  #isAnswered = false;

  /** `negotiation` is this branch's own, with our offer out. */
  constructor(services: AgentServices, exchange: Exchange, negotiation: MediaNegotiation) {
    this.#services = services;
    this.exchange = exchange;
    this.#negotiation = negotiation;
    exchange.use(negotiation);
  }

  get dialog(): Dialog {
    return this.exchange.dialog;
  }

  /** By what was said last, be it only a preview. */
  get negotiation(): MediaNegotiation {
    return this.#preview ?? this.exchange.negotiation ?? this.#negotiation;
  }

  /**
   * A provisional response of this callee. Returns whether it brought a session description. Throws SdpError when it is
   * an answer for good, and one that cannot be used.
   */
  onProvisional(response: SipResponse): boolean {
    const rseq = this.#services.settings.reliable === 'off' ? undefined : reliableNumber(response);
    if (rseq === undefined) {
      this.exchange.hear(response);
      return this.#see(response);
    }
    // RFC 3262 4: a repeated one was acknowledged already, and one that came too early will come again.
    if (this.#lastRseq !== undefined && rseq !== this.#lastRseq + 1) return false;
    this.#lastRseq = rseq;
    this.exchange.hear(response);
    this.dialog.refreshTarget(response.contact); // reference 3.3
    this.#acknowledge(response, rseq);
    const answer = sdpBody(response);
    if (answer === undefined || this.#isAnswered) return false;
    this.#answered(answer);
    return true;
  }

  /** The callee answered. Throws SdpError when its answer to our offer cannot be used. */
  onAnswer(response: SipResponse): void {
    this.exchange.hear(response);
    if (this.#isAnswered) return;
    const answer = sdpBody(response);
    if (answer === undefined && this.#preview !== undefined) {
      // RFC 3261 13.2.1: the first description counts as the answer, so a 2xx that leaves it out has said it.
      this.exchange.use(this.#preview);
      this.#isAnswered = true;
    } else {
      this.#answered(answer ?? '');
    }
  }

  /** This callee is out of it: another one answered, or it said so. */
  drop(): void {
    this.exchange.stop();
  }

  /** RFC 3261 section 13.2.1: the description in an unreliable response is no answer yet, but it lets us hear early media. */
  #see(response: SipResponse): boolean {
    const answer = sdpBody(response);
    if (answer === undefined || this.#isAnswered) return false;
    const preview = this.#negotiation.fork();
    try {
      preview.receiveAnswer(answer);
    } catch (error) {
      this.#services.reportProblem(blameSession(error, response)); // the 2xx may do better
      return false;
    }
    this.#preview = preview;
    return true;
  }

  #answered(answer: Uint8Array | string): void {
    this.#isAnswered = true;
    this.#preview = undefined;
    this.#negotiation.receiveAnswer(answer);
    this.exchange.settle();
  }

  /** RFC 3262 section 4. Whatever becomes of the PRACK, the call is decided by the INVITE's own final response. */
  #acknowledge(response: SipResponse, rseq: number): void {
    const { sequence, method } = response.cseq;
    const headers = [['RAck', `${String(rseq)} ${String(sequence)} ${method}`]] as const;
    const ignore = (): void => undefined;
    this.#services.requests.send({ dialog: this.dialog, method: 'PRACK', headers, body: undefined }, {
      onResponse: ({ status, reason }) => {
        if (status < 300) return;
        const text = `The other side refused the PRACK for its ${String(response.status)}: ${String(status)} ${reason}`;
        this.#services.reportProblem(blame('CL2009', text, response, 'rseq'));
      },
      onTimeout: ignore,
      onTransportError: ignore,
    });
  }
}

/** RFC 3262 section 4: reliable is what requires 100rel and has a number. */
function reliableNumber(response: SipResponse): number | undefined {
  return response.require.some((tag) => tag.toLowerCase() === '100rel') ? rseqOf(response) : undefined;
}
