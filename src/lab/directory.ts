import { CallLabError } from '../core';
import { canonicalHost, type SocketAddress, formatAddress, isLoopback, sameAddress } from '../net';
import { parseUri, type SipUri, uriAddress } from '../sip';
import type { PhoneTransport } from './phone-options';

interface Listed {
  readonly address: SocketAddress;
  readonly uri: string;
}

/** The phones of a lab by name and address: turns what a person types into a URI, and an address back into a name. */
export class Directory {
  readonly #phones = new Map<string, Listed>();
  readonly #allowBeyondLoopback: boolean;

  constructor(allowBeyondLoopback: boolean) {
    this.#allowBeyondLoopback = allowBeyondLoopback;
  }

  add(name: string, address: SocketAddress, uri: string): void {
    this.#phones.set(name, { address, uri });
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
    if (listed !== undefined) return parseUri(transport === 'tcp' ? `${listed.uri};transport=tcp` : listed.uri);
    let uri: SipUri;
    try {
      uri = parseUri(target);
    } catch {
      throw new CallLabError('CL2002', `"${target}" is neither a phone (${this.names.join(', ')}) nor a SIP URI`);
    }
    if (uri.scheme !== 'sip') {
      throw new CallLabError('CL2002', `"${target}" has the scheme ${uri.scheme}:, and only sip: can be called`);
    }
    const refusal = this.refusalToCall(uri);
    if (refusal !== undefined) throw new CallLabError('CL1002', refusal);
    return uri;
  }

  /** Why `uri` must not be called, or undefined. */
  refusalToCall(uri: SipUri): string | undefined {
    if (uri.scheme !== 'sip') return `${uri.scheme}: URIs cannot be called`;
    if (this.#allowBeyondLoopback || isLoopback(canonicalHost(uriAddress(uri).host) ?? '')) return undefined;
    return `${uri.host} is not on this machine, and Call Lab calls nobody beyond it`;
  }

  /** The phone at `address`, if it is one of ours. */
  nameAt(address: SocketAddress): string | undefined {
    const meant = { host: canonicalHost(address.host) ?? address.host, port: address.port };
    for (const [name, listed] of this.#phones) if (sameAddress(listed.address, meant)) return name;
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
