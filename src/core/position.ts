/** A half-open range of octets: `start` is the first, `end` is one past the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The range moved by `by` octets. */
export function shiftRange(range: ByteRange, by: number): ByteRange {
  return { start: range.start + by, end: range.end + by };
}

/** A place in a text as people count: both numbers start at 1; the column counts UTF-16 units. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}
