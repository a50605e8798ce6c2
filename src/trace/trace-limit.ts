import type { Disposable } from '../core';
import type { Journal } from './journal';
import type { TraceModel } from './model';

export interface TraceLimitOptions {
  /** So many messages are kept at least, the newest; a quarter more, until the oldest go together. */
  readonly keep: number;
  /** Puts the messages before this index where they can be read later. They go when it is done, or when it has failed. */
  readonly save?: (before: number) => Promise<void>;
  readonly onSaveFailed?: (error: unknown) => void;
}

/** Whoever cannot save as fast as messages come must not cost more memory than so many times what is to be kept. */
const mostTimes = 3;

/** Keeps a trace that goes on for days at a bounded length: its oldest messages go, and the journal's entries before them. */
export class TraceLimit implements Disposable {
  readonly #model: TraceModel;
  readonly #journal: Journal;
  readonly #options: TraceLimitOptions;
  readonly #listening: Disposable;
  #isBusy = false;

  constructor(model: TraceModel, journal: Journal, options: TraceLimitOptions) {
    this.#model = model;
    this.#journal = journal;
    this.#options = options;
    this.#listening = model.on('message', () => this.#look());
  }

  dispose(): void {
    this.#listening.dispose();
  }

  #look(): void {
    const { keep } = this.#options;
    const { length } = this.#model.messages;
    if (length < keep + Math.max(1, Math.floor(keep / 4))) return;
    if (!this.#isBusy) void this.#shorten(this.#model.endIndex - keep);
    else if (length >= mostTimes * keep) queueMicrotask(() => this.#forget(this.#model.endIndex - keep));
  }

  async #shorten(before: number): Promise<void> {
    this.#isBusy = true;
    try {
      await this.#options.save?.(before);
    } catch (error) {
      this.#options.onSaveFailed?.(error);
    } finally {
      this.#isBusy = false;
    }
    // Not in the midst of a message: the tables are at work on it.
    queueMicrotask(() => this.#forget(before));
  }

  #forget(before: number): void {
    this.#model.forget(before);
    const [first] = this.#model.messages;
    const seq = first?.sentSeq ?? first?.receivedSeq;
    if (seq !== undefined) this.#journal.forget(seq);
  }
}
