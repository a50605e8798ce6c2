import type { ErrorCode, Milliseconds } from '../core';
import type { PhoneOptions, ServerOptions, Verb } from '../lab';
import type { LintId, TransferKind, Verdict } from '../trace';
import type { CallPhrase, Condition } from './condition';
import type { TextRange } from './problem';

/** A scenario as its file tells it: phones, what they do, and what must be true in the end. */
export interface Scenario {
  readonly file: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly servers: readonly ServerOptions[];
  readonly phones: readonly PhoneOptions[];
  readonly steps: readonly Step[];
  readonly expectations: Expectations;
}

export type Step = VerbStep | WaitStep;

/** One verb, or several that are begun at the same moment. */
export interface VerbStep {
  readonly kind: 'verbs';
  readonly verbs: readonly PlannedVerb[];
  readonly range: TextRange;
}

export interface PlannedVerb {
  readonly verb: Verb;
  /** Undefined for a verb that should work; else the failure that is right, with its code where the file names one. */
  readonly failure: { readonly code: ErrorCode | undefined } | undefined;
  readonly range: TextRange;
}

/** Goes on when all conditions hold at the same time. */
export interface WaitStep {
  readonly kind: 'wait';
  readonly conditions: readonly PlannedCondition[];
  /** The environment's patience unless given. */
  readonly within: Milliseconds | undefined;
  readonly range: TextRange;
}

/** A condition, and its words for messages. */
export interface PlannedCondition {
  readonly condition: Condition;
  readonly text: string;
}

/** What must be true after the last step, before the phones hang up. What a file does not speak of is not looked at. */
export interface Expectations {
  readonly hears: readonly Expected<HearsExpectation>[];
  readonly calls: readonly Expected<CallsExpectation>[];
  /** All transfers, in the order of their beginnings; undefined when the file does not speak of transfers. */
  readonly transfers: Expected<{ readonly list: readonly TransferExpectation[] }> | undefined;
  readonly messages: readonly Expected<MessageExpectation>[];
  /** Which lints find something, exactly these; undefined when the file does not speak of lints. */
  readonly lints: Expected<{ readonly ids: readonly LintId[] }> | undefined;
}

export type Expected<Expectation> = Expectation & { readonly range: TextRange };

/** Exactly these phones, and a hold tone or none. */
export interface HearsExpectation {
  readonly phone: string;
  readonly phones: readonly string[];
  readonly hold: boolean;
}

/** The phone's live calls are exactly these; ended ones may be named, and are not counted otherwise. */
export interface CallsExpectation {
  readonly phone: string;
  readonly calls: readonly CallPhrase[];
}

/** Only what is given is compared. */
export interface TransferExpectation {
  readonly kind?: TransferKind;
  readonly transferor?: string;
  readonly transferee?: string;
  readonly target?: string;
  readonly verdict?: Verdict;
  /** Words that the reason has in it. */
  readonly reason?: string;
}

/** How many messages of one kind were sent; retransmissions are not counted. */
export interface MessageExpectation {
  /** As in the file: `INVITE`, `486`, `200 BYE`. */
  readonly text: string;
  readonly method: string | undefined;
  readonly status: number | undefined;
  readonly min: number;
  readonly max: number;
}
