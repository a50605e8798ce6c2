import { type Disposable, DisposableStore, english, type Say } from '../core';
import type { TraceMessage, TraceModel, Transfer, VoiceStream } from '../trace';
import { CapturedBars } from './captured-bars';
import { arrange, type Grouping } from './grouping';
import { callNote, clip, messageRow, verdictNote } from './make-rows';
import { progressNote, stateNote, timeoutNote } from './more-notes';
import type { LiveRow, MessageRow, NoteRow, StreamRow } from './row';
import { streamRow } from './stream-row';

export interface LiveLadderOptions {
  /** Which messages to show; all unless given. */
  readonly filter?: (message: TraceMessage) => boolean;
  /** Ids of the messages whose repeats have arrows of their own; the others are a number at their first arrow. */
  readonly unfolded?: ReadonlySet<string>;
  /** Whether what the arrows say themselves is said in notes too: calls up and over, the steps of a transfer; false unless given. */
  readonly details?: boolean;
  /** How rows are put together; in the order of time unless given. */
  readonly grouping?: Grouping;
  /** In which language notes and headings are; in English unless given. */
  readonly say?: Say;
}

/** What belongs to one message of the trace. */
interface Entry {
  readonly index: number;
  row: MessageRow | undefined;
  readonly notes: NoteRow[];
  readonly streams: StreamRow[];
}

/** What has become of the rows: `gone` of them, from the first on, are there no more; of the rest, those from `kept` on are `tail` now. */
export interface LadderUpdate {
  readonly gone: number;
  readonly kept: number;
  readonly tail: readonly LiveRow[];
}

/**
 * The rows of a trace that grows. A row that has not changed is the same object as before, so that whoever shows rows
 * sees at a glance which to show anew; each step costs what has changed and what stands behind it. What the trace forgets
 * leaves at the front.
 */
export class LiveLadder implements Disposable {
  readonly #model: TraceModel;
  readonly #options: LiveLadderOptions;
  readonly #held = new DisposableStore();
  /** One for each message from the index `first` on. */
  readonly #entries: Entry[] = [];
  #first: number;
  readonly #changed = new Set<TraceMessage>();
  readonly #changedTransfers = new Set<Transfer>();
  /** Messages with a new finding: nothing else of their rows need have changed. */
  readonly #found = new Set<TraceMessage>();
  /** Sent, and neither received nor lost so far. */
  readonly #underWay = new Set<TraceMessage>();
  readonly #repeats = new Map<string, number>();
  readonly #verdicts = new Map<string, { readonly entry: Entry; readonly note: NoteRow }>();
  readonly #clipped = new WeakMap<NoteRow, { readonly lanes: number; readonly rows: readonly NoteRow[] }>();
  /** Voices that go on, and where their rows stand. */
  readonly #voices = new Map<VoiceStream, { readonly entry: Entry; readonly at: number }>();
  readonly #bars: CapturedBars;
  readonly #used = new Set<string>();
  /** How often lanes have come or gone. */
  #lanesChanged = 0;
  /** All rows in the order of time, and for each entry where its own begin. */
  readonly #flat: LiveRow[] = [];
  readonly #starts: number[] = [];
  /** The first entry, counted from the first of all, whose rows are to be gathered anew. */
  #lowest = 0;
  readonly #progressRead = new WeakMap<Transfer, number>();
  #notesRead = 0;
  #timeoutsRead = 0;
  #streamsRead = 0;

  constructor(model: TraceModel, options: LiveLadderOptions = {}) {
    this.#model = model;
    this.#options = options;
    this.#bars = new CapturedBars(model, options.filter === undefined ? 'in time' : 'in its call', options.say ?? english);
    this.#first = model.firstIndex;
    // A message that is new altogether is found by itself.
    this.#held.add(model.on('message', (message) => this.#entryAt(message.index) !== undefined && this.#changed.add(message)));
    this.#held.add(model.on('transfer', (transfer) => this.#changedTransfers.add(transfer)));
    this.#held.add(model.on('lint', ({ message }) => this.#found.add(message)));
    this.#held.add(model.on('forgotten', () => this.#letGo()));
    for (const transfer of model.transfers) this.#changedTransfers.add(transfer);
  }

