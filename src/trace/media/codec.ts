import type { Law } from '../../media';

/** The static payload types of RTP (RFC 3551 section 6). */
const staticEncodings: Readonly<Record<number, string>> = {
  0: 'PCMU', 3: 'GSM', 4: 'G723', 5: 'DVI4', 6: 'DVI4', 7: 'LPC', 8: 'PCMA', 9: 'G722', 10: 'L16', 11: 'L16', 12: 'QCELP', 13: 'CN',
  14: 'MPA', 15: 'G728', 16: 'DVI4', 17: 'DVI4', 18: 'G729', 19: 'CN', 26: 'JPEG', 31: 'H261', 32: 'MPV', 33: 'MP2T', 34: 'H263',
};

/** What people call an encoding whose name is not what they call it. */
const titles: Readonly<Record<string, string>> = {
  PCMU: 'G.711 u-law', PCMA: 'G.711 A-law', G722: 'G.722', G723: 'G.723.1', 'G723.1': 'G.723.1', G728: 'G.728', G729: 'G.729', ILBC: 'iLBC', OPUS: 'Opus',
  SPEEX: 'Speex', L16: 'linear PCM', SLIN: 'linear PCM', CN: 'comfort noise', 'TELEPHONE-EVENT': 'keys', H261: 'H.261', H263: 'H.263', H264: 'H.264',
};

/** The encoding of a payload type: as an SDP named it, or by RFC 3551; empty when neither knows it. In capitals. */
export function encodingOf(payloadType: number, said: ReadonlyMap<number, string> | undefined): string {
  return said?.get(payloadType) ?? staticEncodings[payloadType] ?? '';
}

/** `G.711 u-law`; an encoding nobody has a better name for keeps its own, and none is empty. */
export function codecTitle(encoding: string): string {
  return titles[encoding.toUpperCase()] ?? encoding.replace(/[\p{C}\s]+/gu, ' ').slice(0, 32);
}

/** The law to read its sound by; undefined for what cannot be read here. */
export function lawOf(encoding: string): Law | undefined {
  if (encoding === 'PCMU') return 'pcmu';
  return encoding === 'PCMA' ? 'pcma' : undefined;
}

/** Whether an encoding carries what is neither voice nor picture: keys pressed, or the word that nobody speaks. */
export function isAside(encoding: string): boolean {
  return encoding === 'CN' || encoding === 'TELEPHONE-EVENT';
}
