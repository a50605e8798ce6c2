import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { CallLabError } from '../core';
import { formatAddress } from './address';
import type { PacketTap, SocketAddress, StreamProtocol, TcpConnection, TcpHandlers } from './network';
import { addressOf } from './real-tcp-connection';
import { brokenError } from './socket-errors';
import { type SocketContext, trackUntilClosed } from './socket-context';

/** The subprotocol without which no SIP is spoken (RFC 7118 section 4). */
export const SIP_SUBPROTOCOL = 'sip';

/** The largest message taken: headers of 64 KiB and a body of 1 MiB, as on a stream. */
export const MAX_WEBSOCKET_MESSAGE = 0x10_0000 + 0x1_0000;

/** One WebSocket connection that is up, whichever side began it. */
export class RealWebSocketConnection implements TcpConnection {
  readonly protocol: StreamProtocol;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #context: SocketContext;
  readonly #websocket: WebSocket;
  readonly #tap: PacketTap;
  readonly #gone: Promise<void>;
  readonly #pinging: NodeJS.Timeout;
  #handlers: TcpHandlers | undefined;
  /** What came in before anybody had set handlers. */
  #inbox: Uint8Array[] = [];
  #error: CallLabError | undefined;
  #isClosed = false;
  #isGone = false;
  #answered = true;

  constructor(context: SocketContext, websocket: WebSocket, socket: Socket, tap: PacketTap, protocol: StreamProtocol) {
    this.protocol = protocol;
    this.local = addressOf(socket.localAddress, socket.localPort);
    this.remote = addressOf(socket.remoteAddress, socket.remotePort);
    this.#context = context;
    this.#websocket = websocket;
    this.#tap = tap;
    this.#gone = trackUntilClosed(context, websocket);
    websocket.once('close', () => this.#leave());
    websocket.on('error', (error) => this.#broke(error));
    websocket.on('message', (data) => this.#receive(octetsOf(data)));
    websocket.on('pong', () => (this.#answered = true));
    this.#pinging = setInterval(() => this.#ping(), context.pingInterval);
    this.#pinging.unref();
  }

  setHandlers(handlers: TcpHandlers): void {
    const isFirst = this.#handlers === undefined;
    this.#handlers = handlers;
    if (!isFirst) return;
    queueMicrotask(() => {
      for (const bytes of this.#inbox.splice(0)) this.#deliver(bytes);
      if (this.#isGone) this.#handlers?.onClose(this.#error);
    });
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed || this.#websocket.readyState !== this.#websocket.OPEN) return;
    this.#tap({ direction: 'sent', protocol: this.protocol, source: this.local, destination: this.remote, bytes });
    // RFC 7118 5.1: text where the message is UTF-8, which browsers show; binary where it is not.
    this.#websocket.send(bytes, { binary: !isUtf8(bytes) });
    const waiting = this.#websocket.bufferedAmount;
    if (waiting <= this.#context.writeQueueLimit) return;
    this.#drop(`does not read: ${waiting} octets wait for it, so the connection was dropped`);
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      const timer = setTimeout(() => this.#websocket.terminate(), this.#context.closeTimeout);
      this.#websocket.once('close', () => clearTimeout(timer));
      this.#websocket.close(1000);
    }
    return this.#gone;
  }

  destroy(): void {
    this.#isClosed = true;
    this.#websocket.terminate();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#handlers === undefined) this.#inbox.push(bytes);
    else this.#deliver(bytes);
  }

  #deliver(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#tap({ direction: 'received', protocol: this.protocol, source: this.remote, destination: this.local, bytes });
    this.#handlers?.onData(bytes);
  }

  /** RFC 7118 section 6: a peer that is gone without a word answers no ping. */
  #ping(): void {
    if (this.#websocket.readyState !== this.#websocket.OPEN) return;
    if (!this.#answered) {
      this.#drop('is gone: it answers no ping');
      return;
    }
    this.#answered = false;
    this.#websocket.ping();
  }

  #drop(why: string): void {
    this.#error ??= new CallLabError('CL1003', `${formatAddress(this.remote)} ${why}.`);
    this.destroy();
  }

  #broke(error: Error): void {
    if (!this.#isClosed) this.#error ??= brokenError(error, this.remote, this.protocol);
  }

  #leave(): void {
    this.#isGone = true;
    this.#isClosed = true;
    clearInterval(this.#pinging);
    this.#handlers?.onClose(this.#error);
  }
}

function octetsOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
