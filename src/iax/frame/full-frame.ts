import type { ByteRange } from '../../core';
import { type InformationElement, readElements, type ReadElements } from './element';
import type { ElementName, ElementValue } from './element-table';
import type { IaxFault } from './fault';
import { commandName, type CommandName, frameTypes, frameTypeTitle, controlName, codecName } from './names';
import { decodeSubclass } from './subclass';
import { readNumber } from './values';

/** Octets of the header of a full frame (RFC 5456 section 8.1.1). */
export const fullHeader = 12;

/** Where each field of the header stands. Flags share octets with the number behind them. */
const fieldRanges = {
  sourceCall: { start: 0, end: 2 },
  destinationCall: { start: 2, end: 4 },
  timestamp: { start: 4, end: 8 },
  outgoingSequence: { start: 8, end: 9 },
  incomingSequence: { start: 9, end: 10 },
  type: { start: 10, end: 11 },
  subclass: { start: 11, end: 12 },
} as const satisfies Readonly<Record<string, ByteRange>>;

export type FullFrameField = keyof typeof fieldRanges;

/** A view of a full frame: signalling, acknowledged and in order (RFC 5456 section 8.1.1). */
export class FullFrame {
  readonly kind = 'full';
  readonly bytes: Uint8Array;
  #elements: ReadElements | undefined;

  /** `bytes` has the header at least; {@link decodeFrame} sees to that. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static rangeOf(field: FullFrameField): ByteRange {
    return fieldRanges[field];
  }

  /** The sender's number of the call. */
  get sourceCall(): number {
    return readNumber(this.bytes, 0, 2) & 0x7fff;
  }

  /** The receiver's number; 0 while the sender does not know it. */
  get destinationCall(): number {
    return readNumber(this.bytes, 2, 4) & 0x7fff;
  }

  /** The R bit: sent before. */
  get isRetransmission(): boolean {
    return ((this.bytes[2] ?? 0) & 0x80) !== 0;
  }

  /** Milliseconds since the sender's first frame of this leg, modulo 2^32. */
  get timestamp(): number {
    return readNumber(this.bytes, 4, 8);
  }

  /** OSeqno: this frame's number in the sender's stream, modulo 256. */
  get outgoingSequence(): number {
    return this.bytes[8] ?? 0;
  }

  /** ISeqno: what the sender expects next; all before it is acknowledged. */
  get incomingSequence(): number {
    return this.bytes[9] ?? 0;
  }

  get type(): number {
    return this.bytes[10] ?? 0;
  }

  /** Decoded: with the C bit a power of two, and -1 for 0xff. */
  get subclass(): number {
    const octet = this.bytes[11] ?? 0;
    // In video the second highest bit marks the last slice of a picture (reference section 1.2).
    return decodeSubclass(this.type === frameTypes.video && octet !== 0xff ? octet & ~0x40 : octet);
  }

  /** `TXREQ` and the like; undefined when this is no IAX frame, or one of a command that nobody knows. */
  get command(): CommandName | undefined {
    return this.type === frameTypes.iax ? commandName(this.subclass) : undefined;
  }

  /** `NEW`, `CONTROL RINGING`, `VOICE PCMU`, `DTMF 5`: as people speak of it. */
  get title(): string {
    const { type, subclass } = this;
    switch (type) {
      case frameTypes.iax:
        return commandName(subclass) ?? `IAX ${String(subclass)}`;
      case frameTypes.control:
        return `CONTROL ${controlName(subclass) ?? String(subclass)}`;
      case frameTypes.voice:
      case frameTypes.video:
        return `${frameTypeTitle(type)} ${codecName(subclass) ?? String(subclass)}`;
      case frameTypes.dtmf:
      case frameTypes.dtmfBegin:
        return `${frameTypeTitle(type)} ${subclass > 0x20 && subclass < 0x7f ? String.fromCharCode(subclass) : String(subclass)}`;
      default:
        return frameTypeTitle(type);
    }
  }

  get dataRange(): ByteRange {
    return { start: fullHeader, end: this.bytes.length };
  }

  /** What stands behind the header: codec octets, text, or information elements. */
  get data(): Uint8Array {
    return this.bytes.subarray(fullHeader);
  }

  /** The information elements, in their order; none in a frame that is not of type IAX. */
  get elements(): readonly InformationElement[] {
    return this.#read().elements;
  }

  /** Why nobody may act on this frame: its elements are cut off. */
  get fault(): IaxFault | undefined {
    return this.#read().fault;
  }

  /** The value of an element; of a repeated one the last counts (reference section 2.4). */
  element<Name extends ElementName>(name: Name): ElementValue<Name> | undefined {
    return this.find(name)?.value as ElementValue<Name> | undefined;
  }

  /** The element itself, with its place. */
  find(name: ElementName): InformationElement | undefined {
    return this.elements.findLast((element) => element.name === name && element.value !== undefined);
  }

  #read(): ReadElements {
    this.#elements ??= this.type === frameTypes.iax ? readElements(this.bytes, fullHeader) : { elements: [], fault: undefined };
    return this.#elements;
  }
}
