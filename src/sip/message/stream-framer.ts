import type { ByteRange } from '../../core';
import { declaredLength } from './framing';
import { HeaderScan } from './header-scan';

/** What came out of a stream: a message's octets, a keep-alive ping, or the fault after which nothing can be read. */
export type FramedItem =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'ping' }
  | { readonly kind: 'error'; readonly code: FramingFault; readonly range: ByteRange; readonly message: string; readonly bytes: Uint8Array };

export type FramingFault = 'no-content-length' | 'bad-content-length' | 'two-content-lengths' | 'headers-too-long' | 'body-too-long';

export interface StreamLimits {
  /** Octets from the start line to the blank line; 64 KiB when left out. */
  readonly headers?: number;
  /** Octets of a body; 1 MiB when left out. */
  readonly body?: number;
}

const faults = {
  absent: { code: 'no-content-length', message: 'a message on a stream needs a Content-Length' },
  malformed: { code: 'bad-content-length', message: 'Content-Length is no number' },
  contradictory: { code: 'two-content-lengths', message: 'two Content-Length headers contradict each other' },
} as const;

const CR = 0x0d;
const LF = 0x0a;

/**
 * Cuts a stream of octets into messages (RFC 3261 section 18.3). Every message gets octets of its own. CRLFs before a start
 * line are skipped (section 7.5); two in a row are a ping, to be answered with one (RFC 5626 section 3.5.1). After an error
 * there is no way to find the next message: the connection must be closed, and further octets are ignored. The octets of
 * the error hold the headers as far as they came, so that a request can be answered with 400 first.
 */
export class StreamFramer {
  readonly #maxHeaders: number;
  readonly #maxBody: number;
  /** Octets received and not handed out: those from `start` to `end`. */
  #buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Of the message that begins at `start`: where the line to look at next begins, and its end as soon as that is known. */
  #line = 0;
  #messageEnd: number | undefined;
  #failed = false;

  constructor(limits: StreamLimits = {}) {
    this.#maxHeaders = limits.headers ?? 65_536;
    this.#maxBody = limits.body ?? 1_048_576;
  }

  /** Octets of a message that has not ended yet: whoever owns the connection may lose patience (RFC 4475 section 3.1.2.2). */
  get pending(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): FramedItem[] {
    const items: FramedItem[] = [];
    if (this.#failed) return items;
    this.#append(bytes);
    for (let item = this.#next(); item !== undefined; item = this.#next()) {
      items.push(item);
      if (item.kind === 'error') break;
    }
    return items;
  }

  /** Adds behind what is left, which moves to the front if it must; the room doubles, so that it moves but seldom. */
  #append(bytes: Uint8Array): void {
    const held = this.pending;
    if (this.#end + bytes.length > this.#buffer.length) {
      const old = this.#buffer.subarray(this.#start, this.#end);
      if (held + bytes.length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(Math.max(held + bytes.length, 2 * held));
      this.#buffer.set(old, 0);
      this.#line -= this.#start;
      if (this.#messageEnd !== undefined) this.#messageEnd -= this.#start;
      this.#start = 0;
    }
    this.#end = this.#start + held;
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #next(): FramedItem | undefined {
    if (this.#line === this.#start) {
      const found = this.#skipLineEnds();
      if (found !== 'text') return found === 'ping' ? { kind: 'ping' } : undefined;
    }
    if (this.#messageEnd === undefined) {
      const fault = this.#readHeaders();
      if (fault !== undefined) return fault;
    }
    if (this.#messageEnd === undefined || this.#end < this.#messageEnd) return undefined;
    const bytes = this.#copy(this.#messageEnd);
    this.#start = this.#line = this.#messageEnd;
    this.#messageEnd = undefined;
    return { kind: 'message', bytes };
  }

  /** Skips line ends before a start line; says whether text follows, a ping was among them, or more octets must tell. */
  #skipLineEnds(): 'text' | 'ping' | 'nothing yet' {
    const buffer = this.#buffer;
    for (; this.#start < this.#end; this.#line = this.#start) {
      const at = this.#start;
      if (buffer[at] !== CR && buffer[at] !== LF) return 'text';
      const known = this.#end - at;
      const mayBePing = buffer[at] === CR && (known < 2 || buffer[at + 1] === LF) && (known < 3 || buffer[at + 2] === CR);
      if (mayBePing && known < 4) return 'nothing yet';
      this.#start = at + 1;
      if (!mayBePing || buffer[at + 3] !== LF) continue;
      this.#start = this.#line = at + 4;
      return 'ping';
    }
    return 'nothing yet';
  }

  /** Looks for the blank line, each line once, and then for Content-Length, without which a stream cannot be cut. */
  #readHeaders(): FramedItem | undefined {
    const buffer = this.#buffer;
    for (;;) {
      const lineFeed = buffer.indexOf(LF, this.#line);
      if (lineFeed < 0 || lineFeed >= this.#end) break;
      const blank = lineFeed === this.#line || (lineFeed === this.#line + 1 && buffer[this.#line] === CR);
      this.#line = lineFeed + 1;
      if (blank) return this.#measure();
    }
    return this.pending > this.#maxHeaders ? this.#fail('headers-too-long', 'the headers do not end', 0, this.pending) : undefined;
  }

  /** Works out where the message whose headers end at `line` ends itself (RFC 3261 section 20.14). */
  #measure(): FramedItem | undefined {
    const length = this.#line - this.#start;
    if (length > this.#maxHeaders) return this.#fail('headers-too-long', 'the headers are too long', 0, length);
    const text = this.#buffer.toString('latin1', this.#start, this.#line);
    const scan = new HeaderScan(text, text.indexOf('\n') + 1, false);
    scan.run();
    const declared = declaredLength(scan);
    const { start, end } = scan.contentLengths.at(-1)?.valueRange ?? { start: 0, end: length };
    if (typeof declared !== 'number') return this.#fail(faults[declared].code, faults[declared].message, start, end);
    if (declared > this.#maxBody) return this.#fail('body-too-long', `a body of ${declared} octets is too long`, start, end);
    this.#messageEnd = this.#line + declared;
    return undefined;
  }

  /** `start` and `end` count from the beginning of the message. */
  #fail(code: FramingFault, message: string, start: number, end: number): FramedItem {
    const headersEnded = code !== 'headers-too-long';
    const bytes = this.#copy(headersEnded ? this.#line : this.#end);
    this.#failed = true;
    this.#buffer = Buffer.alloc(0);
    this.#start = this.#end = 0;
    return { kind: 'error', code, range: { start, end }, message, bytes };
  }

  #copy(end: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#buffer, this.#start, end);
  }
}
