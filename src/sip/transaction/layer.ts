import { createHash } from 'node:crypto';
import { type Clock, type RandomSource, randomToken } from '../../core';
import { buildRequest, respond, type SipMessage, type SipRequest, type SipResponse } from '../message';
import { ClientTransaction, type ClientTransactionUser } from './client-transaction';
import type { Hop } from './hop';
import type { TransactionContext } from './machine-driver';
import type { ProtocolObserver } from './observer';
import { responseHop, ServerTransaction } from './server-transaction';
import type { TimerValues } from './timers';

/** Begins every branch made after RFC 2543 (RFC 3261 section 8.1.1.7). */
const magicCookie = 'z9hG4bK';

/** A request still without Via: the layer adds it, with a branch of its own. */
export interface RequestDraft {
  readonly method: string;
  readonly uri: string;
  /** All but Via and Content-Length, in the order they shall be sent. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array | undefined;
}

/** What somebody is told for whom nothing is kept. */
export interface StatelessAnswer {
  readonly status: number;
  readonly headers?: readonly (readonly [string, string])[];
}

/** What the layer needs from below, and whom it reports to above. */
export interface TransactionLayerHost {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers: TimerValues;
  readonly observer: ProtocolObserver;
  /** Our `sent-by` for a message that leaves over `transport`: host:port. */
  sentBy(transport: Hop['transport']): string;
  /** Sends one message; `onFailure` at most once, later, when it certainly did not leave. */
  transmit(message: SipMessage, hop: Hop, onFailure: (error: Error) => void): void;
  /**
   * Asked before a request gets a transaction: the answer it gets instead, without any state being kept for it (RFC 3261
   * section 8.2.7), when there is too much already.
   */
  turnAway?(request: SipRequest): StatelessAnswer | undefined;
  /** A request that belongs to no transaction yet. The transaction waits for `respond`. */
  onRequest(request: SipRequest, transaction: ServerTransaction): void;
  /** A CANCEL, with the INVITE transaction it aims at if there is one. */
  onCancel(cancel: SipRequest, transaction: ServerTransaction, invite: ServerTransaction | undefined): void;
  /** An ACK that matches no transaction: for a 2xx, or a stranger's. */
  onAck(ack: SipRequest, source: Hop): void;
  /** A response that matches no transaction: dropped by RFC 6026 section 7.2; for the trace only. */
  onStrayResponse(response: SipResponse): void;
}

/**
 * Server transactions kept at a time. Those that only linger, to absorb what is repeated, are given up before their time
 * when there are more; when none lingers, a new request is told to come again later.
 */
const mostServers = 16_384;

/** Of the oldest transactions, how many are looked at to find one that only lingers. */
const lookedAt = 16;

/** Keeps all transactions of one user agent and finds the one a message belongs to (RFC 3261 sections 17.1.3, 17.2.3). */
export class TransactionLayer {
  readonly #host: TransactionLayerHost;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  /** Server transactions of requests outside any dialog, to find merged requests without a search. */
  readonly #initial = new Map<string, ServerTransaction>();
  readonly #mergeKeys = new Map<ServerTransaction, string>();
  /** Makes the tags of stateless answers unguessable. */
  #secret: Uint8Array | undefined;
  readonly #clientContext: TransactionContext;
  readonly #serverContext: TransactionContext;

  constructor(host: TransactionLayerHost) {
    this.#host = host;
    const shared = {
      clock: host.clock,
      timers: host.timers,
      observer: host.observer,
      transmit: (message: SipMessage, hop: Hop, onFailure: (error: Error) => void) => {
        host.transmit(message, hop, onFailure);
      },
    };
    this.#clientContext = { ...shared, onTerminated: (id) => this.#clients.delete(id) };
    this.#serverContext = {
      ...shared,
      onTerminated: (id) => {
        this.#forgetServer(id);
      },
    };
  }

  /** Transactions that still live, lingering ones included. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /** Transactions in which somebody still waits for something: an answer, or the ACK to a refusal. */
  get unsettled(): number {
    let count = 0;
    for (const { state } of this.#clients.values()) {
      if (state === 'calling' || state === 'trying' || state === 'proceeding') count += 1;
    }
    for (const { state, isInvite } of this.#servers.values()) {
      const waitsForAck = state === 'completed' && isInvite;
      if (state === 'trying' || state === 'proceeding' || waitsForAck) count += 1;
    }
    return count;
  }

