import { type Milliseconds } from '../../core';
import type { CallTable } from '../call-table';
import { Chronicle } from '../chronicle';
import type { PlacedMessage } from '../correlator';
import type { Horizon } from '../horizon';
import type { VerbEntry } from '../journal';
import type { MessageRecord, TraceMessage } from '../message';
import { sentence } from '../words';
import { AnswerToReplacesLint } from './answer-to-replaces';
import { ChallengeLint } from './challenge';
import { CircleLint } from './circle';
import { ConsentLint } from './consent';
import type { LegTable, PlacedFrame, Voice } from '../iax';
import { explanationOf } from './explanation';
import { HoldOrderLint } from './hold-order';
import { type IaxLint, iaxLints } from './iax';
import { IdentityLint } from './identity';
import { LeavingLint } from './leaving';
import { LegalReferLint } from './legal-refer';
import type { Lint, LintContext, LintFinding, NewFinding } from './lint';
import { NewOfferLint } from './new-offer';
import { PromiseLint } from './promise';
import { ReferToLint } from './refer-to';
import { ReferredByLint } from './referred-by';
import type { LintId } from './rules';
import { SilenceLint } from './silence';
import { WrongReplacesLint } from './wrong-replaces';

/** All lints. One more is one file beside these, one line here and one in the table of rules. */
const lints: readonly ((context: LintContext) => Lint)[] = [
  (context) => new HoldOrderLint(context),
  (context) => new ReferToLint(context),
  (context) => new WrongReplacesLint(context),
  (context) => new LeavingLint(context),
  (context) => new ChallengeLint(context),
  (context) => new AnswerToReplacesLint(context),
  (context) => new PromiseLint(context),
  (context) => new ReferredByLint(context),
  (context) => new CircleLint(context),
  (context) => new LegalReferLint(context),
  (context) => new NewOfferLint(context),
  (context) => new ConsentLint(context),
  (context) => new SilenceLint(context),
  (context) => new IdentityLint(context),
];

/** More findings than this nobody reads; what comes after is not kept. */
const mostFindings = 10_000;
/** More waiting questions than this are not asked: a flood of REFERs must cost no memory. */
const mostWaiting = 10_000;

interface Waiting {
  readonly due: Milliseconds;
  readonly check: () => void;
}

/** Shows each message to the lints that care for its method, and keeps what they find. */
export class Linter implements LintContext {
  readonly calls: CallTable;
  readonly found = new Chronicle<LintFinding>();
  readonly #onFinding: (finding: LintFinding) => void;
  readonly #byMethod = new Map<string, Lint[]>();
  readonly #onVerb: Lint[] = [];
  readonly #all: Lint[] = [];
  readonly #iax: readonly IaxLint[];
  readonly #foundIn = new WeakMap<MessageRecord, Set<LintId>>();
  /** By delay, so that each queue is in the order of `due`. */
  readonly #waiting = new Map<Milliseconds, Waiting[]>();
  now: Milliseconds = 0;

  constructor(calls: CallTable, legs: LegTable, onFinding: (finding: LintFinding) => void) {
    this.calls = calls;
    this.#onFinding = onFinding;
    this.#iax = iaxLints.map((create) => create(this, legs));
    for (const create of lints) {
      const lint = create(this);
      this.#all.push(lint);
      if (lint.onVerb !== undefined) this.#onVerb.push(lint);
      for (const method of lint.methods) {
        const others = this.#byMethod.get(method);
        if (others === undefined) this.#byMethod.set(method, [lint]);
        else others.push(lint);
      }
    }
  }

  forget(horizon: Horizon): void {
    this.found.forget(({ message }) => !horizon.isListed(message));
    for (const lint of this.#all) lint.forget?.(horizon);
  }

  onMessage(message: PlacedMessage): void {
    const concerned = this.#byMethod.get(message.facts.method);
    if (concerned === undefined) return;
    for (const lint of concerned) lint.onMessage(message);
  }

  onFrame(placed: PlacedFrame): void {
    for (const lint of this.#iax) lint.onFrame?.(placed);
  }

  onVoice({ leg, side }: Voice): void {
    for (const lint of this.#iax) lint.onVoice?.(leg, side);
  }

  onVerb(verb: VerbEntry): void {
    for (const lint of this.#onVerb) lint.onVerb?.(verb);
  }

  advance(now: Milliseconds): void {
    this.now = now;
    for (const lint of this.#iax) lint.onTime?.(now);
    for (const queue of this.#waiting.values()) {
      while ((queue[0]?.due ?? Number.POSITIVE_INFINITY) <= now) queue.shift()?.check();
    }
  }

  /** Whether time alone may still bring a finding. */
  get isWaiting(): boolean {
    for (const queue of this.#waiting.values()) if (queue.length > 0) return true;
    return false;
  }

  later(delay: Milliseconds, check: () => void): void {
    const item = { due: this.now + delay, check };
    const queue = this.#waiting.get(delay);
    if (queue === undefined) this.#waiting.set(delay, [item]);
    else if (queue.length < mostWaiting) queue.push(item);
  }

  report({ id, clause, message, range, related = [] }: NewFinding): void {
    const foundBefore = this.#foundIn.get(message) ?? new Set();
    if (foundBefore.has(id) || this.found.items.length >= mostFindings) return;
    this.#foundIn.set(message, foundBefore.add(id));
    const others = related.filter((other): other is NonNullable<typeof other> => other !== undefined);
    const finding = { id, text: sentence(clause), message, range, related: inOrder(others) };
    const explanation = explanationOf(id, clause, message);
    for (const transfer of message.transfers) {
      // A call that one transfer left as it was may be part of the next, whose faults explain nothing of the first.
      const isInTime = transfer.decidedAt === undefined || message.at <= transfer.decidedAt;
      if (explanation !== undefined && isInTime) transfer.explanation ??= explanation;
    }
    this.found.push(finding);
    this.#onFinding(finding);
  }
}

function inOrder(messages: readonly TraceMessage[]): readonly TraceMessage[] {
  return [...new Set(messages)].sort((a, b) => a.index - b.index);
}
