import { respond, type SipRequest, type SipResponse } from '../message';
import type { TransactionContext } from './client-transaction';
import type { Hop } from './hop';
import { inviteServer, type InviteServerState } from './invite-server';
import type { Action, Conditions, ServerEvent, TransactionTimer, Transition } from './machine';
import { nonInviteServer, type NonInviteServerState } from './non-invite-server';
import { ProtocolTimers } from './protocol-timers';

/** The user of a server transaction. */
export interface ServerTransactionUser {
  /** The ACK to a 2xx that reused the INVITE's branch; the one to a non-2xx is absorbed here. */
  onAck?(ack: SipRequest): void;
  /** No ACK came to a final response within 64*T1 (timer H). */
  onTimeout?(): void;
  onTransportError?(error: Error): void;
}

/** Drives one server machine. */
export class ServerTransaction {
  readonly id: string;
  readonly request: SipRequest;
  /** Where responses go: RFC 3261 section 18.2.2, RFC 3581 section 4. */
  readonly hop: Hop;
  /** Where the request came from, as the socket saw it. */
  readonly source: Hop;
  user: ServerTransactionUser = {};
  readonly #isInvite: boolean;
  readonly #context: TransactionContext;
  readonly #timers: ProtocolTimers<TransactionTimer>;
  #state: InviteServerState | NonInviteServerState;
  #response: SipResponse | undefined;
  #sent = 0;
  #error: Error | undefined;

  constructor(id: string, request: SipRequest, hop: Hop, source: Hop, context: TransactionContext) {
    this.id = id;
    this.request = request;
    this.hop = hop;
    this.source = source;
    this.#context = context;
    this.#isInvite = request.method === 'INVITE';
    this.#state = this.#isInvite ? 'proceeding' : 'trying';
    this.#timers = new ProtocolTimers(context.clock, context.observer, id);
  }

  get state(): string {
    return this.#state;
  }

  /** The status of the final response, once there is one. */
  get finalStatus(): number | undefined {
    const status = this.#response?.status;
    return status !== undefined && status >= 200 ? status : undefined;
  }

  /** The To tag of our responses, once one with a tag was sent. */
  get localTag(): string | undefined {
    return this.#response?.toTag;
  }

  start(): void {
    this.#handle({ is: 'start' });
  }

  repeat(): void {
    this.#handle({ is: 'repeat' });
  }

  acknowledge(ack: SipRequest): void {
    this.#handle({ is: 'ack' }, ack);
  }

  /** Sends a response. One more final response is dropped, except a 2xx to an INVITE that is being repeated. */
  respond(response: SipResponse): void {
    const before = this.#response;
    const isRepeat = before?.bytes === response.bytes;
    if (this.finalStatus !== undefined && !isRepeat) return;
    this.#response = response;
    this.#handle({ is: 'respond', status: response.status });
  }

  /** Ends the machine without a word: the lab is stopping. */
  abandon(): void {
    if (this.#state === 'terminated') return;
    this.#move({ to: 'terminated', actions: [], rule: 'given up by its user' });
  }

  #handle(event: ServerEvent, ack?: SipRequest): void {
    const conditions: Conditions = {
      timers: this.#context.timers,
      reliable: this.source.transport !== 'udp',
      sent: this.#sent,
    };
    const step: Transition<InviteServerState | NonInviteServerState> | undefined = this.#isInvite
      ? inviteServer(this.#state as InviteServerState, event, conditions)
      : nonInviteServer(this.#state as NonInviteServerState, event, conditions);
    if (step !== undefined) this.#move(step, ack);
  }

  #move(step: Transition<InviteServerState | NonInviteServerState>, ack?: SipRequest): void {
    const from = this.#state;
    this.#state = step.to;
    if (from !== step.to) this.#context.observer.stateChanged('transaction', this.id, from, step.to, step.rule);
    if (step.to === 'terminated') {
      this.#timers.clearAll();
      this.#context.onTerminated(this.id);
    }
    for (const action of step.actions) this.#act(action, ack);
  }

  #act(action: Action, ack?: SipRequest): void {
    switch (action.do) {
      case 'send':
        if (this.#response === undefined) return;
        if (this.#response.status >= 200) this.#sent += 1;
        this.#transmit(this.#response);
        return;
      case 'send-trying':
        this.#response ??= respond(this.request, 100, { source: this.source });
        this.#transmit(this.#response);
        return;
      case 'deliver':
        if (ack !== undefined) this.user.onAck?.(ack);
        return;
      case 'report-timeout':
        this.user.onTimeout?.();
        return;
      case 'report-transport-error':
        this.user.onTransportError?.(this.#error ?? new Error('the response could not be sent'));
        return;
      case 'set':
        this.#timers.set(action.timer, action.after, () => {
          this.#handle({ is: 'timer', timer: action.timer });
        });
        return;
      case 'clear':
        this.#timers.clear(action.timer);
        return;
      case 'send-ack':
        return; // a client's business
    }
  }

  #transmit(response: SipResponse): void {
    this.#context.transmit(response, this.hop, (error) => {
      this.#error = error;
      this.#handle({ is: 'transport-error' });
    });
  }
}
