import type { Socket } from 'node:net';
import { CallLabError } from '../core';
import { canonicalHost, formatAddress } from './address';
import type { TcpListenOptions } from './network';
import type { SocketContext } from './socket-context';

/** The connections of one listener that have come in and are not ready yet: so many and no more. */
export class Handshakes {
  readonly #context: SocketContext;
  readonly #options: TcpListenOptions;
  readonly #pending = new Map<string, Socket>();

  constructor(context: SocketContext, options: TcpListenOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** A connection came in: false when it is one too many, and dropped. Counts as open until its handshake is done. */
  begin(socket: Socket): boolean {
    const key = keyOf(socket);
    socket.on('error', () => undefined); // whoever reads the socket hears of it
    if (this.#pending.size >= this.#context.handshakeLimit) {
      socket.destroy();
      const text = `${formatAddress(addressOf(socket))} was not let in: ${this.#pending.size} others have not finished their handshake.`;
      this.#options.onError(new CallLabError('CL1006', text));
      return false;
    }
    this.#pending.set(key, socket);
    this.#context.open.add(socket);
    socket.once('close', () => this.#forget(key, socket));
    return true;
  }

  /** The handshake of this connection is over; `socket` may be the one that wraps it. */
  done(socket: Socket): void {
    const key = keyOf(socket);
    const pending = this.#pending.get(key);
    if (pending !== undefined) this.#forget(key, pending);
  }

  /** Drops those that have not finished. */
  abandon(): void {
    for (const [key, socket] of this.#pending) {
      this.#forget(key, socket);
      socket.destroy();
    }
  }

  #forget(key: string, socket: Socket): void {
    if (this.#pending.get(key) === socket) this.#pending.delete(key);
    this.#context.open.delete(socket);
  }
}

function addressOf({ remoteAddress = '', remotePort = 0 }: Socket): { host: string; port: number } {
  return { host: canonicalHost(remoteAddress) ?? remoteAddress, port: remotePort };
}

/** The same for a TCP socket and the TLS socket on it. */
function keyOf(socket: Socket): string {
  return formatAddress(addressOf(socket));
}
