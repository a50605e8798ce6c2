import { createHash, timingSafeEqual } from 'node:crypto';
import { type RandomSource, randomToken } from '../core';

/** AUTH METHODS (IAX2 reference 2.4). Plaintext is never sent nor taken, RSA not offered. */
export const authMethodMd5 = 2;

/** IAX2 reference 4.4: lower-case hexadecimal of MD5(challenge, secret), with nothing between. */
export function md5Result(challenge: string, secret: string): string {
  return createHash('md5').update(challenge + secret, 'utf8').digest('hex');
}

/** Whether `result` proves that its sender knows `secret`; nobody proves anything where there is none. */
export function provesSecret(challenge: string, secret: string | undefined, result: string | undefined): boolean {
  if (secret === undefined || result === undefined) return false;
  const expected = Buffer.from(md5Result(challenge, secret));
  const given = Buffer.from(result.toLowerCase());
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A challenge that nobody has seen or can foretell. */
export function freshChallenge(random: RandomSource): string {
  return randomToken(random, 64);
}

/** Who may come in, by name. */
export interface Access {
  /**
   * The secret of a user, or an empty one when the user need not prove anything. Undefined for a user who is not known: he is
   * challenged all the same, and refused (IAX2 reference 4.4).
   */
  secretOf(username: string): string | undefined;
}
