import type { Milliseconds } from '../core';

/** One lifeline. */
export interface LadderLane {
  /** `p0`, `p1`, ...: the participant's id, a plain word that no text of a stranger's can change. */
  readonly id: string;
  readonly name: string;
  readonly addresses: readonly string[];
}

/** One arrow. */
export interface MessageRow {
  readonly kind: 'message';
  /** Its place in the trace, counted from 1: the same whatever else is shown. */
  readonly number: number;
  readonly messageId: string;
  readonly at: Milliseconds;
  readonly from: string;
  readonly to: string;
  /** Unescaped. */
  readonly label: string;
  readonly arrow: 'request' | 'response' | 'lost';
  readonly isError: boolean;
  readonly dialogId: string | undefined;
  readonly callId: string | undefined;
  readonly transferIds: readonly string[];
  /** The id of the message that this one repeats. */
  readonly retransmissionOf: string | undefined;
  /** How many later sendings are folded into this row. */
  readonly folded: number;
}

export type NoteTone = 'held' | 'resumed' | 'up' | 'ended' | 'success' | 'failed' | 'hears';

/** Something worth knowing between two messages, over the lanes that it is about. */
export interface NoteRow {
  readonly kind: 'note';
  readonly tone: NoteTone;
  readonly at: Milliseconds;
  readonly over: readonly string[];
  readonly text: string;
  /** The message it belongs behind. */
  readonly messageId: string | undefined;
  readonly transferId: string | undefined;
}

/** Somebody's voice on its way to somebody who hears it, as measured, or as seen on the wire: from when, and until when. */
export interface StreamRow {
  readonly kind: 'stream';
  readonly at: Milliseconds;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Undefined as long as it lasts. */
  readonly until: Milliseconds | undefined;
  /** The call that it belongs to, and that call's transfers, where they are known: of what was seen. */
  readonly callId?: string | undefined;
  readonly transferIds?: readonly string[] | undefined;
}

/** What the rows below it, up to the next heading, have in common. */
export interface HeadingRow {
  readonly kind: 'heading';
  readonly id: string;
  readonly at: Milliseconds;
  readonly text: string;
}

export type LadderRow = MessageRow | NoteRow;
/** A row of a ladder on the screen, which has more to say than a file. */
export type LiveRow = LadderRow | StreamRow | HeadingRow;

export interface Ladder {
  readonly lanes: readonly LadderLane[];
  readonly rows: readonly LadderRow[];
}

/** Rows `start` up to, but not with, `end`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}
