import { describeError, type Disposable, randomToken } from '../../../core';
import { routeRequest } from '../../dialog';
import { parseUri, type SipRequest, type SipResponse } from '../../message';
import type { ClientTransaction } from '../../transaction';
import { mostChallenges } from '../authorizer';
import type { AgentServices } from '../services';

type Headers = readonly (readonly [string, string])[];

export interface OutsideRequestUser {
  /** The request as it was sent; called again for each repeat with credentials. */
  onSent?(request: SipRequest): void;
  onResponse(response: SipResponse, request: SipRequest): void;
  onTimeout(): void;
  onTransportError(error: Error): void;
}

/**
 * A request outside any dialog, which may make one: REFER with Target-Dialog, or the SUBSCRIBE to what Refer-Events-At
 * names. A challenge is answered with the next CSeq (RFC 3261 section 22.2).
 */
export class OutsideRequest implements Disposable {
  readonly callId: string;
  readonly localTag: string;
  readonly #services: AgentServices;
  readonly #what: { readonly method: string; readonly uri: string; readonly to: string; readonly headers: Headers };
  readonly #user: OutsideRequestUser;
  #sequence = 0;
  #challenges = 0;
  #unsendable: Disposable | undefined;

  constructor(
    services: AgentServices,
    what: { readonly method: string; readonly uri: string; readonly to: string; readonly headers: Headers },
    user: OutsideRequestUser,
  ) {
    this.#services = services;
    this.#what = what;
    this.#user = user;
    this.callId = `${randomToken(services.random, 96)}@${parseUri(services.settings.uri).host}`;
    this.localTag = randomToken(services.random, 64);
  }

  start(): void {
    this.#send([]);
  }

  /** Tells nothing any more: the lab is stopping. */
  dispose(): void {
    this.#unsendable?.dispose();
  }

  #send(credentials: Headers): void {
    const { settings, transactions, clock } = this.#services;
    const { method, uri, to, headers } = this.#what;
    this.#sequence += 1;
    let transaction: ClientTransaction;
    try {
      // RFC 3261 8.1.2: by the outbound proxy and the Service-Route, where there are any.
      const routed = routeRequest(parseUri(uri), settings.routes?.() ?? []);
      const draft = {
        method,
        uri: routed.uri,
        headers: [
          ['Max-Forwards', '70'],
          ...routed.routes.map((route) => ['Route', route] as const),
          ['From', `<${settings.uri}>;tag=${this.localTag}`],
          ['To', `<${to}>`],
          ['Call-ID', this.callId],
          ['CSeq', `${String(this.#sequence)} ${method}`],
          ...headers,
          ...credentials,
        ] as [string, string][],
        body: undefined,
      };
      transaction = transactions.request(draft, routed.hop, {
        onResponse: (response) => this.#onResponse(response, transaction.request),
        onTimeout: () => this.#user.onTimeout(),
        onTransportError: (error) => this.#user.onTransportError(error),
      });
    } catch (error) {
      // A URI that cannot be sent to. Told later, as any failure to send is.
      this.#unsendable = clock.setTimer(0, () => this.#user.onTransportError(new Error(describeError(error))));
      return;
    }
    this.#user.onSent?.(transaction.request);
  }

  #onResponse(response: SipResponse, request: SipRequest): void {
    if (response.status < 200) return;
    if ((response.status === 401 || response.status === 407) && this.#challenges < mostChallenges) {
      const credentials = this.#services.authorizer.authorize(response, request);
      if (credentials !== undefined) {
        this.#challenges += 1;
        this.#send(credentials);
        return;
      }
    }
    this.#user.onResponse(response, request);
  }
}
