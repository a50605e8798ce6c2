import type { ByteRange, Disposable, Milliseconds } from '../core';
import { formatAddress } from '../net';
import {
  type HearsEntry,
  type Journal,
  type JournalEntry,
  type LintFinding,
  parseAddress,
  type TraceMessage,
  TraceModel,
  type TraceOptions,
  type TracePacket,
  type Transfer,
} from '../trace';
import { placesInFrame, readFrame, writeFrame } from './frame-text';
import { escapeInvisible, placeOfOctet, readOctets, type TextPlace, writeOctets } from './trace-octets';

/*
 * The text form of a trace, language id `sip-trace`. For people to read, and read back without the loss of an octet:
 *
 *   trace        = *( comment / block / blank-line )
 *   comment      = "#" text                       ; only outside of blocks
 *   block        = header *message-line blank-line
 *   header       = "== " id " " time " " transport " " address " -> " address [ " " names ] *( " " flag )
 *   id           = "m" 1*DIGIT
 *   time         = [ "-" ] 1*DIGIT "." 6DIGIT     ; seconds since the start; below 0 where a clock has gone back
 *   transport    = "udp" / "tcp" / "iax2" / token
 *   address      = ipv4 ":" port / "[" ipv6 "]:" port
 *   names        = "(" name " -> " name ")"       ; "-" where only the other one is known
 *   name         = 1*( letter / digit / "_" / "." / "+" / "-" ) / JSON-string
 *   flag         = "again=" id / "lost"           ; a retransmission of that message; never received
 *   message-line = text of the message            ; its end stands for CRLF
 *
 * A block whose transport is `iax2` holds one frame of IAX2 instead, decoded, with its octets in hexadecimal at the end of each
 * line behind a bar (see frame-text.ts).
 *
 * In a message line a backslash begins an escape: `\\` is itself, `\t` `\r` `\n` are these octets, `\xHH` is any octet, and
 * at the end of the line it means that no CRLF stands there. Escaped are control and invisible characters, octets that
 * are no UTF-8, a blank at the end of a line, and a `#` or `== ` at its beginning: so both mean a comment and a header
 * wherever they stand first. The blank line that ends a block is not part of its message.
 *
 * Comments with a time are kept in a form that is read back where it matters:
 *
 *   # trace 1 started 2026-05-04T10:00:00.000Z    ; the first line; the wall-clock time of 0.000000
 *   # 1.204000 state bob call c1: ringing -> up (2xx sent)
 *   # 1.204000 timer bob A t3 set 500
 *   # 1.300000 hears alice: charlie, hold tone at 127.0.0.11:4000
 *   # 2.000000 lost m5
 *   # 2.100000 verdict x1 success m19: Alice talks to Charlie; Bob has left.
 *   # 2.100000 lint T3 m12: Bob asks to replace the very call that is being transferred.
 *   # 2.100000 verb done: bob transfers alice to charlie
 *   # 2.100000 problem CL2001 bob m7: the first line is neither a request line nor a status line
 */

/** The transport of a block that holds a frame of IAX2. */
const iax = 'iax2';

/** Lines `start` up to, but not with, `end`; the first line is 0. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** The text of a trace that grows at its end, and may lose its beginning: what was written is never changed. */
export class TraceText {
  readonly #title: string;
  /** Each with the line that it begins in. */
  #pieces: { readonly text: string; readonly line: number }[] = [];
  #lines = new Map<string, LineRange>();
  #lineCount = 0;
  #length = 0;

  constructor(startedAt?: Date) {
    this.#title = startedAt === undefined ? 'trace 1' : `trace 1 started ${startedAt.toISOString()}`;
    this.#comment(this.#title);
    this.#write('\n');
  }

  get text(): string {
    return this.#pieces.map(({ text }) => text).join('');
  }

  /** In UTF-16 units. */
  get length(): number {
    return this.#length;
  }

