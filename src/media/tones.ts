import { encodeSamples, type Law, sampleRate } from './g711';

/** Samples in a packet of 20 ms. */
export const samplesPerFrame = 160;

/** A sound: the frequencies that it is made of, in Hz, and the amplitude of each in linear 16-bit units. */
export interface Tone {
  readonly frequencies: readonly number[];
  readonly amplitude: number;
}

// All frequencies are multiples of 50 Hz: a frame of 20 ms then holds whole periods, so it repeats exactly, and any two
// tones are orthogonal over it. Phone tones are 50 Hz above a multiple of 150. Squaring off by the law makes odd
// overtones and mixtures of odd order: those of one phone tone, and of the hold tone, fall on multiples of 150, where
// no phone is.

const firstTone = 350;
const toneSpacing = 150;
const lastTone = 3950;

/** The frequencies of a telephone's keys (ITU-T Q.23), from which phone tones keep away. */
const keyFrequencies = [697, 770, 852, 941, 1209, 1336, 1477, 1633];
const distanceFromKeys = 25;

const phoneTones: readonly number[] = Array.from(
  { length: (lastTone - firstTone) / toneSpacing + 1 },
  (_, index) => firstTone + index * toneSpacing,
).filter((tone) => keyFrequencies.every((key) => Math.abs(key - tone) > distanceFromKeys));

/** How many phones can be told apart by ear: 24. */
export const phoneToneCount = phoneTones.length;

/**
 * The frequency in Hz by which the phone with that index (from 0) is known.
 *
 * @throws RangeError beyond {@link phoneToneCount}.
 */
export function phoneTone(index: number): number {
  const tone = phoneTones[index];
  if (tone === undefined) {
    throw new RangeError(`There are tones for ${phoneToneCount} phones, not for number ${index}.`);
  }
  return tone;
}

/** What a phone sends while it holds a call: two frequencies at once, neither of them any phone's. */
export const HOLD_TONE: Tone = { frequencies: [450, 1800], amplitude: 6000 };

/** The sound of a phone with that tone. */
export function voiceOf(frequency: number): Tone {
  return { frequencies: [frequency], amplitude: 8000 };
}

/** Linear samples of a sound, from its beginning. */
export function toneSamples({ frequencies, amplitude }: Tone, length: number): Int16Array {
  return Int16Array.from({ length }, (_, at) => {
    const phase = (2 * Math.PI * at) / sampleRate;
    return Math.round(frequencies.reduce((sum, frequency) => sum + amplitude * Math.sin(frequency * phase), 0));
  });
}

/** Frames of sounds, each made once. */
export class ToneFrames {
  readonly #frames = new Map<string, Uint8Array>();

  /** {@link toneFrame}; not to be written to, since others get the same. */
  of(tone: Tone, law: Law): Uint8Array {
    const key = `${law} ${tone.amplitude} ${tone.frequencies.join()}`;
    let frame = this.#frames.get(key);
    if (frame === undefined) this.#frames.set(key, (frame = toneFrame(tone, law)));
    return frame;
  }
}

/** One frame of a sound whose frequencies are multiples of 50 Hz: sent again and again it has no seam. */
export function toneFrame(tone: Tone, law: Law): Uint8Array {
  return encodeSamples(toneSamples(tone, samplesPerFrame), law);
}
