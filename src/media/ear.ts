import type { Clock, Disposable, Milliseconds } from '../core';
import { type Law, linearOf } from './g711';
import { ToneDetector } from './tone-detector';
import { samplesPerFrame } from './tones';

/** What is heard: the frequencies in Hz of the phones, and whether somebody plays the hold tone. */
export interface Heard {
  readonly tones: ReadonlySet<number>;
  readonly hold: boolean;
}

export interface EarOptions {
  readonly clock: Clock;
  /** The frequencies in Hz to look for. */
  readonly candidates: readonly number[];
  /** What is heard has changed. */
  readonly onHears: (heard: Heard) => void;
}

/** A tone is heard once this many blocks held it ... */
const blocksToHear = 3;
/** ... within this time: at 20 ms a block, seven of ten may be lost. */
const timeToHear: Milliseconds = 200;
/** It is heard no longer when no block held it for this long: fifteen in a row would have to be lost. */
const timeToForget: Milliseconds = 300;

/** Hears tones in G.711 audio, steadily: neither loss nor a stray block makes what is heard flap. */
export class Ear implements Disposable {
  readonly #clock: Clock;
  readonly #onHears: (heard: Heard) => void;
  #detector: ToneDetector;
  /** One for each candidate, and the last for the hold tone. */
  #trails: readonly ToneTrail[];
  #heard: Heard = { tones: new Set(), hold: false };
  #forgetting: Disposable | undefined;
  #now: Milliseconds = 0;
  #changed = false;

  constructor({ clock, candidates, onHears }: EarOptions) {
    this.#clock = clock;
    this.#onHears = onHears;
    this.#detector = new ToneDetector(candidates);
    this.#trails = Array.from({ length: this.#detector.candidates.length + 1 }, () => new ToneTrail());
  }

  get heard(): Heard {
    return this.#heard;
  }

  /** Looks for these frequencies from now on. What is heard of those among them stays heard. */
  lookFor(candidates: readonly number[]): void {
    const old = new Map(this.#detector.candidates.map((tone, place) => [tone, this.#trails[place]]));
    const hold = this.#trails.at(-1);
    this.#detector = new ToneDetector(candidates);
    const trails = this.#detector.candidates.map((tone) => old.get(tone) ?? new ToneTrail());
    this.#trails = [...trails, hold ?? new ToneTrail()];
    this.#publish();
  }

  /** Listens to one block of 160 linear samples, whose sum of squares is `energy`. */
  listen(block: Float64Array, energy: number): void {
    this.#now = this.#clock.now();
    this.#detector.analyse(block, energy, this.#found);
    if (!this.#changed) return;
    this.#changed = false;
    this.#publish();
    this.#forgetLater();
  }

  /** Hears nothing any more, says so, and leaves no timer. */
  dispose(): void {
    this.#forgetting?.dispose();
    this.#forgetting = undefined;
    for (const trail of this.#trails) trail.isHeard = false;
    this.#publish();
  }

  readonly #found = (place: number): void => {
    if (this.#trails[place]?.mark(this.#now) === true) this.#changed = true;
  };

  /**
   * One timer for all tones, at the moment the first of them could be forgotten; most times it only sets itself anew.
   */
  #forgetLater(): void {
    if (this.#forgetting !== undefined) return;
    const oldest = this.#trails.reduce(
      (time, trail) => (trail.isHeard ? Math.min(time, trail.newest) : time),
      Infinity,
    );
    if (oldest === Infinity) return;
    this.#forgetting = this.#clock.setTimer(oldest + timeToForget - this.#clock.now(), () => {
      this.#forgetting = undefined;
      const now = this.#clock.now();
      for (const trail of this.#trails) trail.forget(now);
      this.#forgetLater();
      this.#publish();
    });
  }

  #publish(): void {
    const tones = new Set(this.#detector.candidates.filter((_, place) => this.#trails[place]?.isHeard === true));
    const hold = this.#trails.at(-1)?.isHeard === true;
    const before = this.#heard;
    if (
      hold === before.hold &&
      tones.size === before.tones.size &&
      [...tones].every((tone) => before.tones.has(tone))
    ) {
      return;
    }
    this.#heard = { tones, hold };
    this.#onHears(this.#heard);
  }
}

/** Cuts one source's packets, of whatever length, into blocks for an ear. */
export class BlockCutter {
  readonly #ear: Ear;
  readonly #block = new Float64Array(samplesPerFrame);
  #filled = 0;
  #energy = 0;

  constructor(ear: Ear) {
    this.#ear = ear;
  }

  /** Takes a packet's payload. One that does not follow on the last begins a new block: a seam is no sound. */
  accept(payload: Uint8Array, law: Law, follows: boolean): void {
    const linear = linearOf(law);
    const block = this.#block;
    let filled = follows ? this.#filled : 0;
    let energy = follows ? this.#energy : 0;
    const { length } = payload;
    for (let at = 0; at < length; at += 1) {
      const sample = linear[payload[at] ?? 0] ?? 0;
      block[filled] = sample;
      energy += sample * sample;
      filled += 1;
      if (filled < samplesPerFrame) continue;
      this.#ear.listen(block, energy);
      filled = 0;
      energy = 0;
    }
    this.#filled = filled;
    this.#energy = energy;
  }
}

/** When one tone was last found. */
class ToneTrail {
  isHeard = false;
  readonly #times = new Float64Array(blocksToHear).fill(-Infinity);
  #next = 0;

  get newest(): Milliseconds {
    return this.#times[(this.#next + blocksToHear - 1) % blocksToHear] ?? 0;
  }

  /** A block held the tone. Returns true when that makes it heard. */
  mark(now: Milliseconds): boolean {
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % blocksToHear;
    if (this.isHeard) return false;
    const oldest = this.#times[this.#next] ?? 0;
    this.isHeard = now - oldest <= timeToHear;
    return this.isHeard;
  }

  forget(now: Milliseconds): void {
    // A clock of floating numbers may wake us a hair early.
    if (now - this.newest > timeToForget - 0.001) this.isHeard = false;
  }
}
