import type { SocketAddress } from '../net';

/** `127.0.0.1:5060`, `[::1]:5060`: what is shown, and what addresses are compared by. */
export function addressText({ host, port }: SocketAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const addressPattern = /^(?:\[([^\]\s]+)\]|([^:\s[\]]+)):(\d{1,5})$/;

/** The reverse of {@link addressText}; undefined when `text` is no address. */
export function parseAddress(text: string): SocketAddress | undefined {
  const match = addressPattern.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}
