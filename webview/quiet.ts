/** The page must have been quiet so long before anything is drawn: nobody scrolls, nothing new comes. In milliseconds, as all here. */
const quiet = 120;
/** And so long where much has come: the pauses of a busy ladder are short, and the next rows would wait for a drawing. */
const lull = 600;
/** A ladder is busy when rows have come so many times within so long. */
const busy = { times: 20, within: 2_000 };

/** Knows until when a page is too busy for drawings. */
export class Quiet {
  readonly #now: () => number;
  #busyUntil = 0;
  /** When rows have come last, the newest at the end. */
  #came: readonly number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** When it will be quiet, if nothing happens any more; in the past where it is. */
  get begins(): number {
    return this.#busyUntil;
  }

  /** The reader scrolls, and must not wait. */
  disturb(): void {
    this.#busyUntil = Math.max(this.#busyUntil, this.#now() + quiet);
  }

  /** Rows have come, and others may follow at once. */
  rowsCame(): void {
    const now = this.#now();
    this.#came = [...this.#came.slice(1 - busy.times), now];
    const isBusy = this.#came.length === busy.times && now - (this.#came[0] ?? 0) < busy.within;
    this.#busyUntil = Math.max(this.#busyUntil, now + (isBusy ? lull : quiet));
  }
}
