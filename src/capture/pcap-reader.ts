import { CallLabError } from '../core';
import type { CaptureReports, LinkFrame } from './capture-file';
import { isReadableLink } from './link-layer';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** The first four octets of a file, read big-endian: its octet order, and how many of its time units make a millisecond. */
const magicNumbers: ReadonlyMap<number, { readonly littleEndian: boolean; readonly unitsPerMillisecond: number }> = new Map([
  [0xa1b2c3d4, { littleEndian: false, unitsPerMillisecond: 1e3 }],
  [0xd4c3b2a1, { littleEndian: true, unitsPerMillisecond: 1e3 }],
  [0xa1b23c4d, { littleEndian: false, unitsPerMillisecond: 1e6 }],
  [0x4d3cb2a1, { littleEndian: true, unitsPerMillisecond: 1e6 }],
]);

export function isPcap(file: DataView): boolean {
  return file.byteLength >= 4 && magicNumbers.has(file.getUint32(0));
}

/**
 * The frames of a classic pcap file, either octet order, micro- or nanoseconds. A file that ends inside a frame gives all
 * before it, and a note. Throws CL5001 when its link type is not read.
 */
export function* pcapFrames(file: DataView, reports: CaptureReports): Generator<LinkFrame, void> {
  const magic = magicNumbers.get(file.getUint32(0));
  if (magic === undefined || file.byteLength < FILE_HEADER) throw new CallLabError('CL5001', 'The file ends inside its header.');
  const { littleEndian, unitsPerMillisecond } = magic;
  // The upper bits say whether frames end in a check sequence; IP has its own length.
  const linkType = file.getUint32(20, littleEndian) & 0xffff;
  if (!isReadableLink(linkType)) throw new CallLabError('CL5001', `Its frames are of link type ${linkType}, which is not read.`);
  let at = FILE_HEADER;
  for (let number = 1; at < file.byteLength; number += 1) {
    const start = at + RECORD_HEADER;
    const length = start <= file.byteLength ? file.getUint32(at + 8, littleEndian) : 0;
    if (start + length > file.byteLength) {
      reports.note('The file ends inside this frame.', number);
      return;
    }
    yield {
      number,
      at: file.getUint32(at, littleEndian) * 1000 + file.getUint32(at + 4, littleEndian) / unitsPerMillisecond,
      linkType,
      bytes: new Uint8Array(file.buffer, file.byteOffset + start, length),
    };
    at = start + length;
  }
}
