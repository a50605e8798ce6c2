import type { SipResponse } from '../message';

/** How one branch of a request ended. */
export interface Outcome {
  readonly status: number;
  /** Undefined when none came: 408 after silence, 503 when it could not be sent, 487 when it was given up. */
  readonly response: SipResponse | undefined;
}

/** RFC 3261 section 16.7 step 6: these tell the caller what to mend, so they come before others of their class. */
const helpful: readonly number[] = [401, 407, 415, 420, 484];

/** These say the least: that nobody was there, or that we gave up ourselves. */
const mute: readonly number[] = [408, 487];

/** The outcome that the caller is told: RFC 3261 section 16.7 step 6. Undefined when there is none. */
export function bestOutcome(outcomes: readonly Outcome[]): Outcome | undefined {
  const [best] = [...outcomes].sort((a, b) => rank(a.status) - rank(b.status));
  // A 503 of one server says nothing of the others the caller might reach another way.
  return best?.status === 503 ? { status: 500, response: undefined } : best;
}

/** A 6xx decides; else the lowest class. */
function rank(status: number): number {
  if (status >= 600) return 0;
  const classRank = Math.floor(status / 100) * 10;
  if (helpful.includes(status)) return classRank;
  return classRank + (mute.includes(status) || status === 503 ? 2 : 1);
}

/** RFC 3261 section 16.7 step 7: with a 401 or 407 go the challenges of all branches, so that one retry can answer them. */
export function gatheredChallenges(best: Outcome, outcomes: readonly Outcome[]): readonly (readonly [string, string])[] {
  if (best.status !== 401 && best.status !== 407) return [];
  return outcomes
    .filter(({ status, response }) => response !== best.response && (status === 401 || status === 407))
    .flatMap(({ response }) =>
      ['WWW-Authenticate', 'Proxy-Authenticate'].flatMap((name) => (response?.headerValues(name) ?? []).map((value) => [name, value] as const)),
    );
}
