/** Any octets as lines of text, each with its line end, in the message-line form of a trace (see trace-text.ts). */
export function writeOctets(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let out = '';
  for (let start = 0; start < buffer.length;) {
    const end = buffer.indexOf('\r\n', start, 'latin1');
    out += `${writeLine(buffer.subarray(start, end < 0 ? buffer.length : end))}${end < 0 ? '\\' : ''}\n`;
    start = end < 0 ? buffer.length : end + 2;
  }
  return out;
}

/** A place in lines of text: both count from 0, the column in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * Where an octet stands in what {@link writeOctets} makes of `bytes`. What is beyond the end, or within a CRLF, stands at
 * the end of its line.
 */
export function placeOfOctet(bytes: Uint8Array, octet: number): TextPlace {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let line = 0;
  let start = 0;
  let end = buffer.indexOf('\r\n', start, 'latin1');
  while (end >= 0 && octet >= end + 2 && end + 2 < buffer.length) {
    line += 1;
    start = end + 2;
    end = buffer.indexOf('\r\n', start, 'latin1');
  }
  const whole = buffer.subarray(start, end < 0 ? buffer.length : end);
  if (octet - start >= whole.length) return { line, column: writeLine(whole).length };
  const before = whole.subarray(0, Math.max(0, octet - start));
  // The escape of a first character, which the part alone may not need.
  const first = before.length > 0 && beginsLikeMarkup(whole.toString('latin1')) ? 3 : 0;
  return { line, column: escaped(before, isText(whole)).length + first };
}

function isText(octets: Buffer): boolean {
  return Buffer.from(octets.toString('utf8'), 'utf8').equals(octets);
}

function escaped(octets: Buffer, asText: boolean): string {
  return asText ? escapeText(octets.toString('utf8')) : escapeOctets(octets);
}

function beginsLikeMarkup(text: string): boolean {
  return /^(?:#|== )/.test(text);
}

function writeLine(octets: Buffer): string {
  const kept = escaped(octets, isText(octets)).replace(/ $/, '\\x20');
  return beginsLikeMarkup(kept) ? `\\x${kept.charCodeAt(0).toString(16).toUpperCase()}${kept.slice(1)}` : kept;
}

const shortEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\r': '\\r', '\n': '\\n' };

/**
 * Control and invisible characters, and the line ends of Unicode, as escapes of their UTF-8 octets; a backslash stays.
 */
export function escapeInvisible(text: string): string {
  return text.replace(
    /[^\P{C}]|[\u2028\u2029]/gu,
    (character) => shortEscapes[character] ?? escapeAll(Buffer.from(character, 'utf8')),
  );
}

function escapeText(text: string): string {
  return escapeInvisible(text.replaceAll('\\', '\\\\'));
}

function escapeOctets(octets: Buffer): string {
  return octets
    .toString('latin1')
    .replace(
      /\\|[\0-\x1f\x7f-\xff]/g,
      (character) => shortEscapes[character] ?? escapeAll(Buffer.from(character, 'latin1')),
    );
}

function escapeAll(octets: Buffer): string {
  return Array.from(octets, (octet) => `\\x${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

const escapedOctets: Readonly<Record<string, number>> = { '\\': 0x5c, t: 0x09, r: 0x0d, n: 0x0a };

/** The reverse of {@link writeOctets}: the octets of these lines, without their line ends. */
export function readOctets(lines: readonly string[]): Uint8Array {
  const pieces: Buffer[] = [];
  for (const line of lines) {
    let text = 0;
    let joined = false;
    for (const match of line.matchAll(/\\(?:x([\dA-Fa-f]{2})|([\\trn])|$)/g)) {
      pieces.push(Buffer.from(line.slice(text, match.index), 'utf8'));
      text = match.index + match[0].length;
      const [, hex, letter] = match;
      if (hex !== undefined) pieces.push(Buffer.of(Number.parseInt(hex, 16)));
      else if (letter !== undefined) pieces.push(Buffer.of(escapedOctets[letter] ?? 0));
      else joined = true;
    }
    pieces.push(Buffer.from(line.slice(text), 'utf8'));
    if (!joined) pieces.push(Buffer.from('\r\n'));
  }
  return Buffer.concat(pieces);
}
