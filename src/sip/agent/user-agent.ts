import { type Clock, type RandomSource, randomToken } from '../../core';
import type { DigestServer } from '../auth';
import { Dialog } from '../dialog';
import {
  parseMessage,
  type Refusal,
  type Replaces,
  respond,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  SipHeaderError,
  SipParseError,
  type UasPolicy,
  validateRequest,
  validateResponse,
} from '../message';
import type { MediaNegotiation } from '../sdp';
import {
  defaultTimers,
  type Hop,
  type ProtocolObserver,
  type ServerTransaction,
  type TimerValues,
  TransactionLayer,
} from '../transaction';
import { ClientAuthorizer } from './authorizer';
import { blame, blameRequest } from './blame';
import { DialogRequests } from './dialog-requests';
import { DialogTable } from './dialog-table';
import type { Invitation } from './invite-attempt';
import { judgeReplaces } from './replaced';
import { checkRefer } from './refer-policy';
import {
  type AgentProblem,
  type AgentServices,
  type AgentSettings,
  allowedMethods,
  sdpContentType,
  supportedOptions,
} from './services';
import { Session } from './session';
import type { SessionObserver, SessionOwner } from './session-state';

type Headers = readonly (readonly [string, string])[];

/** What this user agent can do; the validator refuses the rest with 405, 415, 420 or 501 (RFC 3261 section 8.2). */
const uasPolicy: UasPolicy = {
  methods: allowedMethods,
  extensions: supportedOptions,
  sessionTypes: [sdpContentType],
};

/** Everything a user agent needs from outside. */
export interface UserAgentOptions {
  readonly settings: AgentSettings;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers?: TimerValues;
  readonly observer: ProtocolObserver;
  /** Callers must authenticate against it; without one, anybody may call. */
  readonly digest?: DigestServer | undefined;
  readonly events: AgentEvents;
  /** Our address over `transport` as it stands in Via: host:port. */
  sentBy(transport: Hop['transport']): string;
  /** Sends octets; `onFailure` is called later, at most once, when they certainly did not leave. */
  transmit(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void;
}

export interface AgentEvents extends SessionObserver {
  /** A call came in: ring, answer, reject or redirect it, now or later. */
  onIncoming(session: Session): void;
  onProblem(problem: AgentProblem): void;
}

/**
 * A SIP user agent without I/O: octets and fired timers go in, octets and reports come out. It keeps the dialogs, finds
 * the session each message belongs to, and answers what no session can. RFC 3261 sections 8, 12 and 13.
 */
export class UserAgent {
  readonly #options: UserAgentOptions;
  readonly #services: AgentServices;
  readonly #owner: SessionOwner;
  readonly #transactions: TransactionLayer;
  /** Every session that is not finished. */
  readonly #sessions = new Set<Session>();
  readonly #dialogs: DialogTable;
  /** Sessions by the INVITE that made them, for CANCEL. */
  readonly #invites = new Map<ServerTransaction, Session>();
  #sessionCount = 0;
  #isAbandoned = false;

