import { SipSyntaxError } from './errors';
import { eachElement } from './list';
import { decodeParameters } from './parameters';
import { readNumber, skipLws, toUnicode, trimLwsEnd } from './text';

/*
 * Decoders of the small header values. Each takes the latin1 text of the value, without white space around it, and its
 * position in the message, and throws SipSyntaxError with positions of the message.
 */

/** The characters of a token (RFC 3261 section 25.1). */
export const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const PLAIN_WORD = /^[!-~]+$/;
const BLANK = /[ \t\r\n]/;
const MEDIA_TYPE = /^[A-Za-z0-9\-.!%*_+`'~]+[ \t\r\n]*\/[ \t\r\n]*[A-Za-z0-9\-.!%*_+`'~]+$/;

export interface CSeq {
  readonly sequence: number;
  readonly method: string;
}

export interface EventType {
  /** The event package, with its template if it has one: `refer`, `dialog`, `presence.winfo`. */
  readonly package: string;
  readonly id: string | undefined;
}

export interface SubscriptionState {
  /** In lower case. */
  readonly state: string;
  readonly reason?: string;
  /** Seconds. */
  readonly expires?: number;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** Numbers of seconds are below 2^32 (RFC 3261 section 25.1 and 20.19). */
export const MAX_SECONDS = 0xffff_ffff;
const MAX_CSEQ = 0x7fff_ffff;

/** `4711 INVITE`: below 2^31 (RFC 3261 section 8.1.1.5); the method keeps its case. */
export function decodeCSeq(text: string, offset: number): CSeq {
  const end = text.length;
  let blank = text.indexOf(' ');
  if (blank < 0 || blank + 1 === end || !isDigit(text.charCodeAt(blank - 1))) blank = Math.max(text.search(BLANK), 0);
  const sequence = readNumber(text, 0, blank, MAX_CSEQ);
  if (sequence < 0) throw new SipSyntaxError('cseq', 'a CSeq is a number below 2^31 and a method', offset, offset + end);
  const from = skipLws(text, blank, end);
  const method = text.slice(from);
  if (!TOKEN.test(method)) throw new SipSyntaxError('cseq', 'the CSeq names no method', offset + from, offset + end);
  return { sequence, method };
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** An identifier without blanks (RFC 3261 section 20.8); `%` means nothing special. */
export function decodeCallId(text: string, offset: number): string {
  if (PLAIN_WORD.test(text)) return text;
  if (text === '' || BLANK.test(text)) throw new SipSyntaxError('call-id', 'a Call-ID is one word', offset, offset + text.length);
  return toUnicode(text);
}

export function decodeMaxForwards(text: string, offset: number): number {
  return decodeWholeNumber(text, offset, 255);
}

/** A number of seconds or octets, below 2^32. */
export function decodeCount(text: string, offset: number): number {
  return decodeWholeNumber(text, offset, MAX_SECONDS);
}

/** The seconds of a Retry-After, which a comment and parameters may follow (RFC 3261 section 20.33). */
export function decodeRetryAfter(text: string, offset: number): number {
  let end = text.search(/[ \t\r\n;(]/);
  if (end < 0) end = text.length;
  return decodeWholeNumber(text.slice(0, end), offset, MAX_SECONDS);
}

function decodeWholeNumber(text: string, offset: number, max: number): number {
  const value = readNumber(text, 0, text.length, max);
  if (value < 0) throw new SipSyntaxError('number', `not a whole number up to ${max}`, offset, offset + text.length);
  return value;
}

/** `type/subtype` in lower case, without its parameters (RFC 3261 section 20.15). */
export function decodeContentType(text: string, offset: number): string {
  let end = text.indexOf(';');
  if (end < 0) end = text.length;
  const type = text.slice(0, trimLwsEnd(text, 0, end));
  if (!MEDIA_TYPE.test(type)) throw new SipSyntaxError('media-type', 'a media type is written type/subtype', offset, offset + end);
  return (BLANK.test(type) ? type.replace(/[ \t\r\n]/g, '') : type).toLowerCase();
}

/** RFC 6665 section 8.2.1. */
export function decodeEvent(text: string, offset: number): EventType {
  const { word, params } = decodeWordWithParameters(text, offset);
  return { package: word, id: params.get('id') };
}

/** RFC 6665 section 8.2.3. */
export function decodeSubscriptionState(text: string, offset: number): SubscriptionState {
  const { word, params } = decodeWordWithParameters(text, offset);
  const reason = params.get('reason');
  const expires = secondsOf(params.get('expires'), offset, text.length);
  const retryAfter = secondsOf(params.get('retry-after'), offset, text.length);
  return {
    state: word.toLowerCase(),
    ...(reason !== undefined && { reason: reason.toLowerCase() }),
    ...(expires !== undefined && { expires }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

function secondsOf(text: string | undefined, offset: number, length: number): number | undefined {
  if (text === undefined) return undefined;
  const seconds = readNumber(text, 0, text.length, MAX_SECONDS);
  if (seconds < 0) throw new SipSyntaxError('number', 'not a number of seconds', offset, offset + length);
  return seconds;
}

function decodeWordWithParameters(text: string, offset: number): { word: string; params: ReadonlyMap<string, string | undefined> } {
  let end = text.indexOf(';');
  if (end < 0) end = text.length;
  const wordEnd = trimLwsEnd(text, 0, end);
  const word = text.slice(0, wordEnd);
  if (!TOKEN.test(word)) throw new SipSyntaxError('token', 'the value does not begin with a token', offset, offset + end);
  return { word, params: decodeParameters(text.slice(wordEnd), offset + wordEnd) };
}

/** A comma list of tokens (option tags, methods), as written; an empty list and empty elements are legal to receive. */
export function decodeTokens(text: string, offset: number): readonly string[] {
  const tokens: string[] = [];
  eachElement(text, offset, (element, at) => {
    if (element === '') return;
    if (!TOKEN.test(element)) throw new SipSyntaxError('token', `"${element}" is no token`, at, at + element.length);
    tokens.push(element);
  });
  return tokens;
}
