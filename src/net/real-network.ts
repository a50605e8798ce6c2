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
import { connectRealTls, listenRealTls } from './real-tls';
import { bindRealUdp } from './real-udp';
import { connectRealWebSocket } from './real-websocket-connect';
import { listenRealWebSocket } from './real-websocket-listener';
import type { SocketContext } from './socket-context';
import { TlsIdentity, type TlsTrust } from './tls-identity';

export interface RealNetworkOptions {
  /** Lets sockets bind, send and connect beyond 127.0.0.0/8 and ::1. Default: false. */
  readonly allowBeyondLoopback?: boolean;
  /** How long a TCP connection may take to come up, in milliseconds. Default: 5,000. */
  readonly connectTimeout?: number;
  /** How long a peer may keep its half of a TCP connection open after `close`, in milliseconds. Default: 2,000. */
  readonly closeTimeout?: number;
  /** How many octets may wait for a TCP peer that does not read. Default: 1 MiB. */
  readonly writeQueueLimit?: number;
  /** How many peers of one TLS or WebSocket listener may be in the middle of a handshake; more are dropped. Default: 64. */
  readonly handshakeLimit?: number;
  /** How often a WebSocket peer is asked whether it is still there, in milliseconds. Default: 30,000. */
  readonly pingInterval?: number;
  /** Whose TLS certificates are accepted besides our own. Default: nobody's. */
  readonly trust?: TlsTrust;
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
      handshakeLimit: options.handshakeLimit ?? 64,
      pingInterval: options.pingInterval ?? 30_000,
      tls: new TlsIdentity(options.trust),
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
    switch (options.protocol ?? 'tcp') {
      case 'tcp':
        return listenRealTcp(this.#context, options);
      case 'tls':
        return listenRealTls(this.#context, options);
      case 'ws':
      case 'wss':
        return listenRealWebSocket(this.#context, options);
    }
  }

  connectTcp(options: TcpConnectOptions): Promise<TcpConnection> {
    switch (options.protocol ?? 'tcp') {
      case 'tcp':
        return connectRealTcp(this.#context, options);
      case 'tls':
        return connectRealTls(this.#context, options);
      case 'ws':
      case 'wss':
        return connectRealWebSocket(this.#context, options);
    }
  }
}
