import { SipSyntaxError } from './errors';
import { decodeHostPort, formatHost, unbracketed } from './host';
import { noParameters, type Parameters } from './parameters';
import { toOctets, toUnicode } from './text';

const ESCAPE = /%([0-9A-Fa-f]{2})/g;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/;
/** Octets that no URI may hold: controls, blanks, quotes and angle brackets. */
const FORBIDDEN = /[\0-\x20"<>\x7f]/;
/** Nothing forbidden, no escape, no UTF-8: the part reads as it stands. */
const PLAIN = /^[!#$&-;=?-~]*$/;

/** What a SIP URI is made of, for {@link formatUri}. Everything is given unescaped. */
export interface UriParts {
  /** `sip` when left out. */
  readonly scheme?: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  readonly params?: Parameters | undefined;
  readonly headers?: readonly (readonly [string, string])[] | undefined;
}

/** The fields of a {@link SipUri}, decoded. */
export interface UriFields {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Parameters;
  readonly headers: readonly (readonly [string, string])[];
  readonly opaque: string | undefined;
}

/**
 * A decoded URI (RFC 3261 section 19.1). Escapes are resolved once; `toString` gives it back as it was written. A URI of
 * another scheme than sip and sips has no host (the empty string) and keeps what follows its colon in `opaque`.
 */
export class SipUri {
  /** In lower case. */
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** As written, an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** Names in lower case. */
  readonly params: Parameters;
  readonly headers: readonly (readonly [string, string])[];
  readonly opaque: string | undefined;
  readonly #text: string;

  /** `text` is the URI in latin1. */
  constructor(text: string, fields: UriFields) {
    this.#text = text;
    this.scheme = fields.scheme;
    this.user = fields.user;
    this.password = fields.password;
    this.host = fields.host;
    this.port = fields.port;
    this.params = fields.params;
    this.headers = fields.headers;
    this.opaque = fields.opaque;
  }

  /** As written. */
  toString(): string {
    return toUnicode(this.#text);
  }
}

/** Whether the URI is one this engine can call: sip or sips. */
export function isSipUri(uri: SipUri): boolean {
  return uri.opaque === undefined;
}

/** Decodes a URI that stands alone. Throws {@link SipSyntaxError} with positions in the UTF-8 octets of `text`. */
export function parseUri(text: string): SipUri {
  return decodeUri(toOctets(text), 0);
}

/** The commonest parameters of all, those of a Route, are shared. */
const looseRouting: Parameters = new Map([['lr', undefined]]);
const noHeaders: readonly (readonly [string, string])[] = [];

/** Decodes the latin1 `text`, which stands at `offset` in its message. */
export function decodeUri(text: string, offset: number): SipUri {
  let scheme = text.slice(0, Math.max(text.indexOf(':'), 0));
  if (scheme !== 'sip') scheme = scheme.toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') return decodeOpaque(text, offset);
  const end = text.length;
  // User information may hold `;` and `?`, but an `@` only in its escaped form: the first one ends it.
  const at = text.indexOf('@', scheme.length);
  const hostStart = (at < 0 ? scheme.length : at) + 1;
  let user: string | undefined;
  let password: string | undefined;
  if (at >= 0) {
    let userEnd = text.indexOf(':', scheme.length + 1);
    if (userEnd < 0 || userEnd > at) userEnd = at;
    else password = decodePart(text, userEnd + 1, at, offset);
    user = decodePart(text, scheme.length + 1, userEnd, offset);
    if (user === '') throw new SipSyntaxError('uri', 'the user before the @ is empty', offset, offset + hostStart);
  }
  let headersStart = text.indexOf('?', hostStart);
  if (headersStart < 0) headersStart = end;
  let paramsStart = text.indexOf(';', hostStart);
  if (paramsStart < 0 || paramsStart > headersStart) paramsStart = headersStart;
  const { host, port } = decodeHostPort(text, hostStart, paramsStart, offset);
  const params = paramsStart === headersStart ? noParameters : decodeUriParams(text, paramsStart, headersStart, offset);
  const headers = headersStart === end ? noHeaders : decodeUriHeaders(text, headersStart + 1, offset);
  return new SipUri(text, { scheme, user, password, host, port, params, headers, opaque: undefined });
}

/** `%HH` decoded once (RFC 3261 section 19.1.2), as Unicode. A `%` that starts no escape stays what it is. */
function unescapeUri(text: string): string {
  if (!text.includes('%')) return toUnicode(text);
  return toUnicode(text.replace(ESCAPE, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))));
}

/** The part [from, end) of a URI, its escapes resolved. */
function decodePart(text: string, from: number, end: number, offset: number): string {
  const part = text.slice(from, end);
  if (PLAIN.test(part)) return part;
  refuseForbidden(part, offset + from);
  return unescapeUri(part);
}

function refuseForbidden(text: string, offset: number): void {
  const at = text.search(FORBIDDEN);
  if (at < 0) return;
  throw new SipSyntaxError('uri', 'a URI may hold no blank, quote, bracket or control octet', offset + at, offset + at + 1);
}

function decodeOpaque(text: string, offset: number): SipUri {
  refuseForbidden(text, offset);
  const scheme = SCHEME.exec(text)?.[0].toLowerCase();
  if (scheme === undefined) throw new SipSyntaxError('uri', 'a URI begins with its scheme and a colon', offset, offset + text.length);
  const opaque = text.slice(scheme.length + 1);
  if (opaque === '') throw new SipSyntaxError('uri', 'nothing follows the scheme', offset, offset + text.length);
  const fields = { user: undefined, password: undefined, host: '', port: undefined, params: noParameters, headers: noHeaders };
  return new SipUri(text, { scheme, ...fields, opaque });
}

/** Decodes [from, end), which begins with a semicolon. */
function decodeUriParams(text: string, from: number, end: number, offset: number): Parameters {
  if (text.slice(from, end) === ';lr') return looseRouting;
  const params = new Map<string, string | undefined>();
  let at = from;
  while (at < end) {
    let next = text.indexOf(';', at + 1);
    if (next < 0 || next > end) next = end;
    let equals = text.indexOf('=', at + 1);
    if (equals < 0 || equals > next) equals = next;
    const name = decodePart(text, at + 1, equals, offset).toLowerCase();
    if (name === '') throw new SipSyntaxError('uri', 'a URI parameter has no name', offset + at, offset + next);
    params.set(name, equals === next ? undefined : decodePart(text, equals + 1, next, offset));
    at = next;
  }
  return params;
}

/** Decodes what follows the `?`. */
function decodeUriHeaders(text: string, from: number, offset: number): (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  let at = from;
  for (const field of text.slice(from).split('&')) {
    const equals = field.indexOf('=');
    const end = at + field.length;
    if (equals <= 0) throw new SipSyntaxError('uri', 'a header in a URI is written name=value', offset + at, offset + end);
    headers.push([decodePart(text, at, at + equals, offset), decodePart(text, at + equals + 1, end, offset)]);
    at = end + 1;
  }
  return headers;
}

// Octets that need no escape, per place (RFC 3261 section 25.1): user, password, param and hvalue.
const USER_ESCAPED = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu;
const PASSWORD_ESCAPED = /[^A-Za-z0-9\-_.!~*'()&=+$,]/gu;
const PARAM_ESCAPED = /[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/gu;
const HEADER_ESCAPED = /[^A-Za-z0-9\-_.!~*'()[\]/?:+$]/gu;

function escapeWith(text: string, escaped: RegExp): string {
  return text.replace(escaped, (letter) => {
    let escape = '';
    for (const octet of Buffer.from(letter, 'utf8')) escape += `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    return escape;
  });
}

/** A header name or value escaped so that it can stand behind the `?` of a URI: `a@b;c=d` becomes `a%40b%3Bc%3Dd`. */
export function escapeUriHeader(value: string): string {
  return escapeWith(value, HEADER_ESCAPED);
}

/** Writes a URI, escaping each part as its place demands. */
export function formatUri(parts: UriParts): string {
  let text = `${parts.scheme ?? 'sip'}:`;
  if (parts.user !== undefined) {
    text += escapeWith(parts.user, USER_ESCAPED);
    if (parts.password !== undefined) text += `:${escapeWith(parts.password, PASSWORD_ESCAPED)}`;
    text += '@';
  }
  text += formatHost(parts.host);
  if (parts.port !== undefined) text += `:${parts.port}`;
  for (const [name, value] of parts.params ?? []) {
    text += `;${escapeWith(name, PARAM_ESCAPED)}`;
    if (value !== undefined) text += `=${escapeWith(value, PARAM_ESCAPED)}`;
  }
  let separator = '?';
  for (const [name, value] of parts.headers ?? []) {
    text += `${separator}${escapeUriHeader(name)}=${escapeUriHeader(value)}`;
    separator = '&';
  }
  return text;
}

/** What a SIP URI can name as its transport, and what it becomes when the scheme is sips (RFC 3261 26.2.2, RFC 7118 5). */
const securedTransports = { udp: 'tls', tcp: 'tls', tls: 'tls', ws: 'wss', wss: 'wss' } as const;

type UriTransport = keyof typeof securedTransports;

/** RFC 3261 section 18.2.1 and RFC 7118 section 5.4. */
const defaultPorts: Readonly<Record<UriTransport, number>> = { udp: 5060, tcp: 5060, tls: 5061, ws: 80, wss: 443 };

/** The port that is meant when a URI or a Via of this transport names none. */
export function defaultPort(transport: UriTransport): number {
  return defaultPorts[transport];
}

/** Where a request to this URI goes without DNS (RFC 3261 section 18.1.1, RFC 3263 section 4): `maddr` before host. */
export function uriAddress(uri: SipUri): { host: string; port: number; transport: UriTransport } {
  const named = uri.params.get('transport')?.toLowerCase() ?? 'udp';
  const known: UriTransport = isUriTransport(named) ? named : 'udp';
  const transport = uri.scheme === 'sips' ? securedTransports[known] : known;
  return { host: unbracketed(uri.params.get('maddr') ?? uri.host), port: uri.port ?? defaultPorts[transport], transport };
}

function isUriTransport(name: string): name is UriTransport {
  return Object.hasOwn(securedTransports, name);
}
