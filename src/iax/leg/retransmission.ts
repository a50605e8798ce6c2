import type { Milliseconds } from '../../core';

/** The round trip taken for granted until one is measured: the first retry comes after a second (IAX2 reference 3.3). */
export const unmeasuredRoundTrip: Milliseconds = 500;

/**
 * How often a frame is sent in all before its leg is taken for dead. The reference has five with pauses up to ten seconds;
 * these are libiax2's numbers: over after 39 s, and five would end one call in thirty where three frames of ten are lost.
 */
export const defaultTransmissions = 11;

const shortestRetry: Milliseconds = 200;
const longestRetry: Milliseconds = 4_000;

/**
 * How long to wait after the `transmissions`th sending of a frame: twice the round trip, doubled each time up to `longest` (IAX2
 * reference 3.3).
 */
export function retryAfter(transmissions: number, roundTrip: Milliseconds, longest = longestRetry): Milliseconds {
  const first = Math.max(shortestRetry, 2 * roundTrip);
  return Math.min(longest, first * 2 ** (transmissions - 1));
}
