import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  HOLD_TONE,
  phoneTone,
  phoneToneCount,
  samplesPerFrame,
  toneFrame,
  toneSamples,
  voiceOf,
} from '../../../src/media';

const tones = Array.from({ length: phoneToneCount }, (_, index) => phoneTone(index));
const keyFrequencies = [697, 770, 852, 941, 1209, 1336, 1477, 1633];

describe('phone tones', () => {
  test('are at least 24, the first 350 Hz', () => {
    assert.ok(tones.length >= 24);
    assert.equal(tones[0], 350);
    assert.throws(() => phoneTone(phoneToneCount), RangeError);
    assert.throws(() => phoneTone(-1), RangeError);
  });

  test('are multiples of 50 Hz, 150 Hz apart, below half the sample rate, away from the keys of a telephone', () => {
    for (const [index, tone] of tones.entries()) {
      assert.equal(tone % 50, 0);
      assert.ok(tone < 4000);
      if (index > 0) assert.ok(tone - (tones[index - 1] ?? 0) >= 150);
      assert.ok(
        keyFrequencies.every((key) => Math.abs(key - tone) > 25),
        `${tone} Hz`,
      );
    }
  });

  test('share nothing with the hold tone, nor its mixtures of third order', () => {
    const [low = 0, high = 0] = HOLD_TONE.frequencies;
    for (const mixture of [low, high, 3 * low, 2 * high - low, 2 * low + high, high - 2 * low, 2 * high + low]) {
      assert.ok(!tones.includes(mixture), `${mixture} Hz`);
    }
  });
});

test('a frame goes on into itself without a seam', () => {
  for (const tone of [...tones.map(voiceOf), HOLD_TONE]) {
    const two = toneSamples(tone, 2 * samplesPerFrame);
    assert.deepEqual(two.subarray(samplesPerFrame), two.subarray(0, samplesPerFrame));
    assert.equal(toneFrame(tone, 'pcma').length, samplesPerFrame);
  }
});
