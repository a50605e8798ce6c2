import { GoertzelBank } from './goertzel-bank';
import { HOLD_TONE, samplesPerFrame } from './tones';

/** Below this amplitude of a sine (about -50 dBm0) a block counts as silence. */
const quietestAmplitude = 100;
const quietestEnergy = (samplesPerFrame * quietestAmplitude ** 2) / 2;

/** A tone has at least this share of the block's energy: up to a dozen phones may speak at once. */
const leastShare = 0.05;

/**
 * All tones together have at least this share. Our tones keep 99.9 % of it through either law; speech, music and the
 * tones of telephone networks spread theirs beyond the frequencies looked for, and are nobody.
 */
const leastPurity = 0.7;

/** Finds which of the tones looked for, and whether the hold tone, are in a block of 20 ms. It remembers nothing. */
export class ToneDetector {
  readonly candidates: readonly number[];
  readonly #bank: GoertzelBank;
  readonly #measured: number;
  readonly #firstHold: number;

  /** @param candidates frequencies in Hz; multiples of 50 are told apart best. */
  constructor(candidates: readonly number[]) {
    this.candidates = [...new Set(candidates)];
    this.#firstHold = this.candidates.length;
    const frequencies = [...this.candidates, ...HOLD_TONE.frequencies];
    this.#measured = frequencies.length;
    this.#bank = new GoertzelBank(frequencies, samplesPerFrame);
  }

  /**
   * Looks at one block of linear samples, whose sum of squares is `energy`, and calls `found` for each tone in it: with
   * its place in `candidates`, or with their number for the hold tone.
   */
  analyse(block: Float64Array, energy: number, found: (place: number) => void): void {
    if (energy < quietestEnergy) return;
    this.#bank.measure(block);
    const { energies } = this.#bank;
    const least = leastShare * energy;
    const holdEnergy = this.#holdEnergy(least);
    let explained = holdEnergy;
    for (let place = 0; place < this.#firstHold; place += 1) {
      const share = energies[place] ?? 0;
      if (share >= least) explained += share;
    }
    if (explained < leastPurity * energy) return;
    for (let place = 0; place < this.#firstHold; place += 1) {
      if ((energies[place] ?? 0) >= least) found(place);
    }
    if (holdEnergy > 0) found(this.#firstHold);
  }

  /** The energy of the hold tone, or 0: a part of it alone is a sound of somebody else. */
  #holdEnergy(least: number): number {
    let sum = 0;
    for (let place = this.#firstHold; place < this.#measured; place += 1) {
      const share = this.#bank.energies[place] ?? 0;
      if (share < least) return 0;
      sum += share;
    }
    return sum;
  }
}
