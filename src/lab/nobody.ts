import type { Hop } from '../sip';

/**
 * Whether a hop is a WebSocket client that nobody can connect to: it goes by a name that leads nowhere (RFC 7118 section
 * 5.2, RFC 2606), and is reached over the connection it made, or not at all.
 */
export function isNobody({ transport, host }: Pick<Hop, 'transport' | 'host'>): boolean {
  return (transport === 'ws' || transport === 'wss') && host.toLowerCase().endsWith('.invalid');
}
