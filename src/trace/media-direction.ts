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
  if (sip.body.length === 0) return undefined;
  const session: SdpSection = { direction: undefined, address: undefined };
  let audio: SdpSection | undefined;
  let section = session;
  for (const line of decoder.decode(sip.body).split(/\r\n|\n|\r/)) {
    if (line.startsWith('m=')) {
      if (audio !== undefined) break;
      section = { direction: undefined, address: undefined };
      if (/^m=audio [1-9]/.test(line)) audio = section;
    } else {
      readLine(line, section);
    }
  }
  if (audio === undefined) return undefined;
  const address = audio.address ?? session.address;
  // RFC 3264 section 8.4: hold by a zero address, from RFC 2543 on; it must be understood.
  if (address === '0.0.0.0' || address === '::') return 'c0';
  return audio.direction ?? session.direction ?? 'sendrecv';
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
  direction: MediaDirection | undefined;
  address: string | undefined;
}

function readLine(line: string, section: SdpSection): void {
  const attribute = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/.exec(line)?.[1];
  if (attribute !== undefined) section.direction = attribute as MediaDirection;
  else section.address ??= /^c=IN IP[46] ([^\s/]+)/.exec(line)?.[1];
}
