import { formatUri, type SipUri } from '../message';
import type { Hop } from '../transaction';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** By what names a proxy is known: its domain, and the addresses it listens at. */
export class ProxyNames {
  readonly domain: string;
  readonly #addresses: ReadonlyMap<Hop['transport'], Address>;

  /** UDP is among the addresses. */
  constructor(domain: string, addresses: ReadonlyMap<Hop['transport'], Address>) {
    this.domain = domain.toLowerCase();
    this.#addresses = addresses;
  }

  /** Whether host and port of a URI name us: then we are responsible for it (RFC 3261 section 16.5). */
  isOurs(uri: SipUri): boolean {
    const host = uri.host.toLowerCase();
    if (host === this.domain && uri.port === undefined) return true;
    const port = uri.port ?? 5060;
    return this.#listens((address) => address.port === port && (host === this.domain || host === address.host));
  }

  /** Whether a sent-by of a Via is ours. */
  isOurAddress(host: string, port: number | undefined): boolean {
    return this.#listens((address) => address.host === host.toLowerCase() && address.port === (port ?? 5060));
  }

  /** Where we are reached over `transport`. */
  addressFor(transport: Hop['transport']): Address {
    const address = this.#addresses.get(transport) ?? this.#addresses.get('udp');
    if (address === undefined) throw new Error('the proxy listens nowhere');
    return address;
  }

  /** How requests are led back to us over `transport`, as a value of Record-Route (RFC 3261 section 16.6 step 4). */
  route(transport: Hop['transport']): string {
    const { host, port } = this.addressFor(transport);
    const params = new Map<string, string | undefined>(transport === 'udp' ? [] : [['transport', transport]]);
    return `<${formatUri({ host, port, params: params.set('lr', undefined) })}>`;
  }

  #listens(isMeant: (address: Address) => boolean): boolean {
    return [...this.#addresses.values()].some(isMeant);
  }
}
