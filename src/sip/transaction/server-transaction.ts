import { defaultPort, parseMessage, respond, type SipRequest, type SipResponse } from '../message';
import { type Hop, sameHop } from './hop';
import { inviteServer, type InviteServerState } from './invite-server';
import type { ServerEvent } from './machine';
import { MachineDriver, type OwnAction, type TransactionContext } from './machine-driver';
import { nonInviteServer, type NonInviteServerState } from './non-invite-server';

/** The user of a server transaction. */
export interface ServerTransactionUser {
  /** The ACK to a 2xx that reused the INVITE's branch; the one to a non-2xx is absorbed here. */
  onAck?(ack: SipRequest): void;
  /** No ACK came to a final response within 64*T1 (timer H). */
  onTimeout?(): void;
  onTransportError?(error: Error): void;
}

type ServerState = InviteServerState | NonInviteServerState;

/**
 * One server transaction: a request, and the responses that its user gives. Once it only lingers, for half a minute, it keeps
 * the octets of both and no more: a busy agent has thousands of them, and hardly ever needs one again.
 */
export class ServerTransaction {
  readonly id: string;
  /** Where responses go: RFC 3261 section 18.2.2, RFC 3581 section 4. */
  readonly hop: Hop;
  /** Where the request came from, as the socket saw it. */
  readonly source: Hop;
  user: ServerTransactionUser = {};
  /** Where they go when that fails. */
  readonly #otherHop: Hop | undefined;
  readonly #driver: MachineDriver<ServerState, ServerEvent, SipRequest>;
  readonly #isInvite: boolean;
  #request: SipRequest | Uint8Array;
  #response: SipResponse | Uint8Array | undefined;
  #status: number | undefined;
  #localTag: string | undefined;

  constructor(id: string, request: SipRequest, source: Hop, context: TransactionContext) {
    this.id = id;
    this.#request = request;
    this.source = source;
    this.hop = responseHop(request, source);
    this.#otherHop = otherHop(request, this.hop);
    const isInvite = request.method === 'INVITE';
    this.#isInvite = isInvite;
    this.#driver = new MachineDriver<ServerState, ServerEvent, SipRequest>(
      {
        id,
        initial: isInvite ? 'proceeding' : 'trying',
        reliable: source.transport !== 'udp',
        step: (state, event, at) =>
          isInvite
            ? inviteServer(state as InviteServerState, event, at)
            : nonInviteServer(state as NonInviteServerState, event, at),
        perform: (action, ack) => this.#perform(action, ack),
      },
      context,
    );
  }

  /** The request; read again from its octets each time once the transaction only lingers. */
  get request(): SipRequest {
    const request = this.#request instanceof Uint8Array ? parseMessage(this.#request) : this.#request;
    if (request.kind !== 'request') throw new Error('the octets of a request became a response');
    return request;
  }

  get isInvite(): boolean {
    return this.#isInvite;
  }

  get state(): ServerState {
    return this.#driver.state;
  }

  /** It has done its work, and only absorbs what its client repeats. */
  get lingers(): boolean {
    const { state } = this.#driver;
    return state === 'accepted' || state === 'confirmed' || (state === 'completed' && !this.#isInvite);
  }

  /** The status of the final response, once there is one. */
  get finalStatus(): number | undefined {
    return this.#status !== undefined && this.#status >= 200 ? this.#status : undefined;
  }

  /** The To tag of our responses, once one with a tag was sent. */
  get localTag(): string | undefined {
    return this.#localTag;
  }

  start(): void {
    this.#driver.handle({ is: 'start' });
  }

  repeat(): void {
    this.#driver.handle({ is: 'repeat' });
  }

  acknowledge(ack: SipRequest): void {
    this.#driver.handle({ is: 'ack' }, ack);
    this.#slim();
  }

  /**
   * Sends a response. One more final response is dropped, except a 2xx to an INVITE: it is being repeated, or comes from
   * another branch of a fork and a proxy passes it back (RFC 6026 section 7.1).
   */
  respond(response: SipResponse): void {
    const before = this.finalStatus;
    const isFurtherAnswer = before !== undefined && before < 300 && response.status < 300 && response.status >= 200;
    if (before !== undefined && !isFurtherAnswer) return;
    this.#take(response);
    this.#driver.handle({ is: 'respond', status: response.status });
    this.#slim();
  }

  /** Ends the machine without a word: the lab is stopping. */
  abandon(): void {
    this.#driver.abandon();
  }

  #take(response: SipResponse): void {
    this.#response = response;
    this.#status = response.status;
    this.#localTag = response.toTag;
  }

  /** Lets go of what was decoded, when nothing is left to do but to absorb what the client repeats. */
  #slim(): void {
    if (!this.lingers) return;
    if (!(this.#request instanceof Uint8Array)) this.#request = this.#request.bytes;
    if (this.#response !== undefined && !(this.#response instanceof Uint8Array)) this.#response = this.#response.bytes;
  }

  #send(): void {
    if (this.#response === undefined) return;
    const response = this.#response instanceof Uint8Array ? parseMessage(this.#response) : this.#response;
    this.#driver.transmit(response, this.hop, this.#otherHop);
  }

  #perform(action: OwnAction, ack: SipRequest | undefined): void {
    switch (action.do) {
      case 'send':
        if (this.finalStatus !== undefined) this.#driver.sent += 1;
        this.#send();
        return;
      case 'send-trying':
        if (this.#response === undefined) this.#take(respond(this.request, 100, { source: this.source }));
        this.#send();
        return;
      case 'deliver':
        if (ack !== undefined) this.user.onAck?.(ack);
        return;
      case 'report-timeout':
        this.user.onTimeout?.();
        return;
      case 'report-transport-error':
        this.user.onTransportError?.(this.#driver.error ?? new Error('the response could not be sent'));
        return;
      case 'send-ack':
        return; // a client's business
    }
  }
}

/** Where the response to `request` goes: RFC 3261 section 18.2.2 with RFC 3581 section 4. */
export function responseHop(request: SipRequest, source: Hop): Hop {
  if (source.transport !== 'udp') return source;
  const via = request.topVia;
  const maddr = via.params.get('maddr');
  if (maddr !== undefined) return { transport: 'udp', host: maddr, port: via.port ?? 5060 };
  if (via.rport !== undefined) return source;
  return { transport: 'udp', host: source.host, port: via.port ?? 5060 };
}

/**
 * The connection a request came over is gone: its sender listens where its Via says (RFC 3261 section 18.2.2). Not so a
 * WebSocket client, which nobody can connect to (RFC 7118 section 5.2).
 */
function otherHop(request: SipRequest, hop: Hop): Hop | undefined {
  if (hop.transport === 'udp' || hop.transport === 'ws' || hop.transport === 'wss') return undefined;
  const other: Hop = { transport: hop.transport, host: hop.host, port: request.topVia.port ?? defaultPort(hop.transport) };
  return sameHop(other, hop) ? undefined : other;
}
