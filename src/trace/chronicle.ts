/** Things in the order in which they came, for whoever reads them step by step. */
export interface Series<Item> {
  /** How many there have been, kept or not. */
  readonly total: number;
  /** Those that came when there had been `read` already, and are kept. */
  since(read: number): readonly Item[];
}

/**
 * A list that grows at its end and may lose any of its items: each has a number, counted from 0, that is never used again.
 */
export class Chronicle<Item> implements Series<Item> {
  /** Those kept, in order. Always the same array. */
  readonly items: Item[] = [];
  readonly #numbers: number[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  push(item: Item): void {
    this.items.push(item);
    this.#numbers.push(this.#total);
    this.#total += 1;
  }

  /** The item of a number; undefined when there is none, or none any more. */
  at(number: number): Item | undefined {
    const place = this.#placeOf(number);
    return this.#numbers[place] === number ? this.items[place] : undefined;
  }

  since(read: number): readonly Item[] {
    return this.items.slice(this.#placeOf(read));
  }

  forget(isPast: (item: Item) => boolean): void {
    let kept = 0;
    for (const [place, item] of this.items.entries()) {
      if (isPast(item)) continue;
      this.items[kept] = item;
      this.#numbers[kept] = this.#numbers[place] ?? 0;
      kept += 1;
    }
    this.items.length = kept;
    this.#numbers.length = kept;
  }

  /** Where the first item of this or a higher number stands. */
  #placeOf(number: number): number {
    let [low, high] = [0, this.#numbers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#numbers[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
