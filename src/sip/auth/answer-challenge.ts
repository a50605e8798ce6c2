import { type RandomSource, randomToken } from '../../core';
import type { Challenge } from './challenge';
import { digestResponse, formatNonceCount } from './digest';
import { escapeQuoted } from './parameters';

export interface AnswerOptions {
  readonly challenge: Challenge;
  readonly method: string;
  /** The Request-URI exactly as it is sent. */
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  readonly body: Uint8Array | string | undefined;
  readonly random: RandomSource;
  /** How often this nonce has been used, this time included: 1 for the first. */
  readonly nonceCount: number;
}

/** The value of the credentials header that answers a challenge (RFC 3261 section 22.4, RFC 7616 section 3.4). */
export function answerChallenge(options: AnswerOptions): string {
  const { challenge, method, uri, password, random } = options;
  const { realm, nonce, opaque, algorithm, algorithmName } = challenge;
  const username = escapeQuoted(options.username);
  // auth-int only where it is the server's sole wish: proxies that touch the body would break it.
  const qop = challenge.qop.includes('auth') ? 'auth' : challenge.qop[0];
  const cnonce = randomToken(random, 64);
  const nonceCount = formatNonceCount(options.nonceCount);
  const body = typeof options.body === 'string' ? Buffer.from(options.body) : (options.body ?? new Uint8Array());
  const response = digestResponse({
    algorithm,
    username,
    realm,
    password,
    method,
    uri,
    nonce,
    cnonce,
    nonceCount,
    qop,
    body,
  });

  // RFC 3261 section 25.1: algorithm, qop and nc go without quotes, all else in them.
  const parts = [
    `username="${username}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
  ];
  if (algorithmName !== undefined) parts.push(`algorithm=${algorithm}`);
  // RFC 7616 section 3.4: no cnonce and nc without qop; but a session key cannot be made without a cnonce.
  if (qop !== undefined || algorithm.endsWith('-sess')) parts.push(`cnonce="${cnonce}"`);
  if (qop !== undefined) parts.push(`qop=${qop}`, `nc=${nonceCount}`);
  if (opaque !== undefined) parts.push(`opaque="${opaque}"`);
  return `Digest ${parts.join(', ')}`;
}
