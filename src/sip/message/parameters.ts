import { SipSyntaxError } from './errors';
import { closingQuote, skipLws, toUnicode, trimLwsEnd, trimmed, unquote } from './text';

const BLANK = /[ \t\r\n]/;
/** What no name has: it would begin a value, or another name. */
const NO_NAME = /[ \t\r\n"]/;

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
    if (name === '' || (!plain && NO_NAME.test(name))) {
      throw new SipSyntaxError('parameter-name', 'a parameter begins with its name, one word', offset + at, offset + next);
    }
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
  const close = closingQuote(text, start, stop);
  if (close < 0) throw new SipSyntaxError('quote', 'a quoted string does not end', offset + start, offset + stop);
  if (close !== stop - 1) {
    throw new SipSyntaxError('parameter-value', 'something follows the quoted value of a parameter', offset + start, offset + stop);
  }
  return unquote(text.slice(start + 1, stop - 1));
}

/** The next semicolon that is not within quotes, or -1. */
function semicolonOutsideQuotes(text: string, from: number, offset: number): number {
  let semicolon = text.indexOf(';', from);
  let quote = text.indexOf('"', from);
  while (quote >= 0 && (quote < semicolon || semicolon < 0)) {
    const close = closingQuote(text, quote, text.length);
    if (close < 0) throw new SipSyntaxError('quote', 'a quoted string does not end', offset + quote, offset + text.length);
    semicolon = text.indexOf(';', close);
    quote = text.indexOf('"', close + 1);
  }
  return semicolon;
}
