import type { Clock, Disposable } from '../../core';

/** Calls `run` at most once in every `interval`, and always once more after the last request. */
export class Coalesced implements Disposable {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #run: () => void;
  #timer: Disposable | undefined;
  #isRequested = false;

  constructor(clock: Clock, interval: number, run: () => void) {
    this.#clock = clock;
    this.#interval = interval;
    this.#run = run;
  }

  /** The first request in a while is met at once: what a person does must be seen at once. */
  request(): void {
    this.#isRequested = true;
    if (this.#timer === undefined) this.#meet();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#isRequested = false;
  }

  #meet(): void {
    this.#timer = undefined;
    if (!this.#isRequested) return;
    this.#isRequested = false;
    this.#timer = this.#clock.setTimer(this.#interval, () => this.#meet());
    this.#run();
  }
}
