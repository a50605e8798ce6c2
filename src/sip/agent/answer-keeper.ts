import { type SipRequest, type SipResponse } from '../message';
import { giveUpAfter, ProtocolTimers, type ServerTransaction } from '../transaction';
import type { AgentServices } from './services';

/**
 * Repeats a 2xx to an INVITE until its ACK comes: from T1 doubling to T2, on every transport, for 64*T1 (RFC 3261
 * section 13.3.1.4). The transaction does not do that; its user must.
 */
export class AnswerKeeper {
  readonly sequence: number;
  readonly #timers: ProtocolTimers<'2xx' | 'no ACK'>;
  readonly #onAck: (ack: SipRequest) => void;
  readonly #transaction: ServerTransaction;
  #waiting = true;

  constructor(
    services: AgentServices,
    transaction: ServerTransaction,
    response: SipResponse,
    user: { onAck(ack: SipRequest): void; onNoAck(): void },
  ) {
    this.sequence = transaction.request.cseq.sequence;
    this.#transaction = transaction;
    this.#onAck = (ack) => {
      user.onAck(ack);
    };
    this.#timers = new ProtocolTimers(services.clock, services.observer, `${transaction.id}|2xx`);
    transaction.user = {
      onAck: (ack) => {
        this.acknowledge(ack);
      },
    };
    transaction.respond(response);
    const repeat = (gap: number): void => {
      this.#timers.set('2xx', gap, () => {
        transaction.respond(response);
        repeat(Math.min(2 * gap, services.timers.t2));
      });
    };
    repeat(services.timers.t1);
    this.#timers.set('no ACK', giveUpAfter(services.timers), () => {
      this.stop();
      user.onNoAck();
    });
  }

  get isWaiting(): boolean {
    return this.#waiting;
  }

  acknowledge(ack: SipRequest): void {
    if (!this.#waiting) return;
    this.stop();
    this.#onAck(ack);
  }

  stop(): void {
    this.#waiting = false;
    this.#timers.clearAll();
    // The transaction lingers on for half a minute, and need not keep the call with it.
    this.#transaction.user = {};
  }
}