  /** Where each message stands, by its id: from its header line to its last line. */
  get lines(): ReadonlyMap<string, LineRange> {
    return this.#lines;
  }

  /** Leaves out all that stands before a message; `notice` says there what has become of it. */
  forgetBefore(id: string, notice: string): void {
    const start = this.#lines.get(id)?.start;
    if (start === undefined) return;
    const pieces = this.#pieces.filter(({ line }) => line >= start);
    const lines = [...this.#lines].filter(([, range]) => range.start >= start);
    this.#pieces = [];
    this.#lineCount = 0;
    this.#length = 0;
    this.#comment(this.#title);
    this.#comment(notice);
    this.#write('\n');
    const moved = this.#lineCount - start;
    this.#lines = new Map(lines.map(([own, range]) => [own, { start: range.start + moved, end: range.end + moved }]));
    for (const { text } of pieces) this.#write(text);
  }

  /** Adds what stands for itself. */
  addRemark(text: string): string {
    return this.#comment(text);
  }

  /** Adds a message; returns what was added. */
  addMessage(message: TraceMessage, sender: string, receiver: string, isLost = false): string {
    const { id, at, transport, source, destination, retransmissionOf } = message;
    const names = sender === '' && receiver === '' ? '' : ` (${writeName(sender)} -> ${writeName(receiver)})`;
    const flags = `${retransmissionOf === undefined ? '' : ` again=${retransmissionOf.id}`}${isLost ? ' lost' : ''}`;
    const header = `== ${id} ${seconds(at)} ${transport} ${formatAddress(source)} -> ${formatAddress(destination)}${names}${flags}\n`;
    const start = this.#lineCount;
    const block = `${header}${transport === iax ? writeFrame(message.bytes) : writeOctets(message.bytes)}`;
    this.#write(block);
    this.#lines.set(id, { start, end: this.#lineCount });
    this.#write('\n');
    return `${block}\n`;
  }

  /** Adds what is no message as a comment; returns what was added, nothing for a packet. */
  addEntry(entry: JournalEntry, messageId?: string): string {
    const text = describeEntry(entry, messageId);
    return text === '' ? '' : this.#comment(`${seconds(entry.at)} ${text}`);
  }

  addVerdict(transfer: Transfer): string {
    const { id, verdict, decidedBy, decidedAt, reason } = transfer;
    return this.#comment(
      `${seconds(decidedAt ?? transfer.startedAt)} verdict ${id} ${verdict}${decidedBy === undefined ? '' : ` ${decidedBy}`}: ${reason}`,
    );
  }

  addLint({ id, message, text }: LintFinding, at: Milliseconds): string {
    return this.#comment(`${seconds(at)} lint ${id} ${message.id}: ${text}`);
  }

  /** Says of a message written before that it was never received. */
  addLoss(message: TraceMessage, at: Milliseconds): string {
    return this.#comment(`${seconds(at)} lost ${message.id}`);
  }

  #comment(text: string): string {
    const line = `# ${escapeInvisible(text)}\n`;
    this.#write(line);
    return line;
  }

  #write(text: string): void {
    this.#pieces.push({ text, line: this.#lineCount });
    this.#length += text.length;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineCount += 1;
  }
}

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

/** No trace is so long; a greater number is somebody's joke. */
const mostMessages = 1_000_000_000;

/** After this long a packet to a stranger is no longer waited for: nobody will ever record its arrival. */
const longestFlight: Milliseconds = 5_000;

/** Where octets of a message stand in its block; line 0 is the first below the header line. */
export function placesInBlock({ transport, bytes }: Pick<TraceMessage, 'transport' | 'bytes'>, range: ByteRange): { readonly start: TextPlace; readonly end: TextPlace } {
  if (transport === iax) return placesInFrame(bytes, range);
  return { start: placeOfOctet(bytes, range.start), end: placeOfOctet(bytes, range.end) };
}

