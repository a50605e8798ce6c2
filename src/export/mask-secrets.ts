import { decodeFrame, FullFrame, IaxFrameError, type InformationElement } from '../iax';

/** What stands in the place of a secret. */
const mask = '***';

interface Rule {
  readonly pattern: RegExp;
  /** What of a match is kept, with the mask in its place. */
  readonly replace: (match: string, ...parts: string[]) => string;
}

/** A header's value with its folded lines (RFC 3261 section 7.3.1). */
const value = String.raw`[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*`;

const rules: readonly Rule[] = [
  {
    // RFC 3261 section 22: the response lets anybody who has the rest try passwords, and Basic is the password.
    pattern: new RegExp(String.raw`^((?:proxy-)?authorization[ \t]*:(?:[ \t]|\r?\n[ \t])*)([^\s,]*)(${value})`, 'gim'),
    replace: (_, name = '', scheme = '', rest = '') => `${name}${scheme}${scheme.toLowerCase() === 'digest' ? maskResponse(rest) : maskAll(rest)}`,
  },
  {
    // RFC 7616 section 3.5: made with the password as well.
    pattern: new RegExp(String.raw`^((?:proxy-)?authentication-info[ \t]*:)(${value})`, 'gim'),
    replace: (_, name = '', rest = '') => `${name}${maskParameter(rest, 'rspauth')}`,
  },
  // The same header within a URI (RFC 3261 section 19.1.1), as Refer-To may have it.
  { pattern: /([?&](?:proxy-)?authorization=)[^&>\s]*/gim, replace: (_, name = '') => `${name}${mask}` },
  // RFC 4568 section 6.1: the media's key.
  { pattern: /^(a=crypto:[^\r\n]*?inline:)[^\r\n]*/gim, replace: (_, start = '') => `${start}${mask}` },
  // RFC 8839 section 5.4, RFC 4567 section 3, RFC 2327 section 6.
  { pattern: /^(a=ice-pwd:|a=key-mgmt:|k=)[^\r\n]*/gim, replace: (_, start = '') => `${start}${mask}` },
  // RFC 3261 section 19.1.1: a password in a URI, which nobody should write; and that of IAX2 (RFC 5456 section 5).
  { pattern: /\b((?:sips?|iax2?):[^\s:@<>";]+:)[^\s@<>"]+(?=@)/gim, replace: (_, user = '') => `${user}${mask}` },
];

/**
 * The text of a message, or any part of it, without its secrets: the answers to digest challenges and other credentials,
 * keys of media, passwords in URIs. All that leaves for somebody else's eyes as a picture or a page goes through here. A
 * capture or a trace is what was on the wire, octet for octet, and is not masked.
 */
export function maskSecrets(text: string): string {
  return rules.reduce((masked, { pattern, replace }) => masked.replace(pattern, replace), text);
}

/** As {@link maskSecrets}, for the octets of a message: those that are no secret stay as they are. */
export function maskOctets({ transport, bytes }: { readonly transport: string; readonly bytes: Uint8Array }): Uint8Array {
  if (transport === 'iax2') return maskFrame(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return Buffer.from(maskSecrets(text), 'latin1');
}

/** What proves a password in IAX2, or is one, or a key (RFC 5456 section 8.6). */
const secretElements: ReadonlySet<string> = new Set(['password', 'md5Result', 'rsaResult', 'encryptionKey']);
const star = 0x2a;

/** A frame keeps its length: its secrets become stars, in its text and in its octets. */
function maskFrame(bytes: Uint8Array): Uint8Array {
  const masked = Uint8Array.from(bytes);
  for (const { name, dataRange } of elementsOf(bytes)) {
    if (name !== undefined && secretElements.has(name)) masked.fill(star, dataRange.start, dataRange.end);
  }
  return masked;
}

function elementsOf(bytes: Uint8Array): readonly InformationElement[] {
  try {
    const frame = decodeFrame(bytes);
    return frame instanceof FullFrame ? frame.elements : [];
  } catch (error) {
    if (error instanceof IaxFrameError) return [];
    throw error;
  }
}

function maskResponse(rest: string): string {
  return maskParameter(rest, 'response');
}

function maskParameter(text: string, name: string): string {
  const parameter = new RegExp(String.raw`(\b${name}\s*=\s*)(?:"(?:[^"\\]|\\[^])*"?|[^\s,"]+)`, 'gi');
  return text.replace(parameter, (_, start: string) => `${start}"${mask}"`);
}

function maskAll(rest: string): string {
  return rest.trim() === '' ? rest : ` ${mask}`;
}
