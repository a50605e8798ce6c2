import { type Milliseconds, NamedTimers } from '../../core';
import { addressText, type IaxAddress } from '../address';
import { buildTrunk } from '../frame';
import type { MediaCollector } from '../leg';
import type { IaxServices } from '../services';

/** So long media wait for company (IAX2 reference 1.4). */
const interval: Milliseconds = 20;

/** Octets of a datagram that we send at most (IAX2 reference 7.1), less the header of the trunk frame. */
const room = 1_200 - 8;
/** Octets before the media of an entry. */
const entryHeader = 6;

interface Entry {
  readonly sourceCall: number;
  readonly timestamp: number;
  readonly data: Uint8Array;
}

interface Trunk {
  readonly destination: IaxAddress;
  entries: Entry[];
  octets: number;
}

/** Collects the media of several calls to one address into trunk frames (IAX2 reference 1.4). */
export class TrunkCollector implements MediaCollector {
  readonly #services: IaxServices;
  readonly #timers: NamedTimers<'trunk'>;
  readonly #began: Milliseconds;
  readonly #trunks = new Map<string, Trunk>();

  constructor(services: IaxServices) {
    this.#services = services;
    this.#timers = new NamedTimers(services.clock, services.observer, 'trunk');
    this.#began = services.clock.now();
  }

  collect(destination: IaxAddress, sourceCall: number, timestamp: number, data: Uint8Array): void {
    const key = addressText(destination);
    let trunk = this.#trunks.get(key);
    if (trunk === undefined) this.#trunks.set(key, (trunk = { destination, entries: [], octets: 0 }));
    const octets = entryHeader + data.length;
    if (trunk.octets + octets > room) this.#flush(trunk);
    trunk.entries.push({ sourceCall, timestamp, data });
    trunk.octets += octets;
    if (this.#timers.isIdle) this.#timers.set('trunk', interval, () => this.#flushAll());
  }

  /** Drops what waits. */
  dispose(): void {
    this.#timers.clearAll();
    this.#trunks.clear();
  }

  #flushAll(): void {
    for (const trunk of this.#trunks.values()) this.#flush(trunk);
    this.#trunks.clear();
  }

  #flush(trunk: Trunk): void {
    if (trunk.entries.length === 0) return;
    const time = Math.floor(this.#services.clock.now() - this.#began);
    this.#services.transmit(trunk.destination, buildTrunk(time, trunk.entries).bytes);
    trunk.entries = [];
    trunk.octets = 0;
  }
}
