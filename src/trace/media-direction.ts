import type { SocketAddress } from '../net';
import type { SipMessage } from '../sip';
import { readSdpMedia, type SaidDirection, type SdpMedia } from './sdp-media';

/**
 * Which way audio goes, as the party who wrote the SDP sees it (RFC 3264 section 5.1). `c0` is the old hold: address
 * 0.0.0.0.
 */
export type MediaDirection = SaidDirection | 'c0';

/**
 * The direction of the first audio stream, or undefined when the message carries no SDP with one. A stream with port 0 is no
 * stream (RFC 3264 section 5.1).
 */
export function mediaDirection(sip: SipMessage): MediaDirection | undefined {
  const audio = firstAudio(sip);
  if (audio === undefined) return undefined;
  return isZeroHost(audio.host) ? 'c0' : audio.direction;
}

/** Where who wrote the SDP wants the first audio stream (RFC 4566 sections 5.7 and 5.14); undefined when it says nowhere. */
export function mediaAddress(sip: SipMessage): SocketAddress | undefined {
  const audio = firstAudio(sip);
  if (audio?.host === undefined || isZeroHost(audio.host)) return undefined;
  return { host: audio.host, port: audio.port };
}

function firstAudio(sip: SipMessage): SdpMedia | undefined {
  return readSdpMedia(sip).find(({ kind, port }) => kind === 'audio' && port > 0);
}

/** RFC 3264 section 8.4: hold by a zero address, from RFC 2543 on; it must be understood. */
export function isZeroHost(host: string | undefined): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Whether a party with this direction refuses to hear the other: it holds. */
export function refusesToHear(direction: MediaDirection): boolean {
  return direction === 'sendonly' || direction === 'inactive' || direction === 'c0';
}

/** Who holds whom after an offer was answered. */
export interface HoldPair {
  readonly offerer: boolean;
  readonly answerer: boolean;
}

/**
 * Each side holds its own incoming direction. An answer must not give more than the offer took (RFC 3264 section 6.1):
 * inactive for inactive, sendonly for recvonly say nothing about the answerer's own wish, so that it stays what it was.
 */
export function holdsAfter(offer: MediaDirection, answer: MediaDirection, before: HoldPair): HoldPair {
  const offererHears = offer === 'sendrecv' || offer === 'recvonly';
  const answererCouldHear = offer !== 'inactive' && offer !== 'recvonly';
  return { offerer: !offererHears, answerer: answererCouldHear ? refusesToHear(answer) : before.answerer };
}
