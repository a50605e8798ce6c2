import type { ByteRange } from '../../core';
import { SipSyntaxError } from './errors';
import { decodeHostPort, formatHost, type HostPort } from './host';
import { decodeParameters, type Parameters, readNumber, skipLws, trimLwsEnd } from './scan';

/** `SIP / 2.0 / UDP`: blanks may stand around the slashes. The classes exclude each other, so nothing backtracks. */
const SENT_PROTOCOL = /^([^\s/]+)[ \t\r\n]*\/[ \t\r\n]*([^\s/]+)[ \t\r\n]*\/[ \t\r\n]*([^\s/;,]+)/;

/** What a Via says before its parameters. */
export interface SentBy extends HostPort {
  readonly protocol: string;
  readonly transport: string;
}

/** One hop of a Via header (RFC 3261 section 20.42). */
export class Via {
  /** Without blanks, as in `SIP/2.0/UDP`. */
  readonly protocol: string;
  /** In lower case: `udp`, `tcp`, `tls`, `ws`, or a token nobody knows. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly branch: string | undefined;
  /** An address, without brackets whether or not it was written with them (RFC 5118 section 4.5). */
  readonly received: string | undefined;
  /** The number, `true` when the parameter has no value (RFC 3581 section 3), `undefined` when it is absent. */
  readonly rport: number | true | undefined;
  readonly params: Parameters;
  readonly range: ByteRange;

  constructor(sentBy: SentBy, params: Parameters, rport: number | true | undefined, range: ByteRange) {
    this.protocol = sentBy.protocol;
    this.transport = sentBy.transport;
    this.host = sentBy.host;
    this.port = sentBy.port;
    this.branch = params.get('branch');
    this.received = unbracketed(params.get('received'));
    this.rport = rport;
    this.params = params;
    this.range = range;
  }
}

/** Decodes the latin1 `text`, one element of a Via header, which stands at `offset` in its message. */
export function decodeVia(text: string, offset: number): Via {
  const end = text.length;
  let protocol: string;
  let transport: string;
  let at = text.indexOf(' ');
  if (text.startsWith('SIP/2.0/') && at > 8) {
    protocol = text.slice(0, at);
    transport = text.slice(8, at).toLowerCase();
  } else {
    const match = SENT_PROTOCOL.exec(text);
    if (match === null) throw new SipSyntaxError('via', 'a Via begins with SIP/2.0/ and a transport', offset, offset + end);
    protocol = `${match[1]}/${match[2]}/${match[3]}`;
    transport = (match[3] ?? '').toLowerCase();
    at = match[0].length;
  }
  const hostStart = skipLws(text, at, end);
  if (hostStart === at) throw new SipSyntaxError('via', 'the sent-by address is missing', offset, offset + end);
  let semicolon = text.indexOf(';', hostStart);
  if (semicolon < 0) semicolon = end;
  const { host, port } = decodeHostPort(text, hostStart, trimLwsEnd(text, hostStart, semicolon), offset);
  const params = decodeParameters(text.slice(semicolon), offset + semicolon);
  return new Via({ protocol, transport, host, port }, params, decodeRport(params, offset, end), { start: offset, end: offset + end });
}

function decodeRport(params: Parameters, offset: number, end: number): number | true | undefined {
  const text = params.get('rport');
  if (text === undefined) return params.has('rport') ? true : undefined;
  const port = readNumber(text, 0, text.length, 0xffff);
  if (port < 0) throw new SipSyntaxError('via', 'rport is no port', offset, offset + end);
  return port;
}

function unbracketed(address: string | undefined): string | undefined {
  return address?.startsWith('[') === true && address.endsWith(']') ? address.slice(1, -1) : address;
}

/** Writes the Via of a new request; `rport` is always asked for (RFC 3581 section 3). */
export function formatVia(parts: { readonly transport: string; readonly host: string; readonly port?: number | undefined; readonly branch: string }): string {
  const port = parts.port === undefined ? '' : `:${parts.port}`;
  return `SIP/2.0/${parts.transport.toUpperCase()} ${formatHost(parts.host)}${port};rport;branch=${parts.branch}`;
}
