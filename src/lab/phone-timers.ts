import { type Clock, type Disposable, type Milliseconds, toDisposable } from '../core';

/** What one phone means to do later; all of it is forgotten at once when the phone is switched off. */
export class PhoneTimers implements Disposable {
  readonly #clock: Clock;
  readonly #running = new Set<Disposable>();
  /** Ends each wait of `within`. */
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  after(delay: Milliseconds, act: () => void): Disposable {
    const running = this.#clock.setTimer(delay, () => {
      this.#running.delete(timer);
      act();
    });
    const timer = toDisposable(() => {
      this.#running.delete(timer);
      running.dispose();
    });
    this.#running.add(timer);
    return timer;
  }

  /** Waits for `work`, but for no longer than `limit`, nor when the phone is switched off. */
  async within(work: Promise<void>, limit: Milliseconds): Promise<void> {
    let giveUp = (): void => {};
    const late = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    const timer = this.after(limit, giveUp);
    this.#waiting.add(giveUp);
    await Promise.race([work, late]);
    this.#waiting.delete(giveUp);
    timer.dispose();
  }

  dispose(): void {
    for (const timer of [...this.#running]) timer.dispose();
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
