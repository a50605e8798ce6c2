import type { PanelFound } from './protocol';

/** The rows that a search has found, in their order, and the one of them that the reader is at. */
export class Matches {
  #ids: string[] = [];
  #known = new Set<string>();
  #now: string | undefined;

  get count(): number {
    return this.#ids.length;
  }

  /** The one that the reader is at. */
  get now(): string | undefined {
    return this.#now;
  }

  /** Which one that is, counted from 1; 0 as long as it is none. */
  get place(): number {
    return this.#now === undefined ? 0 : this.#ids.indexOf(this.#now) + 1;
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  take({ kept, ids }: Pick<PanelFound, 'kept' | 'ids'>): void {
    this.#ids.length = Math.min(kept, this.#ids.length);
    for (const id of ids) this.#ids.push(id);
    this.#known = new Set(this.#ids);
    if (this.#now !== undefined && !this.#known.has(this.#now)) this.#now = undefined;
  }

  clear(): void {
    this.take({ kept: 0, ids: [] });
  }

  /**
   * Goes to the next one (or the one before), round the end: from the one that the reader is at, or else from the row of index
   * `from`, which counts itself. The id of where that is; undefined when nothing was found.
   */
  go(step: 1 | -1, from: number, indexOf: (id: string) => number): string | undefined {
    const { count } = this;
    if (count === 0) return undefined;
    const at = this.place - 1;
    const next = at === -1 ? this.#nearest(step, from, indexOf) : at + step;
    this.#now = this.#ids[(next + count) % count];
    return this.#now;
  }

  /** The first at or behind the row `from`, or the last at or before it. */
  #nearest(step: 1 | -1, from: number, indexOf: (id: string) => number): number {
    const index = step === 1 ? this.#ids.findIndex((id) => indexOf(id) >= from) : this.#ids.findLastIndex((id) => indexOf(id) <= from);
    if (index !== -1) return index;
    return step === 1 ? 0 : this.count - 1;
  }

  /** Nobody is at one of them any more. */
  leave(): void {
    this.#now = undefined;
  }
}
