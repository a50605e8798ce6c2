import { type ByteRange, type Clock, Emitter, type Disposable, type Milliseconds } from '../core';
import type { SocketAddress, TransportProtocol } from '../net';

/** What every entry of a journal has. */
interface EntryBase {
  /** The entry's number, counted from 0 over both lanes; it never changes and is never used again. */
  readonly seq: number;
  /** When it happened, since the journal's start. */
  readonly at: Milliseconds;
  /** The phone it happened to, by name; empty for the lab itself. */
  readonly owner: string;
}

/** One packet, as its owner sent or received it. A packet between two phones of the lab has two entries. */
export interface PacketEntry extends EntryBase {
  readonly kind: 'packet';
  readonly direction: 'sent' | 'received';
  /** An IAX2 datagram may carry signalling or media; its first octet says which. */
  readonly protocol: 'sip' | 'rtp' | 'iax2';
  /** `iax2` for IAX2, which has UDP below it. */
  readonly transport: TransportProtocol | 'iax2';
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly bytes: Uint8Array;
}

/** A state machine of the owner's went from one state to another. */
export interface StateEntry extends EntryBase {
  readonly kind: 'state';
  readonly machine: 'transaction' | 'dialog' | 'call' | 'subscription' | 'registration' | 'transfer';
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** A protocol timer (A, B, ...; RFC 3261 table 4) was set, fired or was cleared. */
export interface TimerEntry extends EntryBase {
  readonly kind: 'timer';
  readonly timer: string;
  readonly id: string;
  readonly action: 'set' | 'fired' | 'cleared';
  readonly delay: Milliseconds;
}

/**
 * Measured: from now on the owner hears these phones (and no other), and a hold tone or not. `address` is the owner's
 * own media address where it is measured; a phone with two calls hears on two addresses, and each entry replaces only
 * what was known about its own. A media address given up is reported once more with nobody heard on it.
 */
export interface HearsEntry extends EntryBase {
  readonly kind: 'hears';
  readonly phones: readonly string[];
  readonly hold: boolean;
  readonly address: SocketAddress | undefined;
}

/** Somebody asked the lab to do something. */
export interface VerbEntry extends EntryBase {
  readonly kind: 'verb';
  readonly text: string;
  readonly outcome: 'started' | 'done' | 'failed';
  readonly detail: string;
}

/**
 * Something was not as it should be; `packet` is the `seq` of the packet that shows it, `range` where in that packet.
 */
export interface ProblemEntry extends EntryBase {
  readonly kind: 'problem';
  readonly code: string;
  readonly text: string;
  readonly range?: ByteRange;
  readonly packet?: number;
}

export type JournalEntry = PacketEntry | StateEntry | TimerEntry | HearsEntry | VerbEntry | ProblemEntry;

type WithoutStamp<Entry> = Entry extends unknown ? Omit<Entry, 'seq' | 'at'> : never;

/** An entry before the journal gave it its number and its time. */
export type NewJournalEntry = WithoutStamp<JournalEntry>;

export interface JournalOptions {
  readonly clock: Clock;
  /** The wall-clock time of `at` 0; exports need it. */
  readonly startedAt: Date;
  /** How many media packets are kept at least, the newest; 60,000 unless given. */
  readonly mediaLimit?: number;
  /** How many other entries are kept at least, the newest; unless given, all. */
  readonly limit?: number;
  /** How many octets of signalling packets are kept at least, the newest; 256 MiB unless given. */
  readonly octetLimit?: number;
}

const defaultMediaLimit = 60_000;
const defaultOctetLimit = 0x1000_0000;

/**
 * What happened, in order. Entries are added and never changed; everything else (ladder, trees, verdicts, exports) is a
 * view of them. Media (RTP, and IAX2 but its full frames) has a lane of its own with a limit, since one call brings a hundred packets a second; when a lane
 * drops its oldest entries it says how many.
 */
export class Journal {
  readonly startedAt: Date;
  readonly #clock: Clock;
  readonly #origin: Milliseconds;
  readonly #emitter = new Emitter<{ entry: [JournalEntry] }>();
  readonly #media: Lane<PacketEntry>;
  readonly #main: Lane<JournalEntry>;
  #nextSeq = 0;

  constructor(options: JournalOptions) {
    this.#clock = options.clock;
    this.#origin = options.clock.now();
    this.startedAt = options.startedAt;
    this.#media = new Lane(options.mediaLimit ?? defaultMediaLimit);
    this.#main = new Lane(options.limit ?? Number.POSITIVE_INFINITY, options.octetLimit ?? defaultOctetLimit);
  }

