import { type Milliseconds, NamedTimers } from '../../core';
import type { IaxServices } from '../services';

/** IAX2 reference 3.3: so often a peer is asked whether it is there. */
const interval: Milliseconds = 20_000;

/** No round trip on any network takes longer; what a peer echoes is not to be trusted. */
const longestRoundTrip: Milliseconds = 10_000;

/** Asks the peer of a leg now and then whether it is there, and measures how long its answer takes. */
export class KeepAlive {
  readonly #timers: NamedTimers<'ping'>;
  readonly #ping: () => void;
  #roundTrip: Milliseconds | undefined;
  #isRunning = false;

  constructor({ clock, observer }: IaxServices, id: string, ping: () => void) {
    this.#timers = new NamedTimers(clock, observer, id);
    this.#ping = ping;
  }

  /** The last one measured; undefined before the first PONG. */
  get roundTrip(): Milliseconds | undefined {
    return this.#roundTrip;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#wait();
  }

  /** IAX2 reference 6.3: another peer: nothing is known of it, and nobody else would notice when it is gone. */
  restart(): void {
    this.#roundTrip = undefined;
    if (this.#isRunning) this.#wait();
  }

  stop(): void {
    this.#isRunning = false;
    this.#timers.clearAll();
  }

  /** A PONG that echoes the time of a PING which was `elapsed` ago. */
  onPong(elapsed: Milliseconds): void {
    if (elapsed >= 0 && elapsed <= longestRoundTrip) this.#roundTrip = elapsed;
  }

  #wait(): void {
    this.#timers.set('ping', interval, () => {
      this.#wait();
      this.#ping();
    });
  }
}
