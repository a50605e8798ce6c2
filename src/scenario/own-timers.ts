import type { Clock, Disposable, Milliseconds } from '../core';

/**
 * A clock that counts its own user's timers only. The simulated network lives on the same time as the lab, and what is
 * still under way in it when the lab has stopped is nothing that the lab left behind.
 */
export class OwnTimers implements Clock {
  readonly #clock: Clock;
  #pending = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pendingTimers(): number {
    return this.#pending;
  }

  now(): Milliseconds {
    return this.#clock.now();
  }

  setTimer(delay: Milliseconds, callback: () => void): Disposable {
    let isPending = true;
    const end = (): void => {
      if (isPending) this.#pending -= 1;
      isPending = false;
    };
    this.#pending += 1;
    const timer = this.#clock.setTimer(delay, () => {
      end();
      callback();
    });
    return {
      dispose: () => {
        end();
        timer.dispose();
      },
    };
  }
}
