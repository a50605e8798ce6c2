/** Octets of a text that one information element holds (IAX2 reference 2.4). */
export const longestElement = 255;

/** As much of a text, in whole characters, as `octets` of UTF-8 hold: what a peer wrote may be longer when it is written back. */
export function cutText(text: string, octets: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= octets) return text;
  let end = octets;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
