import type { Clock, Milliseconds } from '../core';

/** Problems of one kind that a phone reports within {@link period}; a person reads no more, and a flood makes thousands. */
const defaultMostOfAKind = 100;

const period: Milliseconds = 10_000;

interface Kind {
  since: Milliseconds;
  reported: number;
  withheld: number;
}

/** Lets through so many problems of each kind and counts the rest, so that trouble in plenty does not fill the journal. */
export class ProblemLimiter {
  readonly #clock: Clock;
  readonly #mostOfAKind: number;
  readonly #kinds = new Map<string, Kind>();

  constructor(clock: Clock, mostOfAKind = defaultMostOfAKind) {
    this.#clock = clock;
    this.#mostOfAKind = mostOfAKind;
  }

  /** Whether a problem with this code may be reported now, and what is to be said first of those that were not. */
  admit(code: string): { readonly isAdmitted: boolean; readonly notice: string | undefined } {
    const now = this.#clock.now();
    let kind = this.#kinds.get(code);
    if (kind === undefined) this.#kinds.set(code, (kind = { since: now, reported: 0, withheld: 0 }));
    const { withheld } = kind;
    if (now - kind.since >= period) Object.assign(kind, { since: now, reported: 0, withheld: 0 });
    if (kind.reported < this.#mostOfAKind) {
      kind.reported += 1;
      return { isAdmitted: true, notice: kind.withheld === withheld ? undefined : noticeOf(withheld) };
    }
    kind.withheld += 1;
    return { isAdmitted: false, notice: undefined };
  }

  /** What is to be said of those not reported yet, by code; afterwards they are. */
  drain(): (readonly [string, string])[] {
    const notices: (readonly [string, string])[] = [];
    for (const [code, kind] of this.#kinds) {
      if (kind.withheld > 0) notices.push([code, noticeOf(kind.withheld)]);
      kind.withheld = 0;
    }
    return notices;
  }
}

function noticeOf(withheld: number): string {
  return `${String(withheld)} more problems of this kind were not reported one by one.`;
}
