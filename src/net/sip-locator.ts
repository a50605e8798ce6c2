import { CallLabError, type RandomSource, randomInteger } from '../core';
import { canonicalHost } from './address';
import type { SocketAddress, TransportProtocol } from './network';

/** What is asked of DNS. An answer that does not exist is an empty list; every other failure is thrown. */
export interface DnsQueries {
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** IPv4 and IPv6 addresses, in the order they shall be tried. */
  addresses(name: string): Promise<readonly string[]>;
}

/** RFC 3403. */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

/** RFC 2782. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly name: string;
  readonly port: number;
}

/** Whom a SIP URI or a Via means, as far as it says so. */
export interface Sought {
  readonly host: string;
  readonly port?: number | undefined;
  readonly transport?: TransportProtocol | undefined;
  /** Nothing but TLS will do: the URI is sips. */
  readonly secure?: boolean;
}

/** One place to try; whom its certificate must name is what was sought (RFC 5922 section 7.1), not where it was found. */
export interface Located extends SocketAddress {
  readonly transport: TransportProtocol;
  readonly serverName: string;
}

interface Service {
  readonly transport: TransportProtocol;
  readonly secure: boolean;
  /** What precedes the domain in the name of its SRV records. */
  readonly prefix: string;
  readonly defaultPort: number;
}

/** RFC 3263 section 4.1 and RFC 7118 section 5.5, in the order we try them when DNS leaves the choice to us. */
const services: ReadonlyMap<string, Service> = new Map([
  ['SIPS+D2T', { transport: 'tls', secure: true, prefix: '_sips._tcp', defaultPort: 5061 }],
  ['SIP+D2U', { transport: 'udp', secure: false, prefix: '_sip._udp', defaultPort: 5060 }],
  ['SIP+D2T', { transport: 'tcp', secure: false, prefix: '_sip._tcp', defaultPort: 5060 }],
  ['SIPS+D2W', { transport: 'wss', secure: true, prefix: '_sips._ws', defaultPort: 443 }],
  ['SIP+D2W', { transport: 'ws', secure: false, prefix: '_sip._ws', defaultPort: 80 }],
]);

/** A zone may name no more places than this, so that one call does not become a flood. */
const mostPlaces = 16;

/**
 * Finds where to send a request (RFC 3263 section 4): the places to try, the best first. Literal addresses and `localhost`
 * need no question. Whether a place may be reached is for the network to say when it is tried.
 */
export class SipLocator {
  readonly #dns: DnsQueries;
  readonly #random: RandomSource;

  constructor(dns: DnsQueries, random: RandomSource) {
    this.#dns = dns;
    this.#random = random;
  }

  /** Throws CL1003 when there is no such name, or DNS does not answer. */
  async locate(sought: Sought): Promise<readonly Located[]> {
    const literal = canonicalHost(sought.host);
    if (literal !== undefined) return [placeOf(literal, sought.port, serviceOf(sought), sought)];
    let places: readonly Located[];
    try {
      places = await this.#find(sought);
    } catch (cause) {
      throw new CallLabError('CL1003', `DNS did not say where ${sought.host} is: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
    }
    if (places.length === 0) throw new CallLabError('CL1003', `DNS knows no place for ${sought.host}.`);
    return places.slice(0, mostPlaces);
  }

  async #find(sought: Sought): Promise<readonly Located[]> {
    // RFC 3263 4.2: who names a port means the host itself.
    if (sought.port !== undefined) return this.#placesAt(sought.host, sought.port, serviceOf(sought), sought);
    const candidates = sought.transport === undefined ? await this.#byNaptr(sought) : [bySrvOf(serviceOf(sought), sought.host)];
    const places: Located[] = [];
    for (const { name, service } of candidates) {
      if (places.length >= mostPlaces) break;
      places.push(...(await this.#bySrv(name, service, sought)));
    }
    if (places.length > 0) return places;
    const service = serviceOf(sought);
    return this.#placesAt(sought.host, service.defaultPort, service, sought);
  }

  /** RFC 3263 section 4.1: the services in the order of the domain; without any record, in ours. */
  async #byNaptr(sought: Sought): Promise<readonly Candidate[]> {
    const records = await this.#dns.naptr(sought.host);
    const usable = records.flatMap(({ order, preference, flags, service, replacement }) => {
      const known = services.get(service.toUpperCase());
      const isUsable = known !== undefined && flags.toLowerCase() === 's' && (known.secure || sought.secure !== true);
      return isUsable ? [{ order, preference, name: replacement, service: known }] : [];
    });
    if (usable.length > 0) return usable.sort((a, b) => a.order - b.order || a.preference - b.preference).slice(0, mostPlaces);
    // WebSocket is spoken only where somebody says so.
    const own = [...services.values()].filter(({ secure, transport }) => transport !== 'ws' && transport !== 'wss' && secure === (sought.secure === true));
    return own.map((service) => bySrvOf(service, sought.host));
  }

  async #bySrv(name: string, service: Service, sought: Sought): Promise<readonly Located[]> {
    const records = await this.#dns.srv(name);
    const places: Located[] = [];
    // RFC 2782: a single record with the root as its target says that the service is not there.
    for (const { name: host, port } of this.#inOrder(records.filter((record) => record.name !== '' && record.name !== '.'))) {
      if (places.length >= mostPlaces) break;
      places.push(...(await this.#placesAt(host, port, service, sought)));
    }
    return places;
  }

  /** RFC 2782: by priority; within one, drawn by weight, where a weight of 0 has a small chance of being first. */
  #inOrder(records: readonly SrvRecord[]): readonly SrvRecord[] {
    const ordered: SrvRecord[] = [];
    const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
    for (const priority of priorities) {
      const left = records.filter((record) => record.priority === priority).sort((a, b) => a.weight - b.weight);
      while (left.length > 0) {
        const total = left.reduce((sum, { weight }) => sum + weight, 0);
        const drawn = randomInteger(this.#random, total + 1);
        let sum = 0;
        const index = left.findIndex(({ weight }) => (sum += weight) >= drawn);
        ordered.push(...left.splice(Math.max(index, 0), 1));
      }
    }
    return ordered;
  }

  async #placesAt(name: string, port: number, service: Service, sought: Sought): Promise<readonly Located[]> {
    const literal = canonicalHost(name);
    const hosts = literal === undefined ? await this.#dns.addresses(name) : [literal];
    return hosts.map((host) => placeOf(host, port, service, sought));
  }
}

interface Candidate {
  readonly name: string;
  readonly service: Service;
}

function bySrvOf(service: Service, domain: string): Candidate {
  return { name: `${service.prefix}.${domain}`, service };
}

/** RFC 3263 section 4.1: the transport that is named, else TLS for sips and UDP for sip. */
function serviceOf({ transport, secure }: Sought): Service {
  const wanted = transport ?? (secure === true ? 'tls' : 'udp');
  for (const service of services.values()) if (service.transport === wanted) return service;
  throw new CallLabError('CL1003', `Nothing is known of SIP over ${wanted}.`);
}

function placeOf(host: string, port: number | undefined, service: Service, sought: Sought): Located {
  return { host, port: port ?? service.defaultPort, transport: service.transport, serverName: sought.host };
}
