import type { Clock } from '../../core';
import { buildRequest, type SipRequest, type SipResponse } from '../message';
import type { Hop } from './hop';
import { inviteClient, type InviteClientState } from './invite-client';
import type { Action, ClientEvent, Conditions, TransactionTimer, Transition } from './machine';
import { nonInviteClient, type NonInviteClientState } from './non-invite-client';
import type { ProtocolObserver } from './observer';
import { ProtocolTimers } from './protocol-timers';
import type { TimerValues } from './timers';

/** The user of a client transaction. Exactly one of final response, timeout or transport error ends the wait. */
export interface ClientTransactionUser {
  /** Each provisional response, the final one, and for an INVITE every further 2xx. */
  onResponse(response: SipResponse): void;
  /** Nothing final came within 64*T1; to be treated as 408 (RFC 3261 section 8.1.3.1). */
  onTimeout(): void;
  /** The request could not be sent; to be treated as 503 (RFC 3261 section 8.1.3.1). */
  onTransportError(error: Error): void;
}

export interface TransactionContext {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly observer: ProtocolObserver;
  transmit(message: SipRequest | SipResponse, hop: Hop, onFailure: (error: Error) => void): void;
  onTerminated(id: string): void;
}

/** Drives one client machine: its timers, its sending, and its user. */
export class ClientTransaction {
  readonly id: string;
  readonly request: SipRequest;
  readonly hop: Hop;
  readonly #isInvite: boolean;
  readonly #context: TransactionContext;
  readonly #user: ClientTransactionUser;
  readonly #timers: ProtocolTimers<TransactionTimer>;
  #state: InviteClientState | NonInviteClientState;
  #sent = 0;
  #ack: SipRequest | undefined;
  #error: Error | undefined;

  constructor(id: string, request: SipRequest, hop: Hop, context: TransactionContext, user: ClientTransactionUser) {
    this.id = id;
    this.request = request;
    this.hop = hop;
    this.#context = context;
    this.#user = user;
    this.#isInvite = request.method === 'INVITE';
    this.#state = this.#isInvite ? 'calling' : 'trying';
    this.#timers = new ProtocolTimers(context.clock, context.observer, id);
  }

  get state(): string {
    return this.#state;
  }

  start(): void {
    this.#handle({ is: 'start' });
  }

  receive(response: SipResponse): void {
    this.#handle({ is: 'response', status: response.status }, response);
  }

  /** Ends the machine without a word to its user: the lab is stopping, or a CANCEL got no final response in time. */
  abandon(): void {
    if (this.#state === 'terminated') return;
    this.#move({ to: 'terminated', actions: [], rule: 'given up by its user' });
  }

  #handle(event: ClientEvent, response?: SipResponse): void {
    const conditions: Conditions = {
      timers: this.#context.timers,
      reliable: this.hop.transport !== 'udp',
      sent: this.#sent,
    };
    const step: Transition<InviteClientState | NonInviteClientState> | undefined = this.#isInvite
      ? inviteClient(this.#state as InviteClientState, event, conditions)
      : nonInviteClient(this.#state as NonInviteClientState, event, conditions);
    if (step !== undefined) this.#move(step, response);
  }

  #move(step: Transition<InviteClientState | NonInviteClientState>, response?: SipResponse): void {
    const from = this.#state;
    this.#state = step.to;
    if (from !== step.to) this.#context.observer.stateChanged('transaction', this.id, from, step.to, step.rule);
    // The machine is out of its old state before the user hears of it: a user may act at once, from within the call.
    if (step.to === 'terminated') {
      this.#timers.clearAll();
      this.#context.onTerminated(this.id);
    }
    for (const action of step.actions) this.#act(action, response);
  }

  #act(action: Action, response?: SipResponse): void {
    switch (action.do) {
      case 'send':
        this.#sent += 1;
        this.#transmit(this.request);
        return;
      case 'send-ack':
        if (response !== undefined) this.#transmit((this.#ack ??= this.#buildAck(response)));
        return;
      case 'deliver':
        if (response !== undefined) this.#user.onResponse(response);
        return;
      case 'report-timeout':
        this.#user.onTimeout();
        return;
      case 'report-transport-error':
        this.#user.onTransportError(this.#error ?? new Error('the message could not be sent'));
        return;
      case 'set':
        this.#timers.set(action.timer, action.after, () => {
          this.#handle({ is: 'timer', timer: action.timer });
        });
        return;
      case 'clear':
        this.#timers.clear(action.timer);
        return;
      case 'send-trying':
        return; // a server's business
    }
  }

  #transmit(message: SipRequest): void {
    this.#context.transmit(message, this.hop, (error) => {
      this.#error = error;
      this.#handle({ is: 'transport-error' });
    });
  }

  /** The ACK to a final non-2xx response: RFC 3261 section 17.1.1.3. */
  #buildAck(response: SipResponse): SipRequest {
    const { request } = this;
    const copied = ['Via', 'Max-Forwards', 'Route', 'From', 'Call-ID'];
    const headers: [string, string][] = [];
    for (const name of copied) {
      // Only the top Via: the request has no other, since we made it.
      for (const value of request.headerValues(name)) headers.push([name, value]);
    }
    headers.push(['To', response.header('To') ?? '']);
    headers.push(['CSeq', `${String(request.cseq.sequence)} ACK`]);
    return buildRequest({ method: 'ACK', uri: request.requestUri, headers });
  }
}
