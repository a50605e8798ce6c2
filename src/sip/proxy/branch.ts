import type { Milliseconds } from '../../core';
import type { SipResponse } from '../message';
import { type ClientTransaction, type ClientTransactionUser, giveUpAfter, ProtocolTimers } from '../transaction';
import type { Outcome } from './best-response';
import type { ProxyServices } from './services';

/** RFC 3261 section 16.6 step 11: more than three minutes. */
const timerC: Milliseconds = 181_000;

export interface BranchUser {
  /** 101 to 199. */
  onProvisional(response: SipResponse): void;
  /** Any 2xx, repeats and those of further branches downstream included. */
  onAccepted(response: SipResponse): void;
  /** The branch is over without a 2xx; told once. */
  onRefused(outcome: Outcome): void;
}

type BranchTimer = 'C' | 'no answer' | 'cancel';

/** One client transaction of a request that was passed on: RFC 3261 sections 16.6 to 16.10. */
export class Branch {
  readonly #services: ProxyServices;
  readonly #user: BranchUser;
  readonly #isInvite: boolean;
  readonly #transaction: ClientTransaction;
  readonly #timers: ProtocolTimers<BranchTimer>;
  #hasProgress = false;
  #isOver = false;
  #cancel: { readonly reason: string | undefined; readonly status: number } | undefined;

  /** `send` passes the request on. `ringLimit` is how long an INVITE may go unanswered before the next target's turn. */
  constructor(
    services: ProxyServices,
    send: (user: ClientTransactionUser) => ClientTransaction,
    ringLimit: Milliseconds | undefined,
    user: BranchUser,
  ) {
    this.#services = services;
    this.#user = user;
    this.#transaction = send({
      onResponse: (response) => {
        this.#onResponse(response);
      },
      onTimeout: () => {
        this.#finish({ status: 408, response: undefined }); // RFC 3261 16.9
      },
      onTransportError: () => {
        this.#finish({ status: 503, response: undefined }); // RFC 3261 16.9
      },
    });
    this.#isInvite = this.#transaction.request.method === 'INVITE';
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.#transaction.id);
    if (!this.#isInvite) return;
    this.#startTimerC();
    if (ringLimit !== undefined) {
      this.#timers.set('no answer', ringLimit, () => {
        this.#giveUp('SIP;cause=408;text="No answer"', 408);
      });
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Gives up: CANCEL goes out as soon as a provisional response has come (RFC 3261 sections 9.1 and 16.10). */
  cancel(reason: string | undefined): void {
    this.#giveUp(reason, 487);
  }

  /** Forgets everything at once, timers included. */
  abandon(): void {
    this.#isOver = true;
    this.#timers.clearAll();
  }

  #giveUp(reason: string | undefined, status: number): void {
    if (this.#isOver || this.#cancel !== undefined || !this.#isInvite) return; // RFC 3261 9.1: only INVITE is cancelled
    this.#cancel = { reason, status };
    this.#timers.clear('C');
    this.#timers.clear('no answer');
    if (this.#hasProgress) this.#sendCancel(this.#cancel);
  }

  #sendCancel({ reason, status }: { readonly reason: string | undefined; readonly status: number }): void {
    const ignore = (): void => undefined; // only the INVITE's own final response counts (RFC 3261 9.1)
    this.#services.transactions.cancel(this.#transaction, { onResponse: ignore, onTimeout: ignore, onTransportError: ignore }, reason);
    this.#timers.set('cancel', giveUpAfter(this.#services.timers), () => {
      this.#transaction.abandon();
      this.#finish({ status, response: undefined });
    });
  }

  #startTimerC(): void {
    this.#timers.set('C', timerC, () => {
      // RFC 3261 16.8: with a provisional response CANCEL, without one as if 408 had come.
      if (this.#hasProgress) {
        this.#giveUp('SIP;cause=408;text="No answer"', 408);
        return;
      }
      this.#transaction.abandon();
      this.#finish({ status: 408, response: undefined });
    });
  }

  #onResponse(response: SipResponse): void {
    const { status } = response;
    if (status < 200) {
      this.#onProvisional(response);
    } else if (status < 300) {
      this.#isOver = true;
      this.#timers.clearAll();
      this.#user.onAccepted(response);
    } else {
      // What answers a CANCEL of ours that stands for silence is no refusal of a person.
      const isOurs = status === 487 && this.#cancel !== undefined && this.#cancel.status !== 487;
      this.#finish(isOurs ? { status: 408, response: undefined } : { status, response });
    }
  }

  #onProvisional(response: SipResponse): void {
    if (this.#isOver) return;
    const isFirst = !this.#hasProgress;
    this.#hasProgress = true;
    if (this.#cancel !== undefined) {
      if (isFirst) this.#sendCancel(this.#cancel);
      return;
    }
    if (response.status === 100) return; // RFC 3261 16.7 step 5: hop by hop
    if (this.#isInvite) this.#startTimerC(); // RFC 3261 16.7 step 2
    this.#user.onProvisional(response);
  }

  #finish(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timers.clearAll();
    this.#user.onRefused(outcome);
  }
}
