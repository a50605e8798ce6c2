/** Where a peer is: an IP address without brackets, and a UDP port. */
export interface IaxAddress {
  readonly host: string;
  readonly port: number;
}

/** The default port of IAX2 (RFC 5456 section 8). */
export const defaultIaxPort = 4569;

export function sameAddress(a: IaxAddress, b: IaxAddress): boolean {
  return a.port === b.port && a.host === b.host;
}

/** `127.0.0.1:4569`, `[::1]:4569`: for people, and as a key. */
export function addressText({ host, port }: IaxAddress): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}
