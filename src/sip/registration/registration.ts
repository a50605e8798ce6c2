import { describeError, type Clock, type Milliseconds, type RandomSource, randomToken } from '../../core';
import { type ClientAuthorizer, mostChallenges } from '../agent';
import { asRoutes, routeRequest } from '../dialog';
import { parseUri, SipHeaderError, type SipResponse } from '../message';
import { type ClientTransaction, type Hop, type ProtocolObserver, ProtocolTimers, type TransactionLayer } from '../transaction';
import { registrationBackOff } from './back-off';
import { readGranted, seconds } from './bindings';

/**
 * `registering` and `refreshing` wait for an answer; `failed` may still try again by itself, see
 * {@link Registration.retriesAt}.
 */
export type RegistrationState = 'unregistered' | 'registering' | 'registered' | 'refreshing' | 'releasing' | 'failed';

/** One address where the person can be reached. */
export interface RegistrationContact {
  readonly uri: string;
  /** Preference among the contacts, 0 to 1 (RFC 3261 section 20.10). */
  readonly q?: number | undefined;
}

/** What the registration shares with the user agent it belongs to. */
export interface RegistrationServices {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly observer: ProtocolObserver;
  readonly transactions: TransactionLayer;
  readonly authorizer: ClientAuthorizer;
}

export interface RegistrationOptions {
  /** Where the REGISTER goes: `sip:lab.test`, without a user (RFC 3261 section 10.2). */
  readonly registrar: string;
  /** Whom it is for: `sip:alice@lab.test`. */
  readonly addressOfRecord: string;
  /** Asked for each request anew: what we no longer name is taken back. At least one. */
  contacts(): readonly RegistrationContact[];
  /** Seconds a binding shall live; the registrar may shorten or, with 423, lengthen it. */
  readonly expires: number;
  /** Route values on the way to the registrar: an outbound proxy. */
  readonly routes: readonly string[];
  /** After each change of what this object tells. */
  onChange(): void;
}

/** Refreshed this long before the end, so that a REGISTER that is lost for the whole of 64*T1 still comes in time. */
const margin: Milliseconds = 40_000;

/** More than this in a 423, or in a Retry-After, is no wait but a refusal (an hour). */
const longestWait = 3_600;

/** How often a request is mended (Min-Expires) before its registrar is taken for unreasonable. */
const mostMendings = 3;

type RegistrationTimer = 'refresh' | 'retry' | 'expiry';

/**
 * Keeps the bindings of one address of record at a registrar: registers, refreshes before the end, answers challenges, comes
 * back with a growing pause when the registrar is out of reach, and releases. RFC 3261 section 10.2, RFC 3327 section 5.1,
 * RFC 3608 section 5, RFC 5626 section 4.5.
 */
export class Registration {
  readonly callId: string;
  readonly #options: RegistrationOptions;
  readonly #services: RegistrationServices;
  readonly #timers: ProtocolTimers<RegistrationTimer>;
  readonly #fromTag: string;
  #state: RegistrationState = 'unregistered';
  #sequence = 0;
  /** The registration is wanted; an answer that finds it unwanted is followed by a release. */
  #wanted = false;
  #transaction: ClientTransaction | undefined;
  /** What the registrar may hold of ours: it must be taken back once we name it no longer. */
  #registered: readonly string[] = [];
  #expires: number;
  #serviceRoutes: readonly string[] = [];
  #expiresAt: Milliseconds | undefined;
  #retriesAt: Milliseconds | undefined;
  #seenAt: { readonly host: string; readonly port: number } | undefined;
  #failures = 0;
  #challenges = 0;
  #mendings = 0;
  #bindings = 0;
  #problem: string | undefined;

  constructor(options: RegistrationOptions, services: RegistrationServices) {
    this.#options = options;
    this.#services = services;
    this.#expires = options.expires;
    // RFC 3261 10.2: all REGISTERs of one boot cycle to one registrar have one Call-ID.
    this.callId = `${randomToken(services.random, 96)}@${parseUri(options.addressOfRecord).host}`;
    this.#fromTag = randomToken(services.random, 64);
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.callId);
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /** The registrar has our contacts, as far as we know. */
  get isRegistered(): boolean {
    return this.#state === 'registered' || this.#state === 'refreshing';
  }

  /** No request of ours is under way. */
  get isQuiet(): boolean {
    return this.#transaction === undefined;
  }

  /** Whether the registrar may still hold a binding of ours. */
  get hasBindings(): boolean {
    return this.#registered.length > 0;
  }

  /** Clock time at which the first of our bindings ends. */
  get expiresAt(): Milliseconds | undefined {
    return this.#expiresAt;
  }

  /** Clock time of the next try by itself, after a failure. */
  get retriesAt(): Milliseconds | undefined {
    return this.#retriesAt;
  }

