import { sampleRate } from './g711';

/**
 * Measures how much of a block of samples lies at each of a set of frequencies (Goertzel's algorithm). Over whole
 * periods the measure of one frequency is blind to the others; off its frequency it falls to a twentieth at one and a
 * half divisions of `sampleRate / blockLength`.
 */
export class GoertzelBank {
  /** The energy at each frequency in the block measured last, on the scale of the block's sum of squares. */
  readonly energies: Float64Array;
  readonly #coefficients: Float64Array;
  readonly #scale: number;

  constructor(frequencies: readonly number[], blockLength: number) {
    // Four run side by side, since each step of one waits for its last; the places that fill up stay unused.
    const places = 4 * Math.ceil(frequencies.length / 4);
    this.energies = new Float64Array(places);
    this.#coefficients = Float64Array.from(
      { length: places },
      (_, index) => 2 * Math.cos((2 * Math.PI * (frequencies[index] ?? 0)) / sampleRate),
    );
    this.#scale = 2 / blockLength;
  }

  measure(block: Float64Array): void {
    const coefficients = this.#coefficients;
    const length = block.length;
    for (let index = 0; index < coefficients.length; index += 4) {
      const ca = coefficients[index] ?? 0;
      const cb = coefficients[index + 1] ?? 0;
      const cc = coefficients[index + 2] ?? 0;
      const cd = coefficients[index + 3] ?? 0;
      let a1 = 0;
      let a2 = 0;
      let b1 = 0;
      let b2 = 0;
      let c1 = 0;
      let c2 = 0;
      let d1 = 0;
      let d2 = 0;
      for (let at = 0; at < length; at += 1) {
        const sample = block[at] ?? 0;
        const a0 = sample - a2 + ca * a1;
        const b0 = sample - b2 + cb * b1;
        const c0 = sample - c2 + cc * c1;
        const d0 = sample - d2 + cd * d1;
        a2 = a1;
        b2 = b1;
        c2 = c1;
        d2 = d1;
        a1 = a0;
        b1 = b0;
        c1 = c0;
        d1 = d0;
      }
      this.#store(index, a1 * a1 + a2 * a2 - ca * a1 * a2);
      this.#store(index + 1, b1 * b1 + b2 * b2 - cb * b1 * b2);
      this.#store(index + 2, c1 * c1 + c2 * c2 - cc * c1 * c2);
      this.#store(index + 3, d1 * d1 + d2 * d2 - cd * d1 * d2);
    }
  }

  #store(index: number, squaredMagnitude: number): void {
    this.energies[index] = squaredMagnitude * this.#scale;
  }
}
