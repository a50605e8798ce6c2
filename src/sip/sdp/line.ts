import type { ByteRange } from '../../core';
import type { SdpNote } from './description';
import { SdpError } from './error';

/** One line, `type=value`. `raw` has one character per octet, so that an index into it is an octet's place. */
export interface Line {
  readonly type: string;
  readonly raw: string;
  readonly range: ByteRange;
  readonly valueRange: ByteRange;
}

/** A blank-separated part of a line's value. */
export interface Field {
  readonly text: string;
  readonly range: ByteRange;
}

const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/**
 * Cuts a body into lines. They end in CRLF; a bare LF is accepted, as RFC 8866 section 5 asks of a parser, and blank
 * lines are skipped; both are noted.
 *
 * @throws SdpError for a line that is not `<one character>=<value>` (RFC 8866 section 5).
 */
export function splitLines(bytes: Uint8Array, note: (note: SdpNote) => void): Line[] {
  const octets = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: Line[] = [];
  let bareFeeds = 0;
  let start = 0;
  while (start < octets.length) {
    const feed = octets.indexOf(lineFeed, start);
    const next = feed === -1 ? octets.length : feed + 1;
    let end = feed === -1 ? octets.length : feed;
    if (end > start && octets[end - 1] === carriageReturn) end -= 1;
    else if (feed !== -1) bareFeeds += 1;
    const range = { start, end };
    start = next;

    if (range.start === range.end) {
      note({ code: 'blank-line', range: { start: range.start, end: next }, text: 'A blank line; SDP has none.' });
      continue;
    }
    if (octets[range.start + 1] !== 0x3d) {
      throw new SdpError('CL2003', 'A line of SDP is one letter, "=", and a value.', range);
    }
    lines.push({
      type: octets.toString('latin1', range.start, range.start + 1),
      raw: octets.toString('latin1', range.start + 2, range.end),
      range,
      valueRange: { start: range.start + 2, end: range.end },
    });
  }
  if (bareFeeds > 0) {
    const range = { start: 0, end: octets.length };
    note({ code: 'bare-lf', range, text: `${bareFeeds} lines end in LF without CR.` });
  }
  return lines;
}

/** The value as text: UTF-8 unless `a=charset` says otherwise, which nobody does (RFC 8866 section 5). */
export function textOf(line: Line): string {
  return /^[\x00-\x7f]*$/.test(line.raw) ? line.raw : Buffer.from(line.raw, 'latin1').toString('utf8');
}

/** The value's parts between blanks. One blank is the rule; a run of them is read as one. */
export function fieldsOf(line: Line): Field[] {
  const fields: Field[] = [];
  for (const match of line.raw.matchAll(/[^ \t]+/g)) {
    const start = line.valueRange.start + match.index;
    fields.push({ text: match[0], range: { start, end: start + match[0].length } });
  }
  return fields;
}
