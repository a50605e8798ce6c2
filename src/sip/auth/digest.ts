import { type DigestAlgorithm, hash } from './algorithm';
import type { QualityOfProtection } from './challenge';

/** All that goes into a digest response. `username` and `realm` as between their quotes; the password as it is. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly cnonce: string;
  /** Eight hexadecimal digits. */
  readonly nonceCount: string;
  /** `undefined` for the form without it, of RFC 2069. */
  readonly qop: QualityOfProtection | undefined;
  readonly body: Uint8Array;
}

/** The `response` of RFC 7616 section 3.4.1: lower-case hexadecimal digits. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, username, realm, password, method, uri, nonce, cnonce, nonceCount, qop, body } = input;
  const digest = (...parts: readonly string[]): string => hash(algorithm, parts.join(':'));

  // RFC 7616 section 3.4.2: the -sess forms bind the password to this nonce and cnonce.
  const secret = digest(username, realm, password);
  const a1 = algorithm.endsWith('-sess') ? digest(secret, nonce, cnonce) : secret;
  // RFC 7616 section 3.4.3.
  const a2 = qop === 'auth-int' ? digest(method, uri, hash(algorithm, body)) : digest(method, uri);
  // RFC 7616 section 3.4.1; without qop as in RFC 2069, kept by RFC 3261 section 22.4 for old peers.
  return qop === undefined ? digest(a1, nonce, a2) : digest(a1, nonce, nonceCount, cnonce, qop, a2);
}

/** The nonce count as it is written: eight hexadecimal digits, 00000001 first (RFC 7616 section 3.4). */
export function formatNonceCount(count: number): string {
  return count.toString(16).padStart(8, '0');
}
