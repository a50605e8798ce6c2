import type { SocketAddress } from '../net';
import type { SipMessage } from '../sip';

/**
 * Which way audio goes, as the party who wrote the SDP sees it (RFC 3264 section 5.1). `c0` is the old hold: address
 * 0.0.0.0.
 */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' | 'c0';

const decoder = new TextDecoder();

/**
 * The direction of the first audio stream, or undefined when the message carries no SDP with one. Reads what it needs
 * and no more: a trace must make sense of SDP that an endpoint would refuse. A stream with port 0 is no stream (RFC
 * 3264 section 5.1).
 */
export function mediaDirection(sip: SipMessage): MediaDirection | undefined {
  const audio = firstAudio(sip);
  if (audio === undefined) return undefined;
  if (isZero(audio.host)) return 'c0';
  return audio.direction;
}

/** Where who wrote the SDP wants the first audio stream (RFC 4566 sections 5.7 and 5.14); undefined when it says nowhere. */
export function mediaAddress(sip: SipMessage): SocketAddress | undefined {
  const audio = firstAudio(sip);
  if (audio?.host === undefined || isZero(audio.host)) return undefined;
  return { host: audio.host, port: audio.port };
}

interface AudioStream {
  readonly direction: Exclude<MediaDirection, 'c0'>;
  readonly host: string | undefined;
  readonly port: number;
}

function firstAudio(sip: SipMessage): AudioStream | undefined {
  if (sip.body.length === 0) return undefined;
  const session: SdpSection = { direction: undefined, address: undefined };
  let port = 0;
  let audio: SdpSection | undefined;
  let section = session;
  for (const line of decoder.decode(sip.body).split(/\r\n|\n|\r/)) {
    if (line.startsWith('m=')) {
      if (audio !== undefined) break;
      section = { direction: undefined, address: undefined };
      port = Number(/^m=audio ([1-9]\d{0,4})\b/.exec(line)?.[1] ?? 0);
      if (port > 0) audio = section;
    } else {
      readLine(line, section);
    }
  }
  if (audio === undefined) return undefined;
  return { direction: audio.direction ?? session.direction ?? 'sendrecv', host: audio.address ?? session.address, port };
}

/** RFC 3264 section 8.4: hold by a zero address, from RFC 2543 on; it must be understood. */
function isZero(host: string | undefined): boolean {
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

interface SdpSection {
  direction: Exclude<MediaDirection, 'c0'> | undefined;
  address: string | undefined;
}

function readLine(line: string, section: SdpSection): void {
  const attribute = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/.exec(line)?.[1];
  if (attribute !== undefined) section.direction = attribute as Exclude<MediaDirection, 'c0'>;
  else section.address ??= /^c=IN IP[46] ([^\s/]+)/.exec(line)?.[1];
}
