import type { CallLabError, Milliseconds } from '../../core';
import type { Network, SocketAddress, UdpSocket } from '../../net';
import type { Journal } from '../../trace';

export interface IaxSocketOptions {
  readonly network: Network;
  readonly journal: Journal;
  /** The phone or server it belongs to. */
  readonly owner: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** How much later than it could each datagram leaves. */
  readonly lag?: { readonly delay: Milliseconds; later(delay: Milliseconds, act: () => void): void } | undefined;
  onPacket(bytes: Uint8Array, from: SocketAddress): void;
  onError(error: CallLabError, to?: SocketAddress): void;
}

/** The one UDP port of an IAX2 phone or server: signalling and voice of all its calls, each datagram in the journal. */
export class IaxSocket {
  readonly #socket: UdpSocket;
  readonly #lag: IaxSocketOptions['lag'];

  private constructor(socket: UdpSocket, lag: IaxSocketOptions['lag']) {
    this.#socket = socket;
    this.#lag = lag;
  }

  /** Throws what the network throws: CL1001, CL1002, CL1003. */
  static async open(options: IaxSocketOptions): Promise<IaxSocket> {
    const { network, journal, owner, host, port } = options;
    const socket = await network.bindUdp({
      host,
      port,
      tap: ({ direction, source, destination, bytes }) => {
        journal.append({ kind: 'packet', owner, direction, protocol: 'iax2', transport: 'iax2', source, destination, bytes });
      },
      onPacket: (bytes, from) => {
        options.onPacket(bytes, from);
      },
      onError: (error, to) => {
        options.onError(error, to);
      },
    });
    return new IaxSocket(socket, options.lag);
  }

  get local(): SocketAddress {
    return this.#socket.local;
  }

  send(bytes: Uint8Array, to: SocketAddress): void {
    if (this.#lag === undefined) this.#socket.send(bytes, to);
    else this.#lag.later(this.#lag.delay, () => this.#socket.send(bytes, to));
  }

  close(): Promise<void> {
    return this.#socket.close();
  }
}
