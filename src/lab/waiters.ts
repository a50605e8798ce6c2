/** Promises for a condition on a changing thing: each is looked at again whenever the thing says that it changed. */
export class Waiters {
  readonly #waiting = new Set<{ readonly isMet: () => boolean; readonly resolve: () => void }>();

  /** Resolves when `isMet` holds, at once if it does now. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add({ isMet, resolve });
    });
  }

  /** Something changed. */
  check(): void {
    for (const waiter of this.#waiting) {
      if (!waiter.isMet()) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}
