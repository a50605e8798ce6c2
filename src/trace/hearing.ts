import type { Milliseconds } from '../core';
import { formatAddress, type SocketAddress } from '../net';
import { Chronicle, type Series } from './chronicle';
import type { Horizon } from './horizon';
import type { HearsEntry } from './journal';

/** What one phone hears, all its media addresses together. */
export interface Heard {
  readonly phones: ReadonlySet<string>;
  readonly hold: boolean;
}

/** Somebody's voice on its way to somebody who hears it, as measured. */
export interface VoiceStream {
  readonly listener: string;
  readonly speaker: string;
  readonly since: Milliseconds;
  /** Undefined as long as it lasts. */
  readonly until: Milliseconds | undefined;
  /** Index of the last message before it began; -1 when there was none. */
  readonly after: number;
}

interface AtAddress {
  readonly at: Milliseconds;
  readonly phones: readonly string[];
  readonly hold: boolean;
}

const nothing: Heard = { phones: new Set(), hold: false };

/** Who hears whom, as the phones' tone detectors measured it last. */
export class Hearing {
  readonly #byPhone = new Map<string, Map<string, AtAddress>>();
  readonly #streams = new Chronicle<VoiceStream & { until: Milliseconds | undefined }>();
  readonly #open = new Map<string, VoiceStream & { until: Milliseconds | undefined }>();
  #changedAt: Milliseconds = 0;

  /** Whether anything was measured at all: without it, nothing can be said about media. */
  get measured(): boolean {
    return this.#byPhone.size > 0;
  }

  /** When somebody last began or ceased to hear somebody. */
  get changedAt(): Milliseconds {
    return this.#changedAt;
  }

  /** The phones that have measured. */
  get phones(): readonly string[] {
    return [...this.#byPhone.keys()];
  }

  /** Who has heard whom from when until when, in the order in which it began. */
  get streams(): readonly VoiceStream[] {
    return this.#streams.items;
  }

  /** The same, for whoever reads them step by step. */
  get series(): Series<VoiceStream> {
    return this.#streams;
  }

  /** Media addresses at which nothing is heard have been given up, as a rule; a phone that has measured stays one. */
  forget(horizon: Horizon): void {
    this.#streams.forget(({ until, after }) => until !== undefined && after < horizon.before);
    for (const addresses of this.#byPhone.values()) {
      for (const [address, { phones, hold, at }] of addresses) {
        if (phones.length === 0 && !hold && horizon.isQuietSince(at)) addresses.delete(address);
      }
    }
  }

  /** `after` is the index of the last message before it. */
  learn(entry: HearsEntry, after = -1): void {
    const before = this.of(entry.owner).phones;
    this.#learnAddress(entry);
    const now = this.of(entry.owner).phones;
    for (const speaker of before) if (!now.has(speaker)) this.#end(entry, speaker);
    for (const speaker of now) if (!before.has(speaker)) this.#begin(entry, speaker, after);
  }

  #begin({ owner: listener, at: since }: HearsEntry, speaker: string, after: number): void {
    const stream = { listener, speaker, since, until: undefined, after };
    this.#streams.push(stream);
    this.#open.set(`${listener} ${speaker}`, stream);
  }

  #end({ owner, at }: HearsEntry, speaker: string): void {
    const key = `${owner} ${speaker}`;
    const stream = this.#open.get(key);
    if (stream !== undefined) stream.until = at;
    this.#open.delete(key);
  }

  #learnAddress(entry: HearsEntry): void {
    let addresses = this.#byPhone.get(entry.owner);
    if (addresses === undefined) this.#byPhone.set(entry.owner, (addresses = new Map<string, AtAddress>()));
    const address = entry.address === undefined ? '' : formatAddress(entry.address);
    addresses.set(address, { at: entry.at, phones: entry.phones, hold: entry.hold });
    this.#changedAt = entry.at;
  }

  of(phone: string): Heard {
    const addresses = this.#byPhone.get(phone);
    if (addresses === undefined) return nothing;
    const phones = new Set<string>();
    let hold = false;
    for (const heard of addresses.values()) {
      for (const name of heard.phones) phones.add(name);
      hold ||= heard.hold;
    }
    return { phones, hold };
  }

  hears(listener: string, speaker: string): boolean {
    return this.of(listener).phones.has(speaker);
  }

  /**
   * Whether it hears it in the call whose audio comes to this address: two phones may hear each other in some other call.
   * Where nothing was measured there (something rewrote the SDP, or it was not seen), what it hears anywhere has to do.
   */
  hearsAt(listener: string, address: SocketAddress | undefined, speaker: string): boolean {
    const heard = address === undefined ? undefined : this.#byPhone.get(listener)?.get(formatAddress(address));
    return heard === undefined ? this.hears(listener, speaker) : heard.phones.includes(speaker);
  }
}
