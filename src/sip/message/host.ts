import { SipSyntaxError } from './errors';
import { readNumber } from './text';

const HOST_NAME = /^[A-Za-z0-9._-]+$/;
const IPV6 = /^[0-9A-Fa-f:.]+$/;
/** Begins behind a letter only, so that a long run of blanks is walked once. */
const BLANK_COLON = /(?<=[^ \t\r\n])[ \t\r\n]*:[ \t\r\n]*/;

export interface HostPort {
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Decodes `host[:port]` between `from` and `end` (RFC 3261 section 25.1, hostport). `[2001:db8::10:5070]` has no port
 * (RFC 5118 section 4.4).
 */
export function decodeHostPort(text: string, from: number, end: number, offset: number): HostPort {
  if (text.charCodeAt(from) === 0x5b) return decodeIpv6Port(text, from, end, offset);
  let colon = text.indexOf(':', from);
  if (colon < 0 || colon > end) colon = end;
  const host = text.slice(from, colon);
  if (!HOST_NAME.test(host)) {
    throw new SipSyntaxError('host', host === '' ? 'the host is missing' : `"${host}" is no host`, offset + from, offset + colon);
  }
  return { host, port: decodePort(text, colon, end, offset) };
}

function decodeIpv6Port(text: string, from: number, end: number, offset: number): HostPort {
  const close = text.indexOf(']', from);
  const inner = close < 0 || close >= end ? '' : text.slice(from + 1, close);
  if (!IPV6.test(inner)) throw new SipSyntaxError('host', 'the brackets hold no IPv6 address', offset + from, offset + end);
  if (close + 1 < end && text.charCodeAt(close + 1) !== 0x3a) {
    throw new SipSyntaxError('host', 'only a port may follow the host', offset + close + 1, offset + end);
  }
  // An old grammar allowed three colons before an embedded IPv4 address (RFC 5118 section 4.10).
  return { host: inner.replace(':::', '::'), port: decodePort(text, close + 1, end, offset) };
}

/** The port after the colon at `colon`; none when `colon` is the end. */
function decodePort(text: string, colon: number, end: number, offset: number): number | undefined {
  if (colon === end) return undefined;
  const port = readNumber(text, colon + 1, end, 0xffff);
  if (port < 0) throw new SipSyntaxError('port', 'the port is no number up to 65535', offset + colon, offset + end);
  return port;
}

/** Decodes the sent-by of a Via: a hostport that may have blanks around its colon (RFC 3261 section 25.1). */
export function decodeSentBy(text: string, from: number, end: number, offset: number): HostPort {
  const blank = text.indexOf(' ', from);
  if ((blank < 0 || blank >= end) && !text.includes('\n', from)) return decodeHostPort(text, from, end, offset);
  const tight = text.slice(from, end).replace(BLANK_COLON, ':');
  return decodeHostPort(tight, 0, tight.length, offset + from);
}

/** An address as it stands in a parameter, without the brackets that some write around IPv6 (RFC 5118 section 4.5). */
export function unbracketed(address: string): string {
  return address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address;
}

/** The host as it stands in a URI or a Via: an IPv6 address gets brackets. */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
