import { TraceText } from '../../capture';
import type { JournalEntry } from '../../trace';

/** How much stands between the messages of the live trace. */
export const traceDetails = ['messages', 'states', 'everything'] as const;
export type TraceDetail = (typeof traceDetails)[number];

const leftOut: Readonly<Record<TraceDetail, ReadonlySet<JournalEntry['kind']>>> = {
  messages: new Set(['state', 'timer']),
  states: new Set(['timer']),
  everything: new Set(),
};

/** A trace that leaves out what its reader does not want to see. The journal keeps it, and so do the exports. */
export class DetailedTraceText extends TraceText {
  readonly #detail: TraceDetail;

  constructor(startedAt: Date, detail: TraceDetail) {
    super(startedAt);
    this.#detail = detail;
  }

  override addEntry(entry: JournalEntry, messageId?: string): string {
    return leftOut[this.#detail].has(entry.kind) ? '' : super.addEntry(entry, messageId);
  }
}
