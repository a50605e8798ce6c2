import { formatAddress } from '../net';
import type { Journal } from '../trace';
import type { CapturedPacket } from './captured-packet';

/**
 * What a capture beside the lab would have seen of a journal: each packet once. Of a packet between two phones of one lab
 * the journal has two records; the one of its sending stands for both, so that a packet lost on the way is there too.
 */
export function packetsOfJournal(journal: Journal): CapturedPacket[] {
  const ownSources = new Set<string>();
  for (const { direction, transport, source } of journal.packets()) {
    if (direction === 'sent') ownSources.add(`${transport} ${formatAddress(source)}`);
  }
  const packets: CapturedPacket[] = [];
  for (const { at, direction, transport, source, destination, bytes } of journal.packets()) {
    if (direction === 'received' && ownSources.has(`${transport} ${formatAddress(source)}`)) continue;
    // What TLS and WebSocket carried is written as on bare TCP: their readers want the messages, not the octets around them.
    const carrier = transport === 'udp' || transport === 'iax2' ? 'udp' : 'tcp';
    packets.push({ at: journal.startedAt.getTime() + at, transport: carrier, source, destination, bytes });
  }
  return packets;
}
