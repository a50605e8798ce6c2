/** Adds the 16-bit words of `bytes` from `start` on; an odd last octet counts as the high half of a word (RFC 1071). */
export function sumWords(bytes: Uint8Array, start = 0, sum = 0): number {
  let at = start;
  for (; at + 1 < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (at < bytes.length) sum += (bytes[at] ?? 0) << 8;
  return sum;
}

/** The Internet checksum of a sum of words: folded to 16 bits in ones' complement, and inverted (RFC 1071). */
export function checksumOf(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
