import { type Disposable, toDisposable } from './disposable';

/** Event name to the arguments its listeners get. */
export type EventMap = Record<string, readonly unknown[]>;

type Listener<Arguments extends readonly unknown[]> = (...args: Arguments) => void;

/**
 * A typed event source. A listener that throws hurts neither its sender nor the listeners after it: its error goes to
 * `onListenerError`, which by default raises it outside the current call, where the process reports it.
 */
export class Emitter<Events extends { [Name in keyof Events]: readonly unknown[] }> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  readonly #onListenerError: (error: unknown, event: keyof Events) => void;

  constructor(onListenerError: (error: unknown, event: keyof Events) => void = raiseLater) {
    this.#onListenerError = onListenerError;
  }

  on<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): Disposable {
    let listeners = this.#listeners.get(event);
    if (listeners === undefined) this.#listeners.set(event, (listeners = new Set()));
    listeners.add(listener);
    return toDisposable(() => listeners.delete(listener));
  }

  emit<Name extends keyof Events>(event: Name, ...args: Events[Name]): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined || listeners.size === 0) return;
    for (const listener of [...listeners]) {
      try {
        (listener as unknown as Listener<Events[Name]>)(...args);
      } catch (error) {
        this.#onListenerError(error, event);
      }
    }
  }

  /** How many listeners `event` has: to spare work for nobody, and to find leaks. */
  listenerCount(event: keyof Events): number {
    return this.#listeners.get(event)?.size ?? 0;
  }
}

function raiseLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
