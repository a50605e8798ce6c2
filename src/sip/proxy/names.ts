import { formatUri, type SipUri } from '../message';
import type { Hop } from '../transaction';

/** By what names a proxy is known: its domain, and the address it listens at. */
export class ProxyNames {
  readonly domain: string;
  readonly host: string;
  readonly port: number;

  constructor(domain: string, address: { readonly host: string; readonly port: number }) {
    this.domain = domain.toLowerCase();
    this.host = address.host;
    this.port = address.port;
  }

  /** Whether host and port of a URI name us: then we are responsible for it (RFC 3261 section 16.5). */
  isOurs(uri: SipUri): boolean {
    const host = uri.host.toLowerCase();
    if (host === this.domain) return uri.port === undefined || uri.port === this.port;
    return this.isOurAddress(host, uri.port);
  }

  /** Whether a sent-by of a Via is ours. */
  isOurAddress(host: string, port: number | undefined): boolean {
    return host.toLowerCase() === this.host && (port ?? 5060) === this.port;
  }

  /** How requests are led back to us over `transport`, as a value of Record-Route (RFC 3261 section 16.6 step 4). */
  route(transport: Hop['transport']): string {
    const params = new Map<string, string | undefined>(transport === 'udp' ? [] : [['transport', transport]]);
    return `<${formatUri({ host: this.host, port: this.port, params: params.set('lr', undefined) })}>`;
  }
}
