import type { ByteRange } from '../../core';
import { SipSyntaxError } from './errors';
import { decodeSentBy, formatHost, type HostPort, unbracketed } from './host';
import { decodeParameters, type Parameters } from './parameters';
import { readNumber, skipLws, trimLwsEnd } from './text';

/** `SIP / 2.0 / UDP`: blanks may stand around the slashes. The classes exclude each other, so nothing backtracks. */
const SENT_PROTOCOL = /^([^\s/]+)[ \t\r\n]*\/[ \t\r\n]*([^\s/]+)[ \t\r\n]*\/[ \t\r\n]*([^\s/;,]+)/;
/** Parameters in lower case without blanks and quotes, as nearly every Via has them. */
const PLAIN_PARAMETERS = /^(?:;[a-z-]+(?:=[!#-:<-~]+)?)*$/;

/** What a Via says before its parameters. */
interface SentBy extends HostPort {
  readonly protocol: string;
  readonly transport: string;
}

/** The parameters that transactions and responses go by, and all of them if they had to be decoded for that. */
interface Routing {
  readonly branch: string | undefined;
  readonly received: string | undefined;
  readonly rport: number | true | undefined;
  readonly params: Parameters | undefined;
}

/** One hop of a Via header (RFC 3261 section 20.42). */
export class Via {
  /** Without blanks, as in `SIP/2.0/UDP`. */
  readonly protocol: string;
  /** In lower case: `udp`, `tcp`, `tls`, `ws`, or a token nobody knows. */
  readonly transport: string;
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly branch: string | undefined;
  /** An address, without brackets whether or not it was written with them (RFC 5118 section 4.5). */
  readonly received: string | undefined;
  /** The number, `true` when the parameter has no value (RFC 3581 section 3), `undefined` when it is absent. */
  readonly rport: number | true | undefined;
  /** Of this hop in its message. */
  readonly range: ByteRange;
  readonly #parameters: string;
  #params: Parameters | undefined;

  /** `parameters` is the text from the first semicolon. */
  constructor(sentBy: SentBy, routing: Routing, parameters: string, range: ByteRange) {
    this.protocol = sentBy.protocol;
    this.transport = sentBy.transport;
    this.host = sentBy.host;
    this.port = sentBy.port;
    this.branch = routing.branch;
    this.received = routing.received;
    this.rport = routing.rport;
    this.range = range;
    this.#parameters = parameters;
    this.#params = routing.params;
  }

  /** All parameters, names in lower case. */
  get params(): Parameters {
    return (this.#params ??= decodeParameters(this.#parameters, this.range.end - this.#parameters.length));
  }
}

/** Decodes the latin1 `text`, one element of a Via header, which stands at `offset` in its message. */
export function decodeVia(text: string, offset: number): Via {
  const end = text.length;
  let at = text.indexOf(' ');
  let protocol = text.slice(0, Math.max(at, 0));
  let transport = 'udp';
  if (protocol !== 'SIP/2.0/UDP') {
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
  const { host, port } = decodeSentBy(text, hostStart, trimLwsEnd(text, hostStart, semicolon), offset);
  const parameters = text.slice(semicolon);
  const routing = decodeRouting(parameters, offset + semicolon);
  return new Via({ protocol, transport, host, port }, routing, parameters, { start: offset, end: offset + end });
}

/** Picks three parameters out of the text; only an intricate text is worth a map of all before somebody asks for it. */
function decodeRouting(text: string, offset: number): Routing {
  const end = text.length;
  if (!PLAIN_PARAMETERS.test(text)) return routingOf(decodeParameters(text, offset), offset, offset + end);
  let branch: string | undefined;
  let received: string | undefined;
  let rport: number | true | undefined;
  let at = 0;
  while (at < end) {
    let next = text.indexOf(';', at + 1);
    if (next < 0) next = end;
    let equals = text.indexOf('=', at + 1);
    if (equals < 0 || equals > next) equals = next;
    const name = text.slice(at + 1, equals);
    if (name === 'branch') branch = text.slice(equals + 1, next);
    else if (name === 'received') received = text.slice(equals + 1, next);
    else if (name === 'rport') rport = equals === next || decodeRport(text.slice(equals + 1, next), offset + at, offset + next);
    at = next;
  }
  return { branch, received: received && unbracketed(received), rport, params: undefined };
}

function routingOf(params: Parameters, start: number, end: number): Routing {
  const received = params.get('received');
  const rport = params.get('rport');
  return {
    branch: params.get('branch'),
    received: received && unbracketed(received),
    rport: rport === undefined ? params.has('rport') || undefined : decodeRport(rport, start, end),
    params,
  };
}

function decodeRport(text: string, start: number, end: number): number {
  const port = readNumber(text, 0, text.length, 0xffff);
  if (port < 0) throw new SipSyntaxError('via', 'rport is no port', start, end);
  return port;
}

/** Writes the Via of a new request; `rport` is always asked for (RFC 3581 section 3). */
export function formatVia(parts: {
  readonly transport: string;
  readonly host: string;
  readonly port?: number | undefined;
  readonly branch: string;
}): string {
  const port = parts.port === undefined ? '' : `:${parts.port}`;
  return `SIP/2.0/${parts.transport.toUpperCase()} ${formatHost(parts.host)}${port};rport;branch=${parts.branch}`;
}
