import { isAscii } from 'node:buffer';
import { SipParseError } from './errors';
import { TOKEN } from './fields';
import { scanFraming } from './framing';
import { HeaderScan } from './header-scan';
import { type MessageParts, type SipMessage, SipRequest, SipResponse } from './message';
import { toUnicode } from './text';

/** Octets up to which looking for the end of the headers costs more than decoding the body with them. */
const SMALL = 4096;
const BLANK_LINE = Buffer.from('\r\n\r\n');
const VERSION = /^SIP\/\d+\.\d+$/i;
const STATUS = /^\d{3}$/;

/**
 * Reads one message: a datagram, or what {@link StreamFramer} cut out of a stream. Rejects only what it cannot represent,
 * that is a missing or unrecognisable start line, with {@link SipParseError}; whatever else is wrong becomes a note or an
 * error of the getter concerned. The octets are kept, not copied.
 */
export function parseMessage(bytes: Uint8Array): SipMessage {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = skipLineEnds(buffer);
  const blank = buffer.length <= SMALL ? -1 : buffer.indexOf(BLANK_LINE, start);
  // latin1, so that positions in the text are positions in the octets; UTF-8 is decoded value by value when asked for.
  const text = buffer.toString('latin1', 0, blank < 0 ? buffer.length : blank + 4);
  const lineFeed = text.indexOf('\n', start);
  let lineEnd = lineFeed < 0 ? text.length : lineFeed;
  if (text.charCodeAt(lineEnd - 1) === 0x0d) lineEnd -= 1;
  if (lineEnd <= start) throw new SipParseError('empty', 'there is no message in these octets', 0, bytes.length);

  const scan = new HeaderScan(text, lineFeed < 0 ? text.length : lineFeed + 1, isAscii(bytes));
  if (start > 0) scan.note('leading-line-end', 0, start, 'line ends before the start line');
  if (lineFeed === lineEnd) scan.note('bare-line-feed', lineFeed, lineFeed + 1, 'a line ends in LF without CR');
  return readStartLine(bytes, text, start, lineEnd, scan);
}

function skipLineEnds(buffer: Buffer): number {
  let at = 0;
  while (buffer[at] === 0x0d || buffer[at] === 0x0a) at += 1;
  return at;
}

function readStartLine(bytes: Uint8Array, text: string, start: number, lineEnd: number, scan: HeaderScan): SipMessage {
  let end = lineEnd;
  while (text.charCodeAt(end - 1) === 0x20 && end > start) end -= 1;
  const firstBlank = text.indexOf(' ', start);
  if (firstBlank < 0 || firstBlank >= lineEnd) {
    throw new SipParseError('start-line', 'the first line is neither a request line nor a status line', start, lineEnd);
  }
  const first = text.slice(start, firstBlank);
  if (isVersion(first)) {
    const status = readStatus(text, firstBlank + 1, lineEnd);
    const reason = toUnicode(text.slice(Math.min(firstBlank + 5, lineEnd), lineEnd));
    return new SipResponse(status, reason, readRest(bytes, start, lineEnd, first, scan));
  }
  const lastBlank = text.lastIndexOf(' ', end - 1);
  const version = text.slice(lastBlank + 1, end);
  let uriStart = firstBlank + 1;
  while (text.charCodeAt(uriStart) === 0x20) uriStart += 1;
  let uriEnd = lastBlank;
  while (text.charCodeAt(uriEnd - 1) === 0x20 && uriEnd > uriStart) uriEnd -= 1;
  if (!isVersion(version) || uriEnd <= uriStart) {
    throw new SipParseError('start-line', 'a request line is a method, a URI and SIP/2.0', start, lineEnd);
  }
  if (!TOKEN.test(first)) throw new SipParseError('method', 'the method is no token', start, firstBlank);
  if (uriStart !== firstBlank + 1 || uriEnd !== lastBlank) scan.note('start-line-blanks', start, lineEnd, 'the request line has more than two blanks');
  if (end < lineEnd) scan.note('start-line-trailing-blanks', end, lineEnd, 'blanks at the end of the request line');
  return new SipRequest(first, text.slice(uriStart, uriEnd), uriStart, readRest(bytes, start, lineEnd, version, scan));
}

function isVersion(text: string): boolean {
  return text === 'SIP/2.0' || VERSION.test(text);
}

/** Three digits up to 699 (RFC 3261 section 7.2); the blank before an empty reason may be missing. */
function readStatus(text: string, from: number, lineEnd: number): number {
  let end = text.indexOf(' ', from);
  if (end < 0 || end > lineEnd) end = lineEnd;
  const digits = text.slice(from, end);
  const status = STATUS.test(digits) ? Number(digits) : 0;
  if (status < 100 || status > 699) throw new SipParseError('status-code', 'a status is a number from 100 to 699', from, end);
  return status;
}

function readRest(bytes: Uint8Array, start: number, lineEnd: number, version: string, scan: HeaderScan): MessageParts {
  const bodyStart = scan.run();
  const { bodyRange, trailing } = scanFraming(scan, bodyStart, bytes.length);
  return { bytes, startLineRange: { start, end: lineEnd }, version, headers: scan.headers, bodyRange, trailing, notes: scan.notes };
}
