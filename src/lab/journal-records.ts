import type { TappedPacket } from '../net';
import type { Journal } from '../trace';

/** Writes packets into the journal as they are tapped; returns the number of each entry. */
export function journalTap(journal: Journal, owner: string, protocol: 'sip' | 'rtp'): (packet: TappedPacket) => number {
  return ({ direction, protocol: transport, source, destination, bytes }) =>
    journal.append({ kind: 'packet', owner, direction, protocol, transport, source, destination, bytes }).seq;
}
