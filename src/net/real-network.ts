import { isLoopback } from './address';
import { AddressPolicy } from './address-policy';
import { isPortHeld } from './port-holder';
import type {
  Network,
  SocketAddress,
  TcpConnection,
  TcpConnectOptions,
  TcpListener,
  TcpListenOptions,
  TransportProtocol,
  UdpOptions,
  UdpSocket,
} from './network';
import { connectRealTcp } from './real-tcp-connect';
import { listenRealTcp } from './real-tcp-listener';
import { bindRealUdp } from './real-udp';
import type { SocketContext } from './socket-context';

export interface RealNetworkOptions {
  /** Lets sockets bind, send and connect beyond 127.0.0.0/8 and ::1. Default: false. */
  readonly allowBeyondLoopback?: boolean;
  /** How long a TCP connection may take to come up, in milliseconds. Default: 5,000. */
  readonly connectTimeout?: number;
  /** How long a peer may keep its half of a TCP connection open after `close`, in milliseconds. Default: 2,000. */
  readonly closeTimeout?: number;
  /** How many octets may wait for a TCP peer that does not read. Default: 1 MiB. */
  readonly writeQueueLimit?: number;
}

/** The sockets of this machine. The only class of the engine that reaches a real network. */
export class RealNetwork implements Network {
  readonly #context: SocketContext;

  constructor(options: RealNetworkOptions = {}) {
    this.#context = {
      open: new Set(),
      policy: new AddressPolicy(options.allowBeyondLoopback ?? false),
      connectTimeout: options.connectTimeout ?? 5_000,
      closeTimeout: options.closeTimeout ?? 2_000,
      writeQueueLimit: options.writeQueueLimit ?? 0x10_0000,
    };
  }

  get openSockets(): number {
    return this.#context.open.size;
  }

  async hears(protocol: TransportProtocol, address: SocketAddress): Promise<boolean | undefined> {
    return isLoopback(address.host) ? isPortHeld(protocol, address) : undefined;
  }

  bindUdp(options: UdpOptions): Promise<UdpSocket> {
    return bindRealUdp(this.#context, options);
  }

  listenTcp(options: TcpListenOptions): Promise<TcpListener> {
    return listenRealTcp(this.#context, options);
  }

  connectTcp(options: TcpConnectOptions): Promise<TcpConnection> {
    return connectRealTcp(this.#context, options);
  }
}
