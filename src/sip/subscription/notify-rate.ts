import type { Clock, Milliseconds } from '../../core';

/** A budget that fills up by one each `interval`, and holds no more than `burst`. */
export class NotifyRate {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #interval: Milliseconds;
  #left: number;
  #countedAt: Milliseconds;

  constructor(clock: Clock, { burst, interval }: { readonly burst: number; readonly interval: Milliseconds }) {
    this.#clock = clock;
    this.#burst = burst;
    this.#interval = interval;
    this.#left = burst;
    this.#countedAt = clock.now();
  }

  /** How long to wait until there is something to spend; zero when there is. */
  pause(): Milliseconds {
    this.#fill();
    return this.#left >= 1 ? 0 : Math.ceil((1 - this.#left) * this.#interval);
  }

  /** Spends one, also where there is none: who could not wait makes the next one wait longer. */
  spend(): void {
    this.#fill();
    this.#left = Math.max(this.#left - 1, -this.#burst);
  }

  #fill(): void {
    const now = this.#clock.now();
    this.#left = Math.min(this.#burst, this.#left + (now - this.#countedAt) / this.#interval);
    this.#countedAt = now;
  }
}
