import type { ByteRange, Milliseconds } from '../../core';
import type { CallTable } from '../call-table';
import type { PlacedMessage } from '../correlator';
import type { Horizon } from '../horizon';
import type { VerbEntry } from '../journal';
import type { MessageRecord, TraceMessage } from '../message';
import type { LintId } from './rules';

/** Something that a lint found in a trace. */
export interface LintFinding {
  readonly id: LintId;
  /** One sentence, as a person would say it. */
  readonly text: string;
  /** The first message in which it shows. */
  readonly message: TraceMessage;
  /** The octets of `message` that show it. */
  readonly range: ByteRange;
  /** Other messages that belong to the story, in order. */
  readonly related: readonly TraceMessage[];
}

/** A finding as a lint words it. */
export interface NewFinding {
  readonly id: LintId;
  /** A clause without its full stop. */
  readonly clause: string;
  readonly message: MessageRecord;
  readonly range: ByteRange;
  readonly related?: readonly (MessageRecord | undefined)[];
}

/** What a lint may use of the model. */
export interface LintContext {
  readonly calls: CallTable;
  /** Since the trace's start. */
  readonly now: Milliseconds;
  report(finding: NewFinding): void;
  /**
   * Runs `check` when `delay` has passed in the trace; never if the trace ends before. Delays are few constants: each has a
   * queue of its own.
   */
  later(delay: Milliseconds, check: () => void): void;
}

/**
 * Looks for one failure of the field. It sees first hops only and nothing sent again, after the correlators, and only
 * messages of its methods: requests, and responses to them.
 */
export interface Lint {
  readonly methods: readonly string[];
  onMessage(message: PlacedMessage): void;
  /** A person asked the lab for something. */
  onVerb?(verb: VerbEntry): void;
  forget?(horizon: Horizon): void;
}
