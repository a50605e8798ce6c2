import type { Milliseconds } from '../core';
import { type HearsEntry, parseAddress, TraceModel, type TraceOptions, type TracePacket } from '../trace';
import { readFrame } from './frame-text';
import { readOctets } from './trace-octets';
import { iaxTransport, type LineRange } from './trace-text';

/** No trace is so long; a greater number is somebody's joke. */
const mostMessages = 1_000_000_000;

/** A message read back from a text. */
export interface ParsedMessage extends TracePacket {
  /** The id that the text gives it. */
  readonly id: string;
  readonly lines: LineRange;
}

/** A line that is neither a header nor a comment, outside of any block, or a header that cannot be read. */
export interface TraceFault {
  readonly line: number;
  readonly text: string;
}

export interface ParsedTrace {
  readonly startedAt: Date | undefined;
  readonly messages: readonly ParsedMessage[];
  /** What was measured, in order. */
  readonly hears: readonly Omit<HearsEntry, 'seq'>[];
  readonly faults: readonly TraceFault[];
}

const headerPattern =
  /^== (m\d+) (-?\d+\.\d+) (\S+) (\S+) -> (\S+)(?: \(([\w.+-]+|"(?:[^"\\]|\\.)*") -> ([\w.+-]+|"(?:[^"\\]|\\.)*")\))?((?: [\w=-]+)*)\s*$/;

/** Reads a trace back. Never throws: what cannot be read is a fault with its line. */
export function parseTrace(text: string): ParsedTrace {
  const lines = text.split(/\r?\n/);
  const messages: ParsedMessage[] = [];
  const hears: Omit<HearsEntry, 'seq'>[] = [];
  const faults: TraceFault[] = [];
  const lost = new Set<string>();
  let startedAt: Date | undefined;
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? '';
    if (line.startsWith('== ')) {
      const end = blockEnd(lines, index + 1);
      const message = readBlock(line, lines.slice(index + 1, end), { start: index, end });
      if (message !== undefined) messages.push(message);
      else faults.push({ line: index, text: 'this header line cannot be read' });
      index = end;
      continue;
    }
    if (line.startsWith('#')) {
      const started = /^# trace \d+ started (\S+)/.exec(line)?.[1];
      if (started !== undefined && !Number.isNaN(Date.parse(started))) startedAt ??= new Date(started);
      const heard = readHears(line);
      if (heard !== undefined) hears.push(heard);
      const lostId = /^# \d+\.\d+ lost (m\d+)/.exec(line)?.[1];
      if (lostId !== undefined) lost.add(lostId);
    } else if (line.trim() !== '') {
      faults.push({ line: index, text: 'a message begins with a header line' });
    }
    index += 1;
  }
  return {
    startedAt,
    messages: messages.map((message) => (lost.has(message.id) ? { ...message, lost: true } : message)),
    hears,
    faults,
  };
}

/** What a text means: the same model that the trace had when it was written. */
export function readTrace(trace: ParsedTrace, options?: TraceOptions): TraceModel {
  const model = new TraceModel({ firstIndex: firstIndexOf(trace), ...options });
  let next = 0;
  const hearUntil = (at: Milliseconds): void => {
    for (let entry = trace.hears[next]; entry !== undefined && entry.at <= at; entry = trace.hears[next]) {
      model.feed({ ...entry, seq: -1 });
      next += 1;
    }
  };
  for (const message of trace.messages) {
    hearUntil(message.at);
    model.feedPacket(message);
  }
  hearUntil(Number.POSITIVE_INFINITY);
  model.finish();
  return model;
}

/** The first message keeps its number: a part of a longer trace speaks of messages as the whole does. */
function firstIndexOf({ messages: [first] }: ParsedTrace): number {
  const number = Number(first?.id.slice(1) ?? 1);
  return number >= 1 && number <= mostMessages ? number - 1 : 0;
}

const hearsPattern = /^# (\d+\.\d+) hears ("(?:[^"\\]|\\.)*"|[\w.+-]+): (.*?)(?: at (\S+))?$/;

function readHears(line: string): Omit<HearsEntry, 'seq'> | undefined {
  const [, at, owner, heard, address] = hearsPattern.exec(line) ?? [];
  if (at === undefined || owner === undefined || heard === undefined) return undefined;
  const names =
    heard === 'nobody'
      ? []
      : (heard.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? []).map((name) => name.trim()).filter((name) => name !== '');
  return {
    kind: 'hears',
    at: milliseconds(at),
    owner: readName(owner),
    phones: names.filter((name) => name !== 'hold tone').map(readName),
    hold: names.includes('hold tone'),
    address: address === undefined ? undefined : parseAddress(address),
  };
}

/** The line after the last of a block: the next header or comment, or the end. */
function blockEnd(lines: readonly string[], from: number): number {
  let end = from;
  while (end < lines.length && !/^(?:#|== )/.test(lines[end] ?? '')) end += 1;
  // The blank line that ends the block, and the empty rest behind the last line end of the file.
  if (end === lines.length && lines[end - 1] === '' && end - 1 > from) end -= 1;
  return end;
}

function readBlock(header: string, body: readonly string[], lines: LineRange): ParsedMessage | undefined {
  const [, id = '', at = '', transport = '', source = '', destination = '', sender, receiver, flags = ''] =
    headerPattern.exec(header) ?? [];
  const from = parseAddress(source);
  const to = parseAddress(destination);
  if (from === undefined || to === undefined) return undefined;
  const ownLines = body.at(-1) === '' ? body.slice(0, -1) : body;
  return {
    id,
    at: milliseconds(at),
    transport,
    source: from,
    destination: to,
    bytes: transport === iaxTransport ? readFrame(ownLines) : readOctets(ownLines),
    ...(sender !== undefined && sender !== '-' && { sender: readName(sender) }),
    ...(receiver !== undefined && receiver !== '-' && { receiver: readName(receiver) }),
    ...(flags.split(' ').includes('lost') && { lost: true }),
    lines: { start: lines.start, end: lines.start + 1 + ownLines.length },
  };
}

function milliseconds(text: string): Milliseconds {
  return Math.round(Number(text) * 1_000_000) / 1_000;
}

function readName(text: string): string {
  if (!text.startsWith('"')) return text === '-' ? '' : text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}
