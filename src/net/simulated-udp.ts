import type { CallLabError } from '../core';
import type { AddressPolicy } from './address-policy';
import { admitDatagram } from './datagram';
import type { SocketAddress, UdpOptions, UdpSocket } from './network';
import type { SimulatedPath } from './simulated-path';

/** What a simulated datagram met on its way; sums over the whole network. */
export interface DatagramStatistics {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  reordered: number;
  /** Stopped by a partition. */
  cut: number;
  /** Arrived where nobody is bound. */
  unheard: number;
}

/** What simulated UDP sockets need of their network. */
export interface DatagramContext {
  readonly policy: AddressPolicy;
  readonly path: SimulatedPath;
  readonly statistics: DatagramStatistics;
  socketAt(address: SocketAddress): SimulatedUdpSocket | undefined;
  release(socket: SimulatedUdpSocket): void;
}

export class SimulatedUdpSocket implements UdpSocket {
  readonly local: SocketAddress;
  readonly #context: DatagramContext;
  readonly #options: UdpOptions;
  /** When the latest of those packets arrives that keep their order. */
  #lastArrival = 0;
  #isClosed = false;

  constructor(context: DatagramContext, local: SocketAddress, options: UdpOptions) {
    this.local = local;
    this.#context = context;
    this.#options = options;
  }

  send(bytes: Uint8Array, to: SocketAddress): void {
    if (this.#isClosed) return;
    let destination: SocketAddress;
    try {
      destination = admitDatagram(this.#context.policy, this.local, bytes, to);
    } catch (error) {
      queueMicrotask(() => {
        if (!this.#isClosed) this.#options.onError(error as CallLabError, to);
      });
      return;
    }
    this.#options.tap({ direction: 'sent', protocol: 'udp', source: this.local, destination, bytes });
    this.#launch(bytes, destination);
  }

  close(): Promise<void> {
    this.crash();
    return Promise.resolve();
  }

  /** The socket is gone; to a datagram that is all the same as closing. */
  crash(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#context.release(this);
  }

  #launch(bytes: Uint8Array, destination: SocketAddress): void {
    const { path, statistics } = this.#context;
    const { duplicate, reorder } = path.conditions;
    statistics.sent += 1;
    if (path.isCut(this.local, destination)) {
      statistics.cut += 1;
      return;
    }
    if (path.loses(bytes, this.local, destination)) {
      statistics.lost += 1;
      return;
    }
    const arrive = (): void => this.#arrive(bytes, destination);
    if (path.happens(duplicate)) {
      statistics.duplicated += 1;
      path.carryLate(arrive);
    }
    if (path.happens(reorder)) {
      statistics.reordered += 1;
      path.carryLate(arrive);
    } else {
      this.#lastArrival = path.carry(this.#lastArrival, arrive);
    }
  }

  #arrive(bytes: Uint8Array, destination: SocketAddress): void {
    const receiver = this.#context.socketAt(destination);
    if (receiver === undefined) {
      this.#context.statistics.unheard += 1;
      return;
    }
    this.#context.statistics.delivered += 1;
    receiver.#options.tap({ direction: 'received', protocol: 'udp', source: this.local, destination, bytes });
    receiver.#options.onPacket(bytes, this.local);
  }
}
