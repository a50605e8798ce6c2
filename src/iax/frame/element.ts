import type { ByteRange } from '../../core';
import { type ElementKind, type ElementKindValues, type ElementName, elementNameOf, elementTable, type ElementValues } from './element-table';
import type { IaxFault } from './fault';
import { packDateTime, readAddress, readDateTime, readNumber, viewOf, writeAddress } from './values';

/** One information element where it stands in its frame (RFC 5456 section 8.6). */
export interface InformationElement {
  readonly id: number;
  /** Undefined for an id that nobody knows: it is skipped. */
  readonly name: ElementName | undefined;
  /** `CALLED NUMBER`, or `IE 200`. */
  readonly title: string;
  readonly value: ElementKindValues[ElementKind] | undefined;
  /** Id, length and data, in the octets of the frame. */
  readonly range: ByteRange;
  /** The data alone. */
  readonly dataRange: ByteRange;
  /** Why there is no value: the element is passed over, and its frame served (reference section 7.1). */
  readonly fault: IaxFault | undefined;
}

export interface ReadElements {
  readonly elements: readonly InformationElement[];
  /** An element that goes beyond its frame: nobody may act on such a frame (reference section 7.1). */
  readonly fault: IaxFault | undefined;
}

/** The longest data of one element: its length is one octet. */
const longestData = 255;

/** Reads the elements that fill `bytes` from `start` to the end. */
export function readElements(bytes: Uint8Array, start: number): ReadElements {
  const elements: InformationElement[] = [];
  let at = start;
  while (at < bytes.length) {
    const id = bytes[at] ?? 0;
    const length = bytes[at + 1];
    const end = at + 2 + (length ?? 0);
    if (length === undefined || end > bytes.length) {
      const text = `${titleOf(id)} goes beyond the end of the frame`;
      return { elements, fault: { code: 'iax-element-cut', range: { start: at, end: bytes.length }, text } };
    }
    elements.push(readElement(bytes, id, { start: at, end }));
    at = end;
  }
  return { elements, fault: undefined };
}

/** The elements as octets, in the order in which they are given. Throws a RangeError for a value that does not fit. */
export function writeElements(values: ElementValues): Uint8Array {
  const written = (Object.entries(values) as [ElementName, ElementKindValues[ElementKind]][]).map(([name, value]) =>
    writeElement(elementTable[name].id, writeData(elementTable[name].kind, value)),
  );
  return Buffer.concat(written);
}

/** One element of any id, with its data as octets. Throws a RangeError when they are more than 255. */
export function writeElement(id: number, data: Uint8Array): Uint8Array {
  if (data.length > longestData) throw new RangeError(`${titleOf(id)} has ${String(data.length)} octets; the most is ${String(longestData)}`);
  return Buffer.concat([Uint8Array.of(id, data.length), data]);
}

/** The data of an element that has been read, written anew from its value. */
export function rewriteElement({ id, name, value }: InformationElement): Uint8Array | undefined {
  if (name === undefined || value === undefined) return undefined;
  return writeElement(id, writeData(elementTable[name].kind, value));
}

function readElement(bytes: Uint8Array, id: number, range: ByteRange): InformationElement {
  const name = elementNameOf(id);
  const dataRange = { start: range.start + 2, end: range.end };
  if (name === undefined) return { id, name, title: titleOf(id), value: undefined, range, dataRange, fault: undefined };
  const { kind, title } = elementTable[name];
  const value = readData(kind, bytes, dataRange);
  const fault = value === undefined ? lengthFault(title, range, dataRange) : undefined;
  return { id, name, title, value, range, dataRange, fault };
}

function lengthFault(title: string, range: ByteRange, { start, end }: ByteRange): IaxFault {
  return { code: 'iax-element-length', range, text: `${title} cannot be read from ${String(end - start)} octets` };
}

function titleOf(id: number): string {
  const name = elementNameOf(id);
  return name === undefined ? `IE ${String(id)}` : elementTable[name].title;
}

/** Undefined when the data has not the form of its kind. */
function readData(kind: ElementKind, bytes: Uint8Array, { start, end }: ByteRange): ElementKindValues[ElementKind] | undefined {
  switch (kind) {
    case 'text':
      return asBuffer(bytes).toString('utf8', start, end);
    case 'octets':
      return bytes.subarray(start, end);
    case 'empty':
      return start === end ? true : undefined;
    case 'number8':
      return end - start === 1 ? readNumber(bytes, start, end) : undefined;
    case 'number16':
      return end - start === 2 ? readNumber(bytes, start, end) : undefined;
    case 'number32':
      return end - start === 4 ? readNumber(bytes, start, end) : undefined;
    case 'address':
      return readAddress(bytes.subarray(start, end));
    case 'moment':
      return end - start === 4 ? readDateTime(readNumber(bytes, start, end)) : undefined;
    case 'loss':
      return end - start === 4 ? { percent: readNumber(bytes, start, start + 1), count: readNumber(bytes, start + 1, end) } : undefined;
    case 'wideMask':
      return end - start === 9 ? { version: readNumber(bytes, start, start + 1), mask: viewOf(bytes).getBigUint64(start + 1) } : undefined;
  }
}

/** What comes from a socket is a Buffer already. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function writeData(kind: ElementKind, value: ElementKindValues[ElementKind]): Uint8Array {
  switch (kind) {
    case 'text':
      return Buffer.from(value as string, 'utf8');
    case 'octets':
      return value as Uint8Array;
    case 'empty':
      return new Uint8Array(0);
    case 'number8':
      return number(value as number, 1);
    case 'number16':
      return number(value as number, 2);
    case 'number32':
      return number(value as number, 4);
    case 'address':
      return writeAddress(value as ElementKindValues['address']);
    case 'moment':
      return number(packDateTime(value as ElementKindValues['moment']), 4);
    case 'loss': {
      const { percent, count } = value as ElementKindValues['loss'];
      return number(((percent << 24) | (count & 0xff_ffff)) >>> 0, 4);
    }
    case 'wideMask': {
      const { version, mask } = value as ElementKindValues['wideMask'];
      const data = new Uint8Array(9);
      data[0] = version;
      viewOf(data).setBigUint64(1, mask);
      return data;
    }
  }
}

/** A number in `octets` octets, the highest first. */
function number(value: number, octets: 1 | 2 | 4): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * octets)) {
    throw new RangeError(`${String(value)} does not fit into ${String(octets)} octets`);
  }
  const data = Buffer.alloc(octets);
  data.writeUIntBE(value, 0, octets);
  return data;
}
