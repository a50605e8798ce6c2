import { CallLabError } from '../core';
import { canonicalHost, formatAddress, hostOctets, type SocketAddress } from '../net';
import { checksumOf, sumWords } from './checksum';

const IP_UDP = 17;
const IP_TCP = 6;
const TCP_FLAGS_PUSH_ACK = 0x18;
const HOP_LIMIT = 64;

/** The two ends of a packet, as octets of IP. */
export interface IpEnds {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Throws CL5002 when the ends are not two IP addresses of one family. */
export function ipEnds(source: SocketAddress, destination: SocketAddress): IpEnds {
  const [from, to] = [canonicalHost(source.host), canonicalHost(destination.host)];
  if (from === undefined || to?.includes(':') !== from.includes(':')) {
    throw new CallLabError('CL5002', `A packet from ${formatAddress(source)} to ${formatAddress(destination)} is neither IPv4 nor IPv6.`);
  }
  return { source: Uint8Array.from(hostOctets(from)), destination: Uint8Array.from(hostOctets(to)), sourcePort: source.port, destinationPort: destination.port };
}

/** An IP packet with one UDP datagram (RFC 768). Throws CL5002 when it is too long for one. */
export function udpFrame(ends: IpEnds, payload: Uint8Array, identification: number): Uint8Array {
  const datagram = new Uint8Array(8 + payload.length);
  const view = new DataView(datagram.buffer);
  view.setUint16(0, ends.sourcePort);
  view.setUint16(2, ends.destinationPort);
  view.setUint16(4, datagram.length);
  datagram.set(payload, 8);
  // Zero would say "no checksum", so its other form is sent (RFC 768).
  view.setUint16(6, transportChecksum(ends, IP_UDP, datagram) || 0xffff);
  return ipFrame(ends, IP_UDP, datagram, identification);
}

/** An IP packet with one TCP segment, PSH and ACK set, without options (RFC 9293 section 3.1). */
export function tcpFrame(ends: IpEnds, payload: Uint8Array, identification: number, sequence: number, acknowledgement: number): Uint8Array {
  const segment = new Uint8Array(20 + payload.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, ends.sourcePort);
  view.setUint16(2, ends.destinationPort);
  view.setUint32(4, sequence);
  view.setUint32(8, acknowledgement);
  view.setUint8(12, 5 << 4);
  view.setUint8(13, TCP_FLAGS_PUSH_ACK);
  view.setUint16(14, 0xffff);
  segment.set(payload, 20);
  view.setUint16(16, transportChecksum(ends, IP_TCP, segment));
  return ipFrame(ends, IP_TCP, segment, identification);
}

function ipFrame(ends: IpEnds, protocol: number, content: Uint8Array, identification: number): Uint8Array {
  const isV4 = ends.source.length === 4;
  // IPv4 counts its own header in, IPv6 does not.
  if (content.length + (isV4 ? 20 : 0) > 0xffff) throw new CallLabError('CL5002', `A packet with ${content.length} octets does not fit into IP.`);
  return isV4 ? ipv4Frame(ends, protocol, content, identification) : ipv6Frame(ends, protocol, content);
}

/** RFC 791 section 3.1: no options, "don't fragment" set. */
function ipv4Frame(ends: IpEnds, protocol: number, content: Uint8Array, identification: number): Uint8Array {
  const frame = new Uint8Array(20 + content.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, frame.length);
  view.setUint16(4, identification);
  view.setUint16(6, 0x4000);
  view.setUint8(8, HOP_LIMIT);
  view.setUint8(9, protocol);
  frame.set(ends.source, 12);
  frame.set(ends.destination, 16);
  view.setUint16(10, checksumOf(sumWords(frame.subarray(0, 20))));
  frame.set(content, 20);
  return frame;
}

/** RFC 8200 section 3: no extension headers. */
function ipv6Frame(ends: IpEnds, protocol: number, content: Uint8Array): Uint8Array {
  const frame = new Uint8Array(40 + content.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, content.length);
  view.setUint8(6, protocol);
  view.setUint8(7, HOP_LIMIT);
  frame.set(ends.source, 8);
  frame.set(ends.destination, 24);
  frame.set(content, 40);
  return frame;
}

/** Over a pseudo header of both addresses, protocol and length, and the content with its checksum field zero. */
function transportChecksum(ends: IpEnds, protocol: number, content: Uint8Array): number {
  const pseudoHeader = sumWords(ends.destination, 0, sumWords(ends.source)) + protocol + content.length;
  return checksumOf(sumWords(content, 0, pseudoHeader));
}
