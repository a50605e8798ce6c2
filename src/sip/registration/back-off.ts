import { type Milliseconds, type RandomSource } from '../../core';

/** The base time while no other way to the registrar works (RFC 5626 section 4.5, `base-time (if all failed)`). */
const baseTime: Milliseconds = 30_000;

/** RFC 5626 section 4.5, `max-time`. */
const longestTime: Milliseconds = 1_800_000;

/**
 * How long to wait after the `failures`th failure in a row (1 for the first) before registering again: between a half and
 * the whole of a time that doubles with each failure, so that phones which lost their registrar together do not come back
 * together (RFC 5626 section 4.5).
 */
export function registrationBackOff(failures: number, random: RandomSource): Milliseconds {
  const upper = Math.min(longestTime, baseTime * 2 ** failures);
  return Math.round(upper * (0.5 + random.fraction() / 2));
}
