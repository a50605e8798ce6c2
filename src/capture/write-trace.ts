import type { Disposable, Milliseconds } from '../core';
import type { Journal, JournalEntry, LintFinding, TraceMessage, TraceModel, Transfer } from '../trace';
import { type LineRange, TraceText } from './trace-text';

/** After this long a packet to a stranger is no longer waited for: nobody will ever record its arrival. */
const longestFlight: Milliseconds = 5_000;

export interface FormatOptions {
  readonly startedAt?: Date;
  /** Journal entries whose states, timers, measurements and verbs are to stand between the messages. */
  readonly entries?: readonly JournalEntry[];
}

/** The whole trace as text. */
export function formatTrace(
  model: TraceModel,
  options: FormatOptions = {},
): { readonly text: string; readonly lines: ReadonlyMap<string, LineRange> } {
  const out = new TraceText(options.startedAt);
  const comments = new CommentQueue(model, options.entries ?? []);
  // Messages keep their order, though the clock of a capture may have gone back.
  for (const message of model.messages) {
    comments.writeBefore(message.at, out);
    addTo(out, model, message, model.isLost(message));
  }
  comments.writeBefore(Number.POSITIVE_INFINITY, out);
  return { text: out.text, lines: out.lines };
}

export interface SegmentOptions extends FormatOptions {
  /** The index of the first message that is not written. */
  readonly before: number;
  /** What is no message and happened before this has been written already. */
  readonly since: Milliseconds;
  /** A segment ends when it has so many UTF-16 units; 4,000,000 unless given. */
  readonly enough?: number;
}

/** Some messages of a longer trace, as a text that can be read by itself. */
export interface TraceSegment {
  /** Indexes of its messages: from `first` up to, but not with, `end`. */
  readonly first: number;
  readonly end: number;
  readonly text: string;
}

/** So many messages are written without a pause. */
const messagesAtOnce = 200;

/** The beginning of a trace, which is about to be forgotten, in segments. `undefined` comes where others may have a turn. */
export function* traceSegments(model: TraceModel, options: SegmentOptions): Generator<TraceSegment | undefined, void> {
  const { startedAt, entries = [], before, since, enough = 4_000_000 } = options;
  const until = model.messageAt(before)?.at ?? Number.POSITIVE_INFINITY;
  const comments = new CommentQueue(model, entries, since, until);
  const messages = model.messages.filter(({ index }) => index < before);
  let out: TraceText | undefined;
  let first = 0;
  for (const [place, message] of messages.entries()) {
    if (out === undefined) {
      out = new TraceText(startedAt);
      first = message.index;
      out.addRemark(`a part of a longer trace, from message ${message.id} on`);
    }
    comments.writeBefore(message.at, out);
    addTo(out, model, message, model.isLost(message));
    const isLast = place === messages.length - 1;
    if (isLast) comments.writeBefore(until, out);
    if (isLast || out.length >= enough) {
      yield { first, end: message.index + 1, text: out.text };
      out = undefined;
    } else if (place % messagesAtOnce === messagesAtOnce - 1) {
      yield undefined;
    }
  }
}

/** What stands between messages: each as soon as a later message is written. */
class CommentQueue {
  readonly #comments: { readonly at: Milliseconds; readonly write: (out: TraceText) => void }[] = [];
  #next = 0;

  /** Of what happened from `since` up to, but not at, `until`. */
  constructor(model: TraceModel, entries: readonly JournalEntry[], since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY) {
    const add = (at: Milliseconds, write: (out: TraceText) => void): void => {
      if (at >= since && at < until) this.#comments.push({ at, write });
    };
    for (const entry of entries) {
      if (entry.kind !== 'packet') add(entry.at, (out) => out.addEntry(entry, packetOf(model, entry)));
    }
    for (const transfer of model.transfers) {
      if (transfer.verdict !== 'pending') add(transfer.decidedAt ?? 0, (out) => out.addVerdict(transfer));
    }
    for (const finding of model.lints) {
      add(Math.max(finding.message.at, ...finding.related.map(({ at }) => at)), (out) => out.addLint(finding, finding.message.at));
    }
    this.#comments.sort((a, b) => a.at - b.at);
  }

  writeBefore(at: Milliseconds, out: TraceText): void {
    for (let comment = this.#comments[this.#next]; comment !== undefined && comment.at < at; comment = this.#comments[this.#next]) {
      comment.write(out);
      this.#next += 1;
    }
  }
}

/**
 * Writes a trace while it happens. `onAppend` gets each piece as it is added to the end; what is there already comes
 * first.
 */
export function followTrace(
  model: TraceModel,
  journal: Journal,
  out: TraceText,
  onAppend: (piece: string) => void,
): Disposable {
  /** Index of the first message that is not written. */
  let next = model.firstIndex;
  const decided = new WeakSet<Transfer>();
  /** Messages of which it is not known yet whether they arrive. */
  let underWay: TraceMessage[] = [];
  const append = (piece: string): void => {
    if (piece !== '') onAppend(piece);
  };
  const addMessage = (message: TraceMessage): void => {
    if (message.index < next) return;
    next = message.index + 1;
    append(addTo(out, model, message, false));
    underWay.push(message);
  };
  const addLosses = (): void => {
    const waiting: TraceMessage[] = [];
    for (const message of underWay) {
      if (model.isLost(message)) append(out.addLoss(message, model.now));
      else if (message.receivedAt === undefined && model.now - message.at < longestFlight) waiting.push(message);
    }
    underWay = waiting;
  };
  const addVerdict = (transfer: Transfer): void => {
    if (transfer.verdict === 'pending' || decided.has(transfer)) return;
    decided.add(transfer);
    append(out.addVerdict(transfer));
  };
  // A lint speaks of a message that may not be written yet: its turn comes with the next entry.
  let found: LintFinding[] = [...model.lints];
  const addLints = (): void => {
    const late = found;
    found = [];
    for (const finding of late) append(out.addLint(finding, model.now));
  };
  model.messages.forEach(addMessage);
  addLints();
  model.transfers.forEach(addVerdict);
  const listening = [
    model.on('lint', (finding) => {
      found.push(finding);
    }),
    model.on('message', (message) => {
      addMessage(message);
      addLints();
    }),
    model.on('transfer', addVerdict),
    journal.on('entry', (entry) => {
      addLosses();
      addLints();
      if (entry.kind !== 'packet') append(out.addEntry(entry, packetOf(model, entry)));
    }),
  ];
  return { dispose: () => listening.forEach((one) => one.dispose()) };
}

function addTo(out: TraceText, model: TraceModel, message: TraceMessage, isLost: boolean): string {
  const nameAt = (address: TraceMessage['source']): string => model.findParticipant(address)?.phone ?? '';
  return out.addMessage(message, nameAt(message.source), nameAt(message.destination), isLost);
}

function packetOf(model: TraceModel, entry: JournalEntry): string | undefined {
  return entry.kind === 'problem' && entry.packet !== undefined ? model.messageOfEntry(entry.packet)?.id : undefined;
}
