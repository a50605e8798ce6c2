import { canonicalHost, hostOctets } from '../net';
import type { CapturedPacket } from './captured-packet';
import { concatenate } from './concatenate';
import { ipFrames } from './frame-writer';
import { LinkType } from './link-layer';
import { BlockType, NameRecordType, OptionCode } from './pcapng-codes';

export interface PcapngOptions {
  /** Names for hosts: who opens the file in Wireshark can read `alice` instead of 127.0.0.11. */
  readonly names?: ReadonlyMap<string, string>;
  /** A remark on the whole file. */
  readonly comment?: string;
}

/**
 * A pcapng file: as {@link writePcap} (which says how Wireshark finds the SIP in it), and with room for names and a remark.
 * Throws CL5002 for a packet that IP cannot carry.
 */
export function writePcapng(packets: Iterable<CapturedPacket>, options: PcapngOptions = {}): Uint8Array {
  const parts = [sectionHeader(options.comment), interfaceDescription()];
  if (options.names !== undefined && options.names.size > 0) parts.push(nameResolution(options.names));
  for (const { microseconds, bytes } of ipFrames(packets)) parts.push(enhancedPacket(microseconds, bytes));
  return concatenate(parts);
}

function sectionHeader(comment: string | undefined): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, 0x1a2b3c4d, true);
  view.setUint16(4, 1, true);
  view.setBigInt64(8, -1n, true); // the section's length is not stated
  const options = [option(OptionCode.userApplication, text('Call Lab'))];
  if (comment !== undefined) options.unshift(option(OptionCode.comment, text(comment)));
  return block(BlockType.sectionHeader, new Uint8Array(view.buffer), ...options, endOfOptions());
}

function interfaceDescription(): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, LinkType.raw, true);
  const microseconds = Uint8Array.of(6);
  return block(BlockType.interfaceDescription, new Uint8Array(view.buffer), option(OptionCode.interfaceName, text('call-lab')), option(OptionCode.timeResolution, microseconds), endOfOptions());
}

function nameResolution(names: ReadonlyMap<string, string>): Uint8Array {
  const records: Uint8Array[] = [];
  for (const [host, name] of names) {
    const canonical = canonicalHost(host);
    if (canonical === undefined) continue;
    const octets = hostOctets(canonical);
    records.push(option(octets.length === 4 ? NameRecordType.ipv4 : NameRecordType.ipv6, concatenate([Uint8Array.from(octets), text(`${name}\0`)])));
  }
  return block(BlockType.nameResolution, ...records, endOfOptions());
}

function enhancedPacket(microseconds: number, frame: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(20));
  view.setUint32(4, Math.floor(microseconds / 0x1_0000_0000), true);
  view.setUint32(8, microseconds % 0x1_0000_0000, true);
  view.setUint32(12, frame.length, true);
  view.setUint32(16, frame.length, true);
  return block(BlockType.enhancedPacket, new Uint8Array(view.buffer), frame, padding(frame.length));
}

/** A block states its length on both sides, so that a file can be read backwards. */
function block(type: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((total, part) => total + part.length, 12);
  return concatenate([uint32(type), uint32(length), ...content, uint32(length)]);
}

/** An option, or a record of a name resolution block: both have this shape. */
function option(code: number, value: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4));
  head.setUint16(0, code, true);
  head.setUint16(2, value.length, true);
  return concatenate([new Uint8Array(head.buffer), value, padding(value.length)]);
}

function endOfOptions(): Uint8Array {
  return new Uint8Array(4);
}

/** What brings `length` octets to a multiple of four. */
function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}

function uint32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return new Uint8Array(view.buffer);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
