import { isAnswerTitle } from '../../ladder';

/** One message of a trace's text: its lines, and what an outline says of it. */
export interface OutlineEntry {
  /** `m12` */
  readonly id: string;
  /** `REFER`, or `202 Accepted (REFER)`. */
  readonly name: string;
  /** `bob to alice, 1.204 s` */
  readonly detail: string;
  readonly kind: 'request' | 'response' | 'other';
  /** The header's line; the first line of the text is 0. */
  readonly start: number;
  /** The last line that belongs to the message. */
  readonly end: number;
}

/** A run of comment lines that can be folded away. */
export interface CommentRun {
  readonly start: number;
  readonly end: number;
}

export interface Outline {
  readonly messages: readonly OutlineEntry[];
  readonly comments: readonly CommentRun[];
}

const headerPattern = new RegExp(
  [
    /^== (?<id>m\d+) (?<time>\d+\.\d+) \S+ (?<source>\S+) -> (?<destination>\S+)/u,
    /(?: \((?<sender>"(?:[^"\\]|\\.)*"|\S+) -> (?<receiver>"(?:[^"\\]|\\.)*"|\S+)\))?/u,
  ]
    .map(({ source }) => source)
    .join(''),
  'u',
);
const isBoundary = /^(?:#|== )/u;

/** Reads the outline of a trace (the form of src/capture/trace-text.ts) off its lines, without reading the messages. */
export function readOutline(lines: readonly string[]): Outline {
  const messages: OutlineEntry[] = [];
  const comments: CommentRun[] = [];
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    if (line.startsWith('== ')) {
      const end = endOfBlock(lines, index);
      messages.push(entryOf(lines.slice(index, end + 1), index));
      index = end + 1;
    } else if (line.startsWith('#')) {
      const start = index;
      while (lines[index + 1]?.startsWith('#') === true) index += 1;
      if (index > start) comments.push({ start, end: index });
      index += 1;
    } else {
      index += 1;
    }
  }
  return { messages, comments };
}

/** The message that a line is in, if any. */
export function messageAtLine({ messages }: Outline, line: number): OutlineEntry | undefined {
  return messages.findLast(({ start, end }) => start <= line && line <= end);
}

/** The last line of a block that has something on it. */
function endOfBlock(lines: readonly string[], start: number): number {
  let next = start + 1;
  while (next < lines.length && !isBoundary.test(lines[next] ?? '')) next += 1;
  let end = next - 1;
  while (end > start && (lines[end] ?? '') === '') end -= 1;
  return end;
}

function entryOf(block: readonly string[], start: number): OutlineEntry {
  const [header = '', first = ''] = block;
  const {
    id = '',
    time = '',
    source = '',
    destination = '',
    sender = '-',
    receiver = '-',
  } = headerPattern.exec(header)?.groups ?? {};
  const from = sender === '-' ? source : sender;
  const to = receiver === '-' ? destination : receiver;
  const seconds = Number(time).toFixed(3);
  return {
    id,
    ...nameOf(first, block),
    detail: `${from} to ${to}, ${seconds} s`,
    start,
    end: start + block.length - 1,
  };
}

/** The first line of a frame of IAX2: `TXREQ 3001 -> 2654, ...`. */
const framePattern = /^(?<title>[A-Za-z][^|]*?)(?: \(again\))? \d+ -> \d+, \d+ ms, o\d+ i\d+ *\|/u;

function nameOf(first: string, block: readonly string[]): Pick<OutlineEntry, 'name' | 'kind'> {
  const title = framePattern.exec(first)?.groups?.['title'];
  if (title !== undefined) return { name: title, kind: isAnswerTitle(title) ? 'response' : 'request' };
  if (first.startsWith('not IAX2:')) return { name: 'not IAX2', kind: 'other' };
  const status = /^SIP\/\d\.\d (?<status>\d{3} ?.*)$/u.exec(first)?.groups?.['status'];
  if (status !== undefined) {
    const method = block
      .find((line) => /^CSeq\s*:/iu.test(line))
      ?.replace(/^[^:]*:\s*\d+\s*/u, '')
      .trim();
    return { name: method === undefined || method === '' ? status : `${status} (${method})`, kind: 'response' };
  }
  const method = /^(?<method>[\w.!%*+`'~-]+) \S/u.exec(first)?.groups?.['method'];
  return method === undefined ? { name: 'not SIP', kind: 'other' } : { name: method, kind: 'request' };
}
