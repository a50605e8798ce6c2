import { CallLabError } from '../core';
import { canonicalHost, isLoopback, isPort } from './address';
import type { SocketAddress } from './network';

/** Says which addresses the engine may touch. Every address from outside passes here before it reaches a socket. */
export class AddressPolicy {
  readonly #allowBeyondLoopback: boolean;

  constructor(allowBeyondLoopback: boolean) {
    this.#allowBeyondLoopback = allowBeyondLoopback;
  }

  /** The canonical host. Throws CL1002 for what is not loopback, CL1003 for a name. */
  admitHost(host: string): string {
    const canonical = canonicalHost(host);
    if (canonical !== undefined && (this.#allowBeyondLoopback || isLoopback(canonical))) return canonical;
    if (!this.#allowBeyondLoopback) throw new CallLabError('CL1002', `${host} is not an address of this machine's loopback.`);
    throw new CallLabError('CL1003', `${host} is no IP address, and names are not looked up.`);
  }

  /** The canonical address to send or connect to. Throws as {@link admitHost} does, and CL1003 for an impossible port. */
  admitRemote({ host, port }: SocketAddress): SocketAddress {
    if (!isPort(port)) throw new CallLabError('CL1003', `Nothing can be sent to port ${port} of ${host}: ports go from 1 to 65535.`);
    return { host: this.admitHost(host), port };
  }

  /** The canonical address to bind; port 0 means any. Throws as {@link admitHost} does, and CL1003 for an impossible port. */
  admitLocal({ host, port }: SocketAddress): SocketAddress {
    if (port !== 0 && !isPort(port)) throw new CallLabError('CL1003', `${port} is no port: ports go from 0 (any free one) to 65535.`);
    return { host: this.admitHost(host), port };
  }
}
