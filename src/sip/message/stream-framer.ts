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
  #buffer = Buffer.alloc(0);
  #length = 0;
  /** Where the line that is being looked for begins. */
  #line = 0;
  /** Where the header part and the message end, as soon as that is known. */
  #headersEnd = 0;
  #messageEnd = 0;
  #failed = false;

  constructor(limits: StreamLimits = {}) {
    this.#maxHeaders = limits.headers ?? 65_536;
    this.#maxBody = limits.body ?? 1_048_576;
  }

  /** Octets of a message that has not ended yet: whoever owns the connection may lose patience (RFC 4475 section 3.1.2.2). */
  get pending(): number {
    return this.#length;
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

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = needed;
  }

  #next(): FramedItem | undefined {
    if (this.#line === 0 && this.#skipLineEnds()) return { kind: 'ping' };
    if (this.#headersEnd === 0) {
      if (!this.#findHeadersEnd()) {
        return this.#length > this.#maxHeaders ? this.#fail('headers-too-long', 'the headers do not end', 0, this.#length) : undefined;
      }
      const error = this.#measure();
      if (error !== undefined) return error;
    }
    if (this.#length < this.#messageEnd) return undefined;
    const bytes = Uint8Array.prototype.slice.call(this.#buffer, 0, this.#messageEnd);
    this.#drop(this.#messageEnd);
    this.#line = this.#headersEnd = this.#messageEnd = 0;
    return { kind: 'message', bytes };
  }

  /** Drops line ends before a start line. Returns true when they are a ping. */
  #skipLineEnds(): boolean {
    const buffer = this.#buffer;
    while (this.#length > 0 && (buffer[0] === CR || buffer[0] === LF)) {
      if (buffer[0] === LF) {
        this.#drop(1);
      } else if (this.#length < 4 && isPrefixOfPing(buffer, this.#length)) {
        return false;
      } else if (buffer[1] === LF && buffer[2] === CR && buffer[3] === LF) {
        this.#drop(4);
        return true;
      } else {
        this.#drop(1);
      }
    }
    return false;
  }

  #findHeadersEnd(): boolean {
    const buffer = this.#buffer;
    for (;;) {
      const lineFeed = buffer.indexOf(LF, this.#line);
      if (lineFeed < 0 || lineFeed >= this.#length) return false;
      const blank = lineFeed === this.#line || (lineFeed === this.#line + 1 && buffer[this.#line] === CR);
      this.#line = lineFeed + 1;
      if (!blank) continue;
      this.#headersEnd = this.#line;
      return true;
    }
  }

  /** Reads Content-Length, without which a stream cannot be cut (RFC 3261 section 20.14). */
  #measure(): FramedItem | undefined {
    if (this.#headersEnd > this.#maxHeaders) return this.#fail('headers-too-long', 'the headers are too long', 0, this.#headersEnd);
    const text = this.#buffer.toString('latin1', 0, this.#headersEnd);
    const scan = new HeaderScan(text, text.indexOf('\n') + 1, false);
    scan.run();
    const length = declaredLength(scan);
    const range = scan.contentLengths.at(-1)?.valueRange ?? { start: 0, end: this.#headersEnd };
    if (typeof length !== 'number') return this.#fail(faults[length].code, faults[length].message, range.start, range.end);
    if (length > this.#maxBody) return this.#fail('body-too-long', `a body of ${length} octets is too long`, range.start, range.end);
    this.#messageEnd = this.#headersEnd + length;
    return undefined;
  }

  #fail(code: FramingFault, message: string, start: number, end: number): FramedItem {
    this.#failed = true;
    const bytes = Uint8Array.prototype.slice.call(this.#buffer, 0, this.#headersEnd === 0 ? this.#length : this.#headersEnd);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    return { kind: 'error', code, range: { start, end }, message, bytes };
  }

  #drop(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}

function isPrefixOfPing(buffer: Uint8Array, length: number): boolean {
  return (length < 2 || buffer[1] === LF) && (length < 3 || buffer[2] === CR);
}
