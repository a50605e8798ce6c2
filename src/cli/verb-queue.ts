import { setTimeout as pause } from 'node:timers/promises';

/** How long a verb may keep the next one waiting, in milliseconds. */
const patience = 1_000;

/**
 * Begins verbs in the order of their reading. Each waits for the outcome of the one before it, so that `bob hold` and `bob
 * resume` in one breath do what they say; but what takes long (a transfer, a phone that does not answer) runs on beside.
 */
export class VerbQueue {
  readonly #running = new Set<Promise<void>>();
  #tail: Promise<void> = Promise.resolve();

  /** `isLengthy`: the next verb need not wait at all. */
  add(perform: () => Promise<void>, isLengthy: boolean): void {
    this.#tail = this.#tail.then(async () => {
      const task = perform().finally(() => this.#running.delete(task));
      this.#running.add(task);
      if (!isLengthy) await Promise.race([task, pause(patience, undefined, { ref: false })]);
    });
  }

  /** Resolves when every verb has its outcome, or after `limit` milliseconds from when the last one began. */
  async drain(limit: number): Promise<void> {
    await this.#tail;
    await Promise.race([Promise.all(this.#running), pause(limit, undefined, { ref: false })]);
  }
}
