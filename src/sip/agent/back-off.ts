import { type Milliseconds, type RandomSource, randomInteger } from '../../core';

/**
 * How long to wait after a 491: the owner of the Call-ID 2.1 to 4 s, the other side 0 to 2 s, in steps of 10 ms, so that
 * the two do not meet again (RFC 3261 section 14.1).
 */
export function glareBackOff(random: RandomSource, ownsCallId: boolean): Milliseconds {
  return ownsCallId ? 2_100 + 10 * randomInteger(random, 191) : 10 * randomInteger(random, 201);
}
