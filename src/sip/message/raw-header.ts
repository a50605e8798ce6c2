import type { ByteRange } from '../../core';
import type { HeaderName } from './header-name';
import { toUnicode, unfold } from './text';

/** Where a header field lies in its message, in octets. */
export interface HeaderPlace {
  readonly start: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Whether the value is one line of ASCII, which reads as it is. */
  readonly plain: boolean;
}

/** One header field as it stands in its message: a view, decoded when asked for. */
export class RawHeader {
  readonly #name: HeaderName;
  readonly #text: string;
  readonly #start: number;
  readonly #nameEnd: number;
  readonly #valueStart: number;
  readonly #valueEnd: number;
  readonly #plain: boolean;

  /** `text` is the header part of the message in latin1, so that positions in it are positions in the message. */
  constructor(name: HeaderName, text: string, place: HeaderPlace) {
    this.#name = name;
    this.#text = text;
    this.#start = place.start;
    this.#nameEnd = place.nameEnd;
    this.#valueStart = place.valueStart;
    this.#valueEnd = place.valueEnd;
    this.#plain = place.plain;
  }

  /** As written. */
  get name(): string {
    return this.#text.slice(this.#start, this.#nameEnd);
  }

  /** The long name in lower case. */
  get canonical(): string {
    return this.#name.canonical;
  }

  /** From the first octet of the name to the last of the value, folded lines included, the final line end not. */
  get range(): ByteRange {
    return { start: this.#start, end: Math.max(this.#nameEnd, this.#valueEnd) };
  }

  get nameRange(): ByteRange {
    return { start: this.#start, end: this.#nameEnd };
  }

  /** Without the white space around it; empty, and behind the colon, when there is no value. */
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
    return this.#plain ? this.raw : toUnicode(unfold(this.raw));
  }

  /** Whether this is the header `name`. */
  is(name: HeaderName): boolean {
    return this.#name === name || (!name.registered && this.#name.canonical === name.canonical);
  }
}
