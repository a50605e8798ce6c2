import { type Clock, type Disposable, type Milliseconds, toDisposable } from '../core';

/** What one phone means to do later; all of it is forgotten at once when the phone is switched off. */
export class PhoneTimers implements Disposable {
  readonly #clock: Clock;
  readonly #running = new Set<Disposable>();

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

  /** Waits for `work`, but for no longer than `limit`. */
  async within(work: Promise<void>, limit: Milliseconds): Promise<void> {
    let timer: Disposable | undefined;
    const late = new Promise<void>((resolve) => {
      timer = this.after(limit, resolve);
    });
    await Promise.race([work, late]);
    timer?.dispose();
  }

  dispose(): void {
    for (const timer of [...this.#running]) timer.dispose();
  }
}
