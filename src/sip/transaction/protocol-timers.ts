import type { Clock, Disposable, Milliseconds } from '../../core';
import type { ProtocolObserver } from './observer';

/** The named timers of one machine: set again replaces, and each step is shown to the observer. */
export class ProtocolTimers<Name extends string> {
  readonly #running = new Map<Name, Disposable>();
  readonly #clock: Clock;
  readonly #observer: ProtocolObserver;
  readonly #id: string;

  constructor(clock: Clock, observer: ProtocolObserver, id: string) {
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