/** A message read back from a text. */
export interface ParsedMessage extends TracePacket {
  /** The id that the text gives it. */
  readonly id: string;
  readonly lines: LineRange;
}

/** A line that is neither a header nor a comment, outside of any block, or a header that cannot be read. */
export interface TraceFault {
  readonly line: number;
  readonly text: string;
}

export interface ParsedTrace {
  readonly startedAt: Date | undefined;
  readonly messages: readonly ParsedMessage[];
  /** What was measured, in order. */
  readonly hears: readonly Omit<HearsEntry, 'seq'>[];
  readonly faults: readonly TraceFault[];
}

const headerPattern =
  /^== (m\d+) (-?\d+\.\d+) (\S+) (\S+) -> (\S+)(?: \(([\w.+-]+|"(?:[^"\\]|\\.)*") -> ([\w.+-]+|"(?:[^"\\]|\\.)*")\))?((?: [\w=-]+)*)\s*$/;

/** Reads a trace back. Never throws: what cannot be read is a fault with its line. */
export function parseTrace(text: string): ParsedTrace {
  const lines = text.split(/\r?\n/);
  const messages: ParsedMessage[] = [];
  const hears: Omit<HearsEntry, 'seq'>[] = [];
  const faults: TraceFault[] = [];
  const lost = new Set<string>();
  let startedAt: Date | undefined;
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? '';
    if (line.startsWith('== ')) {
      const end = blockEnd(lines, index + 1);
      const message = readBlock(line, lines.slice(index + 1, end), { start: index, end });
      if (message !== undefined) messages.push(message);
      else faults.push({ line: index, text: 'this header line cannot be read' });
      index = end;
      continue;
    }
    if (line.startsWith('#')) {
      const started = /^# trace \d+ started (\S+)/.exec(line)?.[1];
      if (started !== undefined && !Number.isNaN(Date.parse(started))) startedAt ??= new Date(started);
      const heard = readHears(line);
      if (heard !== undefined) hears.push(heard);
      const lostId = /^# \d+\.\d+ lost (m\d+)/.exec(line)?.[1];
      if (lostId !== undefined) lost.add(lostId);
    } else if (line.trim() !== '') {
      faults.push({ line: index, text: 'a message begins with a header line' });
    }
    index += 1;
  }
  return {
    startedAt,
    messages: messages.map((message) => (lost.has(message.id) ? { ...message, lost: true } : message)),
    hears,
    faults,
  };
}

/** What a text means: the same model that the trace had when it was written. */
export function readTrace(trace: ParsedTrace, options?: TraceOptions): TraceModel {
  const model = new TraceModel({ firstIndex: firstIndexOf(trace), ...options });
  let next = 0;
  const hearUntil = (at: Milliseconds): void => {
    for (let entry = trace.hears[next]; entry !== undefined && entry.at <= at; entry = trace.hears[next]) {
      model.feed({ ...entry, seq: -1 });
      next += 1;
    }
  };
  for (const message of trace.messages) {
    hearUntil(message.at);
    model.feedPacket(message);
  }
  hearUntil(Number.POSITIVE_INFINITY);
  model.finish();
  return model;
}

/** The first message keeps its number: a part of a longer trace speaks of messages as the whole does. */
function firstIndexOf({ messages: [first] }: ParsedTrace): number {
  const number = Number(first?.id.slice(1) ?? 1);
  return number >= 1 && number <= mostMessages ? number - 1 : 0;
}

function addTo(out: TraceText, model: TraceModel, message: TraceMessage, isLost: boolean): string {
  const nameAt = (address: TraceMessage['source']): string => model.findParticipant(address)?.phone ?? '';
  return out.addMessage(message, nameAt(message.source), nameAt(message.destination), isLost);
}

function packetOf(model: TraceModel, entry: JournalEntry): string | undefined {
  return entry.kind === 'problem' && entry.packet !== undefined ? model.messageOfEntry(entry.packet)?.id : undefined;
}

