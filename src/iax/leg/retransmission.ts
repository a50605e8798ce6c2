import type { Milliseconds } from '../../core';

/** The round trip taken for granted until one is measured: the first retry comes after a second (IAX2 reference 3.3). */
export const unmeasuredRoundTrip: Milliseconds = 500;

/**
 * How often a frame is sent in all before its leg is taken for dead. The reference has five with pauses up to ten seconds;
 * eight with pauses up to five end no later (after 32 s, as Asterisk does), and bear a path that loses three of ten.
 */
export const defaultTransmissions = 8;

const shortestRetry: Milliseconds = 200;
const longestRetry: Milliseconds = 5_000;

/** How long to wait after the `transmissions`th sending of a frame: twice the round trip, doubled each time (IAX2 reference 3.3). */
export function retryAfter(transmissions: number, roundTrip: Milliseconds): Milliseconds {
  const first = Math.max(shortestRetry, 2 * roundTrip);
  return Math.min(longestRetry, first * 2 ** (transmissions - 1));
}
