import { CallLabError, type Clock, describeError, type Milliseconds, type RandomSource, randomToken } from '../../core';
import type { DigestServer } from '../auth';
import { parseMessage, type Refusal, respond, SipHeaderError, SipParseError, type SipRequest, type SipResponse } from '../message';
import type { LocationService, Registrar } from '../registrar';
import { defaultTimers, type Hop, type ProtocolObserver, type ServerTransaction, type TimerValues, TransactionLayer } from '../transaction';
import { checkProxied } from './check';
import { forwardTo } from './forward';
import { isLooped, loopMark, statelessBranch } from './loop';
import type { ProxyNames } from './names';
import { ResponseContext } from './response-context';
import type { ProxyProblem, ProxyServices } from './services';
import { type Destination, findTargets, type Forking, preprocess } from './targets';

export interface ProxyOptions {
  readonly names: ProxyNames;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers?: TimerValues;
  readonly observer: ProtocolObserver;
  readonly location: LocationService;
  /** Answers REGISTER for our domain; without one it gets 405. */
  readonly registrar?: Registrar | undefined;
  /** Who calls must be one of its users (RFC 3261 section 22.3); anybody may when there is none. */
  readonly callers?: DigestServer | undefined;
  /** Whether the users of the domain are known, so that 404 would tell who exists. */
  readonly hidesUsers: boolean;
  readonly recordRoute: boolean;
  readonly forking: Forking;
  /** How long a target rings before the next one's turn. */
  readonly ringLimit: Milliseconds;
  /** Requests under way at the same time; one more gets 503. */
  readonly mostRequests?: number;
  refusalToSend(hop: Hop): string | undefined;
  onProblem(problem: ProxyProblem): void;
  /** Our address over `transport` as it stands in Via: host:port. */
  sentBy(transport: Hop['transport']): string;
  /** Sends octets; `onFailure` is called later, at most once, when they certainly did not leave. */
  transmit(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void;
}

/** Why a request is refused. */
interface Fault {
  readonly status: number;
  readonly rule: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly reason?: string | undefined;
}

/** RFC 5393 section 5.3: what a request may fork into that says nothing of it. */
const defaultBreadth = 60;

const defaultMostRequests = 10_000;

/** What we answer ourselves, and pass on. */
const methods = 'INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, REFER, NOTIFY, SUBSCRIBE, INFO, UPDATE, PRACK, MESSAGE, PUBLISH';

/**
 * A stateful proxy without I/O, and the registrar of its domain if it has one: octets and fired timers go in, octets come
 * out. RFC 3261 sections 10.3 and 16, RFC 5393 (loops), RFC 6026 (2xx), RFC 3327 (Path).
 */
export class Proxy {
  readonly #options: ProxyOptions;
  readonly #services: ProxyServices;
  readonly #transactions: TransactionLayer;
  readonly #contexts = new Map<ServerTransaction, ResponseContext>();
  #isAbandoned = false;

  constructor(options: ProxyOptions) {
    this.#options = options;
    const { names, clock, random, observer, recordRoute } = options;
    const timers = options.timers ?? defaultTimers;
    this.#transactions = this.#createTransactions(timers);
    this.#services = {
      names,
      clock,
      random,
      timers,
      observer,
      transactions: this.#transactions,
      recordRoute,
      refusalToSend: (hop) => options.refusalToSend(hop),
      reportProblem: (problem) => {
        options.onProblem(problem);
      },
    };
  }

  /** Requests that are passed on and have branches under way. */
  get underWay(): number {
    return this.#contexts.size;
  }

