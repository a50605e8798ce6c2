import type { ByteRange } from '../../core';
import { toUnicode, unfold } from './scan';

/** One header field as it stands in its message: a view, decoded when asked for. */
export class RawHeader {
  /** The long name in lower case. */
  readonly canonical: string;
  readonly #text: string;
  readonly #start: number;
  readonly #nameEnd: number;
  readonly #valueStart: number;
  readonly #valueEnd: number;

  /** `text` is the header part of the message in latin1, so that positions in it are positions in the message. */
  constructor(text: string, canonical: string, start: number, nameEnd: number, valueStart: number, valueEnd: number) {
    this.canonical = canonical;
    this.#text = text;
    this.#start = start;
    this.#nameEnd = nameEnd;
    this.#valueStart = valueStart;
    this.#valueEnd = valueEnd;
  }

  /** As written. */
  get name(): string {
    return this.#text.slice(this.#start, this.#nameEnd);
  }

  /** From the first octet of the name to the last of the value, folded lines included, the final line end not. */
  get range(): ByteRange {
    return { start: this.#start, end: Math.max(this.#nameEnd, this.#valueEnd) };
  }

  get nameRange(): ByteRange {
    return { start: this.#start, end: this.#nameEnd };
  }

  /** Without the white space around it; empty, and at the end of the line, when there is no value. */
  get valueRange(): ByteRange {
    return { start: this.#valueStart, end: this.#valueEnd };
  }

  /** Where the value begins in the message. */
  get valueStart(): number {
    return this.#valueStart;
  }

  /** The value's octets, one UTF-16 unit each, folds and all. */
  get raw(): string {
    return this.#text.slice(this.#valueStart, this.#valueEnd);
  }

  /** The value as people read it: folded lines joined with one blank, UTF-8 decoded. */
  value(): string {
    return toUnicode(unfold(this.raw));
  }
}
