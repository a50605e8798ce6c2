/** Something that holds a resource (timer, socket, listener) until it is disposed of. Disposing twice is harmless. */
export interface Disposable {
  dispose(): void;
}

/** Wraps a function as a {@link Disposable} that calls it once. */
export function toDisposable(release: () => void): Disposable {
  let released = false;
  return {
    dispose() {
      if (released) return;
      released = true;
      release();
    },
  };
}

/** Owns several disposables and releases them in the reverse order of their adding. */
export class DisposableStore implements Disposable {
  readonly #held: Disposable[] = [];
  #disposed = false;

  /** Takes ownership. A store already disposed of releases the newcomer at once, so that nothing can leak. */
  add<T extends Disposable>(disposable: T): T {
    if (this.#disposed) disposable.dispose();
    else this.#held.push(disposable);
    return disposable;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (let held = this.#held.pop(); held !== undefined; held = this.#held.pop()) held.dispose();
  }
}
