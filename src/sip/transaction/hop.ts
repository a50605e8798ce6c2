/** What carries SIP: RFC 3261 section 18, and RFC 7118 for WebSocket without and with TLS. */
export type HopTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** Where a message goes or came from: the next hop on the wire. */
export interface Hop {
  readonly transport: HopTransport;
  readonly host: string;
  readonly port: number;
}

export function sameHop(a: Hop, b: Hop): boolean {
  return a.port === b.port && a.host === b.host && a.transport === b.transport;
}

export function formatHop(hop: Hop): string {
  return `${hop.transport}:${hop.host.includes(':') ? `[${hop.host}]` : hop.host}:${String(hop.port)}`;
}