function describeEntry(entry: JournalEntry, messageId: string | undefined): string {
  const owner = writeName(entry.owner);
  switch (entry.kind) {
    case 'packet':
      return '';
    case 'state':
      return `state ${owner} ${entry.machine} ${entry.id}: ${entry.from} -> ${entry.to}${entry.why === '' ? '' : ` (${entry.why})`}`;
    case 'timer':
      return `timer ${owner} ${entry.timer} ${entry.id} ${entry.action} ${entry.delay}`;
    case 'hears': {
      const heard = [...entry.phones.map(writeName), ...(entry.hold ? ['hold tone'] : [])];
      const where = entry.address === undefined ? '' : ` at ${formatAddress(entry.address)}`;
      return `hears ${owner}: ${heard.length === 0 ? 'nobody' : heard.join(', ')}${where}`;
    }
    case 'verb':
      return `verb ${entry.outcome}: ${entry.text}${entry.detail === '' ? '' : ` (${entry.detail})`}`;
    case 'problem':
      return `problem ${entry.code} ${owner}${messageId === undefined ? '' : ` ${messageId}`}: ${entry.text}`;
  }
}

const hearsPattern = /^# (\d+\.\d+) hears ("(?:[^"\\]|\\.)*"|[\w.+-]+): (.*?)(?: at (\S+))?$/;

function readHears(line: string): Omit<HearsEntry, 'seq'> | undefined {
  const [, at, owner, heard, address] = hearsPattern.exec(line) ?? [];
  if (at === undefined || owner === undefined || heard === undefined) return undefined;
  const names =
    heard === 'nobody'
      ? []
      : (heard.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? []).map((name) => name.trim()).filter((name) => name !== '');
  return {
    kind: 'hears',
    at: milliseconds(at),
    owner: readName(owner),
    phones: names.filter((name) => name !== 'hold tone').map(readName),
    hold: names.includes('hold tone'),
    address: address === undefined ? undefined : parseAddress(address),
  };
}

/** The line after the last of a block: the next header or comment, or the end. */
function blockEnd(lines: readonly string[], from: number): number {
  let end = from;
  while (end < lines.length && !/^(?:#|== )/.test(lines[end] ?? '')) end += 1;
  // The blank line that ends the block, and the empty rest behind the last line end of the file.
  if (end === lines.length && lines[end - 1] === '' && end - 1 > from) end -= 1;
  return end;
}

function readBlock(header: string, body: readonly string[], lines: LineRange): ParsedMessage | undefined {
  const [, id = '', at = '', transport = '', source = '', destination = '', sender, receiver, flags = ''] =
    headerPattern.exec(header) ?? [];
  const from = parseAddress(source);
  const to = parseAddress(destination);
  if (from === undefined || to === undefined) return undefined;
  const ownLines = body.at(-1) === '' ? body.slice(0, -1) : body;
  return {
    id,
    at: milliseconds(at),
    transport,
    source: from,
    destination: to,
    bytes: transport === iax ? readFrame(ownLines) : readOctets(ownLines),
    ...(sender !== undefined && sender !== '-' && { sender: readName(sender) }),
    ...(receiver !== undefined && receiver !== '-' && { receiver: readName(receiver) }),
    ...(flags.split(' ').includes('lost') && { lost: true }),
    lines: { start: lines.start, end: lines.start + 1 + ownLines.length },
  };
}

/** Microseconds are kept, no more. */
function seconds(at: Milliseconds): string {
  return (at / 1_000).toFixed(6);
}

function milliseconds(text: string): Milliseconds {
  return Math.round(Number(text) * 1_000_000) / 1_000;
}

function writeName(name: string): string {
  if (name === '') return '-';
  return name !== '-' && /^[\w.+-]+$/.test(name) ? name : JSON.stringify(name);
}

function readName(text: string): string {
  if (!text.startsWith('"')) return text === '-' ? '' : text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}
