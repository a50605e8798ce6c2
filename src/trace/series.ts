import type { TraceCall } from './call';
import type { CallChange } from './call-table';
import type { Series } from './chronicle';
import type { VoiceStream } from './hearing';
import type { TimerEntry } from './journal';
import type { LintFinding } from './lint';
import type { TraceMessage } from './message';
import type { Party } from './party';
import type { Transfer } from './transfer';

/** Something between two messages that a person would want to see: a call held, resumed, answered, ended. */
export interface TraceNote {
  readonly kind: CallChange['kind'];
  readonly call: TraceCall;
  readonly by: Party | undefined;
  /** The message that did it. */
  readonly message: TraceMessage;
}

/** A timer that ended a wait: somebody has given up (RFC 3261 table 4: B, C, F, H). */
export interface TraceTimeout {
  readonly entry: TimerEntry;
  /** Index of the last message before it; -1 when there was none. */
  readonly after: number;
}

/** What a model lists, for whoever reads it step by step. */
export interface TraceSeries {
  readonly calls: Series<TraceCall>;
  readonly notes: Series<TraceNote>;
  readonly lints: Series<LintFinding>;
  readonly timeouts: Series<TraceTimeout>;
  readonly streams: Series<VoiceStream>;
}

/** What a model tells as it happens. */
export interface TraceEvents {
  /** A message is new, or has been received now. */
  readonly message: readonly [TraceMessage];
  /** A transfer is new, has a new message or has been decided. */
  readonly transfer: readonly [Transfer];
  readonly note: readonly [TraceNote];
  /** A wait has ended without what was waited for. */
  readonly timeout: readonly [TimerEntry];
  /** One of the failures of the field was found. */
  readonly lint: readonly [LintFinding];
  /** The messages before this index are listed no longer. */
  readonly forgotten: readonly [before: number];
}
