import type { RandomSource } from '../../core';
import { answerChallenge, parseChallenges } from '../auth';
import type { SipRequest, SipResponse } from '../message';

export type CredentialsFor = (realm: string) => { readonly username: string; readonly password: string } | undefined;

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
  authorize(response: SipResponse, request: SipRequest): [string, string][] | undefined {
    const header = response.status === 407 ? 'Proxy-Authorization' : 'Authorization';
    const tried = request.headerValues(header);
    for (const challenge of parseChallenges(response)) {
      const credentials = this.#credentialsFor(challenge.realm);
      if (credentials === undefined) continue;
      const triedThisRealm = tried.some((value) => value.includes(`realm="${challenge.realm}"`));
      // RFC 3261 22.2: the same realm again, and not because the nonce grew stale: the password is wrong.
      if (triedThisRealm && !challenge.stale) continue;
      const nonceCount = (this.#uses.get(challenge.nonce) ?? 0) + 1;
      this.#uses.set(challenge.nonce, nonceCount);
      const value = answerChallenge({
        challenge,
        method: request.method,
        uri: request.requestUri,
        ...credentials,
        body: request.body,
        random: this.#random,
        nonceCount,
      });
      // Credentials for other realms that the request already had stay with it.
      return [...credentialsOf(request).filter(([, old]) => !old.includes(`realm="${challenge.realm}"`)), [header, value]];
    }
    return undefined;
  }
}

/** The credential headers of a request; the ACK to its 2xx repeats them (RFC 3261 section 13.2.2.4). */
export function credentialsOf(request: SipRequest): [string, string][] {
  const headers: [string, string][] = [];
  for (const name of ['Authorization', 'Proxy-Authorization']) {
    for (const value of request.headerValues(name)) headers.push([name, value]);
  }
  return headers;
}