  /**
   * Adds an entry, stamped with its number and the time. It becomes the journal's own, and so do the bytes of a packet:
   * nothing is copied, so never append it twice and never write to it again.
   */
  append<Entry extends NewJournalEntry>(entry: Entry): Entry & { readonly seq: number; readonly at: Milliseconds } {
    // Not a copy: one call brings some thirty entries, and copying them would be a third of what it costs.
    const stamped = Object.assign(entry, { seq: this.#nextSeq++, at: this.now() });
    const asEntry = stamped as unknown as JournalEntry;
    if (isMedia(asEntry)) this.#media.add(asEntry);
    else this.#main.add(asEntry);
    this.#emitter.emit('entry', asEntry);
    return stamped;
  }

  /** Time since the journal's start. */
  now(): Milliseconds {
    return this.#clock.now() - this.#origin;
  }

  /** The wall-clock time of an entry's `at`. */
  wallClock(at: Milliseconds): Date {
    return new Date(this.startedAt.getTime() + at);
  }

  /**
   * Everything but RTP, oldest first. A live view: it grows, and with a `limit` it loses its oldest. Go by `seq`, not
   * by index.
   */
  get entries(): readonly JournalEntry[] {
    return this.#main.items;
  }

  /** The media packets kept, oldest first. A live view like {@link entries}. */
  get media(): readonly PacketEntry[] {
    return this.#media.items;
  }

  /** All entries kept, of both lanes, in order. */
  *all(): Generator<JournalEntry, void> {
    yield* mergeBySeq(this.#main.items, this.#media.items);
  }

  /** All packets kept, signalling and media, in order: what a capture file holds. */
  *packets(): Generator<PacketEntry, void> {
    for (const entry of this.all()) if (entry.kind === 'packet') yield entry;
  }

  /** Entries ever appended, kept or not. */
  get count(): number {
    return this.#nextSeq;
  }

  /** Media packets no longer kept. */
  get droppedMedia(): number {
    return this.#media.dropped;
  }

  /** Other entries no longer kept. */
  get droppedEntries(): number {
    return this.#main.dropped;
  }

  /** Drops all entries of both lanes with a lower number; returns how many those were. */
  forget(before: number): number {
    return this.#main.forget(before) + this.#media.forget(before);
  }

  /** Tells of each entry right after it was added. */
  on(event: 'entry', listener: (entry: JournalEntry) => void): Disposable {
    return this.#emitter.on(event, listener);
  }
}

function isMedia(entry: JournalEntry): entry is PacketEntry {
  if (entry.kind !== 'packet') return false;
  return entry.protocol === 'rtp' || (entry.protocol === 'iax2' && !isFullFrame(entry.bytes));
}

/** Full frames are signalling, and the first voice of a leg; mini, meta and trunk frames are media (RFC 5456 section 8.1). */
function isFullFrame(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0;
}

/**
 * A list that keeps its newest `limit` items, or fewer when their packets hold more than `octetLimit` octets; and up to a
 * quarter more of either, so that dropping costs next to nothing per item.
 */
class Lane<Item extends JournalEntry> {
  readonly items: Item[] = [];
  dropped = 0;
  readonly #limit: number;
  readonly #high: number;
  readonly #octetLimit: number;
  #octets = 0;

  constructor(limit: number, octetLimit = Number.POSITIVE_INFINITY) {
    this.#limit = Math.max(0, limit);
    this.#high = this.#limit + Math.max(1, Math.floor(this.#limit / 4));
    this.#octetLimit = octetLimit;
  }

  add(item: Item): void {
    this.items.push(item);
    this.#octets += octetsOf(item);
    if (this.items.length >= this.#high) this.#drop(this.items.length - this.#limit);
    else if (this.#octets > 1.25 * this.#octetLimit) this.#drop(this.#tooManyByOctets());
  }

  forget(before: number): number {
    const found = this.items.findIndex(({ seq }) => seq >= before);
    const count = found === -1 ? this.items.length : found;
    this.#drop(count);
    return count;
  }

  #drop(count: number): void {
    for (const item of this.items.splice(0, count)) this.#octets -= octetsOf(item);
    this.dropped += count;
  }

  #tooManyByOctets(): number {
    let count = 0;
    let octets = this.#octets;
    while (octets > this.#octetLimit) octets -= octetsOf(this.items[count++]);
    return count;
  }
}

function octetsOf(entry: JournalEntry | undefined): number {
  return entry?.kind === 'packet' ? entry.bytes.length : 0;
}

function* mergeBySeq(left: readonly JournalEntry[], right: readonly JournalEntry[]): Generator<JournalEntry, void> {
  let leftIndex = 0;
  let rightIndex = 0;
  for (;;) {
    const a = left[leftIndex];
    const b = right[rightIndex];
    if (a === undefined && b === undefined) return;
    if (b === undefined || (a !== undefined && a.seq < b.seq)) {
      if (a !== undefined) yield a;
      leftIndex += 1;
    } else {
      yield b;
      rightIndex += 1;
    }
  }
}