  /** Why it failed, as a sentence for a person. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** How many bindings the address of record has in all, by the registrar's last word. */
  get bindings(): number {
    return this.#bindings;
  }

  /** Our own address as the registrar, or the proxy before it, sees it (RFC 3581 section 4). */
  get seenAt(): { readonly host: string; readonly port: number } | undefined {
    return this.#seenAt;
  }

  /** The route of requests outside a dialog: the outbound proxy, then the registrar's Service-Route (RFC 3608 section 5). */
  get routes(): readonly string[] {
    const { routes } = this.#options;
    const [first] = this.#serviceRoutes;
    // A home proxy that is the outbound proxy names itself: once is enough.
    return first !== undefined && routes.includes(first) ? this.#serviceRoutes : [...routes, ...this.#serviceRoutes];
  }

  /** Registers, or refreshes at once. Does nothing while a request is under way. */
  register(): void {
    this.#wanted = true;
    if (this.#transaction !== undefined) return; // RFC 3261 10.2: no new one before the answer to the last
    this.#begin(this.isRegistered ? 'refreshing' : 'registering', 'asked to register');
  }

  /** Takes our bindings back. An answer still under way is waited for first (RFC 3261 section 10.2). */
  unregister(): void {
    this.#wanted = false;
    this.#timers.clearAll();
    this.#retriesAt = undefined;
    if (this.#transaction !== undefined) return;
    if (this.hasBindings) this.#begin('releasing', 'RFC 3261 10.2.2: asked to release');
    else this.#move('unregistered', 'asked to stop, and nothing is registered');
  }

  /** Forgets everything at once, timers included: the lab is stopping. */
  abandon(): void {
    this.#wanted = false;
    this.#timers.clearAll();
    this.#transaction?.abandon();
    this.#transaction = undefined;
  }

  #begin(state: 'registering' | 'refreshing' | 'releasing', why: string): void {
    this.#challenges = 0;
    this.#mendings = 0;
    this.#retriesAt = undefined;
    this.#timers.clear('refresh');
    this.#timers.clear('retry');
    this.#move(state, why);
    this.#send([]);
  }

  #send(credentials: readonly (readonly [string, string])[]): void {
    const { registrar, addressOfRecord, routes } = this.#options;
    try {
      const route = routeRequest(parseUri(registrar), routes);
      const isRelease = this.#state === 'releasing';
      const contacts = isRelease ? [] : this.#options.contacts();
      const gone = this.#registered.filter((uri) => !contacts.some((contact) => contact.uri === uri));
      this.#sequence += 1; // RFC 3261 10.2: one more for each REGISTER with this Call-ID
      const draft = {
        method: 'REGISTER',
        uri: route.uri,
        headers: [
          ['Max-Forwards', '70'],
          ...route.routes.map((value) => ['Route', value] as const),
          ['From', `<${addressOfRecord}>;tag=${this.#fromTag}`],
          ['To', `<${addressOfRecord}>`],
          ['Call-ID', this.callId],
          ['CSeq', `${String(this.#sequence)} REGISTER`],
          ...contacts.map(({ uri, q }) => ['Contact', `<${uri}>${q === undefined ? '' : `;q=${String(q)}`};expires=${String(this.#expires)}`] as const),
          ...gone.map((uri) => ['Contact', `<${uri}>;expires=0`] as const), // RFC 3261 10.2.2
          ['Supported', 'path'], // RFC 3327 5.1
          ['User-Agent', 'Call Lab'],
          ...credentials,
        ] as const,
      };
      const named = contacts.map(({ uri }) => uri);
      const before = this.#registered;
      // From now on the registrar may have them, whatever becomes of the answer.
      this.#registered = [...new Set([...this.#registered, ...named])];
      this.#transaction = this.#services.transactions.request(draft, route.hop, {
        onResponse: (response) => {
          if (response.status < 200) return;
          if (response.status >= 300) this.#registered = before; // RFC 3261 10.3: all of it, or nothing
          this.#onFinal(response, named);
        },
        onTimeout: () => {
          this.#onFailed('the registrar did not answer', undefined, true);
        },
        onTransportError: (error) => {
          this.#onFailed(error.message, undefined, true);
        },
      });
    } catch (error) {
      // A registrar, route or contact that cannot be written into a request; trying again would not mend it.
      this.#timers.set('retry', 0, () => {
        this.#onFailed(describeError(error), undefined, false);
      });
    }
  }

  #onFinal(response: SipResponse, named: readonly string[]): void {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    this.#transaction = undefined;
    this.#learnAddress(response, transaction.hop);
    const { status } = response;
    if (status < 300) {
      this.#onAccepted(response, named);
      return;
    }
    if ((status === 401 || status === 407) && this.#challenges < mostChallenges) {
      const credentials = this.#services.authorizer.authorize(response, transaction.request);
      if (credentials !== undefined) {
        this.#challenges += 1;
        this.#send(credentials); // RFC 3261 22.2: with the next CSeq
        return;
      }
    }
    if (status === 423 && this.#lengthen(response)) {
      this.#send([]); // RFC 3261 10.2.8
      return;
    }
    // RFC 5626 4.5 and RFC 3261 21.4, 21.5: what time may mend is tried again; a wrong password or name is not.
    const mayMend = status === 408 || status === 430 || status === 480 || status === 491 || status >= 500;
    this.#onFailed(`${String(status)} ${response.reason}`, response, mayMend && status < 600);
  }

  /** RFC 3261 section 10.2.8: a 423 names the shortest time the registrar accepts. */
  #lengthen(response: SipResponse): boolean {
    const least = seconds(response.header('Min-Expires'));
    if (least === undefined || least <= this.#expires || this.#mendings >= mostMendings) return false;
    this.#mendings += 1;
    this.#expires = least;
    return true;
  }

  #onAccepted(response: SipResponse, named: readonly string[]): void {
    const { clock } = this.#services;
    this.#failures = 0;
    this.#problem = undefined;
    this.#registered = named;
    if (this.#state === 'releasing') {
      this.#forget();
      this.#move('unregistered', 'RFC 3261 10.2.2: the bindings are released');
      if (this.#wanted) this.register();
      return;
    }
    const granted = legible(() => readGranted(response, named.map(parseUri)));
    const expires = granted?.expires ?? this.#expires;
    this.#bindings = granted?.bindings ?? named.length;
    // RFC 3608 5: each 2xx replaces the route of the last
    this.#serviceRoutes = legible(() => asRoutes(response.serviceRoutes)) ?? [];
    this.#expiresAt = clock.now() + expires * 1_000;
    this.#timers.set('expiry', expires * 1_000, () => {
      this.#onExpired();
    });
    if (!this.#wanted) {
      this.#timers.clearAll();
      this.#begin('releasing', 'RFC 3261 10.2.2: unwanted since the answer was on its way');
      return;
    }
    this.#move('registered', `RFC 3261 10.2.4: 200, for ${String(expires)} s`);
    const lifetime = expires * 1_000;
    this.#timers.set('refresh', lifetime > 2 * margin ? lifetime - margin : lifetime / 2, () => {
      this.#begin('refreshing', 'RFC 3261 10.2.4: refreshed before it expires');
    });
  }

  #onFailed(text: string, response: SipResponse | undefined, mayMend: boolean): void {
    this.#transaction = undefined;
    const wasReleasing = this.#state === 'releasing';
    this.#problem = text;
    if (wasReleasing || !this.#wanted) {
      // Nothing more can be done: what the registrar still has ends by itself.
      this.#forget();
      this.#move('unregistered', `the release failed: ${text}`);
      if (this.#wanted) this.register();
      return;
    }
    this.#failures += 1;
    this.#serviceRoutes = [];
    if (!mayMend) {
      this.#timers.clear('expiry');
      this.#move('failed', `refused: ${text}`);
      return;
    }
    const asked = legible(() => response?.retryAfter) ?? 0;
    const pause = Math.max(registrationBackOff(this.#failures, this.#services.random), Math.min(asked, longestWait) * 1_000);
    this.#retriesAt = this.#services.clock.now() + pause;
    this.#timers.set('retry', pause, () => {
      this.#begin('registering', 'RFC 5626 4.5: one more try');
    });
    this.#move('failed', `RFC 5626 4.5: ${text}; once more in ${String(Math.round(pause / 1_000))} s`);
  }

  /** The time is up and no refresh came through: nobody finds us any more. */
  #onExpired(): void {
    this.#expiresAt = undefined;
    this.#serviceRoutes = [];
    this.#registered = [];
    if (this.#state === 'refreshing') this.#move('registering', 'the binding expired before it was refreshed');
    else this.#options.onChange();
  }

  #forget(): void {
    this.#timers.clearAll();
    this.#registered = [];
    this.#serviceRoutes = [];
    this.#expiresAt = undefined;
    this.#bindings = 0;
  }

  /** RFC 3581 section 4: the top Via of the answer shows the address our request came from. */
  #learnAddress(response: SipResponse, hop: Hop): void {
    if (hop.transport !== 'udp') return; // of a connection it is a port of the moment
    const { host, port, received, rport } = response.topVia;
    const seenPort = typeof rport === 'number' ? rport : (port ?? 5060);
    this.#seenAt = { host: received ?? host, port: seenPort };
  }

  #move(to: RegistrationState, why: string): void {
    const from = this.#state;
    this.#state = to;
    if (from !== to) this.#services.observer.stateChanged('registration', this.callId, from, to, why);
    this.#options.onChange();
  }
}

/** What `read` finds in an answer; undefined where the registrar wrote what cannot be read: that undoes no registration. */
function legible<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SipHeaderError) return undefined;
    throw error;
  }
}
