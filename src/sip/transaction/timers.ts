import type { Milliseconds } from '../../core';

/** The base times of RFC 3261 section 17.1.1.1, in milliseconds. */
export interface TimerValues {
  /** Estimate of a round trip. */
  readonly t1: Milliseconds;
  /** Longest gap between repeats of a non-INVITE request or of a final response. */
  readonly t2: Milliseconds;
  /** How long a message may live in the network. */
  readonly t4: Milliseconds;
}

export const defaultTimers: TimerValues = { t1: 500, t2: 4_000, t4: 5_000 };

/** 64*T1, after which an unanswered transaction has failed (timers B, F, H, J, L, M and N). */
export function giveUpAfter(timers: TimerValues): Milliseconds {
  return 64 * timers.t1;
}

/** The gap before repeat number `sent` (1 for the first repeat): doubles from T1, up to `cap`. */
export function backOff(timers: TimerValues, sent: number, cap = Number.POSITIVE_INFINITY): Milliseconds {
  return Math.min(timers.t1 * 2 ** (sent - 1), cap);
}
