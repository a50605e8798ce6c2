import type { SocketAddress } from '../net';

const addressPattern = /^(?:\[([^\]\s]+)\]|([^:\s[\]]+)):(\d{1,5})$/;

/** Reads `127.0.0.1:5060` or `[::1]:5060`, as `formatAddress` writes them; undefined when `text` is no address. */
export function parseAddress(text: string): SocketAddress | undefined {
  const match = addressPattern.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}
