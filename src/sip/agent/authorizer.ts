import type { RandomSource } from '../../core';
import { answerChallenge, type Challenge, parseChallenges } from '../auth';
import type { SipRequest, SipResponse } from '../message';

export type CredentialsFor = (realm: string) => { readonly username: string; readonly password: string } | undefined;

type Headers = readonly (readonly [string, string])[];

/** Nonces whose uses are counted; a server that comes back to an older one calls its count stale. */
const mostNonces = 200;

/** Answers digest challenges for one user agent and counts the uses of each nonce (RFC 3261 section 22, RFC 8760). */
export class ClientAuthorizer {
  readonly #credentialsFor: CredentialsFor;
  readonly #random: RandomSource;
  readonly #uses = new Map<string, number>();

  constructor(credentialsFor: CredentialsFor, random: RandomSource) {
    this.#credentialsFor = credentialsFor;
    this.#random = random;
  }

  /**
   * The credential headers with which `request` may be tried again after `response` (401 or 407), or undefined when we
   * have no password for any of its realms, or when the server refused this password already.
   */
  authorize(response: SipResponse, request: SipRequest): Headers | undefined {
    const sent = credentialsOf(request);
    for (const challenge of parseChallenges(response)) {
      const credentials = this.#credentialsFor(challenge.realm);
      if (credentials === undefined) continue;
      const isForRealm = ([name, value]: readonly [string, string]): boolean =>
        name === challenge.header && value.includes(`realm="${challenge.realm}"`);
      // RFC 3261 22.2: the same realm again, and not because the nonce grew stale: the password is wrong. A nonce that we
      // just used and that is stale already would go on for ever.
      const isNew = !sent.some(([, value]) => value.includes(`nonce="${challenge.nonce}"`));
      if (sent.some(isForRealm) && !(challenge.stale && isNew)) continue;
      const value = answerChallenge({
        challenge,
        method: request.method,
        uri: request.requestUri,
        ...credentials,
        body: request.body,
        random: this.#random,
        nonceCount: this.#countUse(challenge),
      });
      // Credentials for other realms that the request already had stay with it.
      return [...sent.filter((header) => !isForRealm(header)), [challenge.header, value]];
    }
    return undefined;
  }

  #countUse({ nonce }: Challenge): number {
    const uses = (this.#uses.get(nonce) ?? 0) + 1;
    this.#uses.delete(nonce);
    this.#uses.set(nonce, uses);
    const oldest = this.#uses.keys().next();
    if (this.#uses.size > mostNonces && oldest.done === false) this.#uses.delete(oldest.value);
    return uses;
  }
}

/** The credential headers of a request; the ACK to its 2xx repeats them (RFC 3261 section 22.1). */
export function credentialsOf(request: SipRequest): Headers {
  return ['Authorization', 'Proxy-Authorization'].flatMap((name) =>
    request.headerValues(name).map((value): [string, string] => [name, value]),
  );
}

/** A request may be challenged by several servers on its way, and a nonce may grow stale; more than this is a trap. */
export const mostChallenges = 4;
