import { CallLabError, type Clock, type Disposable, type Milliseconds } from '../core';
import { formatAddress } from './address';
import type { PacketTap, SocketAddress, StreamProtocol, TcpConnection, TcpHandlers, TcpListener, TcpListenOptions } from './network';
import type { SimulatedPath } from './simulated-path';

/** What simulated TCP sockets need of their network. */
export interface StreamContext {
  readonly clock: Clock;
  readonly path: SimulatedPath;
  /** How long a connection bears a partition, in milliseconds. */
  readonly streamTimeout: Milliseconds;
  release(socket: SimulatedTcpListener | SimulatedTcpConnection): void;
}

export class SimulatedTcpListener implements TcpListener {
  readonly local: SocketAddress;
  readonly options: TcpListenOptions;
  readonly #context: StreamContext;

  constructor(context: StreamContext, local: SocketAddress, options: TcpListenOptions) {
    this.local = local;
    this.options = options;
    this.#context = context;
  }

  close(): Promise<void> {
    this.crash();
    return Promise.resolve();
  }

  crash(): void {
    this.#context.release(this);
  }
}

/** One end of a simulated connection. What its peer sends arrives later, whole pieces at a time and in order. */
export class SimulatedTcpConnection implements TcpConnection {
  readonly protocol: StreamProtocol;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #context: StreamContext;
  readonly #tap: PacketTap;
  #peer: SimulatedTcpConnection | undefined;
  #handlers: TcpHandlers | undefined;
  #isOpen = true;
  /** What came in and was not handed over yet, because nobody has set handlers. */
  readonly #inbox: (() => void)[] = [];
  /** What a partition keeps from leaving; it leaves when the partition heals in time. */
  readonly #stalled: (() => void)[] = [];
  #lastArrival = 0;
  #patience: Disposable | undefined;

  constructor(context: StreamContext, protocol: StreamProtocol, local: SocketAddress, remote: SocketAddress, tap: PacketTap) {
    this.protocol = protocol;
    this.local = local;
    this.remote = remote;
    this.#context = context;
    this.#tap = tap;
  }

  /** Makes two new ends one connection. */
  static join(a: SimulatedTcpConnection, b: SimulatedTcpConnection): void {
    a.#peer = b;
    b.#peer = a;
  }

  setHandlers(handlers: TcpHandlers): void {
    this.#handlers = handlers;
    queueMicrotask(() => this.#handOver());
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#tap({ direction: 'sent', protocol: this.protocol, source: this.local, destination: this.remote, bytes });
    this.#transmit((peer) => peer.#receive(bytes));
  }

  close(): Promise<void> {
    if (this.#isOpen) {
      this.#transmit((peer) => peer.#peerEnded());
      this.#leave();
    }
    return Promise.resolve();
  }

  destroy(): void {
    if (!this.#isOpen) return;
    this.#transmit((peer) => peer.#break('was reset by the other side'));
    this.#leave();
  }

  /** The process at this end is gone: it hears nothing of it; the system resets the connection for its peer. */
  crash(): void {
    if (!this.#isOpen) return;
    this.#handlers = undefined;
    this.#transmit((peer) => peer.#break('was reset by the other side'));
    this.#leave();
  }

  /** A partition began or healed: the connection breaks when its patience ends, or what was held back leaves. */
  pathChanged(): void {
    if (this.#isCut()) {
      this.#patience ??= this.#context.clock.setTimer(this.#context.streamTimeout, () => this.#break('timed out'));
      return;
    }
    this.#patience?.dispose();
    this.#patience = undefined;
    this.#departStalled();
    // An end that closed during the partition is told of nothing any more, but what it sent is still to arrive.
    if (this.#peer !== undefined) this.#peer.#departStalled();
  }

  #isCut(): boolean {
    const { path } = this.#context;
    return path.isCut(this.local, this.remote) || path.isCut(this.remote, this.local);
  }

  #transmit(effect: (peer: SimulatedTcpConnection) => void): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    const depart = (): void => {
      this.#lastArrival = this.#context.path.carry(this.#lastArrival, () => peer.#arrive(() => effect(peer)));
    };
    if (this.#isCut()) this.#stalled.push(depart);
    else depart();
  }

  #departStalled(): void {
    for (const depart of this.#stalled.splice(0)) depart();
  }

  #arrive(effect: () => void): void {
    this.#inbox.push(effect);
    this.#handOver();
  }

  #handOver(): void {
    while (this.#isOpen && this.#handlers !== undefined) {
      const effect = this.#inbox.shift();
      if (effect === undefined) return;
      effect();
    }
  }

  #receive(bytes: Uint8Array): void {
    this.#tap({ direction: 'received', protocol: this.protocol, source: this.remote, destination: this.local, bytes });
    this.#handlers?.onData(bytes);
  }

  #peerEnded(): void {
    if (this.#handlers?.onEnd === undefined) void this.close();
    else this.#handlers.onEnd();
  }

  #break(how: string): void {
    this.#leave(new CallLabError('CL1003', `The ${this.protocol.toUpperCase()} connection with ${formatAddress(this.remote)} ${how}.`));
  }

  #leave(error?: CallLabError): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#patience?.dispose();
    this.#context.release(this);
    queueMicrotask(() => this.#handlers?.onClose(error));
  }
}
