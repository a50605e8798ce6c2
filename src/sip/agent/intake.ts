import {
  type Framing,
  parseMessage,
  type Refusal,
  respond,
  SipHeaderError,
  type SipMessage,
  SipParseError,
  type SipRequest,
  type SipResponse,
  type UasPolicy,
  validateRequest,
  validateResponse,
} from '../message';
import type { Hop, ServerTransaction } from '../transaction';
import type { DialogTable } from './dialog-table';
import { newTag, refuse } from './refuse';
import { type AgentServices, methodsOf, optionsOf, sdpContentType } from './services';

/**
 * The door of a user agent: octets come in, and only messages that can be understood go on to the transactions. What
 * cannot is refused or dropped here, and told to a person.
 */
export class Intake {
  readonly #services: AgentServices;
  readonly #dialogs: DialogTable;
  /** What this user agent can do; the validator refuses the rest with 405, 415, 420 or 501 (RFC 3261 section 8.2). */
  readonly #policy: UasPolicy;

  constructor(services: AgentServices, dialogs: DialogTable) {
    this.#services = services;
    this.#dialogs = dialogs;
    this.#policy = { methods: methodsOf(services.settings), extensions: optionsOf(services.settings), sessionTypes: [sdpContentType], sips: false };
  }

  /** Octets from the wire: one datagram, or one framed message of a stream. Never throws, whatever they hold. */
  receive(bytes: Uint8Array, source: Hop): void {
    let message: SipMessage;
    try {
      message = parseMessage(bytes);
    } catch (error) {
      // Nothing to answer: what cannot be read has no Via to send to (RFC 3261 16.11 drops it silently, and so do we).
      if (error instanceof SipParseError) {
        this.#services.reportProblem({ code: error.code, text: `Dropped: ${error.message}`, range: error.range });
        return;
      }
      throw error;
    }
    if (message.kind === 'response') this.#receiveResponse(message, source);
    else this.#receiveRequest(message, source);
  }

  /** RFC 3261 section 8.2, and what the extensions we speak say of form. Returns true when the request is refused. */
  refuseMalformed(request: SipRequest, transaction: ServerTransaction): boolean {
    const refusal = validateRequest(request, this.#policy, framingOf(transaction.source)) ?? refuseReplaces(request);
    if (refusal === undefined) return false;
    this.#reportRefusal(request, refusal);
    // Reference 3.3: the number counts, also that of a request that is refused.
    if (hasIdentity(request)) this.#dialogs.acceptSequence(request);
    const { status, reason, headers = [] } = refusal;
    refuse(this.#services, transaction, status, { reason, headers });
    return true;
  }

  #receiveResponse(response: SipResponse, source: Hop): void {
    const fault = validateResponse(response, framingOf(source));
    if (fault === undefined) {
      this.#services.transactions.receive(response, source);
      return;
    }
    const text = `A response (${String(response.status)}) was dropped: ${fault.rule}`;
    this.#services.reportProblem({ code: 'CL2001', text, message: response, range: fault.range });
  }

  #receiveRequest(request: SipRequest, source: Hop): void {
    const { transactions } = this.#services;
    if (request.method !== 'ACK' && hasIdentity(request)) {
      transactions.receive(request, source); // refused, if need be, in a transaction of its own
      return;
    }
    // RFC 3261 17.1.1.3: the ACK of a refusal repeats the INVITE's Request-URI, and with it what the INVITE was refused for.
    if (request.method === 'ACK' && hasIdentity(request) && transactions.settle(request)) return;
    const refusal = validateRequest(request, this.#policy, framingOf(source));
    if (refusal === undefined) {
      transactions.receive(request, source);
      return;
    }
    this.#reportRefusal(request, refusal);
    if (request.method === 'ACK') return; // RFC 3261 17: an ACK is never answered
    if (request.header('via') === undefined) return; // RFC 3261 18.2.2: no Via, no way back
    try {
      const { status, reason, headers } = refusal;
      const toTag = newTag(this.#services);
      transactions.resend(respond(request, status, { reason, source, toTag, ...(headers && { headers }) }), source);
    } catch {
      // No usable Via, From or To: there is nowhere to send an answer, and the journal has the problem.
    }
  }

  #reportRefusal(request: SipRequest, { status, rule, range }: Refusal): void {
    const text = `${request.method} refused with ${String(status)}: ${rule}`;
    this.#services.reportProblem({ code: 'CL2001', text, message: request, range });
  }
}

/** RFC 7118 section 5.1: a WebSocket message ends where it ends, as a datagram does. */
function framingOf({ transport }: Hop): Framing {
  return transport === 'tcp' || transport === 'tls' ? 'stream' : 'datagram';
}

/** Whether everything can be read that tells which transaction and dialog a request belongs to. */
function hasIdentity(request: SipRequest): boolean {
  try {
    const { topVia, from, to, callId, cseq } = request;
    return [topVia, from, to, callId, cseq].length > 0;
  } catch (error) {
    if (error instanceof SipHeaderError) return false;
    throw error;
  }
}

/** RFC 3891 section 3: Replaces is for INVITE alone; RFC 3911 section 4: and not together with Join. */
function refuseReplaces(request: SipRequest): Refusal | undefined {
  const range = request.headerRange('replaces');
  if (range === undefined || (request.method === 'INVITE' && request.header('join') === undefined)) return undefined;
  return { status: 400, reason: 'Bad Request', range, rule: 'Replaces stands in an INVITE, and alone (RFC 3891 section 3, RFC 3911 section 4)' };
}
