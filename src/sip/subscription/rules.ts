import type { Milliseconds } from '../../core';

/*
 * The tables of RFC 6665 that both sides of every subscription share, the one of a REFER included.
 */

/** Responses to a NOTIFY that end its subscription (RFC 6665 section 4.2.2, RFC 5057 section 5.1). */
const endingStatuses: ReadonlySet<number> = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/** Whether a NOTIFY that was answered so ends its subscription. */
export function endsSubscription(status: number): boolean {
  return endingStatuses.has(status);
}

/** Responses to a SUBSCRIBE inside the dialog that say that there is no subscription any more (RFC 6665 section 4.1.2.2). */
export function endsOnRefresh(status: number): boolean {
  return status === 405 || status === 481 || status === 489 || status === 501;
}

/** How long before its end a subscription is prolonged; a short one at half its life. */
const renewBefore: Milliseconds = 32_000;

/** When to prolong a subscription that has `life` left: early enough for the repeats of a lost SUBSCRIBE. */
export function renewalDelay(life: Milliseconds): Milliseconds {
  return Math.max(life - renewBefore, life / 2);
}

/** Whether, and in how many milliseconds, a subscription that its notifier ended is asked for again. */
export type Retry = { readonly again: true; readonly after: Milliseconds; readonly rule: string } | { readonly again: false; readonly rule: string };

/** What is waited where the notifier asks for patience and names no time [choice]. */
const patience: Milliseconds = 30_000;

/** A notifier that ends each new subscription at once would be asked without pause [choice]. */
const shortest: Milliseconds = 500;

const longest: Milliseconds = 3_600_000;

/** The reasons of RFC 6665 section 4.1.3; `retryAfter` in seconds. */
export function retryAfterEnd(reason: string | undefined, retryAfter: number | undefined): Retry {
  const named = retryAfter === undefined ? undefined : Math.min(retryAfter * 1000, longest);
  switch (reason) {
    case 'deactivated':
      return { again: true, after: shortest, rule: 'RFC 6665 4.1.3: deactivated: subscribe again at once' };
    case 'timeout':
      return { again: true, after: shortest, rule: 'RFC 6665 4.1.3: timeout: may subscribe again at once' };
    case 'probation':
      return { again: true, after: named ?? patience, rule: 'RFC 6665 4.1.3: probation: subscribe again later' };
    case 'giveup':
      return { again: true, after: named ?? patience, rule: 'RFC 6665 4.1.3: giveup: may subscribe again later' };
    case 'rejected':
      return { again: false, rule: 'RFC 6665 4.1.3: rejected: the policy of the notifier forbids it' };
    case 'noresource':
      return { again: false, rule: 'RFC 6665 4.1.3: noresource: what was watched is no more' };
    case 'invariant':
      return { again: false, rule: 'RFC 6665 4.1.3: invariant: the state will never change' };
    default:
      return { again: true, after: named ?? patience, rule: 'RFC 6665 4.1.3: no known reason: may subscribe again' };
  }
}

/** What a refusal of the SUBSCRIBE leaves to try; `retryAfter` in seconds. */
export function retryAfterRefusal(status: number, retryAfter: number | undefined): Retry {
  const named = retryAfter === undefined ? undefined : Math.min(retryAfter * 1000, longest);
  switch (status) {
    case 408:
    case 480:
    case 500:
    case 503:
      return { again: true, after: named ?? patience, rule: 'RFC 3261 21.4.19 and 21.5.4: for the time being' };
    default:
      // RFC 3261 20.33: whoever names a time wants to be asked again.
      if (named !== undefined) return { again: true, after: named, rule: 'RFC 3261 20.33: Retry-After' };
      return { again: false, rule: `RFC 6665 4.1.2.1: refused with ${String(status)}` };
  }
}