  /** Sends `draft` in a transaction of its own. */
  request(draft: RequestDraft, hop: Hop, user: ClientTransactionUser): ClientTransaction {
    const branch = this.#newBranch();
    return this.#startClient(this.#withVia(draft, hop, branch), branch, hop, user);
  }

  /**
   * Passes a request on in a transaction of its own: `compose` writes it with our Via on top (RFC 3261 section 16.6 steps 8
   * to 10). `mark` ends the branch: a proxy knows by it what it has passed on before.
   */
  passOn(hop: Hop, mark: string, compose: (via: string) => SipRequest, user: ClientTransactionUser): ClientTransaction {
    const branch = `${this.#newBranch()}.${mark}`;
    return this.#startClient(compose(this.via(hop, branch)), branch, hop, user);
  }

  /** The value of our Via for a request that leaves to `hop`; the response is asked back to where it came from. */
  via(hop: Hop, branch: string): string {
    return `SIP/2.0/${hop.transport.toUpperCase()} ${this.#host.sentBy(hop.transport)};rport;branch=${branch}`;
  }

  /** Sends CANCEL for an INVITE: same branch, destination, Route, From, To and number (RFC 3261 section 9.1). */
  cancel(invite: ClientTransaction, user: ClientTransactionUser, reason?: string): ClientTransaction {
    const { request, hop } = invite;
    // RFC 3261 9.1: a single Via, our own, also of an INVITE that was passed on with more.
    const headers: [string, string][] = request.headerValues('Via').slice(0, 1).map((value) => ['Via', value]);
    for (const name of ['Max-Forwards', 'Route', 'From', 'To', 'Call-ID']) {
      for (const value of request.headerValues(name)) headers.push([name, value]);
    }
    headers.push(['CSeq', `${String(request.cseq.sequence)} CANCEL`]);
    if (reason !== undefined) headers.push(['Reason', reason]);
    const cancel = buildRequest({ method: 'CANCEL', uri: request.requestUri, headers });
    return this.#startClient(cancel, request.topVia.branch ?? '', hop, user);
  }

  /** Sends the ACK to a 2xx, which is in no transaction (RFC 3261 section 13.2.2.4). Returns it, to be sent again. */
  acknowledge(draft: RequestDraft, hop: Hop, onFailure: (error: Error) => void): SipRequest {
    const ack = this.#withVia(draft, hop, this.#newBranch());
    this.#host.transmit(ack, hop, onFailure);
    return ack;
  }

