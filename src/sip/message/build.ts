import { SipSyntaxError } from './errors';
import { TOKEN } from './fields';
import { type HeaderName, headerName, names } from './header-name';
import { type MessageParts, SipRequest, SipResponse } from './message';
import type { MessageNote } from './note';
import { type HeaderPlace, RawHeader } from './raw-header';
import { reasonPhrase } from './reason-phrase';
import { toOctets, trimmed, unfold } from './text';

/** Header name and value, in the order in which they shall stand. */
export type HeaderFields = readonly (readonly [string, string])[];

const ASCII = /^[\0-\x7f]*$/;
const URI_BREAK = /\s/;
const noNotes: readonly MessageNote[] = [];

export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  readonly headers: HeaderFields;
  readonly body?: string | Uint8Array | undefined;
}

export interface ResponseParts {
  readonly status: number;
  /** The registered phrase when left out. */
  readonly reason?: string | undefined;
  readonly headers: HeaderFields;
  readonly body?: string | Uint8Array | undefined;
}

/**
 * Builds a request. Content-Length is computed and put last; one among `headers` is left out. A line end in a value becomes
 * a blank, so that no value can smuggle in a header. Throws {@link SipSyntaxError} for a method, a header name or a URI
 * that could not be read back.
 */
export function buildRequest(request: RequestParts): SipRequest {
  const { method } = request;
  const uri = toOctets(request.uri);
  refuseUnless(TOKEN.test(method), 'method', method);
  refuseUnless(uri !== '' && !URI_BREAK.test(uri), 'uri', uri);
  const startLine = `${method} ${uri} SIP/2.0`;
  return new SipRequest(method, uri, method.length + 1, compose(startLine, octetFields(request.headers), request.body));
}

/** Builds a response; otherwise like {@link buildRequest}. Throws {@link SipSyntaxError} for a status outside 100 to 699. */
export function buildResponse(response: ResponseParts): SipResponse {
  return composeResponse(response.status, response.reason, octetFields(response.headers), response.body);
}

/** Lays out a response; the values of `fields` are latin1 text of octets. */
export function composeResponse(
  status: number,
  phrase: string | undefined,
  fields: HeaderFields,
  body: string | Uint8Array | undefined,
): SipResponse {
  refuseUnless(Number.isInteger(status) && status >= 100 && status <= 699, 'status', String(status));
  const reason = unfold(phrase ?? reasonPhrase(status));
  return new SipResponse(status, reason, compose(`SIP/2.0 ${status} ${toOctets(reason)}`, fields, body));
}

function octetFields(headers: HeaderFields): HeaderFields {
  return headers.map(([name, value]) => [name, toOctets(value)]);
}

type Place = HeaderPlace & { readonly name: HeaderName };

/** Lays out a message and its header positions in one go. Values are latin1 text of octets. */
export function compose(startLine: string, fields: HeaderFields, body: string | Uint8Array | undefined): MessageParts {
  const bodyBytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const bodyLength = bodyBytes?.length ?? 0;
  const places: Place[] = [];
  let text = `${startLine}\r\n`;
  const add = (name: string, value: string): void => {
    const start = text.length;
    const nameEnd = start + name.length;
    const valueStart = nameEnd + (value === '' ? 1 : 2);
    text += value === '' ? `${name}:\r\n` : `${name}: ${value}\r\n`;
    places.push({ name: headerName(name), start, nameEnd, valueStart, valueEnd: valueStart + value.length, plain: ASCII.test(value) });
  };
  for (const [name, value] of fields) {
    refuseUnless(TOKEN.test(name), 'header-name', name);
    if (headerName(name) !== names.contentLength) add(name, unfold(trimmed(value, 0, value.length)));
  }
  add('Content-Length', String(bodyLength));
  text += '\r\n';
  const bytes = Buffer.allocUnsafe(text.length + bodyLength);
  bytes.write(text, 0, 'latin1');
  if (bodyBytes !== undefined) bytes.set(bodyBytes, text.length);
  const headers = places.map((place) => new RawHeader(place.name, text, place));
  return {
    bytes,
    startLineRange: { start: 0, end: startLine.length },
    version: 'SIP/2.0',
    headers,
    bodyRange: { start: text.length, end: bytes.length },
    trailing: undefined,
    notes: noNotes,
  };
}

function refuseUnless(good: boolean, part: string, value: string): void {
  if (!good) throw new SipSyntaxError(part, `this ${part} cannot be written into a message: ${JSON.stringify(value)}`, 0, value.length);
}
