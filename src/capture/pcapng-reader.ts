import { CallLabError } from '../core';
import { hostFromOctets } from '../net';
import type { CaptureReports, LinkFrame } from './capture-file';
import { isReadableLink } from './link-layer';
import { BlockType, NameRecordType, OptionCode } from './pcapng-codes';

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

interface Interface {
  readonly linkType: number;
  /** Of a timestamp. */
  readonly unitsPerSecond: bigint;
  /** Milliseconds to add to every timestamp. */
  readonly offset: number;
  readonly snapLength: number;
}

interface Block {
  readonly type: number;
  /** Without type, lengths and padding of the block itself. */
  readonly body: DataView;
  readonly littleEndian: boolean;
}

export function isPcapng(file: DataView): boolean {
  return file.byteLength >= 12 && file.getUint32(0) === BlockType.sectionHeader;
}

/**
 * The frames of a pcapng file: any number of sections and interfaces, either octet order, any time resolution. Blocks
 * of other types are passed over. A damaged block ends the reading with a note; what came before it is given.
 */
export function* pcapngFrames(file: DataView, reports: CaptureReports): Generator<LinkFrame, void> {
  let interfaces: Interface[] = [];
  let number = 0;
  let latest = 0;
  for (const block of blocks(file, reports)) {
    switch (block.type) {
      case BlockType.sectionHeader:
        interfaces = [];
        break;
      case BlockType.interfaceDescription: {
        const described = readInterface(block);
        if (!isReadableLink(described.linkType)) reports.note(`Frames of interface ${interfaces.length} are of link type ${described.linkType}, which is not read.`);
        interfaces.push(described);
        break;
      }
      case BlockType.nameResolution:
        readNames(block, reports);
        break;
      case BlockType.enhancedPacket:
      case BlockType.packet:
      case BlockType.simplePacket: {
        number += 1;
        const frame = readFrame(block, interfaces, number, latest);
        if (frame === undefined) reports.note('This frame names an interface or a length that the file does not have.', number);
        else yield frame;
        latest = frame?.at ?? latest;
        break;
      }
      default:
        break;
    }
  }
}

function* blocks(file: DataView, reports: CaptureReports): Generator<Block, void> {
  let littleEndian = false;
  let at = 0;
  while (at + 12 <= file.byteLength) {
    const isSection = file.getUint32(at) === BlockType.sectionHeader;
    if (isSection) {
      littleEndian = file.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
      if (!littleEndian && file.getUint32(at + 8) !== BYTE_ORDER_MAGIC) throw new CallLabError('CL5001', 'A section of the file does not state its octet order.');
    }
    const type = file.getUint32(at, littleEndian);
    const length = file.getUint32(at + 4, littleEndian);
    if (length < 12 || length % 4 !== 0 || at + length > file.byteLength) break;
    yield { type, littleEndian, body: new DataView(file.buffer, file.byteOffset + at + 8, length - 12) };
    at += length;
  }
  if (at < file.byteLength) reports.note(`The file is cut off or damaged at octet ${at}.`);
}

function readInterface({ body, littleEndian }: Block): Interface {
  let unitsPerSecond = 1_000_000n;
  let offset = 0;
  if (body.byteLength < 8) return { linkType: -1, unitsPerSecond, offset, snapLength: 0 };
  for (const { code, value } of options(body, 8, littleEndian)) {
    if (code === OptionCode.timeResolution && value.byteLength >= 1) unitsPerSecond = resolutionOf(value.getUint8(0));
    if (code === OptionCode.timeOffset && value.byteLength >= 8) offset = Number(value.getBigInt64(0, littleEndian)) * 1000;
  }
  return { linkType: body.getUint16(0, littleEndian), unitsPerSecond, offset, snapLength: body.getUint32(4, littleEndian) };
}

/** `if_tsresol`: units per second, with the highest bit set as a power of 2, else as a power of 10. */
function resolutionOf(tsresol: number): bigint {
  return (tsresol & 0x80) !== 0 ? 2n ** BigInt(tsresol & 0x7f) : 10n ** BigInt(tsresol);
}

function readNames({ body, littleEndian }: Block, reports: CaptureReports): void {
  for (const { code, value } of options(body, 0, littleEndian)) {
    const hostLength = code === NameRecordType.ipv4 ? 4 : 16;
    if ((code !== NameRecordType.ipv4 && code !== NameRecordType.ipv6) || value.byteLength < hostLength) continue;
    const octets = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    const [name = ''] = new TextDecoder().decode(octets.subarray(hostLength)).split('\0');
    if (name !== '') reports.name(hostFromOctets(octets.subarray(0, hostLength)), name);
  }
}

function readFrame({ type, body, littleEndian }: Block, interfaces: readonly Interface[], number: number, latest: number): LinkFrame | undefined {
  if (type === BlockType.simplePacket) return readSimpleFrame(body, littleEndian, interfaces[0], number, latest);
  if (body.byteLength < 20) return undefined;
  const from = interfaces[type === BlockType.packet ? body.getUint16(0, littleEndian) : body.getUint32(0, littleEndian)];
  const length = body.getUint32(12, littleEndian);
  if (from === undefined || 20 + length > body.byteLength) return undefined;
  // Whole seconds apart from the rest: together they may be more than a double holds.
  const time = (BigInt(body.getUint32(4, littleEndian)) << 32n) | BigInt(body.getUint32(8, littleEndian));
  const [seconds, rest] = [time / from.unitsPerSecond, time % from.unitsPerSecond];
  const at = Number(seconds) * 1000 + (Number(rest) * 1000) / Number(from.unitsPerSecond) + from.offset;
  return { number, at, linkType: from.linkType, bytes: new Uint8Array(body.buffer, body.byteOffset + 20, length) };
}

/** A simple packet has no time: it gets that of the frame before it. Its length may be cut to the interface's limit. */
function readSimpleFrame(body: DataView, littleEndian: boolean, from: Interface | undefined, number: number, latest: number): LinkFrame | undefined {
  if (from === undefined || body.byteLength < 4) return undefined;
  const original = body.getUint32(0, littleEndian);
  const length = Math.min(original, body.byteLength - 4, from.snapLength === 0 ? original : from.snapLength);
  return { number, at: latest, linkType: from.linkType, bytes: new Uint8Array(body.buffer, body.byteOffset + 4, length) };
}

/** Options and name records alike: code, length, value, padding to a multiple of four. */
function* options(body: DataView, start: number, littleEndian: boolean): Generator<{ code: number; value: DataView }, void> {
  for (let at = start; at + 4 <= body.byteLength; ) {
    const code = body.getUint16(at, littleEndian);
    const length = body.getUint16(at + 2, littleEndian);
    if (code === OptionCode.end || at + 4 + length > body.byteLength) return;
    yield { code, value: new DataView(body.buffer, body.byteOffset + at + 4, length) };
    at += 4 + ((length + 3) & ~3);
  }
}
