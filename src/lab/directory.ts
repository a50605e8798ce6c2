import { CallLabError } from '../core';
import { canonicalHost, type SocketAddress, formatAddress, isLoopback, sameAddress } from '../net';
import { type HopTransport, parseUri, type SipUri, uriAddress } from '../sip';
import type { PhoneTransport } from './phone-options';

interface Listed {
  readonly addresses: ReadonlyMap<HopTransport, SocketAddress>;
  readonly uri: string;
}

/** The phones of a lab by name and address: turns what a person types into a URI, and an address back into a name. */
export class Directory {
  readonly #phones = new Map<string, Listed>();
  readonly #allowBeyondLoopback: boolean;

  constructor(allowBeyondLoopback: boolean) {
    this.#allowBeyondLoopback = allowBeyondLoopback;
  }

  /** `uri` is where the phone is reached over UDP. */
  add(name: string, addresses: ReadonlyMap<HopTransport, SocketAddress>, uri: string): void {
    this.#phones.set(name, { addresses, uri });
  }

  clear(): void {
    this.#phones.clear();
  }

  get names(): readonly string[] {
    return [...this.#phones.keys()];
  }

  /** The URI a person means by `target`: a phone's name, or a SIP URI. Throws CL2002 or CL1002. */
  resolve(target: string, transport: PhoneTransport): SipUri {
    const listed = this.#phones.get(target);
    if (listed !== undefined) return reachOver(transport, target, listed);
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
    if (this.#allowBeyondLoopback || isLoopback(canonicalHost(uriAddress(uri).host) ?? '')) return undefined;
    return `${uri.host} is not on this machine, and Call Lab calls nobody beyond it`;
  }

  /** The phone at `address`, if it is one of ours. */
  nameAt(address: SocketAddress): string | undefined {
    const meant = { host: canonicalHost(address.host) ?? address.host, port: address.port };
    for (const [name, { addresses }] of this.#phones) {
      for (const own of addresses.values()) if (sameAddress(own, meant)) return name;
    }
    return undefined;
  }

  /** What to call the party behind a URI: our phone's name, else the user part, else the address. */
  nameOf(uriText: string): string {
    let uri: SipUri;
    try {
      uri = parseUri(uriText);
    } catch {
      return uriText;
    }
    const address = uriAddress(uri);
    return this.nameAt(address) ?? uri.user ?? formatAddress(address);
  }
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
