import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { CallLabError } from '../core';
import { admitDatagram } from './datagram';
import type { SocketAddress, UdpOptions, UdpSocket } from './network';
import { type SocketContext, trackUntilClosed } from './socket-context';
import { bindError, datagramError } from './socket-errors';

/** Octets that may wait while this process is busy: as many as the system lets us have, which may be less. */
const receiveBuffer = 0x40_0000;

/**
 * Binds a UDP socket. Linux, macOS and Windows do not tell a socket like this (unconnected) that nobody listens where it
 * sent to; should a platform tell it, the error is CL1004. Where silence needs an explanation, ask `isPortHeld`.
 */
export async function bindRealUdp(context: SocketContext, options: UdpOptions): Promise<UdpSocket> {
  const wanted = context.policy.admitLocal(options);
  const isV6 = isIPv6(wanted.host);
  const type = isV6 ? 'udp6' : 'udp4';
  const socket = createSocket({ type, ipv6Only: isV6, lookup: alreadyAnAddress, recvBufferSize: receiveBuffer });
  const closed = trackUntilClosed(context, socket);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: wanted.host, port: wanted.port, exclusive: true }, resolve);
    });
  } catch (error) {
    socket.close();
    await closed;
    throw await bindError(error as Error, 'udp', wanted);
  }
  socket.removeAllListeners('error');
  return new RealUdpSocket(context, socket, closed, options);
}

/** Hosts are addresses by then; answering at once lets `send` hand its octets to the system before it returns. */
function alreadyAnAddress(host: string, _: unknown, callback: (error: null, address: string, family: number) => void): void {
  callback(null, host, isIPv6(host) ? 6 : 4);
}

class RealUdpSocket implements UdpSocket {
  readonly local: SocketAddress;
  readonly #context: SocketContext;
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  readonly #options: UdpOptions;
  #isClosed = false;

  constructor(context: SocketContext, socket: Socket, closed: Promise<void>, options: UdpOptions) {
    const { address, port } = socket.address();
    this.local = { host: address, port };
    this.#context = context;
    this.#socket = socket;
    this.#closed = closed;
    this.#options = options;
    socket.on('message', (bytes, from) => this.#receive(bytes, from));
    socket.on('error', (error) => this.#report(datagramError(error, this.local)));
  }

  send(bytes: Uint8Array, to: SocketAddress): void {
    if (this.#isClosed) return;
    let destination: SocketAddress;
    try {
      destination = admitDatagram(this.#context.policy, this.local, bytes, to);
    } catch (error) {
      queueMicrotask(() => this.#report(error as CallLabError, to));
      return;
    }
    this.#options.tap({ direction: 'sent', protocol: 'udp', source: this.local, destination, bytes });
    this.#socket.send(bytes, destination.port, destination.host, (error) => {
      if (error !== null) this.#report(datagramError(error, this.local, destination), to);
    });
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#socket.close();
    }
    return this.#closed;
  }

  #receive(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    if (this.#isClosed) return;
    const from = { host: address, port };
    this.#options.tap({ direction: 'received', protocol: 'udp', source: from, destination: this.local, bytes });
    this.#options.onPacket(bytes, from);
  }

  #report(error: CallLabError, to?: SocketAddress): void {
    if (!this.#isClosed) this.#options.onError(error, to);
  }
}
