import { CallLabError } from '../core';
import { canonicalHost, type SocketAddress, formatAddress, isLoopback, sameAddress } from '../net';
import { formatUri, type HopTransport, isSipUri, parseUri, type SipUri, uriAddress } from '../sip';
import { isNobody } from './nobody';
import type { PhoneTransport } from './phone-options';

interface Listed {
  readonly addresses: ReadonlyMap<HopTransport, SocketAddress>;
  readonly uri: string;
  /** By what name it can be called through a proxy. */
  readonly addressOfRecord: string | undefined;
}

/** A server of the lab, as its phones need to know it. */
export interface ListedServer {
  readonly name: string;
  readonly domain: string;
  /** Of its passwords; undefined when it asks for none. */
  readonly realm: string | undefined;
  readonly addresses: ReadonlyMap<HopTransport, SocketAddress>;
  /** The value of a Route that leads there over `transport`. */
  route(transport: HopTransport): string;
}

/** What all views of one directory share. */
interface Entries {
  readonly allowBeyondLoopback: boolean;
  readonly phones: Map<string, Listed>;
  readonly servers: Map<string, ListedServer>;
  /** Phones of the lab that speak IAX2. */
  readonly foreign: Set<string>;
}

/** Who looks things up: through a proxy others are reached by other URIs. */
export interface Viewer {
  /** Whether what it sends outside a dialog goes through a proxy. */
  readonly hasProxy: () => boolean;
}

/** The phones of a lab by name and address: turns what a person types into a URI, and an address back into a name. */
export class Directory {
  readonly #entries: Entries;
  readonly #viewer: Viewer | undefined;

  constructor(allowBeyondLoopback: boolean, shared?: { readonly entries: Entries; readonly viewer: Viewer }) {
    this.#entries = shared?.entries ?? { allowBeyondLoopback, phones: new Map(), servers: new Map(), foreign: new Set() };
    this.#viewer = shared?.viewer;
  }

