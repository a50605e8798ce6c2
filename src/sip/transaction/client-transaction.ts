import { buildRequest, type SipRequest, type SipResponse } from '../message';
import type { Hop } from './hop';
import { inviteClient, type InviteClientState } from './invite-client';
import type { ClientEvent } from './machine';
import { MachineDriver, type OwnAction, type TransactionContext } from './machine-driver';
import { nonInviteClient, type NonInviteClientState } from './non-invite-client';

/** The user of a client transaction. Exactly one of final response, timeout or transport error ends the wait. */
export interface ClientTransactionUser {
  /** Each provisional response, the final one, and for an INVITE every further 2xx. */
  onResponse(response: SipResponse): void;
  /** Nothing final came within 64*T1; to be treated as 408 (RFC 3261 section 8.1.3.1). */
  onTimeout(): void;
  /** The request could not be sent; to be treated as 503 (RFC 3261 section 8.1.3.1). */
  onTransportError(error: Error): void;
}

type ClientState = InviteClientState | NonInviteClientState;

/** One client transaction: its request, and the user who waits for the answer. */
export class ClientTransaction {
  readonly id: string;
  readonly request: SipRequest;
  readonly hop: Hop;
  readonly #user: ClientTransactionUser;
  readonly #driver: MachineDriver<ClientState, ClientEvent, SipResponse>;
  #ack: SipRequest | undefined;

  constructor(id: string, request: SipRequest, hop: Hop, context: TransactionContext, user: ClientTransactionUser) {
    this.id = id;
    this.request = request;
    this.hop = hop;
    this.#user = user;
    const isInvite = request.method === 'INVITE';
    this.#driver = new MachineDriver<ClientState, ClientEvent, SipResponse>(
      {
        id,
        initial: isInvite ? 'calling' : 'trying',
        reliable: hop.transport !== 'udp',
        step: (state, event, at) =>
          isInvite
            ? inviteClient(state as InviteClientState, event, at)
            : nonInviteClient(state as NonInviteClientState, event, at),
        perform: (action, response) => this.#perform(action, response),
      },
      context,
    );
  }

  get state(): ClientState {
    return this.#driver.state;
  }

  start(): void {
    this.#driver.handle({ is: 'start' });
  }

  receive(response: SipResponse): void {
    this.#driver.handle({ is: 'response', status: response.status }, response);
  }

  /** Ends the machine without a word to its user: the lab is stopping, or a CANCEL got no final response in time. */
  abandon(): void {
    this.#driver.abandon();
  }

  #perform(action: OwnAction, response: SipResponse | undefined): void {
    switch (action.do) {
      case 'send':
        this.#driver.sent += 1;
        this.#driver.transmit(this.request, this.hop);
        return;
      case 'send-ack':
        if (response !== undefined) this.#driver.transmit((this.#ack ??= this.#buildAck(response)), this.hop);
        return;
      case 'deliver':
        if (response !== undefined) this.#user.onResponse(response);
        return;
      case 'report-timeout':
        this.#user.onTimeout();
        return;
      case 'report-transport-error':
        this.#user.onTransportError(this.#driver.error ?? new Error('the message could not be sent'));
        return;
      case 'send-trying':
        return; // a server's business
    }
  }

  /** The ACK to a final non-2xx response: RFC 3261 section 17.1.1.3. */
  #buildAck(response: SipResponse): SipRequest {
    const { request } = this;
    const copied = ['Max-Forwards', 'Route', 'From', 'Call-ID'];
    // Only the top Via, our own: a request that was passed on has more.
    const headers: [string, string][] = request.headerValues('Via').slice(0, 1).map((value) => ['Via', value]);
    for (const name of copied) {
      for (const value of request.headerValues(name)) headers.push([name, value]);
    }
    headers.push(['To', response.header('To') ?? '']);
    headers.push(['CSeq', `${String(request.cseq.sequence)} ACK`]);
    return buildRequest({ method: 'ACK', uri: request.requestUri, headers });
  }
}
