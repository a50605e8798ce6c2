import { type FrameLine, frameLines, octetAtPlace, type TextPlace } from '../../capture';
import type { ByteRange } from '../../core';
import { controlName, describeElement, FullFrame, type FullFrameField, frameTypes, type InformationElement } from '../../iax';
import type { TraceMessage } from '../../trace';
import { say, sayKnown } from '../say';
import { commandHelp, controlHelp, elementHelp, fieldHelp, type FrameHelp } from './iax-help';

/** What a hover says, untrusted in all its parts: whoever shows it escapes it. */
export interface FrameHover {
  readonly title: string;
  /** The value, in the words of the trace. */
  readonly value: string;
  readonly text: string;
  readonly rule: string;
  /** The columns that it is about, in its line. */
  readonly startColumn: number;
  readonly endColumn: number;
}

const fields: readonly FullFrameField[] = ['sourceCall', 'destinationCall', 'timestamp', 'outgoingSequence', 'incomingSequence', 'type', 'subclass'];

/** What stands at a place of a frame's text: line 0 is the first of its lines. Undefined where there is nothing to say. */
export function hoverAt({ iax: frame, bytes }: Pick<TraceMessage, 'iax' | 'bytes'>, place: TextPlace): FrameHover | undefined {
  if (frame === undefined) return undefined;
  const lines = frameLines(bytes);
  const line = lines[place.line];
  if (line === undefined) return undefined;
  if (line.element !== undefined) return elementHover(line, line.element);
  if (place.line > 0) return undefined;
  const octet = octetAtPlace(lines, place);
  const field = octet === undefined ? fieldInWords(line.text, frame, place.column) : fieldAt(octet);
  return field === undefined ? titleHover(line, frame) : fieldHover(line, frame, field);
}

function elementHover(line: FrameLine, element: InformationElement): FrameHover {
  const about = { title: `${element.title} (${element.id})`, value: describeElement(element), startColumn: 0, endColumn: line.text.length };
  if (element.name === undefined) return { ...about, text: say('Nobody knows this element; it is passed over by its length.'), rule: 'RFC 5456 section 8.6; IAX2 reference 2.4' };
  const { text, rule } = elementHelp(element.name);
  return { ...about, text: element.fault === undefined ? sayKnown(text) : `${element.fault.text}. ${sayKnown(text)}`, rule };
}

function titleHover(line: FrameLine, frame: FullFrame): FrameHover {
  const { text, rule } = helpOf(frame);
  return { title: frame.title, value: '', text: sayKnown(text), rule, startColumn: 0, endColumn: Math.max(1, line.text.indexOf('|') - 1) };
}

function fieldHover(line: FrameLine, frame: FullFrame, field: FullFrameField): FrameHover {
  if (field === 'type' || field === 'subclass') return { ...titleHover(line, frame), ...columnsOf(line, FullFrame.rangeOf(field)) };
  const { title, text, rule } = fieldHelp[field];
  const value = field === 'destinationCall' && frame.isRetransmission ? say('sent again, {0}', frame.destinationCall) : String(frame[field]);
  return { title: sayKnown(title), value: field === 'timestamp' ? `${value} ms` : value, text: sayKnown(text), rule, ...columnsOf(line, FullFrame.rangeOf(field)) };
}

function columnsOf(line: FrameLine, { start, end }: ByteRange): Pick<FrameHover, 'startColumn' | 'endColumn'> {
  return { startColumn: line.hexColumn + 3 * (start - line.range.start), endColumn: line.hexColumn + 3 * (end - line.range.start) - 1 };
}

function fieldAt(octet: number): FullFrameField | undefined {
  return fields.find((field) => {
    const { start, end } = FullFrame.rangeOf(field);
    return octet >= start && octet < end;
  });
}

/** Which field the decoded half of the header line shows at a column: `3001 -> 2654, 3634 ms, o5 i2`. */
function fieldInWords(text: string, frame: FullFrame, column: number): FullFrameField | undefined {
  const match = / (?<source>\d+) -> (?<destination>\d+), (?<time>\d+ ms), (?<out>o\d+) (?<in>i\d+) *\|/d.exec(text);
  const places = match?.indices?.groups;
  if (places === undefined || frame.bytes.length === 0) return undefined;
  const words: readonly (readonly [string, FullFrameField])[] = [
    ['source', 'sourceCall'],
    ['destination', 'destinationCall'],
    ['time', 'timestamp'],
    ['out', 'outgoingSequence'],
    ['in', 'incomingSequence'],
  ];
  return words.find(([name]) => {
    const place = places[name];
    return place !== undefined && column >= place[0] && column <= place[1];
  })?.[1];
}

function helpOf(frame: FullFrame): FrameHelp {
  if (frame.command !== undefined) return commandHelp[frame.command];
  if (frame.type === frameTypes.iax) return { text: 'Nobody knows this command: it is answered with UNSUPPORT.', rule: 'RFC 5456 section 6.9; IAX2 reference 7.1' };
  const name = frame.type === frameTypes.control ? controlName(frame.subclass) : undefined;
  const known = name === undefined ? undefined : controlHelp[name];
  if (known !== undefined) return known;
  return typeHelp[frame.type] ?? { text: fieldHelp.type.text, rule: fieldHelp.type.rule };
}

const typeHelp: Readonly<Record<number, FrameHelp>> = {
  [frameTypes.voice]: {
    text: 'A full voice frame: it names the codec, and the mini frames after it are of that. The first of each leg is one, and the first after a transfer.',
    rule: 'RFC 5456 section 6.10; IAX2 reference 1.3',
  },
  [frameTypes.dtmf]: { text: 'A digit was pressed and let go.', rule: 'RFC 5456 section 8.2; IAX2 reference 5.3' },
  [frameTypes.dtmfBegin]: { text: 'A digit is pressed; DTMF follows when it is let go.', rule: 'IAX2 reference 5.3' },
  [frameTypes.text]: { text: 'Text to be shown, in UTF-8.', rule: 'RFC 5456 section 8.2; IAX2 reference 2.1' },
};
