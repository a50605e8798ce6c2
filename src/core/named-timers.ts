import type { Clock, Milliseconds } from './clock';
import type { Disposable } from './disposable';

/** Sees each step of a timer before anybody acts on it; quick, and never throws. */
export interface TimerObserver {
  /** `delay` in milliseconds when set, 0 otherwise. */
  timer(name: string, id: string, action: 'set' | 'fired' | 'cleared', delay: Milliseconds): void;
}

/** The named timers of one machine: set again replaces, and each step is shown to the observer. */
export class NamedTimers<Name extends string> {
  readonly #running = new Map<Name, Disposable>();
  readonly #clock: Clock;
  readonly #observer: TimerObserver;
  readonly #id: string;

  constructor(clock: Clock, observer: TimerObserver, id: string) {
    this.#clock = clock;
    this.#observer = observer;
    this.#id = id;
  }

  set(name: Name, delay: Milliseconds, onFire: () => void): void {
    this.#running.get(name)?.dispose();
    this.#observer.timer(name, this.#id, 'set', delay);
    this.#running.set(
      name,
      this.#clock.setTimer(delay, () => {
        this.#running.delete(name);
        this.#observer.timer(name, this.#id, 'fired', 0);
        onFire();
      }),
    );
  }

  /** No timer is running. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  isRunning(name: Name): boolean {
    return this.#running.has(name);
  }

  clear(name: Name): void {
    const timer = this.#running.get(name);
    if (timer === undefined) return;
    timer.dispose();
    this.#running.delete(name);
    this.#observer.timer(name, this.#id, 'cleared', 0);
  }

  clearAll(): void {
    for (const name of [...this.#running.keys()]) this.clear(name);
  }
}
