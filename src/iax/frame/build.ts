import { writeElements } from './element';
import type { ElementValues } from './element-table';
import { FullFrame, fullHeader } from './full-frame';
import { MiniFrame, miniHeader, TrunkFrame, trunkHeader } from './media-frames';
import { commands, type CommandName, frameTypes } from './names';
import { encodeSubclass } from './subclass';
import { viewOf } from './values';

/** The header of a full frame, but for its type. */
export interface FullHeader {
  /** 1 to 32767. */
  readonly sourceCall: number;
  /** 0 while unknown. */
  readonly destinationCall: number;
  /** Milliseconds since our first frame of this leg. */
  readonly timestamp: number;
  readonly outgoingSequence: number;
  readonly incomingSequence: number;
  readonly isRetransmission?: boolean;
}

/** A full frame of any type. Throws a RangeError for a subclass that cannot be written. Numbers are cut to their fields. */
export function buildFullFrame(header: FullHeader, type: number, subclass: number, data: Uint8Array = new Uint8Array(0)): FullFrame {
  const bytes = new Uint8Array(fullHeader + data.length);
  const view = viewOf(bytes);
  view.setUint16(0, 0x8000 | header.sourceCall);
  view.setUint16(2, (header.isRetransmission === true ? 0x8000 : 0) | (header.destinationCall & 0x7fff));
  view.setUint32(4, header.timestamp);
  view.setUint8(8, header.outgoingSequence);
  view.setUint8(9, header.incomingSequence);
  view.setUint8(10, type);
  view.setUint8(11, encodeSubclass(subclass));
  bytes.set(data, fullHeader);
  return new FullFrame(bytes);
}

/** A full frame of type IAX, with its elements in the order given. */
export function buildCommand(header: FullHeader, command: CommandName, elements: ElementValues = {}): FullFrame {
  return buildFullFrame(header, frameTypes.iax, commands[command], writeElements(elements));
}

/** The same frame once more: the same octets with the R bit, and what we have received since (reference section 3.3). */
export function retransmit(frame: FullFrame, incomingSequence: number): FullFrame {
  const bytes = Uint8Array.from(frame.bytes);
  const view = viewOf(bytes);
  view.setUint8(2, view.getUint8(2) | 0x80);
  view.setUint8(9, incomingSequence);
  return new FullFrame(bytes);
}

/** A mini voice frame. `timestamp` is cut to its lower 16 bits. */
export function buildMini(sourceCall: number, timestamp: number, data: Uint8Array): MiniFrame {
  const bytes = new Uint8Array(miniHeader + data.length);
  const view = viewOf(bytes);
  view.setUint16(0, sourceCall & 0x7fff);
  view.setUint16(2, timestamp);
  bytes.set(data, miniHeader);
  return new MiniFrame(bytes);
}

/** A trunk frame whose entries carry their own times: the kind that every decoder reads (reference section 9.2). */
export function buildTrunk(
  timestamp: number,
  entries: readonly { readonly sourceCall: number; readonly timestamp: number; readonly data: Uint8Array }[],
): TrunkFrame {
  const length = entries.reduce((sum, { data }) => sum + 6 + data.length, trunkHeader);
  const bytes = new Uint8Array(length);
  const view = viewOf(bytes);
  view.setUint8(2, 1);
  view.setUint8(3, 1);
  view.setUint32(4, timestamp);
  let at = trunkHeader;
  for (const entry of entries) {
    view.setUint16(at, entry.data.length);
    view.setUint16(at + 2, entry.sourceCall & 0x7fff);
    view.setUint16(at + 4, entry.timestamp);
    bytes.set(entry.data, at + 6);
    at += 6 + entry.data.length;
  }
  return new TrunkFrame(bytes);
}
