import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Milliseconds, RandomSource } from '../../core';
import { addressText, type IaxAddress } from '../address';

/** Octets of a token: no answer to a stranger is longer than what he sent (IAX2 reference 7.2). */
const longest = 16;
/** Fewer could be guessed: who sends a million a second for a minute finds none of six by chance. */
const shortest = 6;

/**
 * A token is good for its span and the two after it: for as long as a request with it may be repeated where packets are lost,
 * which is some 39 seconds, and a little more. Asterisk's are good for ten.
 */
const span: Milliseconds = 20_000;
const spans = 3;

/**
 * Proves that who opens a call receives what is sent to his address, before anything is kept for him (IAX2 reference 4.3).
 * A token is a keyed digest of the address and the time: nothing is remembered of those that were given.
 */
export class CallTokens {
  readonly #clock: Clock;
  readonly #secret: Uint8Array;

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#secret = random.bytes(32);
  }

  /** A token for `source` in no more than `room` octets; undefined when that is too little for one. */
  issue(source: IaxAddress, room: number): Uint8Array | undefined {
    return room < shortest ? undefined : this.#digest(source, this.#now).subarray(0, Math.min(longest, room));
  }

  /** Whether we gave this token to `source`, and not long ago. */
  verify(source: IaxAddress, token: Uint8Array): boolean {
    if (token.length < shortest || token.length > longest) return false;
    const now = this.#now;
    for (let age = 0; age < spans; age += 1) {
      if (timingSafeEqual(this.#digest(source, now - age).subarray(0, token.length), token)) return true;
    }
    return false;
  }

  get #now(): number {
    return Math.floor(this.#clock.now() / span);
  }

  #digest(source: IaxAddress, at: number): Buffer {
    return createHmac('sha256', this.#secret).update(`${addressText(source)} ${at}`).digest();
  }
}
