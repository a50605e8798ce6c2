import { hostFromOctets, type SocketAddress } from '../net';

/** What an IP packet carries, as far as this code reads it. */
export type IpContent =
  | { readonly kind: 'udp'; readonly source: SocketAddress; readonly destination: SocketAddress; readonly payload: Payload }
  | ({ readonly kind: 'tcp'; readonly source: SocketAddress; readonly destination: SocketAddress; readonly payload: Payload } & TcpHeader)
  | { readonly kind: 'fragment' }
  | { readonly kind: 'other' };

export interface Payload {
  /** The octets that the file holds. */
  readonly bytes: Uint8Array;
  /** How many there were on the wire. */
  readonly length: number;
}

export interface TcpHeader {
  readonly sequence: number;
  /** Undefined when the segment acknowledges nothing. */
  readonly acknowledgement: number | undefined;
  readonly isSyn: boolean;
}

const IP_TCP = 6;
const IP_UDP = 17;
const IPV6_FRAGMENT = 44;
/** Hop-by-hop options, routing, destination options: all begin with next header and length in units of eight octets. */
const IPV6_PASSED_OVER: readonly number[] = [0, 43, 60];

const other: IpContent = { kind: 'other' };
const fragment: IpContent = { kind: 'fragment' };

/** Reads an IPv4 or IPv6 packet. Fragments are told as such and not put together; checksums are not checked. */
export function readIp(packet: Uint8Array): IpContent {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const version = packet.length > 0 ? view.getUint8(0) >> 4 : 0;
  if (version === 4 && packet.length >= 20) return readIPv4(packet, view);
  if (version === 6 && packet.length >= 40) return readIPv6(packet, view);
  return other;
}

function readIPv4(packet: Uint8Array, view: DataView): IpContent {
  const headerLength = (view.getUint8(0) & 0x0f) * 4;
  if (headerLength < 20) return other;
  // More fragments, or not the first (RFC 791 section 3.1).
  if ((view.getUint16(6) & 0x3fff) !== 0) return fragment;
  // Zero where the network card was to cut a long packet: then the frame's length is the truth.
  const length = view.getUint16(2) || packet.length;
  const hosts = [hostFromOctets(packet.subarray(12, 16)), hostFromOctets(packet.subarray(16, 20))] as const;
  return readTransport(view.getUint8(9), hosts, packet, headerLength, length);
}

function readIPv6(packet: Uint8Array, view: DataView): IpContent {
  const length = 40 + view.getUint16(4);
  let next = view.getUint8(6);
  let at = 40;
  while (at + 8 <= packet.length) {
    if (IPV6_PASSED_OVER.includes(next)) {
      next = view.getUint8(at);
      at += 8 + view.getUint8(at + 1) * 8;
    } else if (next === IPV6_FRAGMENT) {
      // An "atomic" fragment is a whole packet (RFC 6946).
      if ((view.getUint16(at + 2) & 0xfff9) !== 0) return fragment;
      next = view.getUint8(at);
      at += 8;
    } else {
      break;
    }
  }
  const hosts = [hostFromOctets(packet.subarray(8, 24)), hostFromOctets(packet.subarray(24, 40))] as const;
  return readTransport(next, hosts, packet, at, length);
}

/** `length` is where the IP packet ended on the wire; the file may hold less of it, or padding beyond it. */
function readTransport(protocol: number, [from, to]: readonly [string, string], packet: Uint8Array, start: number, length: number): IpContent {
  const minimum = protocol === IP_UDP ? 8 : 20;
  if ((protocol !== IP_UDP && protocol !== IP_TCP) || start + minimum > Math.min(packet.length, length)) return other;
  const view = new DataView(packet.buffer, packet.byteOffset + start);
  const ends = { source: { host: from, port: view.getUint16(0) }, destination: { host: to, port: view.getUint16(2) } };
  if (protocol === IP_UDP) {
    // Zero where the card was to cut it; else UDP may be shorter than IP says, never longer.
    const end = start + Math.min(view.getUint16(4) || length - start, length - start);
    return { kind: 'udp', ...ends, payload: payloadOf(packet, start + 8, end) };
  }
  const headerLength = (view.getUint8(12) >> 4) * 4;
  if (headerLength < 20) return other;
  const flags = view.getUint8(13);
  return {
    kind: 'tcp',
    ...ends,
    sequence: view.getUint32(4),
    acknowledgement: (flags & 0x10) !== 0 ? view.getUint32(8) : undefined,
    isSyn: (flags & 0x02) !== 0,
    payload: payloadOf(packet, start + headerLength, length),
  };
}

function payloadOf(packet: Uint8Array, start: number, end: number): Payload {
  return { bytes: packet.subarray(start, Math.max(start, end)), length: Math.max(0, end - start) };
}
