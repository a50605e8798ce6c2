import type { CapturedPacket } from './captured-packet';
import { concatenate } from './concatenate';
import { ipFrames } from './frame-writer';
import { LinkType } from './link-layer';

/**
 * A pcap file (microseconds, little-endian, link type RAW: each frame begins with its IPv4 or IPv6 header).
 *
 * Wireshark knows SIP on ports 5060 and 5061, and guesses it on ports that belong to no other protocol (its heuristics sip_udp
 * and sip_tcp are on by default). Where it takes the port for something else, say `-o udp.try_heuristic_first:TRUE`, or
 * `-d udp.port==5072,sip` (`-d tcp.port==...` likewise). RTP it finds through the SDP before it; without one, say
 * `-d udp.port==4000,rtp` or `--enable-heuristic rtp_udp`.
 *
 * Give one record per packet: of a packet that was sent and received inside one lab, only one of the two.
 * Throws CL5002 for a packet that IP cannot carry.
 */
export function writePcap(packets: Iterable<CapturedPacket>): Uint8Array {
  const parts = [fileHeader()];
  for (const { microseconds, bytes } of ipFrames(packets)) parts.push(recordHeader(microseconds, bytes.length), bytes);
  return concatenate(parts);
}

function fileHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 0x40000, true); // the longest frame a reader must expect
  view.setUint32(20, LinkType.raw, true);
  return new Uint8Array(view.buffer);
}

function recordHeader(microseconds: number, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, Math.floor(microseconds / 1_000_000), true);
  view.setUint32(4, microseconds % 1_000_000, true);
  view.setUint32(8, length, true);
  view.setUint32(12, length, true);
  return new Uint8Array(view.buffer);
}
