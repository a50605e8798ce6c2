/*
 * Small readers over latin1 text: one UTF-16 unit is one octet, so that positions in the text are positions in the message.
 */

const LINE_BREAK = /[\r\n]/;
const NON_ASCII = /[^\0-\x7f]/;
const QUOTED_PAIR = /\\([^])/g;
/** Quoted text that reads as it stands: printable ASCII without a backslash. */
const PLAIN_QUOTED = /^[ -[\]-~]*$/;

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