  /** The same directory as one of its phones sees it. */
  seenBy(viewer: Viewer): Directory {
    return new Directory(this.#entries.allowBeyondLoopback, { entries: this.#entries, viewer });
  }

  /** `uri` is where the phone is reached over UDP. */
  add(name: string, addresses: ReadonlyMap<HopTransport, SocketAddress>, uri: string, addressOfRecord?: string): void {
    this.#entries.phones.set(name, { addresses, uri, addressOfRecord });
  }

  /** A phone of the lab that no SIP phone can call. */
  addForeign(name: string): void {
    this.#entries.foreign.add(name);
  }

  addServer(server: ListedServer): void {
    this.#entries.servers.set(server.name, server);
  }

  server(name: string): ListedServer | undefined {
    return this.#entries.servers.get(name);
  }

  /** Whether a server of the lab is at `address`. */
  isServerAt(address: SocketAddress): boolean {
    const meant = { host: canonicalHost(address.host) ?? address.host, port: address.port };
    return [...this.#entries.servers.values()].some(({ addresses }) => [...addresses.values()].some((own) => sameAddress(own, meant)));
  }

  clear(): void {
    this.#entries.phones.clear();
    this.#entries.servers.clear();
    this.#entries.foreign.clear();
  }

  get names(): readonly string[] {
    return [...this.#entries.phones.keys()];
  }

  /** The URI a person means by `target`: a phone's name, or a SIP URI. Throws CL2002 or CL1002. */
  resolve(target: string, transport: PhoneTransport): SipUri {
    const listed = this.#entries.phones.get(target);
    const hasProxy = this.#viewer?.hasProxy() === true;
    // A proxy looks up where they are; without one, we know it ourselves.
    if (hasProxy && listed?.addressOfRecord !== undefined) return parseUri(listed.addressOfRecord);
    if (listed !== undefined) return reachOver(transport, target, listed);
    if (this.#entries.foreign.has(target)) throw new CallLabError('CL2002', `${target} speaks IAX2, and only SIP can be called from here`);
    let uri: SipUri;
    try {
      uri = parseUri(target);
    } catch {
      throw new CallLabError('CL2002', `"${target}" is neither a phone (${this.names.join(', ')}) nor a SIP URI`);
    }
    if (uri.scheme !== 'sip') {
      throw new CallLabError('CL2002', refuseScheme(uri, target));
    }
    const refusal = this.refusalToCall(uri);
    if (refusal !== undefined) throw new CallLabError('CL1002', refusal);
    return uri;
  }

  /** Why `uri` must not be called, or undefined. */
  refusalToCall(uri: SipUri): string | undefined {
    if (uri.scheme !== 'sip') return refuseScheme(uri, uri.toString());
    // Where a proxy leads is the proxy's business; it is on this machine, and has the same scruples.
    if (this.#viewer?.hasProxy() === true) return undefined;
    // A WebSocket client is reached over the connection it made to this machine, or not at all.
    if (isNobody(uriAddress(uri))) return undefined;
    if (this.#entries.allowBeyondLoopback || isLoopback(canonicalHost(uriAddress(uri).host) ?? '')) return undefined;
    return `${uri.host} is not on this machine, and Call Lab calls nobody beyond it`;
  }

  /** The phone at `address`, if it is one of ours. */
  nameAt(address: SocketAddress): string | undefined {
    const meant = { host: canonicalHost(address.host) ?? address.host, port: address.port };
    for (const [name, { addresses }] of this.#entries.phones) {
      for (const own of addresses.values()) if (sameAddress(own, meant)) return name;
    }
    return undefined;
  }

  /** The phone that a URI leads to, by its address or by its address of record, if it is one of ours. */
  nameBehind(uri: SipUri): string | undefined {
    const record = addressOf(uri);
    const named = [...this.#entries.phones].filter(([, { addressOfRecord }]) => record !== undefined && addressOfRecord === record);
    const [only, second] = named;
    // Several phones may share one name; then it is nobody's alone.
    if (only !== undefined && second === undefined) return only[0];
    return isSipUri(uri) ? this.nameAt(uriAddress(uri)) : undefined;
  }

  /** What to call the party behind a URI: our phone's name, else the user part, else the address. */
  nameOf(uriText: string): string {
    let uri: SipUri;
    try {
      uri = parseUri(uriText);
    } catch {
      return uriText;
    }
    return this.nameBehind(uri) ?? uri.user ?? formatAddress(uriAddress(uri));
  }
}

/** A URI without all that is no part of an address of record (RFC 3261 section 10.3 step 5). */
function addressOf(uri: SipUri): string | undefined {
  if (!isSipUri(uri) || uri.user === undefined) return undefined;
  return formatUri({ user: uri.user, host: uri.host.toLowerCase(), port: uri.port });
}

/** The URI at which a phone of the lab is reached over `transport`. Throws CL2002 when it does not listen for it. */
function reachOver(transport: PhoneTransport, name: string, { addresses, uri }: Listed): SipUri {
  if (transport === 'udp') return parseUri(uri);
  const address = addresses.get(transport);
  if (address === undefined) throw new CallLabError('CL2002', `${name} does not listen for ${transport.toUpperCase()}`);
  return parseUri(uriOver(transport, name, address));
}

/** The URI of a user at an address, reached over one transport: what stands in Contact. */
export function uriOver(transport: HopTransport, user: string, address: SocketAddress): string {
  const uri = `sip:${user}@${formatAddress(address)}`;
  return transport === 'udp' ? uri : `${uri};transport=${transport}`;
}

/**
 * sips: promises that every hop up to the person called is secured, and not only ours (RFC 5630 section 3.1.3): we
 * promise nothing that we cannot see to.
 */
function refuseScheme(uri: SipUri, target: string): string {
  if (uri.scheme !== 'sips') return `"${target}" has the scheme ${uri.scheme}:, and only sip: can be called`;
  return `"${target}" asks for TLS all the way, which Call Lab cannot promise; write sip: with ;transport=tls for TLS to the next hop`;
}