  /** Octets from the wire: one datagram, or one framed message of a stream. Never throws, whatever they hold. */
  receive(bytes: Uint8Array, source: Hop): void {
    if (this.#isAbandoned) return;
    try {
      const message = parseMessage(bytes);
      if (message.kind === 'response') this.#receiveResponse(message, source);
      else this.#receiveRequest(message, source);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#options.onProblem({ code: error.code, text: `Dropped: ${error.message}`, range: error.range });
    }
  }

  /** Forgets everything at once, timers included, for good. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const context of this.#contexts.values()) context.abandon();
    this.#contexts.clear();
    this.#transactions.abandonAll();
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
      onAck: (ack, source) => {
        this.#onAck(ack, source);
      },
      onStrayResponse: (response) => {
        // RFC 6026 7.3: a response that matches no transaction is not passed on.
        const text = `A response (${String(response.status)}) that belongs to no request was dropped`;
        options.onProblem({ code: 'CL2006', text, message: response, range: response.headerRange('via') ?? response.startLineRange });
      },
    });
  }

  #receiveResponse(response: SipResponse, source: Hop): void {
    if (isLegible(response)) this.#transactions.receive(response, source);
    else this.#options.onProblem({ code: 'CL2001', text: 'A response that cannot be read was dropped', message: response, range: response.startLineRange });
  }

  #receiveRequest(request: SipRequest, source: Hop): void {
    if (isLegible(request)) {
      this.#transactions.receive(request, source);
      return;
    }
    const refusal = checkProxied(request);
    if (refusal !== undefined) this.#reportRefusal(request, refusal);
    // RFC 3261 17, 18.2.2: an ACK is never answered, and without a Via there is no way back.
    if (request.method === 'ACK' || request.header('via') === undefined) return;
    try {
      this.#transactions.resend(respond(request, 400, { source, toTag: this.#newTag() }), source);
    } catch {
      // No usable Via, From or To: there is nowhere to send an answer, and the journal has the problem.
    }
  }

  #onRequest(request: SipRequest, transaction: ServerTransaction): void {
    const refusal = checkProxied(request); // RFC 3261 16.3
    if (refusal !== undefined) {
      this.#reportRefusal(request, refusal);
      this.#answer(transaction, refusal.status, refusal.headers, refusal.reason);
      return;
    }
    const { names, registrar } = this.#options;
    const destination = preprocess(request, names); // RFC 3261 16.4
    const isForUs = destination.routes.length === 0 && names.isOurs(destination.uri);
    if (isForUs && request.method === 'REGISTER') this.#register(request, transaction, registrar);
    else if (isForUs && destination.uri.user === undefined) this.#serve(request, transaction);
    else this.#passOn(request, transaction, destination);
  }

  #register(request: SipRequest, transaction: ServerTransaction, registrar: Registrar | undefined): void {
    if (registrar === undefined) {
      this.#turnDown(transaction, { status: 405, rule: 'this proxy is no registrar', headers: [['Allow', methods.replace(' REGISTER,', '')]] });
      return;
    }
    const answer = registrar.answer(request, transaction.source);
    if (answer.status >= 300 && answer.status !== 401) this.#turnDown(transaction, answer);
    else this.#answer(transaction, answer.status, answer.headers, answer.reason);
  }

  /** What is addressed to the proxy itself (RFC 3261 section 11.2). */
  #serve(request: SipRequest, transaction: ServerTransaction): void {
    if (request.method === 'OPTIONS') {
      this.#answer(transaction, 200, [['Allow', methods], ['Accept', '*/*'], ['Supported', 'path']]);
      return;
    }
    this.#turnDown(transaction, { status: 404, rule: 'RFC 3261 21.4.5: the Request-URI names nobody, only this proxy' });
  }

