import { timingSafeEqual } from 'node:crypto';
import { type Clock, type Milliseconds, type RandomSource, randomToken } from '../../core';
import type { DigestAlgorithm } from './algorithm';
import type { HeaderSource, QualityOfProtection } from './challenge';
import { parseCredentials } from './credentials';
import { digestResponse } from './digest';
import { escapeQuoted, unescapeQuoted } from './parameters';

export interface DigestServerOptions {
  readonly realm: string;
  /** Username to password. */
  readonly users: ReadonlyMap<string, string>;
  /** One challenge each, the most wanted first (RFC 8760 section 2.4). */
  readonly algorithms: readonly DigestAlgorithm[];
  readonly random: RandomSource;
  readonly clock: Clock;
  /** Default `['auth']`. Empty for the form of RFC 2069, without replay protection. */
  readonly qop?: readonly QualityOfProtection[];
  /** How long a nonce is good. Default five minutes. */
  readonly nonceLifetime?: Milliseconds;
}

/** What of a request its credentials cover. */
export interface AuthenticatedRequest extends HeaderSource {
  readonly method: string;
  readonly body: Uint8Array;
}

export type Verification =
  | { readonly ok: true; readonly username: string }
  /** `stale`: the password was right, so challenge with `stale=true` and the user need not be asked again. */
  | { readonly ok: false; readonly stale: boolean; readonly reason: string };

interface IssuedNonce {
  readonly issued: Milliseconds;
  highestCount: number;
}

/** Nonces kept at most; a flood of requests pushes out the oldest, whose clients then get `stale=true`. */
const maximumNonces = 10_000;

/** The server's half of digest authentication (RFC 3261 section 22, RFC 7616, RFC 8760). */
export class DigestServer {
  readonly #options: DigestServerOptions;
  readonly #qop: readonly QualityOfProtection[];
  readonly #nonceLifetime: Milliseconds;
  /** In the order of their issue. */
  readonly #nonces = new Map<string, IssuedNonce>();

  constructor(options: DigestServerOptions) {
    this.#options = options;
    this.#qop = options.qop ?? ['auth'];
    this.#nonceLifetime = options.nonceLifetime ?? 300_000;
  }

  /** The values of the challenge header: one each for every algorithm, all with one new nonce. */
  challenge(stale = false): string[] {
    const { realm, algorithms, random } = this.#options;
    const nonce = randomToken(random, 128);
    this.#forgetNonces();
    this.#nonces.set(nonce, { issued: this.#options.clock.now(), highestCount: 0 });
    return algorithms.map((algorithm) => {
      const parts = [`realm="${escapeQuoted(realm)}"`, `nonce="${nonce}"`];
      if (stale) parts.push('stale=true');
      parts.push(`algorithm=${algorithm}`);
      // RFC 3261 section 25.1: in a challenge the qop is a quoted list.
      if (this.#qop.length > 0) parts.push(`qop="${this.#qop.join(',')}"`);
      return `Digest ${parts.join(', ')}`;
    });
  }

  /** Looks for credentials of our realm in the headers of that name and checks them. */
  verify(request: AuthenticatedRequest, headerName: string): Verification {
    const realm = escapeQuoted(this.#options.realm);
    const credentials = request
      .headerValues(headerName)
      .map(parseCredentials)
      .find((each) => each?.realm === realm);
    if (credentials === undefined) return refuse('no credentials for this realm');
    const { algorithm, username, nonce, cnonce = '', nonceCount = '' } = credentials;
    if (algorithm === undefined || !this.#options.algorithms.includes(algorithm)) {
      return refuse('an algorithm that was not offered');
    }
    const qop = this.#qop.find((offered) => offered === credentials.qop);
    // RFC 3261 section 22.4: who was offered a qop must use one.
    if (qop === undefined && (this.#qop.length > 0 || credentials.qop !== undefined)) {
      return refuse('a qop that was not offered');
    }
    if (cnonce === '' && (qop !== undefined || algorithm.endsWith('-sess'))) return refuse('no cnonce');
    if (qop !== undefined && !/^[0-9a-f]{8}$/i.test(nonceCount)) return refuse('nc is not eight hexadecimal digits');

    const user = unescapeQuoted(username);
    const password = this.#options.users.get(user);
    // RFC 3261 section 22.4: the uri may differ from the Request-URI, which proxies may have rewritten.
    const { method, body } = request;
    const { uri, response } = credentials;
    const expected = digestResponse({
      algorithm,
      username,
      realm,
      // Who does not exist is reckoned with all the same, so that the time of the answer tells nothing.
      password: password ?? '',
      method,
      uri,
      nonce,
      cnonce,
      nonceCount,
      qop,
      body,
    });
    if (password === undefined) return refuse('unknown user');
    if (!areEqual(expected, response)) return refuse('wrong password');
    return this.#useNonce(nonce, qop === undefined ? undefined : Number.parseInt(nonceCount, 16), user);
  }

  /** Only who knows the password gets here, so an old nonce earns `stale` (RFC 7616 section 3.3). */
  #useNonce(nonce: string, count: number | undefined, username: string): Verification {
    this.#forgetNonces();
    const known = this.#nonces.get(nonce);
    if (known === undefined) return { ok: false, stale: true, reason: 'the nonce has expired' };
    if (count !== undefined) {
      // RFC 7616 section 3.4: a count seen before is a replay. Whoever sends it again with a new nonce is no replayer.
      if (count <= known.highestCount) return { ok: false, stale: true, reason: 'the nonce count has not risen' };
      known.highestCount = count;
    }
    return { ok: true, username };
  }

  #forgetNonces(): void {
    const oldest = this.#options.clock.now() - this.#nonceLifetime;
    for (const [nonce, { issued }] of this.#nonces) {
      if (issued > oldest && this.#nonces.size < maximumNonces) return;
      this.#nonces.delete(nonce);
    }
  }
}

function refuse(reason: string): Verification {
  return { ok: false, stale: false, reason };
}

function areEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