  constructor(options: UserAgentOptions) {
    this.#options = options;
    const { clock, random, observer, settings, events } = options;
    const timers = options.timers ?? defaultTimers;
    this.#dialogs = new DialogTable(clock);
    const transactions = this.#createTransactions(timers);
    this.#transactions = transactions;
    const authorizer = new ClientAuthorizer((realm) => settings.credentialsFor(realm), random);
    this.#services = {
      settings,
      clock,
      random,
      timers,
      observer,
      transactions,
      authorizer,
      requests: new DialogRequests(clock, transactions, authorizer),
      reportProblem: (problem) => {
        events.onProblem(problem);
      },
    };
    this.#owner = {
      onState: (session, from, to) => {
        events.onState(session, from, to);
      },
      onMedia: (session) => {
        events.onMedia(session);
      },
      onReferral: (session, referral) => {
        events.onReferral(session, referral);
      },
      onDigit: (session, digit) => {
        events.onDigit(session, digit);
      },
      addDialog: (dialog, session) => {
        this.#dialogs.add(dialog, session);
      },
      onFinished: (session) => {
        this.#forget(session);
      },
    };
  }

  /** Sessions that are not finished: calls, and ended calls that still have a subscription or an unanswered BYE. */
  get sessions(): readonly Session[] {
    return [...this.#sessions];
  }

  /** No call is up or on its way, and nothing waits for an answer; machines that only linger do not count. */
  get isQuiet(): boolean {
    return this.sessions.every((session) => session.isQuiet) && this.#transactions.unsettled === 0;
  }

  /** Calls somebody. `negotiation` is fresh and has our media address. */
  place(invitation: Omit<Invitation, 'offer'>, negotiation: MediaNegotiation): Session {
    const session = Session.place(this.#services, this.#owner, { id: this.#nextId(), invitation, negotiation });
    this.#sessions.add(session);
    return session;
  }

  /** Octets from the wire: one datagram, or one framed message of a stream. Never throws, whatever they hold. */
  receive(bytes: Uint8Array, source: Hop): void {
    if (this.#isAbandoned) return; // what is still on its way must not start a timer that nobody stops
    let message: SipMessage;
    try {
      message = parseMessage(bytes);
    } catch (error) {
      // Nothing to answer: what cannot be read has no Via to send to (RFC 3261 16.11 drops it silently, and so do we).
      if (error instanceof SipParseError) {
        this.#options.events.onProblem({ code: error.code, text: `Dropped: ${error.message}`, range: error.range });
        return;
      }
      throw error;
    }
    if (message.kind === 'response') this.#receiveResponse(message, source);
    else this.#receiveRequest(message, source);
  }

  /** Drops all calls and timers at once, for good. Hang up first and wait: this says nothing to the peers. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const session of this.sessions) session.abandon();
    this.#services.requests.abandon();
    this.#transactions.abandonAll();
    this.#sessions.clear();
    this.#dialogs.clear();
    this.#invites.clear();
  }

  #createTransactions(timers: TimerValues): TransactionLayer {
    const options = this.#options;
    return new TransactionLayer({
      clock: options.clock,
      random: options.random,
      timers,
      observer: options.observer,
      sentBy: (transport) => options.sentBy(transport),
      transmit: (message, hop, onFailure) => {
        options.transmit(message.bytes, hop, onFailure);
      },
      onRequest: (request, transaction) => {
        this.#onRequest(request, transaction);
      },
      onCancel: (cancel, transaction, invite) => {
        this.#onCancel(cancel, transaction, invite);
      },
      onAck: (ack) => {
        const found = this.#dialogs.find(ack);
        if (found !== undefined && found.dialog === found.session.dialog) found.session.acknowledge(ack);
      },
      onStrayResponse: (response) => {
        const text = `A response (${String(response.status)}) that belongs to no request was dropped`;
        options.events.onProblem(blame('CL2006', text, response, 'via'));
      },
    });
  }

  #nextId(): string {
    this.#sessionCount += 1;
    return `call ${String(this.#sessionCount)}`;
  }

  #receiveResponse(response: SipResponse, source: Hop): void {
    const fault = validateResponse(response);
    if (fault === undefined) {
      this.#transactions.receive(response, source);
      return;
    }
    const text = `A response (${String(response.status)}) was dropped: ${fault.rule}`;
    this.#options.events.onProblem({ code: 'CL2001', text, message: response, range: fault.range });
  }

  #receiveRequest(request: SipRequest, source: Hop): void {
    if (request.method !== 'ACK' && hasIdentity(request)) {
      this.#transactions.receive(request, source); // refused, if need be, in a transaction of its own
      return;
    }
    const refusal = validateRequest(request, uasPolicy);
    if (refusal === undefined) {
      this.#transactions.receive(request, source);
      return;
    }
    this.#reportRefusal(request, refusal);
    if (request.method === 'ACK') return; // RFC 3261 17: an ACK is never answered
    if (request.header('via') === undefined) return; // RFC 3261 18.2.2: no Via, no way back
    try {
      const { status, reason, headers } = refusal;
      const response = respond(request, status, { reason, source, toTag: this.#newTag(), ...(headers && { headers }) });
      this.#transactions.resend(response, source);
    } catch {
      // No usable Via, From or To: there is nowhere to send an answer, and the journal has the problem.
    }
  }

  #reportRefusal(request: SipRequest, { status, rule, range }: Refusal): void {
    const text = `${request.method} refused with ${String(status)}: ${rule}`;
    this.#options.events.onProblem({ code: 'CL2001', text, message: request, range });
  }

  #onRequest(request: SipRequest, transaction: ServerTransaction): void {
    if (this.#refuseMalformed(request, transaction)) return;
    if (request.toTag !== undefined) {
      this.#onRequestInDialog(request, transaction);
      return;
    }
    // RFC 3261 8.2.2.2: the same request over a second path.
    if (this.#transactions.isMerged(request, transaction)) {
      this.#turnDown(transaction, 482);
      return;
    }
    switch (request.method) {
      case 'INVITE':
        this.#onInvite(request, transaction);
        return;
      case 'OPTIONS':
        this.#onOptions(transaction);
        return;
      case 'REFER':
        this.#options.events.onProblem(
          blame('CL2007', 'A REFER outside any call was refused: it would let a stranger dial on our behalf', request, 'to'),
        );
        this.#refuse(transaction, 403); // reference 9.2
        return;
      case 'SUBSCRIBE':
        this.#turnDown(transaction, 489, { headers: [['Allow-Events', 'refer']] }); // RFC 6665 4.2.1.1, 8.2.2
        return;
      default:
        this.#turnDown(transaction, 481); // RFC 3261 12.2.2, RFC 6665 4.1.3: NOTIFY, BYE, INFO
    }
  }

  /** RFC 3261 section 8.2, and what the extensions we speak say of form. Returns true when the request is refused. */
  #refuseMalformed(request: SipRequest, transaction: ServerTransaction): boolean {
    const refusal = validateRequest(request, uasPolicy) ?? refuseReplaces(request);
    if (refusal === undefined) return false;
    this.#reportRefusal(request, refusal);
    // Reference 3.3: the number counts, also that of a request that is refused.
    if (hasIdentity(request)) this.#dialogs.find(request)?.dialog.acceptSequence(request.cseq.sequence);
    const { status, reason, headers = [] } = refusal;
    this.#refuse(transaction, status, { reason, headers });
    return true;
  }

  #onRequestInDialog(request: SipRequest, transaction: ServerTransaction): void {
    const { dialog, session } = this.#dialogs.find(request) ?? {};
    if (request.method === 'BYE' && dialog === undefined && this.#dialogs.isOver(request)) {
      this.#refuse(transaction, 200); // Two BYEs that crossed: both sides are right (reference 4.3)
      return;
    }
    if (dialog === undefined || session === undefined || dialog.state === 'terminated') {
      this.#turnDown(transaction, 481); // RFC 3261 12.2.2
    } else if (!dialog.acceptSequence(request.cseq.sequence)) {
      this.#turnDown(transaction, 500, { reason: 'CSeq out of order' }); // RFC 3261 12.2.2
    } else if (dialog !== session.dialog) {
      // Another branch of the forked call: its end is not the end of the call (RFC 3261 13.2.2.4).
      if (request.method === 'BYE') this.#refuse(transaction, 200);
      else this.#turnDown(transaction, 481);
      if (request.method === 'BYE') dialog.terminate();
    } else if (request.method === 'REFER') {
      this.#onRefer(session, request, transaction);
    } else if (request.method === 'OPTIONS') {
      this.#onOptions(transaction);
    } else {
      session.receive(request, transaction);
    }
  }

  #onInvite(request: SipRequest, transaction: ServerTransaction): void {
    if (!this.#authenticate(request, transaction)) return;
    const { replaces } = request;
    const replaced = replaces === undefined ? undefined : this.#findReplaced(replaces, request, transaction);
    if (replaces !== undefined && replaced === undefined) return;
    const dialog = Dialog.asCallee(request, this.#newTag(), transaction.source.transport);
    const session = Session.incoming(this.#services, this.#owner, { id: this.#nextId(), transaction, dialog, replaces: replaced });
    this.#sessions.add(session);
    this.#dialogs.add(dialog, session);
    this.#invites.set(transaction, session);
    this.#options.events.onIncoming(session);
  }

  /** The call to be replaced; undefined when there is none, and the INVITE is refused then. */
  #findReplaced(replaces: Replaces, request: SipRequest, transaction: ServerTransaction): Session | undefined {
    const { session, refusal } = judgeReplaces(replaces, this.#dialogs.findReplaced(replaces));
    if (refusal !== undefined) {
      this.#options.events.onProblem(blame('CL2008', refusal.text, request, 'replaces'));
      this.#refuse(transaction, refusal.status);
    }
    return session;
  }

  #onCancel(cancel: SipRequest, transaction: ServerTransaction, invite: ServerTransaction | undefined): void {
    if (this.#refuseMalformed(cancel, transaction)) return;
    if (invite === undefined) {
      this.#turnDown(transaction, 481); // RFC 3261 9.2
      return;
    }
    const session = this.#invites.get(invite);
    const toTag = session?.dialog?.localTag ?? invite.localTag ?? this.#newTag();
    // RFC 3261 9.2: 200 to the CANCEL with the To tag of the INVITE's responses; it has no effect after a final one.
    transaction.respond(respond(cancel, 200, { source: transaction.source, toTag }));
    if (invite.finalStatus === undefined) session?.cancelled();
  }

  #onRefer(session: Session, request: SipRequest, transaction: ServerTransaction): void {
    const checked = checkRefer(session, request, this.#options.settings);
    if (checked.refusal === undefined) {
      session.acceptRefer(transaction, checked.request);
      return;
    }
    const { status, reason, text } = checked.refusal;
    this.#options.events.onProblem(blame('CL2007', text, request, 'refer-to'));
    this.#refuse(transaction, status, { reason });
  }

  #onOptions(transaction: ServerTransaction): void {
    // RFC 3261 11.2: what an INVITE would find here.
    const headers: Headers = [
      ['Allow', allowedMethods.join(', ')],
      ['Accept', sdpContentType],
      ['Supported', supportedOptions.join(', ')],
    ];
    this.#refuse(transaction, 200, { headers });
  }

  /** Returns false when the caller must authenticate first: the challenge is sent. RFC 3261 section 22.2. */
  #authenticate(request: SipRequest, transaction: ServerTransaction): boolean {
    const digest = this.#options.digest;
    if (digest === undefined) return true;
    const result = digest.verify(request, 'Authorization');
    if (result.ok) return true;
    const challenges = digest.challenge(result.stale);
    this.#refuse(transaction, 401, { headers: challenges.map((value) => ['WWW-Authenticate', value] as const) });
    return false;
  }

  #forget(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.#dialogs.remove(session);
    for (const [transaction, owner] of this.#invites) if (owner === session) this.#invites.delete(transaction);
  }

  /** Refuses a request that breaks a rule, and tells so. */
  #turnDown(transaction: ServerTransaction, status: number, more: { readonly reason?: string; readonly headers?: Headers } = {}): void {
    this.#options.events.onProblem(blameRequest(transaction.request, status));
    this.#refuse(transaction, status, more);
  }

  #refuse(
    transaction: ServerTransaction,
    status: number,
    { reason, headers = [] }: { readonly reason?: string | undefined; readonly headers?: Headers } = {},
  ): void {
    const { request, source } = transaction;
    transaction.respond(respond(request, status, { source, toTag: this.#newTag(), headers, reason }));
  }

  #newTag(): string {
    return randomToken(this.#options.random, 64);
  }
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
