import { SipSyntaxError } from './errors';

/*
 * Small readers over latin1 text: one UTF-16 unit is one octet, so that positions in the text are positions in the message.
 * `offset` is always the position of the text within that message; errors carry positions of the message.
 */

const LINE_BREAK = /[\r\n]/;
const BLANK = /[ \t\r\n]/;
const NON_ASCII = /[^\0-\x7f]/;
const QUOTED_PAIR = /\\([^])/g;
/** Quoted text that reads as it stands: printable ASCII without a backslash. */
const PLAIN_QUOTED = /^[ -[\]-~]*$/;
const ESCAPE = /%([0-9A-Fa-f]{2})/g;

/** SP, HTAB, and the CR and LF of a folded line (RFC 3261 section 25.1, LWS). */
export function isLws(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

/** The first position in [from, end) that holds no white space, or `end`. */
export function skipLws(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isLws(text.charCodeAt(at))) at += 1;
  return at;
}

/** The end of [from, end) without trailing white space. */
export function trimLwsEnd(text: string, from: number, end: number): number {
  let at = end;
  while (at > from && isLws(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** The part [from, end) of `text` without white space around it. `String.trim` would take 0xA0 too, half a UTF-8 letter. */
export function trimmed(text: string, from: number, end: number): string {
  const start = skipLws(text, from, end);
  return text.slice(start, trimLwsEnd(text, start, end));
}

/** Joins folded lines with one SP (RFC 3261 section 7.3.1). A stray CR or LF counts as a fold, so that none survives. */
export function unfold(text: string): string {
  if (!LINE_BREAK.test(text)) return text;
  let joined = '';
  for (const line of text.split(LINE_BREAK)) {
    const piece = trimmed(line, 0, line.length);
    if (piece !== '') joined += joined === '' ? piece : ` ${piece}`;
  }
  return joined;
}

/** Latin1 text read as the UTF-8 it holds; octets that are no UTF-8 become U+FFFD. */
export function toUnicode(latin1: string): string {
  return NON_ASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}

/** The opposite of {@link toUnicode}: the UTF-8 octets of a text, one UTF-16 unit each. */
export function toOctets(text: string): string {
  return NON_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** The position of the quote that closes the one at `open`, or -1. A backslash takes the next octet with it. */
export function closingQuote(text: string, open: number, end: number): number {
  let quote = text.indexOf('"', open + 1);
  let escape = text.indexOf('\\', open + 1);
  while (escape >= 0 && escape < quote) {
    if (escape + 1 === quote) quote = text.indexOf('"', quote + 1);
    escape = text.indexOf('\\', escape + 2);
  }
  return quote < end ? quote : -1;
}

/** What stands between two quotes, folds joined, quoted pairs resolved, as Unicode. */
export function unquote(inner: string): string {
  if (PLAIN_QUOTED.test(inner)) return inner;
  const line = unfold(inner);
  return toUnicode(line.includes('\\') ? line.replace(QUOTED_PAIR, '$1') : line);
}

/** `%HH` decoded once (RFC 3261 section 19.1.2), as Unicode. A `%` that starts no escape stays what it is. */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return toUnicode(text);
  return toUnicode(text.replace(ESCAPE, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))));
}

/**
 * A whole number of decimal digits in [from, end) that is at most `max`; -1 when it is none. Never goes through a
 * conversion that could wrap or lose digits.
 */
export function readNumber(text: string, from: number, end: number, max: number): number {
  if (from >= end) return -1;
  let value = 0;
  for (let at = from; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > max) return -1;
  }
  return value;
}

/**
 * The positions of the commas that separate list elements: not those in quoted strings or angle brackets
 * (RFC 3261 section 7.3.1).
 */
export function separatingCommas(text: string): number[] {
  const commas: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x2c) {
      commas.push(at);
    } else if (code === 0x22) {
      const close = closingQuote(text, at, text.length);
      if (close < 0) break;
      at = close;
    } else if (code === 0x3c) {
      const close = text.indexOf('>', at);
      if (close < 0) break;
      at = close;
    }
  }
  return commas;
}

/** Calls `take` with each trimmed element of a comma list and its position in the message. */
export function eachElement(text: string, offset: number, take: (element: string, offset: number) => void): void {
  if (!text.includes(',')) {
    take(text, offset);
    return;
  }
  const commas = separatingCommas(text);
  commas.push(text.length);
  let from = 0;
  for (const comma of commas) {
    const start = skipLws(text, from, comma);
    take(text.slice(start, trimLwsEnd(text, start, comma)), offset + start);
    from = comma + 1;
  }
}

/** Name and value pairs of `;name=value`, names in lower case; a parameter without `=` has the value `undefined`. */
export type Parameters = ReadonlyMap<string, string | undefined>;

export const noParameters: Parameters = new Map();

/** No blank, quote, fold or UTF-8: what lies between `;` and `=` is a name, what lies behind is a value, as they stand. */
const PLAIN_PARAMETERS = /^[!#-~]*$/;

/**
 * Decodes header parameters: `text` is empty or begins with a `;` (white space before it is skipped). Quoted values lose
 * their quotes. Of two parameters with one name, which RFC 3261 section 7.3.1 forbids, the last counts.
 */
export function decodeParameters(text: string, offset: number): Parameters {
  const end = text.length;
  if (end === 0) return noParameters;
  const plain = PLAIN_PARAMETERS.test(text);
  let at = plain ? 0 : skipLws(text, 0, end);
  if (at === end) return noParameters;
  if (text.charCodeAt(at) !== 0x3b) {
    throw new SipSyntaxError('parameters', 'only parameters, each after a semicolon, may follow here', offset + at, offset + end);
  }
  const parameters = new Map<string, string | undefined>();
  while (at < end) {
    const start = at + 1;
    let next = plain ? text.indexOf(';', start) : semicolonOutsideQuotes(text, start, offset);
    if (next < 0) next = end;
    let equals = text.indexOf('=', start);
    if (equals < 0 || equals > next) equals = next;
    const name = (plain ? text.slice(start, equals) : trimmed(text, start, equals)).toLowerCase();
    if (name === '') throw new SipSyntaxError('parameter-name', 'a parameter has no name', offset + at, offset + next);
    if (equals === next) parameters.set(name, undefined);
    else parameters.set(name, plain ? text.slice(equals + 1, next) : decodeParameterValue(text, equals + 1, next, offset));
    at = next;
  }
  return parameters;
}

function decodeParameterValue(text: string, from: number, end: number, offset: number): string {
  const start = skipLws(text, from, end);
  const stop = trimLwsEnd(text, start, end);
  if (text.charCodeAt(start) !== 0x22 || start === stop) {
    const value = text.slice(start, stop);
    if (BLANK.test(value)) throw new SipSyntaxError('parameter-value', 'a value with blanks needs quotes', offset + start, offset + stop);
    return toUnicode(value);
  }
  if (closingQuote(text, start, stop) !== stop - 1) {
    throw new SipSyntaxError('parameter-value', 'something follows the quoted value of a parameter', offset + start, offset + stop);
  }
  return unquote(text.slice(start + 1, stop - 1));
}

function semicolonOutsideQuotes(text: string, from: number, offset: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x3b) return at;
    if (code !== 0x22) continue;
    const close = closingQuote(text, at, text.length);
    if (close < 0) throw new SipSyntaxError('quote', 'a quoted string does not end', offset + at, offset + text.length);
    at = close;
  }
  return -1;
}
