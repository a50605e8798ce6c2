import type { Clock, Disposable, Milliseconds } from '../../core';
import type { Dialog } from '../dialog';
import type { SipRequest } from '../message';
import type { ClientTransaction, ClientTransactionUser, TransactionLayer } from '../transaction';
import { type ClientAuthorizer, mostChallenges } from './authorizer';

type Headers = readonly (readonly [string, string])[];

/** The user of a request inside a dialog. It may go out several times: again with credentials. */
export interface DialogRequestUser extends ClientTransactionUser {
  /** The request as it was sent; called again for each repeat with credentials. */
  onSent?(request: SipRequest): void;
}

/** A request inside a dialog on its way. */
export interface DialogRequest {
  /** Nobody cares for its answer any more: forgotten after `delay`, for an INVITE has no time limit once it rings. */
  forgetAfter(delay: Milliseconds): void;
}

/** Their 2xx brings a new target (RFC 3261 12.2.1.2, RFC 3311 5.1, RFC 6665 4.4.1, RFC 3515 2.4.1). */
const targetRefreshing: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** Sends requests inside dialogs, and sends them again with credentials when they are challenged. */
export class DialogRequests {
  readonly #clock: Clock;
  readonly #transactions: TransactionLayer;
  readonly #authorizer: ClientAuthorizer;
  /** Failures not told yet, and requests to be forgotten. */
  readonly #timers = new Set<Disposable>();

  constructor(clock: Clock, transactions: TransactionLayer, authorizer: ClientAuthorizer) {
    this.#clock = clock;
    this.#transactions = transactions;
    this.#authorizer = authorizer;
  }

  send(request: { dialog: Dialog; method: string; headers: Headers; body: string | undefined }, user: DialogRequestUser): DialogRequest {
    let current: ClientTransaction | undefined;
    this.#send({ ...request, credentials: [], challenges: 0 }, user, (transaction) => {
      current = transaction;
    });
    return {
      forgetAfter: (delay) => {
        this.#later(delay, () => current?.abandon());
      },
    };
  }

  /** Tells nobody anything any more: the lab is stopping. */
  abandon(): void {
    for (const timer of this.#timers) timer.dispose();
    this.#timers.clear();
  }

  #later(delay: Milliseconds, act: () => void): void {
    const timer = this.#clock.setTimer(delay, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }

  #send(
    request: {
      readonly dialog: Dialog;
      readonly method: string;
      readonly headers: Headers;
      readonly body: string | undefined;
      readonly credentials: Headers;
      readonly challenges: number;
    },
    user: DialogRequestUser,
    onStarted: (transaction: ClientTransaction) => void,
  ): void {
    const { dialog, method, headers, body, credentials, challenges } = request;
    let transaction: ClientTransaction;
    try {
      const { draft, hop } = dialog.createRequest(method, [...headers, ...credentials], body);
      transaction = this.#transactions.request(draft, hop, {
        onResponse: (response) => {
          const isChallenge = response.status === 401 || response.status === 407;
          // RFC 3261 22.2: again, with the next CSeq. Not when the call ended meanwhile.
          if (isChallenge && challenges < mostChallenges && dialog.state !== 'terminated') {
            const answer = this.#authorizer.authorize(response, transaction.request);
            if (answer !== undefined) {
              this.#send({ ...request, credentials: answer, challenges: challenges + 1 }, user, onStarted);
              return;
            }
          }
          const isAccepted = response.status >= 200 && response.status < 300;
          if (isAccepted && targetRefreshing.has(method)) dialog.refreshTarget(response.contact);
          user.onResponse(response);
        },
        onTimeout: () => {
          user.onTimeout();
        },
        onTransportError: (error) => {
          user.onTransportError(error);
        },
      });
    } catch (error) {
      // The peer's Contact cannot be sent to. Told later, as any failure to send is.
      this.#later(0, () => user.onTransportError(error instanceof Error ? error : new Error(String(error))));
      return;
    }
    onStarted(transaction);
    user.onSent?.(transaction.request);
  }
}
