import type { ByteRange, Milliseconds } from '../core';
import { formatAddress } from '../net';
import type { JournalEntry, LintFinding, TraceMessage, Transfer } from '../trace';
import { placesInFrame, writeFrame } from './frame-text';
import { escapeInvisible, placeOfOctet, type TextPlace, writeOctets } from './trace-octets';

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
export const iaxTransport = 'iax2';

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
    const block = `${header}${transport === iaxTransport ? writeFrame(message.bytes) : writeOctets(message.bytes)}`;
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

/** Where octets of a message stand in its block; line 0 is the first below the header line. */
export function placesInBlock({ transport, bytes }: Pick<TraceMessage, 'transport' | 'bytes'>, range: ByteRange): { readonly start: TextPlace; readonly end: TextPlace } {
  if (transport === iaxTransport) return placesInFrame(bytes, range);
  return { start: placeOfOctet(bytes, range.start), end: placeOfOctet(bytes, range.end) };
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

/** Microseconds are kept, no more. */
function seconds(at: Milliseconds): string {
  return (at / 1_000).toFixed(6);
}

function writeName(name: string): string {
  if (name === '') return '-';
  return name !== '-' && /^[\w.+-]+$/.test(name) ? name : JSON.stringify(name);
}
