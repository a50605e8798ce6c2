import type { ByteRange } from '../../core';
import { SipSyntaxError } from './errors';
import { TOKEN } from './fields';
import { decodeParameters, type Parameters } from './parameters';
import { closingQuote, skipLws, toUnicode, trimLwsEnd, unfold, unquote } from './text';
import { decodeUri, type SipUri } from './uri';

/** What an unquoted display name may not hold: it would begin another part of the value. */
const NO_DISPLAY_NAME = /[",;<>\\\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const TOKENS = /^[A-Za-z0-9\-.!%*_+`'~ ]*$/;

/** The value of From, To, Contact, Route, Refer-To ...: name-addr or addr-spec with parameters (RFC 3261 section 20.10). */
export class NameAddr {
  /** Without quotes and escapes; `undefined` when there is none. */
  readonly displayName: string | undefined;
  readonly uri: SipUri;
  readonly tag: string | undefined;
  /** Of the whole value in its message. */
  readonly range: ByteRange;
  #params: Parameters | undefined;

  /** `params` is left out when the tag is the only one. */
  constructor(displayName: string | undefined, uri: SipUri, tag: string | undefined, params: Parameters | undefined, range: ByteRange) {
    this.displayName = displayName;
    this.uri = uri;
    this.tag = tag;
    this.range = range;
    this.#params = params;
  }

  /** The URI as written. */
  get uriText(): string {
    return this.uri.toString();
  }

  /** The header parameters, behind the `>`. */
  get params(): Parameters {
    return (this.#params ??= new Map([['tag', this.tag]]));
  }
}

/** Decodes the latin1 `text`, which has no white space around it and stands at `offset` in its message. */
export function decodeNameAddr(text: string, offset: number): NameAddr {
  let displayName: string | undefined;
  let open: number;
  if (text.charCodeAt(0) === 0x22) {
    const close = closingQuote(text, 0, text.length);
    if (close < 0) throw new SipSyntaxError('quote', 'the quoted display name does not end', offset, offset + text.length);
    displayName = unquote(text.slice(1, close));
    open = skipLws(text, close + 1, text.length);
    if (text.charCodeAt(open) !== 0x3c) {
      throw new SipSyntaxError('name-addr', 'a URI in angle brackets must follow the display name', offset + close, offset + text.length);
    }
  } else {
    open = text.indexOf('<');
    // A `<` behind a semicolon stands in a quoted parameter.
    if (open < 0 || (open > 0 && text.lastIndexOf(';', open) >= 0)) return decodeAddrSpec(text, offset);
    if (open > 0) displayName = unquotedName(text, trimLwsEnd(text, 0, open), offset);
  }
  const close = text.indexOf('>', open);
  if (close < 0) throw new SipSyntaxError('name-addr', 'the angle bracket is not closed', offset + open, offset + text.length);
  const uri = decodeUri(text.slice(open + 1, close), offset + open + 1);
  return withParameters(displayName, uri, text, close + 1, offset);
}

/** Most values have a tag for their only parameter: that one needs no map until somebody asks for it. */
function withParameters(displayName: string | undefined, uri: SipUri, text: string, from: number, offset: number): NameAddr {
  const range = { start: offset, end: offset + text.length };
  if (text.slice(from, from + 5) === ';tag=') {
    const tag = text.slice(from + 5);
    if (TOKEN.test(tag)) return new NameAddr(displayName, uri, tag, undefined, range);
  }
  const params = decodeParameters(text.slice(from), offset + from);
  return new NameAddr(displayName, uri, params.get('tag'), params, range);
}

/**
 * A URI without brackets: whatever follows the first semicolon belongs to the header, and `,` and `?` are not allowed
 * (RFC 3261 section 20.10).
 */
function decodeAddrSpec(text: string, offset: number): NameAddr {
  const semicolon = text.indexOf(';');
  const uriEnd = trimLwsEnd(text, 0, semicolon < 0 ? text.length : semicolon);
  const uriText = text.slice(0, uriEnd);
  const bare = uriText.search(/[,?]/);
  if (bare >= 0) {
    throw new SipSyntaxError('name-addr', 'a URI with a comma or a question mark needs angle brackets', offset + bare, offset + uriEnd);
  }
  return withParameters(undefined, decodeUri(uriText, offset), text, uriEnd, offset);
}

/** Tokens by the grammar; other letters are let through as long as they cannot be taken for another part. */
function unquotedName(text: string, end: number, offset: number): string {
  const name = text.slice(0, end);
  if (TOKENS.test(name)) return name;
  const at = name.search(NO_DISPLAY_NAME);
  if (at >= 0) {
    throw new SipSyntaxError('display-name', 'a display name with this character needs quotes', offset + at, offset + at + 1);
  }
  return toUnicode(unfold(name));
}

/** Writes a name-addr; the display name is quoted and escaped, the URI always gets its brackets. */
export function formatNameAddr(parts: {
  readonly displayName?: string | undefined;
  readonly uri: SipUri | string;
  readonly params?: Parameters | undefined;
  readonly tag?: string | undefined;
}): string {
  let text = parts.displayName === undefined ? '' : `${quoted(parts.displayName)} `;
  text += `<${parts.uri.toString()}>`;
  if (parts.tag !== undefined) text += `;tag=${parts.tag}`;
  for (const [name, value] of parts.params ?? []) {
    if (name === 'tag' && parts.tag !== undefined) continue;
    text += value === undefined ? `;${name}` : `;${name}=${isToken(value) ? value : quoted(value)}`;
  }
  return text;
}

function isToken(text: string): boolean {
  return text !== '' && TOKENS.test(text) && !text.includes(' ');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
