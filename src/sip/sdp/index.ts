export { type AudioStream, type Law, type LawFormat, readAudioStream } from './audio-stream';
export type {
  Attribute,
  Bandwidth,
  Connection,
  Located,
  MediaDescription,
  Origin,
  ParsedMedia,
  ParsedSession,
  SdpNote,
  SessionDescription,
  Timing,
} from './description';
export type { Direction, HoldStyle } from './direction';
export { SdpError } from './error';
export { formatSdp } from './format';
export { MediaNegotiation, type MediaNegotiationOptions, type NegotiatedMedia } from './negotiation';
export { parseSdp } from './parse';
