import type { Clock, Milliseconds } from '../core';
import { formatAddress, type SocketAddress } from '../net';
import { startsSomething } from './stream-octets';

/** How much one phone takes, in messages. */
export interface FloodLimits {
  /** Requests outside any dialog, from all the world together: so many a second. */
  readonly newPerSecond: number;
  /** Messages of any kind from one address: so many a second. */
  readonly perSourceAndSecond: number;
  /** Problems of one kind that are told one by one within ten seconds; 100 unless given. */
  readonly problemsOfAKind?: number;
}

/** Far more than any phone sees, and no more than one phone can serve while others work beside it. */
export const defaultFloodLimits: FloodLimits = { newPerSecond: 2_000, perSourceAndSecond: 10_000 };

/** Sources remembered; the one unheard for the longest is forgotten first. */
const mostSources = 1_024;

/** How often a flood that goes on is reported. */
const reporting: Milliseconds = 1_000;

/** Takes `rate` a second, and a second's worth at once after a rest. */
class Bucket {
  readonly #rate: number;
  #level: number;
  #at: Milliseconds;

  constructor(rate: number, now: Milliseconds) {
    this.#rate = rate;
    this.#level = rate;
    this.#at = now;
  }

  take(now: Milliseconds): boolean {
    this.#level = Math.min(this.#rate, this.#level + ((now - this.#at) * this.#rate) / 1_000);
    this.#at = now;
    if (this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }
}

/**
 * Keeps a flood out of the engine before it costs anything: what is too much is dropped unread, as the system drops what
 * does not fit into a socket's buffer, and is counted. Neither the journal nor any state grows by it.
 */
export class FloodGate {
  readonly #clock: Clock;
  readonly #limits: FloodLimits;
  readonly #report: (text: string) => void;
  readonly #new: Bucket;
  readonly #sources = new Map<string, Bucket>();
  #dropped = 0;
  #last = '';
  #reported: Milliseconds;

  constructor(clock: Clock, limits: FloodLimits, report: (text: string) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#report = report;
    this.#new = new Bucket(limits.newPerSecond, clock.now());
    this.#reported = clock.now() - reporting;
  }

  /** Whether this message may come in. */
  admits(bytes: Uint8Array, source: SocketAddress): boolean {
    const now = this.#clock.now();
    const address = formatAddress(source);
    if (this.#bucketOf(address, now).take(now) && (!startsSomething(bytes) || this.#new.take(now))) {
      if (this.#dropped > 0 && now - this.#reported >= reporting) this.#tell(now);
      return true;
    }
    this.#dropped += 1;
    this.#last = address;
    if (now - this.#reported >= reporting) this.#tell(now);
    return false;
  }

  /** Tells of what was dropped since the last report: the flood may end without a message that would. */
  close(): void {
    if (this.#dropped > 0) this.#tell(this.#clock.now());
  }

  #tell(now: Milliseconds): void {
    this.#report(`Too many messages: ${String(this.#dropped)} were dropped unread, the last from ${this.#last}.`);
    this.#dropped = 0;
    this.#reported = now;
  }

  #bucketOf(address: string, now: Milliseconds): Bucket {
    const known = this.#sources.get(address);
    if (known !== undefined) return known;
    const bucket = new Bucket(this.#limits.perSourceAndSecond, now);
    this.#sources.set(address, bucket);
    const oldest = this.#sources.keys().next();
    if (this.#sources.size > mostSources && oldest.done === false) this.#sources.delete(oldest.value);
    return bucket;
  }
}
