import { formatAddress } from '../net';
import type { CapturedPacket } from './captured-packet';
import { ipEnds, tcpFrame, udpFrame } from './ip-writer';

/** One IP packet of a capture file. */
export interface IpFrame {
  /** Microseconds since 1970 (UTC), whole. */
  readonly microseconds: number;
  readonly bytes: Uint8Array;
}

/** What fits into one segment of either IP version without options. */
const MAX_SEGMENT = 0xffff - 40;

/** The sequence number of a synthetic stream's first octet. */
const INITIAL_SEQUENCE = 1;

/**
 * Clothes each packet in IP. Of TCP only the payload is known, so each pair of ends becomes one stream, its sequence and
 * acknowledgement numbers continuous: readers reassemble it. No handshake is made up: one packet is one frame, save that
 * a piece too long for IP becomes several. Throws CL5002.
 */
export function* ipFrames(packets: Iterable<CapturedPacket>): Generator<IpFrame, void> {
  const nextSequence = new Map<string, number>();
  let identification = 0;
  for (const { at, transport, source, destination, bytes } of packets) {
    const microseconds = Math.round(at * 1000);
    const ends = ipEnds(source, destination);
    if (transport === 'udp') {
      yield { microseconds, bytes: udpFrame(ends, bytes, identification++ & 0xffff) };
      continue;
    }
    const [here, there] = [formatAddress(source), formatAddress(destination)];
    const acknowledgement = nextSequence.get(`${there} ${here}`) ?? INITIAL_SEQUENCE;
    for (let start = 0; start < bytes.length; start += MAX_SEGMENT) {
      const piece = bytes.subarray(start, start + MAX_SEGMENT);
      const sequence = nextSequence.get(`${here} ${there}`) ?? INITIAL_SEQUENCE;
      nextSequence.set(`${here} ${there}`, (sequence + piece.length) >>> 0);
      yield { microseconds, bytes: tcpFrame(ends, piece, identification++ & 0xffff, sequence, acknowledgement) };
    }
  }
}