  /** Sends a message again that is in no transaction. */
  resend(message: SipMessage, hop: Hop): void {
    this.#host.transmit(message, hop, () => {
      // Nobody waits for an ACK to arrive: its loss shows as the repeated 2xx.
    });
  }

  /** Takes a message from the wire. Its top Via, Call-ID, From, To and CSeq must be known to decode. */
  receive(message: SipMessage, source: Hop): void {
    if (message.kind === 'response') this.#receiveResponse(message);
    else this.#receiveRequest(message, source);
  }

  /** Gives an ACK to the INVITE transaction that it is in, that of a refusal, and returns whether there is one. */
  settle(ack: SipRequest): boolean {
    const invite = this.#servers.get(serverKey(ack, 'INVITE'));
    invite?.acknowledge(ack);
    return invite !== undefined;
  }

  /** Whether `request` came over a second path while its first copy is still at work (RFC 3261 section 8.2.2.2). */
  isMerged(request: SipRequest, own: ServerTransaction): boolean {
    const first = this.#initial.get(mergeKey(request));
    return request.toTag === undefined && first !== undefined && first !== own;
  }

  /** Ends every machine at once, timers included. */
  abandonAll(): void {
    for (const client of [...this.#clients.values()]) client.abandon();
    for (const server of [...this.#servers.values()]) server.abandon();
  }

  #startClient(request: SipRequest, branch: string, hop: Hop, user: ClientTransactionUser): ClientTransaction {
    const id = clientKey(branch, request.method);
    const transaction = new ClientTransaction(id, request, hop, this.#clientContext, user);
    this.#clients.set(id, transaction);
    transaction.start();
    return transaction;
  }

  /** Makes room by giving up what only lingers; where nothing does, says what a new request is told. */
  #answerWhenFull(): StatelessAnswer | undefined {
    if (this.#servers.size < mostServers) return undefined;
    let seen = 0;
    for (const transaction of this.#servers.values()) {
      if (transaction.lingers) {
        transaction.abandon();
        return undefined;
      }
      seen += 1;
      if (seen === lookedAt) break;
    }
    return { status: 503, headers: [['Retry-After', '5']] }; // RFC 3261 21.5.4
  }

  /** RFC 3261 section 8.2.7: the same request gets the same answer however often it comes, tag included. */
  #answerWithoutState(request: SipRequest, source: Hop, key: string, { status, headers = [] }: StatelessAnswer): void {
    this.#secret ??= this.#host.random.bytes(16);
    const toTag = createHash('sha256').update(this.#secret).update(key).digest('hex').slice(0, 16);
    const response = respond(request, status, { source, toTag, headers });
    this.#host.transmit(response, responseHop(request, source), () => {
      // Nobody waits for this answer to arrive.
    });
  }

  #forgetServer(id: string): void {
    const transaction = this.#servers.get(id);
    if (transaction === undefined) return;
    this.#servers.delete(id);
    const key = this.#mergeKeys.get(transaction);
    if (key === undefined) return;
    this.#initial.delete(key);
    this.#mergeKeys.delete(transaction);
  }

  #newBranch(): string {
    return magicCookie + randomToken(this.#host.random, 96);
  }

  #withVia(draft: RequestDraft, hop: Hop, branch: string): SipRequest {
    return buildRequest({
      method: draft.method,
      uri: draft.uri,
      headers: [['Via', this.via(hop, branch)], ...draft.headers],
      ...(draft.body === undefined ? {} : { body: draft.body }),
    });
  }

  #receiveResponse(response: SipResponse): void {
    const { branch, host, port } = response.topVia;
    const transaction = branch === undefined ? undefined : this.#clients.get(clientKey(branch, response.cseq.method));
    const ours = transaction?.request.topVia;
    // RFC 3261 8.1.3.3 and 18.1.2: another sent-by, or another number of Vias, means that the response went astray.
    const hops = transaction?.request.vias.length;
    const isOurs = ours?.host.toLowerCase() === host.toLowerCase() && ours.port === port && response.vias.length === hops;
    if (transaction === undefined || !isOurs) this.#host.onStrayResponse(response);
    else transaction.receive(response);
  }

  #receiveRequest(request: SipRequest, source: Hop): void {
    if (request.method === 'ACK') {
      if (!this.settle(request)) this.#host.onAck(request, source);
      return;
    }
    const key = serverKey(request, request.method);
    const known = this.#servers.get(key);
    if (known !== undefined) {
      known.repeat();
      return;
    }
    const answer = request.method === 'CANCEL' ? undefined : (this.#host.turnAway?.(request) ?? this.#answerWhenFull());
    if (answer !== undefined) {
      this.#answerWithoutState(request, source, key, answer);
      return;
    }
    const transaction = new ServerTransaction(key, request, source, this.#serverContext);
    this.#servers.set(key, transaction);
    const merge = request.toTag === undefined ? mergeKey(request) : undefined;
    if (merge !== undefined && !this.#initial.has(merge)) {
      this.#initial.set(merge, transaction);
      this.#mergeKeys.set(transaction, merge);
    }
    transaction.start();
    if (request.method === 'CANCEL') {
      this.#host.onCancel(request, transaction, this.#servers.get(serverKey(request, 'INVITE')));
    } else {
      this.#host.onRequest(request, transaction);
    }
  }
}

function clientKey(branch: string, method: string): string {
  return `${branch}|${method}`;
}

/** RFC 3261 section 17.2.3. Two clients may draw the same branch, hence the sent-by. */
function serverKey(request: SipRequest, method: string): string {
  const via = request.topVia;
  const sentBy = `${via.host}:${String(via.port ?? '')}`;
  const branch = via.branch;
  if (branch !== undefined && branch.startsWith(magicCookie) && branch.length > magicCookie.length) {
    return `${branch}|${sentBy}|${method}`;
  }
  // A client of RFC 2543: the branch says nothing, so all that stays the same between INVITE, CANCEL and ACK is compared.
  const { callId, fromTag, cseq, requestUri } = request;
  return `2543|${requestUri}|${fromTag ?? ''}|${callId}|${String(cseq.sequence)}|${sentBy}|${branch ?? ''}|${method}`;
}

/** What two copies of one request have in common whichever way they came. */
function mergeKey(request: SipRequest): string {
  return `${request.callId}|${request.fromTag ?? ''}|${String(request.cseq.sequence)}|${request.method}`;
}
