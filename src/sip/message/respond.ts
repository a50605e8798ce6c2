import { composeResponse, type HeaderFields } from './build';
import { SipHeaderError } from './errors';
import { type HeaderName, names } from './header-name';
import { separatingCommas } from './list';
import type { SipRequest, SipResponse } from './message';
import { toOctets, unfold } from './text';
import type { Via } from './via';

/** Requests whose responses can make a dialog, and so tell the caller its route set (RFC 3261 12.1.1, RFC 6665 4.2.1). */
const dialogForming: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

export interface RespondOptions {
  readonly reason?: string | undefined;
  /** Added to To when it has no tag and the status is above 100 (RFC 3261 section 8.2.6.2). */
  readonly toTag?: string | undefined;
  readonly headers?: HeaderFields | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Where the request came from: goes into the top Via (RFC 3261 section 18.2.1, RFC 3581 section 4). */
  readonly source?: { readonly host: string; readonly port: number } | undefined;
}

/**
 * The response to a request, by RFC 3261 section 8.2.6: all Vias in their order, From, To, Call-ID and CSeq copied as they
 * were written, octet for octet; Timestamp into a 100; Record-Route into the 101 to 299 of a request that forms a dialog
 * (section 12.1.1). Works for a request that lacks or garbles any of them: what is there is copied.
 */
export function respond(request: SipRequest, status: number, options: RespondOptions = {}): SipResponse {
  const fields: [string, string][] = [];
  copyVias(request, options.source, fields);
  if (status > 100 && status < 300 && dialogForming.has(request.method)) copy(request, names.recordRoute, 'Record-Route', fields);
  copy(request, names.from, 'From', fields);
  copyTo(request, status > 100 ? options.toTag : undefined, fields);
  copy(request, names.callId, 'Call-ID', fields);
  copy(request, names.cseq, 'CSeq', fields);
  if (status === 100) copy(request, names.timestamp, 'Timestamp', fields);
  for (const [name, value] of options.headers ?? []) fields.push([name, toOctets(value)]);
  return composeResponse(status, options.reason, fields, options.body);
}

function copy(request: SipRequest, wanted: HeaderName, name: string, fields: [string, string][]): void {
  for (const header of request.headers) {
    if (header.is(wanted)) fields.push([name, unfold(header.raw)]);
  }
}

function copyTo(request: SipRequest, tag: string | undefined, fields: [string, string][]): void {
  const before = fields.length;
  copy(request, names.to, 'To', fields);
  const field = fields[before];
  if (field === undefined || tag === undefined || hasTag(request)) return;
  field[1] += `;tag=${tag}`;
}

/** A To that cannot be decoded is left as it is: nobody could say where its parameters begin. */
function hasTag(request: SipRequest): boolean {
  const to = lenient(() => request.to);
  return to === undefined || to.tag !== undefined;
}

/** The Vias of a request, the top one completed by what the socket saw of its sender. */
export function copyVias(request: SipRequest, source: RespondOptions['source'], fields: [string, string][]): void {
  const before = fields.length;
  copy(request, names.via, 'Via', fields);
  const field = fields[before];
  const via = lenient(() => request.topVia);
  if (field === undefined || via === undefined || source === undefined) return;
  const [comma] = separatingCommas(field[1]);
  const top = comma === undefined ? field[1] : field[1].slice(0, comma);
  field[1] = withSource(top, via, source) + (comma === undefined ? '' : field[1].slice(comma));
}

/**
 * RFC 3581 section 4: an empty rport is filled in, and received is added with it even if it equals sent-by; without rport,
 * received is added only when sent-by names something else (RFC 3261 section 18.2.1). A received that the sender wrote
 * itself would lead the response astray: it goes.
 */
function withSource(text: string, via: Via, source: { readonly host: string; readonly port: number }): string {
  const cleared = via.received === undefined ? text : text.replace(/;[ \t]*received[ \t]*=[^;]*/gi, '');
  if (via.rport === true) return `${cleared.replace(/;[ \t]*rport(?=[ \t]*(?:;|$))/i, `;rport=${source.port}`)};received=${source.host}`;
  return via.host === source.host ? cleared : `${cleared};received=${source.host}`;
}

function lenient<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof SipHeaderError) return undefined;
    throw error;
  }
}
