import { isIP, isIPv4 } from 'node:net';
import type { SocketAddress } from './network';

/** `127.0.0.1:5060`, `[::1]:5060`. */
export function formatAddress({ host, port }: SocketAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function sameAddress(a: SocketAddress, b: SocketAddress): boolean {
  return a.port === b.port && a.host === b.host;
}

/**
 * The one spelling of an IP address under which it can be compared: no brackets, IPv6 as RFC 5952 writes it, an
 * IPv4-mapped address as IPv4, `localhost` as 127.0.0.1 (RFC 6761 section 6.3). Undefined when `host` is no address:
 * names are never looked up.
 */
export function canonicalHost(host: string): string | undefined {
  if (isIPv4(host)) return host;
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (bare.toLowerCase() === 'localhost') return '127.0.0.1';
  if (isIP(bare) !== 6 || bare.includes('%')) return undefined;
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  return mapped === null ? canonical : mappedToIPv4(mapped[1] ?? '', mapped[2] ?? '');
}

/** Whether a canonical host is in 127.0.0.0/8 or is ::1. */
export function isLoopback(host: string): boolean {
  return host === '::1' || (host.startsWith('127.') && isIPv4(host));
}

/** Whether `port` can be sent to. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}

/** The 4 or 16 octets of a canonical host, in network order. */
export function hostOctets(host: string): number[] {
  if (isIPv4(host)) return host.split('.').map(Number);
  const [head = '', tail = ''] = host.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

/** The canonical host of 4 or 16 octets in network order. */
export function hostFromOctets(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const groups: string[] = [];
  for (let at = 0; at < octets.length; at += 2) groups.push((((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16));
  return canonicalHost(groups.join(':')) ?? groups.join(':');
}

function mappedToIPv4(high: string, low: string): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 0xff, b >> 8, b & 0xff].join('.');
}
