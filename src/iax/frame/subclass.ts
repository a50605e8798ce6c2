/** The octet that stands for -1: Asterisk's "stop sounds" (reference section 1.2). */
const minusOne = 0xff;

/** The highest subclass that fits as it is; above it only powers of two can be written. */
const largestPlain = 0x7f;

/** The value of a subclass octet: with the C bit, two to the power of the rest (RFC 5456 section 8.1.1). */
export function decodeSubclass(octet: number): number {
  if (octet === minusOne) return -1;
  return octet > largestPlain ? 2 ** (octet & 0x3f) : octet;
}

/** The octet of a subclass. Throws a RangeError for a value that cannot be written: over 127 and no power of two. */
export function encodeSubclass(value: number): number {
  if (value === -1) return minusOne;
  if (Number.isInteger(value) && value >= 0 && value <= largestPlain) return value;
  const exponent = Math.log2(value);
  if (!Number.isInteger(exponent) || exponent > 0x3e) throw new RangeError(`the subclass ${String(value)} cannot be written in one octet`);
  return 0x80 | exponent;
}
