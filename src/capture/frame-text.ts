import type { ByteRange } from '../core';
import { decodeFrame, describeData, describeElement, FullFrame, IaxFrameError, type InformationElement } from '../iax';
import { escapeInvisible, type TextPlace } from './trace-octets';

/** One line of an IAX2 frame's text: what its octets mean, and the octets. */
export interface FrameLine {
  /** The whole line, without its line end. */
  readonly text: string;
  /** Which octets of the frame stand in it. */
  readonly range: ByteRange;
  /** Where the first of them begins: each takes two digits and a blank. */
  readonly hexColumn: number;
  /** The element that the line shows; undefined for the header and for other data. */
  readonly element: InformationElement | undefined;
}

/** Octets in one line of data that has no form of its own. */
const octetsPerLine = 32;
/** The hexadecimal columns of most lines stand below each other. */
const usualWidth = 48;
const headerOctets = 12;

/**
 * An IAX2 frame as lines for people to read, of which each ends with its octets in hexadecimal:
 *
 *   TXREQ 3001 -> 2654, 3634 ms, o5 i2     | 8b b9 0a 5e 00 00 0e 32 05 02 06 16
 *     APPARENT ADDR 127.0.0.3:4569         | 12 10 02 00 11 d9 7f 00 00 03 00 00 00 00 00 00 00 00
 *     CALLNO 9396                          | 15 02 24 b4
 *
 * What stands before the last bar is a reading aid; the octets alone count when the text is read back.
 */
export function frameLines(bytes: Uint8Array): readonly FrameLine[] {
  const frame = tryDecode(bytes);
  if (!(frame instanceof FullFrame)) return dataLines(bytes, 0, bytes.length, `not IAX2: ${frame}`);
  const again = frame.isRetransmission ? ' (again)' : '';
  const { sourceCall, destinationCall, timestamp, outgoingSequence, incomingSequence } = frame;
  const title = `${frame.title}${again} ${sourceCall} -> ${destinationCall}, ${timestamp} ms, o${outgoingSequence} i${incomingSequence}`;
  const lines = [lineOf(bytes, title, { start: 0, end: headerOctets })];
  let at = headerOctets;
  for (const element of frame.elements) {
    const fault = element.fault === undefined ? '' : ' (cannot be read)';
    lines.push(...elementLines(bytes, `  ${element.title} ${describeElement(element)}${fault}`, element));
    at = element.range.end;
  }
  if (at < bytes.length) {
    const what = frame.fault === undefined ? describeData(frame) : `cut off: ${frame.fault.text}`;
    lines.push(...dataLines(bytes, at, bytes.length, `  ${what}`));
  }
  return lines;
}

/** The text form of {@link frameLines}, each line with its end. */
export function writeFrame(bytes: Uint8Array): string {
  return frameLines(bytes)
    .map(({ text }) => `${text}\n`)
    .join('');
}

const hexTail = /\| ?([\da-f]{2}(?: [\da-f]{2})*) *$/i;

/** The octets of such lines. What is before their last bar is passed over, and so is a line without one. */
export function readFrame(lines: readonly string[]): Uint8Array {
  return Buffer.concat(lines.map((line) => Buffer.from((hexTail.exec(line)?.[1] ?? '').replaceAll(' ', ''), 'hex')));
}

/** Where octets stand in the text of their frame: from the first digit of the first to the last of the last. */
export function placesInFrame(bytes: Uint8Array, range: ByteRange): { readonly start: TextPlace; readonly end: TextPlace } {
  const lines = frameLines(bytes);
  const first = Math.min(range.start, Math.max(0, bytes.length - 1));
  const last = Math.max(first, Math.min(range.end, bytes.length) - 1);
  const start = placeOf(lines, first);
  const end = placeOf(lines, last);
  return { start, end: { line: end.line, column: end.column + 2 } };
}

/** Which octet of its frame stands at a place of its text; undefined where none does. */
export function octetAtPlace(lines: readonly FrameLine[], { line, column }: TextPlace): number | undefined {
  const at = lines[line];
  if (at === undefined || column < at.hexColumn) return undefined;
  const octet = at.range.start + Math.floor((column - at.hexColumn) / 3);
  return octet < at.range.end ? octet : undefined;
}

function placeOf(lines: readonly FrameLine[], octet: number): TextPlace {
  const line = Math.max(0, lines.findIndex(({ range }) => octet >= range.start && octet < range.end));
  const { hexColumn, range } = lines[line] ?? { hexColumn: 0, range: { start: octet } };
  return { line, column: hexColumn + 3 * (octet - range.start) };
}

/** The frame, or why there is none. */
function tryDecode(bytes: Uint8Array): FullFrame | string {
  try {
    const frame = decodeFrame(bytes);
    return frame instanceof FullFrame ? frame : 'a media frame';
  } catch (error) {
    if (error instanceof IaxFrameError) return error.message;
    throw error;
  }
}

function elementLines(bytes: Uint8Array, label: string, element: InformationElement): readonly FrameLine[] {
  const { start, end } = element.range;
  return dataLines(bytes, start, end, label).map((line) => ({ ...line, element }));
}

/** Octets without a form of their own, so many to a line. */
function dataLines(bytes: Uint8Array, start: number, end: number, label: string): readonly FrameLine[] {
  const lines: FrameLine[] = [];
  for (let at = start; at < end; at += octetsPerLine) {
    lines.push(lineOf(bytes, at === start ? label : '    ...', { start: at, end: Math.min(end, at + octetsPerLine) }));
  }
  return lines;
}

function lineOf(bytes: Uint8Array, label: string, range: ByteRange): FrameLine {
  const shown = escapeInvisible(label).padEnd(usualWidth);
  const hex = Array.from(bytes.subarray(range.start, range.end), (octet) => octet.toString(16).padStart(2, '0')).join(' ');
  return { text: `${shown} | ${hex}`, range, hexColumn: shown.length + 3, element: undefined };
}
