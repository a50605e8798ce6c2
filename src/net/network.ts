import type { CallLabError } from '../core';

/**
 * What runs on a TCP connection: bare octets, TLS, WebSocket, or WebSocket in TLS. On WebSocket (RFC 7118, subprotocol
 * `sip`) each `send` is one message and so is each `onData`; on the others they are pieces of a stream.
 */
export type StreamProtocol = 'tcp' | 'tls' | 'ws' | 'wss';

export type TransportProtocol = 'udp' | StreamProtocol;

/** `host` is an IP address without brackets, or `localhost`; names are never looked up. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** One datagram, one piece of a stream or one WebSocket message, as it passes the border between the engine and the network. */
export interface TappedPacket {
  readonly direction: 'sent' | 'received';
  readonly protocol: TransportProtocol;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly bytes: Uint8Array;
}

/**
 * Sees every packet before it leaves and before it is delivered: nothing passes without it. What is refused before it
 * could leave (policy, size, closed socket) is not tapped.
 */
export type PacketTap = (packet: TappedPacket) => void;

/**
 * Where the engine's octets go in and out. Octets handed over, in either direction, belong to both sides from then on
 * and must not be changed. Every promise that fails does so with a {@link CallLabError}:
 * CL1001 port in use, CL1002 not loopback, CL1003 socket failed, CL1004 nobody listens there, CL1005 no TLS between them.
 */
export interface Network {
  bindUdp(options: UdpOptions): Promise<UdpSocket>;
  listenTcp(options: TcpListenOptions): Promise<TcpListener>;
  connectTcp(options: TcpConnectOptions): Promise<TcpConnection>;
  /** Sockets that hold a port or a connection, until they are really closed. Zero after a clean stop. */
  readonly openSockets: number;
  /**
   * Whether a socket of this machine receives what is sent to `address`; undefined where that cannot be known. UDP needs
   * it: a datagram to nobody is not refused.
   */
  hears(protocol: TransportProtocol, address: SocketAddress): Promise<boolean | undefined>;
}

export interface UdpOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tap: PacketTap;
  onPacket(bytes: Uint8Array, from: SocketAddress): void;
  /** Never called from inside `send`. `to` is where the packet that failed was to go, when one failed. */
  onError(error: CallLabError, to?: SocketAddress): void;
}

export interface UdpSocket {
  readonly local: SocketAddress;
  /** Sends one datagram of at most 65,507 octets. Errors go to `onError`; after `close` it does nothing. */
  send(bytes: Uint8Array, to: SocketAddress): void;
  /** Resolves when the port is free again. Nothing is delivered after the call. Idempotent. */
  close(): Promise<void>;
}

export interface TcpListenOptions {
  /** What connections speak from their start; bare TCP unless given. */
  readonly protocol?: StreamProtocol;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tap: PacketTap;
  /** The connection reads nothing until `setHandlers` is called on it. */
  onConnection(connection: TcpConnection): void;
  /** The listener failed, or somebody connected who could not speak the protocol (CL1005 for TLS, CL1003). */
  onError(error: CallLabError): void;
}

export interface TcpListener {
  readonly local: SocketAddress;
  /** Stops listening; connections already accepted live on and belong to whom they were given. Idempotent. */
  close(): Promise<void>;
}

export interface TcpHandlers {
  onData(bytes: Uint8Array): void;
  /**
   * The peer will send no more, but may still read. Without this handler the connection closes as soon as what is
   * queued has left; with it, the owner closes.
   */
  onEnd?(): void;
  /** Called exactly once, whoever ended the connection and never from inside a method of it; `error` when it broke. */
  onClose(error?: CallLabError): void;
}

export interface TcpConnectOptions extends TcpHandlers {
  /** The local host to connect from; any free port of it is taken. */
  readonly from?: string;
  readonly to: SocketAddress;
  /** Bare TCP unless given. */
  readonly protocol?: StreamProtocol;
  /** Whom the certificate must name (RFC 5922 section 7.1), when that is not the host of `to`. */
  readonly serverName?: string;
  readonly tap: PacketTap;
}

export interface TcpConnection {
  readonly protocol: StreamProtocol;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Replaces the handlers; the first call starts the reading. */
  setHandlers(handlers: TcpHandlers): void;
  /** Queues octets. A peer that does not read breaks the connection when the queue passes its limit. After the end: does nothing. */
  send(bytes: Uint8Array): void;
  /** Sends what is queued, then ends. Nothing is delivered after the call. Resolves when the socket is gone. Idempotent. */
  close(): Promise<void>;
  /** Drops the connection and what is queued; the peer sees a reset. */
  destroy(): void;
}
