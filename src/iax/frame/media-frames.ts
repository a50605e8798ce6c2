import type { ByteRange } from '../../core';
import { readNumber, viewOf } from './values';

/** Octets before the media of a mini voice frame. */
export const miniHeader = 4;
/** Octets before the media of a mini video frame. */
export const miniVideoHeader = 6;
/** Octets before the entries of a trunk frame. */
export const trunkHeader = 8;

/** A view of a mini frame: voice of a call whose codec its last full voice frame named (RFC 5456 section 8.1.2). */
export class MiniFrame {
  readonly kind = 'mini';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get sourceCall(): number {
    return readNumber(this.bytes, 0, 2);
  }

  /** The lower half of the sender's time, in milliseconds. */
  get timestamp(): number {
    return readNumber(this.bytes, 2, 4);
  }

  get dataRange(): ByteRange {
    return { start: miniHeader, end: this.bytes.length };
  }

  get data(): Uint8Array {
    return this.bytes.subarray(miniHeader);
  }
}

/** A view of a mini video frame (RFC 5456 section 8.1.3.1). */
export class MiniVideoFrame {
  readonly kind = 'mini-video';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get sourceCall(): number {
    return readNumber(this.bytes, 2, 4) & 0x7fff;
  }

  /** The last slice of a picture. */
  get mark(): boolean {
    return (readNumber(this.bytes, 4, 6) & 0x8000) !== 0;
  }

  /** The lower 15 bits of the sender's time, in milliseconds. */
  get timestamp(): number {
    return readNumber(this.bytes, 4, 6) & 0x7fff;
  }

  get dataRange(): ByteRange {
    return { start: miniVideoHeader, end: this.bytes.length };
  }

  get data(): Uint8Array {
    return this.bytes.subarray(miniVideoHeader);
  }
}

/** The media of one call in a trunk frame. */
export interface TrunkEntry {
  readonly sourceCall: number;
  /** The entry's own time; undefined in a trunk whose entries share the frame's. */
  readonly timestamp: number | undefined;
  readonly data: Uint8Array;
  /** With its small header. */
  readonly range: ByteRange;
}

/** A view of a trunk frame: the media of several calls in one datagram (RFC 5456 section 8.1.3.2). */
export class TrunkFrame {
  readonly kind = 'trunk';
  readonly bytes: Uint8Array;
  readonly entries: readonly TrunkEntry[];
  /** Octets behind the last entry that is whole; they are passed over. */
  readonly rest: ByteRange | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const { entries, end } = readEntries(bytes, this.hasEntryTimestamps);
    this.entries = entries;
    this.rest = end < bytes.length ? { start: end, end: bytes.length } : undefined;
  }

  get hasEntryTimestamps(): boolean {
    return ((this.bytes[3] ?? 0) & 1) !== 0;
  }

  /** Milliseconds, of a clock of its own for each pair of addresses. */
  get timestamp(): number {
    return readNumber(this.bytes, 4, 8);
  }
}

/** With timestamps the length comes first and a whole mini frame follows; without, the call number comes first. */
function readEntries(bytes: Uint8Array, hasTimestamps: boolean): { entries: TrunkEntry[]; end: number } {
  const view = viewOf(bytes);
  const header = hasTimestamps ? 6 : 4;
  const entries: TrunkEntry[] = [];
  let at = trunkHeader;
  while (at + header <= bytes.length) {
    const [length, call] = hasTimestamps ? [view.getUint16(at), view.getUint16(at + 2)] : [view.getUint16(at + 2), view.getUint16(at)];
    const end = at + header + length;
    if (end > bytes.length) break;
    entries.push({
      sourceCall: call & 0x7fff,
      timestamp: hasTimestamps ? view.getUint16(at + 4) : undefined,
      data: bytes.subarray(at + header, end),
      range: { start: at, end },
    });
    at = end;
  }
  return { entries, end: at };
}
