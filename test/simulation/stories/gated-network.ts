import type { Network, SimulatedNetwork, TcpConnection, TcpConnectOptions, TcpListener, TcpListenOptions, UdpOptions, UdpSocket } from '../../../src/net';
import { sipPort } from './story';

/**
 * The simulated network, with a gate for RTP: what is not listened to need not be carried, and a story is ten times
 * faster for it. The phones do all they do otherwise; only the packets go no further than their socket.
 */
export class GatedNetwork implements Network {
  readonly #network: SimulatedNetwork;
  readonly #isOpen: () => boolean;

  constructor(network: SimulatedNetwork, isOpen: () => boolean) {
    this.#network = network;
    this.#isOpen = isOpen;
  }

  hears(): Promise<boolean | undefined> {
    return this.#network.hears();
  }

  get openSockets(): number {
    return this.#network.openSockets;
  }

  async bindUdp(options: UdpOptions): Promise<UdpSocket> {
    const socket = await this.#network.bindUdp(options);
    if (options.port === sipPort) return socket;
    const isOpen = this.#isOpen;
    return {
      local: socket.local,
      send: (bytes, to) => {
        if (isOpen()) socket.send(bytes, to);
      },
      close: () => socket.close(),
    };
  }

  listenTcp(options: TcpListenOptions): Promise<TcpListener> {
    return this.#network.listenTcp(options);
  }

  connectTcp(options: TcpConnectOptions): Promise<TcpConnection> {
    return this.#network.connectTcp(options);
  }
}
