import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { CallLabError } from '../core';
import { canonicalHost, formatAddress } from './address';
import type { PacketTap, SocketAddress, StreamProtocol, TcpConnection, TcpHandlers } from './network';
import { brokenError } from './socket-errors';
import { type SocketContext, trackUntilClosed } from './socket-context';

/** One TCP or TLS connection that is up, whichever side began it. Expects a socket with `allowHalfOpen`. */
export class RealTcpConnection implements TcpConnection {
  readonly protocol: StreamProtocol;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #context: SocketContext;
  readonly #socket: Socket;
  readonly #tap: PacketTap;
  readonly #gone: Promise<void>;
  #handlers: TcpHandlers | undefined;
  #error: CallLabError | undefined;
  /** `ending`: the peer ended and we follow; `closed`: the owner wants no more of it, or it is gone. */
  #phase: 'open' | 'ending' | 'closed' = 'open';
  #isGone = false;

  constructor(context: SocketContext, socket: Socket, tap: PacketTap) {
    this.protocol = socket instanceof TLSSocket ? 'tls' : 'tcp';
    this.local = addressOf(socket.localAddress, socket.localPort);
    this.remote = addressOf(socket.remoteAddress, socket.remotePort);
    this.#context = context;
    this.#socket = socket;
    this.#tap = tap;
    this.#gone = trackUntilClosed(context, socket);
    socket.once('close', () => this.#leave());
    socket.on('error', (error) => this.#broke(error));
    socket.on('end', () => this.#peerEnded());
  }

  setHandlers(handlers: TcpHandlers): void {
    const isFirst = this.#handlers === undefined;
    this.#handlers = handlers;
    if (!isFirst) return;
    if (this.#isGone) queueMicrotask(() => this.#handlers?.onClose(this.#error));
    else this.#socket.on('data', (bytes: Uint8Array) => this.#receive(bytes));
  }

  send(bytes: Uint8Array): void {
    if (this.#phase !== 'open' || !this.#socket.writable) return;
    this.#tap({ direction: 'sent', protocol: this.protocol, source: this.local, destination: this.remote, bytes });
    this.#socket.write(bytes);
    const waiting = this.#socket.writableLength;
    if (waiting <= this.#context.writeQueueLimit) return;
    this.#error ??= new CallLabError('CL1003', `${formatAddress(this.remote)} does not read: ${waiting} octets wait for it, so the ${this.protocol.toUpperCase()} connection was dropped.`);
    this.destroy();
  }

  close(): Promise<void> {
    if (this.#phase !== 'closed') {
      this.#phase = 'closed';
      this.#endWithin(this.#context.closeTimeout);
    }
    return this.#gone;
  }

  destroy(): void {
    this.#phase = 'closed';
    if (this.#socket.destroyed) return;
    // Only a bare TCP socket can be reset; the end of a TLS connection without its farewell is as good as that.
    if (this.#socket instanceof TLSSocket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #receive(bytes: Uint8Array): void {
    // What comes in after close() is read only to be thrown away, so that the peer's end is seen.
    if (this.#phase === 'closed') return;
    this.#tap({ direction: 'received', protocol: this.protocol, source: this.remote, destination: this.local, bytes });
    this.#handlers?.onData(bytes);
  }

  #broke(error: Error): void {
    // After our own close or reset it no longer matters how the peer takes its leave.
    if (this.#phase !== 'closed') this.#error ??= brokenError(error, this.remote, this.protocol);
  }

  #peerEnded(): void {
    if (this.#phase !== 'open') return;
    if (this.#handlers?.onEnd !== undefined) {
      this.#handlers.onEnd();
      return;
    }
    this.#phase = 'ending';
    this.#endWithin(this.#context.closeTimeout);
  }

  /** Sends our end after what is queued, and drops the connection when it is not over in time. */
  #endWithin(timeout: number): void {
    const timer = setTimeout(() => this.#socket.destroy(), timeout);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#socket.end();
    this.#socket.resume();
  }

  #leave(): void {
    this.#isGone = true;
    this.#phase = 'closed';
    this.#handlers?.onClose(this.#error);
  }
}

export function addressOf(host: string | undefined, port: number | undefined): SocketAddress {
  return { host: canonicalHost(host ?? '') ?? '', port: port ?? 0 };
}
