import type { ByteRange } from '../../core';
import type { HeaderScan } from './header-scan';
import { readNumber } from './text';

/** What Content-Length says: a number of octets, or what is wrong with it. */
export type DeclaredLength = number | 'absent' | 'malformed' | 'contradictory';

/** Two fields that agree count as one; two that do not leave no way to tell (RFC 4475 section 3.3.9). */
export function declaredLength(scan: HeaderScan): DeclaredLength {
  let declared: DeclaredLength = 'absent';
  for (const { raw } of scan.contentLengths) {
    const length = readNumber(raw, 0, raw.length, Number.MAX_SAFE_INTEGER);
    if (length < 0) return 'malformed';
    if (declared !== 'absent' && declared !== length) return 'contradictory';
    declared = length;
  }
  return declared;
}

/**
 * Where the body lies in a datagram of `length` octets (RFC 3261 section 18.3): Content-Length octets, the rest discarded;
 * all that is there when Content-Length is missing or of no use.
 */
export function scanFraming(scan: HeaderScan, bodyStart: number, length: number): { bodyRange: ByteRange; trailing: ByteRange | undefined } {
  const declared = declaredLength(scan);
  const present = length - bodyStart;
  if (typeof declared === 'number' && declared <= present) {
    const end = bodyStart + declared;
    if (end === length) return { bodyRange: { start: bodyStart, end }, trailing: undefined };
    scan.note('trailing-octets', end, length, `${length - end} octets follow the message`);
    return { bodyRange: { start: bodyStart, end }, trailing: { start: end, end: length } };
  }
  const field = scan.contentLengths[scan.contentLengths.length - 1]?.valueRange ?? { start: bodyStart, end: bodyStart };
  if (typeof declared === 'number') {
    scan.note('body-too-short', field.start, field.end, `Content-Length promises ${declared} octets, ${present} are there`);
  } else if (declared === 'absent') {
    scan.note('no-content-length', field.start, field.end, 'there is no Content-Length; the body is all that follows');
  } else if (declared === 'malformed') {
    scan.note('bad-content-length', field.start, field.end, 'Content-Length is no number');
  } else {
    scan.note('two-content-lengths', field.start, field.end, 'two Content-Length headers contradict each other');
  }
  return { bodyRange: { start: bodyStart, end: length }, trailing: undefined };
}
