/** Frame types of full frames (RFC 5456 section 8.2, RFC 5457; DTMF begin is the field's). */
export const frameTypes = {
  dtmf: 1,
  voice: 2,
  video: 3,
  control: 4,
  null: 5,
  iax: 6,
  text: 7,
  image: 8,
  html: 9,
  comfortNoise: 10,
  modem: 11,
  dtmfBegin: 12,
} as const;

/** Subclasses of IAX frames (RFC 5456 section 8.4). TXMEDIA, RTKEY and CALLTOKEN have the numbers that the field uses. */
export const commands = {
  NEW: 1,
  PING: 2,
  PONG: 3,
  ACK: 4,
  HANGUP: 5,
  REJECT: 6,
  ACCEPT: 7,
  AUTHREQ: 8,
  AUTHREP: 9,
  INVAL: 10,
  LAGRQ: 11,
  LAGRP: 12,
  REGREQ: 13,
  REGAUTH: 14,
  REGACK: 15,
  REGREJ: 16,
  REGREL: 17,
  VNAK: 18,
  DPREQ: 19,
  DPREP: 20,
  DIAL: 21,
  TXREQ: 22,
  TXCNT: 23,
  TXACC: 24,
  TXREADY: 25,
  TXREL: 26,
  TXREJ: 27,
  QUELCH: 28,
  UNQUELCH: 29,
  POKE: 30,
  PAGE: 31,
  MWI: 32,
  UNSUPPORT: 33,
  TRANSFER: 34,
  PROVISION: 35,
  FWDOWNL: 36,
  FWDATA: 37,
  TXMEDIA: 38,
  RTKEY: 39,
  CALLTOKEN: 40,
} as const;

/** Subclasses of control frames (RFC 5456 section 8.3, and what the field added); -1 stops the sounds of a switch. */
export const controls = {
  HANGUP: 1,
  RING: 2,
  RINGING: 3,
  ANSWER: 4,
  BUSY: 5,
  TAKEOFFHOOK: 6,
  OFFHOOK: 7,
  CONGESTION: 8,
  FLASH: 9,
  WINK: 10,
  OPTION: 11,
  KEY: 12,
  UNKEY: 13,
  PROGRESS: 14,
  PROCEEDING: 15,
  HOLD: 16,
  UNHOLD: 17,
  VIDUPDATE: 18,
  CONNECTED_LINE: 22,
  REDIRECTING: 23,
  T38_PARAMETERS: 24,
  AOC: 28,
  INCOMPLETE: 30,
  MCID: 31,
  'STOP SOUNDS': -1,
} as const;

/** Bit masks of the codecs we know by name (RFC 5456 section 8.7, and the field's additions). */
export const codecs = {
  'G.723.1': 1,
  GSM: 2 ** 1,
  PCMU: 2 ** 2,
  PCMA: 2 ** 3,
  'G.726 AAL2': 2 ** 4,
  ADPCM: 2 ** 5,
  SLIN: 2 ** 6,
  LPC10: 2 ** 7,
  'G.729': 2 ** 8,
  Speex: 2 ** 9,
  iLBC: 2 ** 10,
  'G.726': 2 ** 11,
  'G.722': 2 ** 12,
  Siren7: 2 ** 13,
  Siren14: 2 ** 14,
  SLIN16: 2 ** 15,
  'H.261': 2 ** 18,
  'H.263': 2 ** 19,
  'H.263+': 2 ** 20,
  'H.264': 2 ** 21,
  MPEG4: 2 ** 22,
  VP8: 2 ** 23,
  'G.719': 2 ** 32,
  Speex16: 2 ** 33,
  Opus: 2 ** 34,
} as const;

export type CommandName = keyof typeof commands;
export type ControlName = keyof typeof controls;
export type CodecName = keyof typeof codecs;

const frameTypeTitles: ReadonlyMap<number, string> = new Map<number, string>([
  [frameTypes.dtmf, 'DTMF'],
  [frameTypes.voice, 'VOICE'],
  [frameTypes.video, 'VIDEO'],
  [frameTypes.control, 'CONTROL'],
  [frameTypes.null, 'NULL'],
  [frameTypes.iax, 'IAX'],
  [frameTypes.text, 'TEXT'],
  [frameTypes.image, 'IMAGE'],
  [frameTypes.html, 'HTML'],
  [frameTypes.comfortNoise, 'COMFORT NOISE'],
  [frameTypes.modem, 'MODEM'],
  [frameTypes.dtmfBegin, 'DTMF BEGIN'],
]);

/** What people call a frame type; `type 77` for one that nobody knows. */
export function frameTypeTitle(type: number): string {
  return frameTypeTitles.get(type) ?? `type ${String(type)}`;
}

export const commandName = byNumber(commands);
export const controlName = byNumber(controls);
export const codecName = byNumber(codecs);

/** The way back from a number to its name; undefined for a number without one. */
function byNumber<Name extends string>(table: Readonly<Record<Name, number>>): (number: number) => Name | undefined {
  const names = new Map(Object.entries(table).map(([name, number]) => [number as number, name as Name]));
  return (number) => names.get(number);
}