  dispose(): void {
    this.#held.dispose();
  }

  /** Ids of the lanes that some shown message goes from or to. */
  get usedLanes(): ReadonlySet<string> {
    return this.#used;
  }

  /** All rows as the last update left them. */
  get rows(): readonly LiveRow[] {
    return arrange(this.#model, this.#flat, this.#options.grouping ?? 'none', this.#say);
  }

  /** Brings the rows up to date; `kept` of them, from the first on, are what they were. */
  update(): LadderUpdate {
    const lanesBefore = this.#lanesChanged;
    const gone = this.#forget();
    this.#lowest = this.#entries.length;
    this.#takeMessages();
    this.#takeTransfers();
    this.#refresh();
    this.#takeNotes();
    this.#takeStreams();
    // Another lane may widen any note.
    if (this.#lanesChanged !== lanesBefore) this.#lowest = 0;
    const grouping = this.#options.grouping ?? 'none';
    const kept = this.#starts[this.#lowest] ?? this.#flat.length;
    this.#flat.length = kept;
    this.#starts.length = this.#lowest;
    for (const entry of this.#entries.slice(this.#lowest)) {
      this.#starts.push(this.#flat.length);
      this.#flat.push(...this.#rowsOf(entry));
    }
    if (grouping === 'none') return { gone, kept, tail: this.#flat.slice(kept) };
    return { gone: 0, kept: 0, tail: arrange(this.#model, this.#flat, grouping, this.#say) };
  }

  #entryAt(index: number): Entry | undefined {
    return this.#entries[index - this.#first];
  }

  /** What the trace has forgotten need not be looked at again. */
  #letGo(): void {
    const { firstIndex } = this.#model;
    for (const messages of [this.#changed, this.#found, this.#underWay]) {
      for (const message of messages) if (message.index < firstIndex) messages.delete(message);
    }
    for (const transfer of this.#changedTransfers) if (this.#model.transfer(transfer.id) !== transfer) this.#changedTransfers.delete(transfer);
  }

  /** Drops the entries of messages that the trace has forgotten; returns how many rows those had. */
  #forget(): number {
    const first = this.#model.firstIndex;
    if (first === this.#first) return 0;
    const entries = this.#entries.splice(0, first - this.#first);
    const gone = this.#starts[entries.length] ?? this.#flat.length;
    this.#flat.splice(0, gone);
    this.#starts.splice(0, entries.length);
    for (const [index, start] of this.#starts.entries()) this.#starts[index] = start - gone;
    this.#first = first;
    for (const { index } of entries) this.#repeats.delete(`m${index + 1}`);
    for (const [id, { entry }] of this.#verdicts) if (entry.index < first) this.#verdicts.delete(id);
    for (const [stream, { entry }] of this.#voices) if (entry.index < first) this.#voices.delete(stream);
    // A repeat whose first sending is gone stands for itself.
    for (const message of this.#model.messages) {
      if ((message.retransmissionOf?.index ?? first) < first) this.#changed.add(message);
    }
    this.#recountLanes();
    return gone;
  }

  #recountLanes(): void {
    const used = new Set(this.#entries.flatMap(({ row }) => (row === undefined ? [] : [row.from, row.to])));
    for (const lane of this.#used) {
      if (used.has(lane)) continue;
      this.#used.delete(lane);
      this.#lanesChanged += 1;
    }
  }

  #use(lane: string): void {
    if (this.#used.has(lane)) return;
    this.#used.add(lane);
    this.#lanesChanged += 1;
  }

  get #say(): Say {
    return this.#options.say ?? english;
  }

  #rowsOf({ row, notes, streams }: Entry): LiveRow[] {
    if (row === undefined && this.#options.filter !== undefined) return [];
    return [
      ...(row === undefined ? [] : [row]),
      ...notes.flatMap((note) => this.#clip(note)),
      ...streams.filter((stream) => this.#isUsed(stream)),
    ];
  }

  /** The rows of this entry and of those behind it are to be gathered anew. */
  #touch(entry: Entry): void {
    this.#lowest = Math.min(this.#lowest, entry.index - this.#first);
  }

  #takeMessages(): void {
    for (const message of this.#model.messages.slice(this.#entries.length)) {
      this.#entries.push({ index: message.index, row: undefined, notes: [], streams: [] });
      this.#changed.add(message);
      if (message.receivedAt === undefined && message.sentSeq !== undefined) this.#underWay.add(message);
      const first = message.retransmissionOf;
      if (first !== undefined && first.index >= this.#first) {
        this.#repeats.set(first.id, (this.#repeats.get(first.id) ?? 0) + 1);
        this.#changed.add(first);
      }
      // The first response makes the dialog that the request belongs to.
      if (message.call !== undefined) this.#changed.add(message.call.invite);
      if (message.transaction?.request !== undefined) this.#changed.add(message.transaction.request);
    }
  }

  #takeTransfers(): void {
    for (const transfer of this.#changedTransfers) {
      for (const id of transfer.messages) {
        const message = this.#model.message(id);
        if (message !== undefined) this.#changed.add(message);
      }
      this.#takeProgress(transfer);
      this.#placeVerdict(transfer);
    }
    this.#changedTransfers.clear();
  }

  /** Puts the verdict's note behind the message that decided it; its sentence may change later. */
  #placeVerdict(transfer: Transfer): void {
    const before = this.#verdicts.get(transfer.id);
    if (before !== undefined) {
      before.entry.notes.splice(before.entry.notes.indexOf(before.note), 1);
      this.#touch(before.entry);
    }
    this.#verdicts.delete(transfer.id);
    const message = transfer.decidedBy === undefined ? undefined : this.#model.message(transfer.decidedBy);
    const entry = message === undefined ? undefined : this.#entryAt(message.index);
    const note = verdictNote(this.#model, transfer, this.#say);
    if (entry === undefined || note === undefined) return;
    insert(entry.notes, note);
    this.#touch(entry);
    this.#verdicts.set(transfer.id, { entry, note });
  }

  #refresh(): void {
    for (const message of this.#underWay) {
      if (message.receivedAt === undefined && !this.#model.isLost(message)) continue;
      this.#underWay.delete(message);
      this.#changed.add(message);
    }
    for (const message of this.#changed) {
      const entry = this.#entryAt(message.index);
      if (entry === undefined) continue;
      const row = this.#rowOf(message);
      if (row !== undefined) {
        this.#use(row.from);
        this.#use(row.to);
      }
      if (isSame(entry.row, row)) continue;
      entry.row = row;
      this.#touch(entry);
    }
    for (const { index } of this.#found) {
      const entry = this.#entryAt(index);
      if (entry?.row === undefined) continue;
      entry.row = { ...entry.row };
      this.#touch(entry);
    }
    this.#changed.clear();
    this.#found.clear();
  }

  #rowOf(message: TraceMessage): MessageRow | undefined {
    const { filter, unfolded } = this.#options;
    if (filter?.(message) === false) return undefined;
    const first = message.retransmissionOf;
    if (first !== undefined && first.index >= this.#first && filter?.(first) !== false) {
      return unfolded?.has(first.id) === true ? messageRow(this.#model, message, 0) : undefined;
    }
    return messageRow(this.#model, message, this.#repeats.get(message.id) ?? 0);
  }

  #takeNotes(): void {
    const { notes, timeouts } = this.#model.series;
    for (const note of notes.since(this.#notesRead)) {
      const row = callNote(this.#model, note, this.#say) ?? (this.#options.details === true ? stateNote(this.#model, note, this.#say) : undefined);
      this.#addNote(note.message.index, row);
    }
    for (const timeout of timeouts.since(this.#timeoutsRead)) {
      this.#addNote(timeout.after, timeoutNote(this.#model, timeout, this.#say));
    }
    this.#notesRead = notes.total;
    this.#timeoutsRead = timeouts.total;
  }

  #addNote(index: number, row: NoteRow | undefined): void {
    const entry = this.#entryAt(index);
    if (row === undefined || entry === undefined) return;
    insert(entry.notes, row);
    this.#touch(entry);
  }

  /** The steps that a transfer has taken since the last time. */
  #takeProgress(transfer: Transfer): void {
    if (this.#options.details !== true) return;
    const seen = this.#progressRead.get(transfer) ?? 0;
    for (const progress of transfer.progress.slice(seen)) {
      this.#addNote(this.#model.message(progress.message)?.index ?? -1, progressNote(this.#model, transfer, progress, this.#say));
    }
    this.#progressRead.set(transfer, transfer.progress.length);
  }

  #takeStreams(): void {
    const { streams } = this.#model.series;
    for (const stream of streams.since(this.#streamsRead)) {
      const row = streamRow(this.#model, stream, this.#say);
      const entry = this.#entryAt(stream.after);
      if (row === undefined || entry === undefined) continue;
      this.#voices.set(stream, { entry, at: entry.streams.push(row) - 1 });
      this.#touch(entry);
    }
    this.#streamsRead = streams.total;
    for (const [stream, { entry, at }] of this.#voices) {
      if (stream.until === undefined) continue;
      const ended = streamRow(this.#model, stream, this.#say);
      if (ended !== undefined) entry.streams[at] = ended;
      this.#touch(entry);
      this.#voices.delete(stream);
    }
    for (const { row, before, after } of this.#bars.update()) {
      const entry = this.#entryAt(after);
      if (entry === undefined) continue;
      const at = before === undefined ? -1 : entry.streams.indexOf(before);
      if (at === -1) entry.streams.push(row);
      else entry.streams[at] = row;
      this.#touch(entry);
    }
  }

  #isUsed({ from, to }: StreamRow): boolean {
    return this.#used.has(from) && this.#used.has(to);
  }

  /** A note over the lanes that are shown: the same object as long as there are no more of them. */
  #clip(note: NoteRow): readonly NoteRow[] {
    const known = this.#clipped.get(note);
    if (known?.lanes === this.#lanesChanged) return known.rows;
    const rows = clip(note, this.#used).filter((row) => row.kind === 'note');
    const isSameAsBefore = known !== undefined && known.rows[0]?.over.join() === rows[0]?.over.join();
    const kept = isSameAsBefore ? known.rows : rows;
    this.#clipped.set(note, { lanes: this.#lanesChanged, rows: kept });
    return kept;
  }
}

/** In order of time, and of two at once the verdict last: the same, in whatever order they are found. */
function insert(notes: NoteRow[], note: NoteRow): void {
  const before = notes.findLastIndex((other) => other.at < note.at || (other.at === note.at && rankOf(other) <= rankOf(note)));
  notes.splice(before + 1, 0, note);
}

function rankOf({ tone, transferId }: NoteRow): number {
  const transfer = Number(transferId?.slice(1) ?? 0);
  return tone === 'success' || tone === 'failed' ? 1e9 + transfer : transfer;
}

/** Whether two rows show the same. */
function isSame(a: MessageRow | undefined, b: MessageRow | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.label === b.label &&
    a.arrow === b.arrow &&
    a.folded === b.folded &&
    a.from === b.from &&
    a.to === b.to &&
    a.dialogId === b.dialogId &&
    a.callId === b.callId &&
    a.retransmissionOf === b.retransmissionOf &&
    a.transferIds.length === b.transferIds.length
  );
}
