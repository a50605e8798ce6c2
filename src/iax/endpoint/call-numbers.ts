import { type Clock, type Milliseconds, randomInteger, type RandomSource } from '../../core';

/** IAX2 reference 4.1: 0 is nobody, 1 is for replies without a call. */
const lowest = 2;
const highest = 32_767;
const count = highest - lowest + 1;

/** How long a number rests before it may name another call (IAX2 reference 4.1). */
const quarantine: Milliseconds = 60_000;

/** Random draws before the search goes through all numbers in turn. */
const draws = 32;

/** The numbers by which one socket's calls are known to their peers: not to be guessed, and none twice at a time. */
export class CallNumbers {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #taken = new Set<number>();
  /** By the time at which they may be drawn again, the first first. */
  readonly #resting = new Map<number, Milliseconds>();

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A number that no call has; undefined when all are in use. */
  take(): number | undefined {
    this.#wake();
    if (this.#taken.size === count) return undefined;
    const isNoneFree = this.#taken.size + this.#resting.size === count;
    const number = isNoneFree ? this.#longestRested() : (this.#draw() ?? this.#search());
    this.#resting.delete(number);
    this.#taken.add(number);
    return number;
  }

  giveBack(number: number): void {
    if (!this.#taken.delete(number)) return;
    this.#wake();
    this.#resting.set(number, this.#clock.now() + quarantine);
  }

  #draw(): number | undefined {
    for (let draw = 0; draw < draws; draw += 1) {
      const number = lowest + randomInteger(this.#random, count);
      if (this.#isFree(number)) return number;
    }
    return undefined;
  }

  /** From a random one on through all of them: there is one. */
  #search(): number {
    let number = lowest + randomInteger(this.#random, count);
    while (!this.#isFree(number)) number = number === highest ? lowest : number + 1;
    return number;
  }

  /** Rather a number that has rested too short than no call: its old peer must still know address and number to be heard. */
  #longestRested(): number {
    const first = this.#resting.keys().next();
    if (first.done === true) throw new Error('every call number is taken');
    return first.value;
  }

  #isFree(number: number): boolean {
    return !this.#taken.has(number) && !this.#resting.has(number);
  }

  #wake(): void {
    const now = this.#clock.now();
    for (const [number, until] of this.#resting) {
      if (until > now) return;
      this.#resting.delete(number);
    }
  }
}
