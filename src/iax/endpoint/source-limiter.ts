import type { Clock, Milliseconds } from '../../core';

/** Sources remembered; the one unheard for the longest is forgotten first. */
const mostSources = 1_024;

interface Level {
  left: number;
  at: Milliseconds;
}

/** Lets each source have `rate` a second of something, and a second's worth at once after a rest. Its memory is bounded. */
export class SourceLimiter {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #sources = new Map<string, Level>();

  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
  }

  take(source: string): boolean {
    const now = this.#clock.now();
    const level = this.#sources.get(source) ?? { left: this.#rate, at: now };
    this.#sources.delete(source);
    this.#sources.set(source, level);
    const oldest = this.#sources.keys().next();
    if (this.#sources.size > mostSources && oldest.done === false) this.#sources.delete(oldest.value);
    level.left = Math.min(this.#rate, level.left + ((now - level.at) * this.#rate) / 1_000);
    level.at = now;
    if (level.left < 1) return false;
    level.left -= 1;
    return true;
  }
}
