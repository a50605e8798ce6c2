import type { ByteRange } from '../../core';
import type { SipMessage } from '../../sip';

const decoder = new TextDecoder('latin1');

/** The value of a header field, or the start line when the message has no such field. */
export function headerPlace(sip: SipMessage, name: string): ByteRange {
  const wanted = name.toLowerCase();
  return sip.headers.find((header) => header.canonical === wanted)?.valueRange ?? sip.startLineRange;
}

/** The part of a header's value that `pattern` matches, or the whole value. */
export function partPlace(sip: SipMessage, name: string, pattern: RegExp): ByteRange {
  const wanted = name.toLowerCase();
  const header = sip.headers.find((candidate) => candidate.canonical === wanted);
  const match = header === undefined ? null : pattern.exec(header.raw);
  if (header === undefined || match === null) return headerPlace(sip, name);
  const start = header.valueStart + match.index;
  return { start, end: start + match[0].length };
}

/** The part of the body that `pattern` matches, or the whole body. */
export function bodyPlace(sip: SipMessage, pattern: RegExp): ByteRange {
  const match = pattern.exec(decoder.decode(sip.body));
  if (match === null) return sip.bodyRange;
  const start = sip.bodyRange.start + match.index;
  return { start, end: start + match[0].length };
}

/** The Replaces inside a Refer-To, or the Replaces header: whichever the message has. */
export function replacesPlace(sip: SipMessage): ByteRange {
  if (sip.header('Replaces') !== undefined) return headerPlace(sip, 'Replaces');
  return partPlace(sip, 'Refer-To', /(?<=[?&])replaces=[^&>\s]*/i);
}