  #passOn(request: SipRequest, transaction: ServerTransaction, destination: Destination): void {
    const { names, location, forking, hidesUsers, ringLimit } = this.#options;
    const mark = loopMark(request);
    const breadth = readBreadth(request);
    const fault = this.#faultOnTheWay(request, mark, breadth);
    if (fault !== undefined) {
      this.#turnDown(transaction, fault);
      return;
    }
    if (!this.#admit(request, transaction)) return;
    const groups = findTargets(destination, names, location, forking);
    if (groups.length === 0) {
      // RFC 3261 16.5. Where passwords guard the names, the answer is the same for one that does not exist.
      this.#turnDown(transaction, { status: hidesUsers ? 480 : 404, rule: 'nobody is registered under this address of record' });
      return;
    }
    const context = new ResponseContext(this.#services, {
      server: transaction,
      groups,
      mark,
      breadth,
      ringLimit,
      onOver: (over) => {
        this.#contexts.delete(over.server);
      },
    });
    this.#contexts.set(transaction, context);
    transaction.user = {
      // An ACK that reuses the branch of its INVITE.
      onAck: (ack) => {
        this.#onAck(ack, transaction.source);
      },
    };
    context.start();
  }

  /** Why a request may not go on, by what its way so far shows: RFC 3261 section 16.3 steps 3 and 4, RFC 5393. */
  #faultOnTheWay(request: SipRequest, mark: string, breadth: number): Fault | undefined {
    const { names, mostRequests = defaultMostRequests } = this.#options;
    if (request.maxForwards === 0) return { status: 483, rule: 'RFC 3261 16.3 step 3: Max-Forwards is used up' };
    if (isLooped(request, mark, names)) return { status: 482, rule: 'RFC 3261 16.3 step 4: the request went this way before' };
    if (breadth === 0) return { status: 440, rule: 'RFC 5393 5.3.3: Max-Breadth is used up', reason: 'Max-Breadth Exceeded' };
    if (this.#contexts.size < mostRequests) return undefined;
    return { status: 503, rule: 'too many requests are under way', headers: [['Retry-After', '10']] };
  }

  /** RFC 3261 section 22.3. Returns false when the caller must say who they are first: the challenge is sent. */
  #admit(request: SipRequest, transaction: ServerTransaction): boolean {
    const { callers } = this.#options;
    // In a dialog that came through us everybody was asked already.
    if (callers === undefined || request.toTag !== undefined || request.method === 'REGISTER') return true;
    const verified = callers.verify(request, 'Proxy-Authorization');
    if (verified.ok) return true;
    this.#answer(transaction, 407, callers.challenge(verified.stale).map((value) => ['Proxy-Authenticate', value] as const));
    return false;
  }

  #onCancel(cancel: SipRequest, transaction: ServerTransaction, invite: ServerTransaction | undefined): void {
    if (invite === undefined) {
      // We pass nothing on without a transaction, so nobody further on can know of it either (RFC 3261 16.10, 9.2).
      this.#turnDown(transaction, { status: 481, rule: 'there is no INVITE to cancel' });
      return;
    }
    const toTag = invite.localTag ?? this.#newTag();
    transaction.respond(respond(cancel, 200, { source: transaction.source, toTag }));
    if (invite.finalStatus === undefined) this.#contexts.get(invite)?.cancel(cancel.header('reason'));
  }

  /** The ACK to a 2xx is in no transaction: it is passed on as it is (RFC 3261 sections 16 and 16.11). */
  #onAck(ack: SipRequest, source: Hop): void {
    const { names, location } = this.#options;
    const refusal = checkProxied(ack);
    if (refusal !== undefined) {
      this.#reportRefusal(ack, refusal);
      return;
    }
    const destination = preprocess(ack, names);
    const [target] = findTargets(destination, names, location, 'serial').flat();
    const isForUs = destination.routes.length === 0 && destination.uri.user === undefined && names.isOurs(destination.uri);
    if (target === undefined || isForUs || ack.maxForwards === 0) return;
    try {
      const { hop, compose } = forwardTo(this.#services, { request: ack, source, target, maxBreadth: undefined });
      const why = this.#services.refusalToSend(hop);
      if (why !== undefined) throw new CallLabError('CL1002', why);
      this.#transactions.resend(compose(this.#transactions.via(hop, statelessBranch(ack, names))), hop);
    } catch (error) {
      const text = `ACK was not passed on: ${describeError(error)}`;
      this.#options.onProblem({ code: 'CL2009', text, message: ack, range: ack.requestUriRange });
    }
  }

  /** Refuses a request, and tells why. */
  #turnDown(transaction: ServerTransaction, { status, rule, headers = [], reason }: Fault): void {
    const { request } = transaction;
    const text = `${request.method} refused with ${String(status)}: ${rule}`;
    this.#options.onProblem({ code: 'CL2009', text, message: request, range: request.requestUriRange });
    this.#answer(transaction, status, headers, reason);
  }

  #answer(transaction: ServerTransaction, status: number, headers: readonly (readonly [string, string])[] = [], reason?: string): void {
    const { request, source } = transaction;
    transaction.respond(respond(request, status, { source, toTag: this.#newTag(), headers, reason }));
  }

  #reportRefusal(request: SipRequest, { status, rule, range }: Refusal): void {
    this.#options.onProblem({ code: 'CL2001', text: `${request.method} refused with ${String(status)}: ${rule}`, message: request, range });
  }

  #newTag(): string {
    return randomToken(this.#options.random, 64);
  }
}

/** Whether everything can be read that tells which transaction a message belongs to. */
function isLegible(message: SipRequest | SipResponse): boolean {
  try {
    const { topVia, vias, from, to, callId, cseq } = message;
    return [topVia, vias, from, to, callId, cseq].length > 0;
  } catch (error) {
    if (error instanceof SipHeaderError) return false;
    throw error;
  }
}

/** RFC 5393 section 5.3.2; what is no number counts as if it were not there. */
function readBreadth(request: SipRequest): number {
  const text = request.header('max-breadth');
  return text !== undefined && /^\d{1,6}$/u.test(text) ? Math.min(Number(text), defaultBreadth) : defaultBreadth;
}
