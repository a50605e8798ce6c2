/** Things of given heights below each other: where each begins, and which ones a window shows. */
export class Stack {
  #tops: readonly number[] = [0];

  /** Heights in CSS pixels. */
  set(heights: readonly number[]): void {
    const tops = [0];
    for (const height of heights) tops.push((tops.at(-1) ?? 0) + height);
    this.#tops = tops;
  }

  get count(): number {
    return this.#tops.length - 1;
  }

  get height(): number {
    return this.#tops.at(-1) ?? 0;
  }

  top(index: number): number {
    return this.#tops[index] ?? this.height;
  }

  /** The last one that begins at or above `y`. */
  at(y: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.top(middle) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  /** Those that a window from `top` to `bottom` shows, the first and the one after the last. */
  range(top: number, bottom: number): readonly [start: number, end: number] {
    if (this.count === 0) return [0, 0];
    return [this.at(top), Math.min(this.count, this.at(Math.max(top, bottom)) + 1)];
  }
}
