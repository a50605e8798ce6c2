import type { CallLabError, Clock, Milliseconds } from '../core';
import type { Network, PacketTap, SocketAddress, UdpSocket } from '../net';

/** One RTP port of a phone, lent to one call. */
export interface MediaPort {
  readonly local: SocketAddress;
  /** Who gets what arrives; undefined lets it fall. */
  handler: ((bytes: Uint8Array, from: SocketAddress) => void) | undefined;
  send(bytes: Uint8Array, to: SocketAddress): void;
}

interface IdlePort {
  readonly port: OwnedPort;
  readonly since: Milliseconds;
}

/** A port rests this long before another call gets it, so that late packets of the last call are heard by nobody. */
const restFor: Milliseconds = 2_000;

/** More idle ports than this are closed. */
const mostIdle = 64;

/** The RTP ports of one phone: taken when a call needs one, kept for the next call for a while. */
export class MediaPorts {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #host: string;
  readonly #tap: PacketTap;
  readonly #onError: (error: CallLabError) => void;
  /** Those that have to rest, the longest rested first. */
  readonly #idle: IdlePort[] = [];
  /** Those on which nothing came during their last call: nobody sends to them, so they need no rest. */
  readonly #quiet: OwnedPort[] = [];
  readonly #lent = new Set<OwnedPort>();
  readonly #closing = new Set<Promise<void>>();
  #closed = false;

  constructor(options: {
    readonly network: Network;
    readonly clock: Clock;
    readonly host: string;
    readonly tap: PacketTap;
    readonly onError: (error: CallLabError) => void;
  }) {
    this.#network = options.network;
    this.#clock = options.clock;
    this.#host = options.host;
    this.#tap = options.tap;
    this.#onError = options.onError;
  }

  /** A port for one call; it must be given back. Throws what the network throws. */
  async take(): Promise<MediaPort> {
    const quiet = this.#quiet.pop();
    if (quiet !== undefined) {
      this.#lent.add(quiet);
      return quiet;
    }
    const rested = this.#idle[0];
    if (rested !== undefined && this.#clock.now() - rested.since >= restFor) {
      this.#idle.shift();
      this.#lent.add(rested.port);
      return rested.port;
    }
    const port = new OwnedPort();
    port.socket = await this.#network.bindUdp({
      host: this.#host,
      port: 0,
      tap: this.#tap,
      onPacket: (bytes, from) => {
        port.hasHeard = true;
        port.handler?.(bytes, from);
      },
      onError: this.#onError,
    });
    this.#lent.add(port);
    if (this.#closed) this.#close(port);
    return port;
  }

  giveBack(port: MediaPort): void {
    if (!(port instanceof OwnedPort) || !this.#lent.delete(port)) return;
    port.handler = undefined;
    if (this.#closed || this.#idle.length + this.#quiet.length >= mostIdle) this.#close(port);
    else if (port.hasHeard) this.#idle.push({ port, since: this.#clock.now() });
    else this.#quiet.push(port);
    port.hasHeard = false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const port of this.#lent) this.#close(port);
    for (const { port } of this.#idle.splice(0)) this.#close(port);
    for (const port of this.#quiet.splice(0)) this.#close(port);
    this.#lent.clear();
    await Promise.all(this.#closing);
  }

  #close(port: OwnedPort): void {
    port.handler = undefined;
    const closed = port.socket?.close();
    if (closed === undefined) return;
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }
}

class OwnedPort implements MediaPort {
  socket: UdpSocket | undefined;
  handler: MediaPort['handler'];
  /** Something came since it was lent. */
  hasHeard = false;

  get local(): SocketAddress {
    if (this.socket === undefined) throw new Error('the media port is not open');
    return this.socket.local;
  }

  send(bytes: Uint8Array, to: SocketAddress): void {
    this.socket?.send(bytes, to);
  }
}
