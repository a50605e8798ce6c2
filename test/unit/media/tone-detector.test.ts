import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom } from '../../../src/core';
import {
  decodeSamples,
  encodeSamples,
  HOLD_TONE,
  type Law,
  phoneTone,
  phoneToneCount,
  samplesPerFrame,
  ToneDetector,
  toneSamples,
  voiceOf,
} from '../../../src/media';

const all = Array.from({ length: phoneToneCount }, (_, index) => phoneTone(index));
const laws = ['pcmu', 'pcma'] as const;

/** What a detector for `candidates` finds in linear samples that went through a law. */
function found(samples: ArrayLike<number>, law: Law = 'pcmu', candidates = all): (number | 'hold')[] {
  const decoded = decodeSamples(encodeSamples(samples, law), law);
  return foundIn(decoded, candidates);
}

function foundIn(samples: ArrayLike<number>, candidates = all): (number | 'hold')[] {
  const block = Float64Array.from(samples);
  const energy = block.reduce((sum, sample) => sum + sample * sample, 0);
  const heard: (number | 'hold')[] = [];
  new ToneDetector(candidates).analyse(block, energy, (place) => heard.push(candidates[place] ?? 'hold'));
  return heard;
}

/** Samples of a sum of sines, `at` samples into it. */
function sines(parts: readonly (readonly [frequency: number, amplitude: number])[], at = 0): number[] {
  return Array.from({ length: samplesPerFrame }, (_, index) =>
    Math.round(
      parts.reduce(
        (sum, [frequency, amplitude]) => sum + amplitude * Math.sin((2 * Math.PI * frequency * (index + at)) / 8000),
        0,
      ),
    ),
  );
}

describe('ToneDetector', () => {
  for (const law of laws) {
    test(`finds each phone, and only that one, through ${law}, wherever the block begins`, () => {
      for (const tone of all) {
        for (const at of [0, 1, 37, 159]) {
          assert.deepEqual(found(sines([[tone, 8000]], at), law), [tone], `${tone} Hz at ${at}`);
        }
      }
    });

    test(`finds it from a whisper to the loudest that ${law} has`, () => {
      for (const tone of all) {
        for (const amplitude of [150, 1000, 32_000]) {
          assert.deepEqual(found(sines([[tone, amplitude]]), law), [tone], `${tone} Hz at ${amplitude}`);
        }
      }
    });

    test(`finds any two phones at once through ${law}, and no third`, () => {
      for (const one of all) {
        for (const other of all) {
          if (one >= other) continue;
          assert.deepEqual(
            found(
              sines([
                [one, 8000],
                [other, 8000],
              ]),
              law,
            ),
            [one, other],
          );
          assert.deepEqual(
            found(
              sines(
                [
                  [one, 8000],
                  [other, 3000],
                ],
                11,
              ),
              law,
            ),
            [one, other],
          );
        }
      }
    });

    test(`knows the hold tone from every phone through ${law}`, () => {
      assert.deepEqual(found(toneSamples(HOLD_TONE, samplesPerFrame), law), ['hold']);
      for (const tone of all) {
        const parts = HOLD_TONE.frequencies.map((frequency): [number, number] => [frequency, HOLD_TONE.amplitude]);
        assert.deepEqual(found(sines([...parts, [tone, 8000]]), law), [tone, 'hold']);
      }
    });

    test(`half of the hold tone is nobody through ${law}`, () => {
      for (const frequency of HOLD_TONE.frequencies) assert.deepEqual(found(sines([[frequency, 8000]]), law), []);
    });
  }

  test('is not misled by a gateway that changes the law twice', () => {
    for (const tone of all) {
      const once = decodeSamples(encodeSamples(sines([[tone, 8000]]), 'pcmu'), 'pcmu');
      const twice = decodeSamples(encodeSamples(once, 'pcma'), 'pcma');
      assert.deepEqual(found(twice, 'pcmu'), [tone]);
    }
  });

  test('a phone that is not looked for is nobody, and hides no other', () => {
    assert.deepEqual(found(sines([[500, 8000]]), 'pcmu', [350, 650]), []);
    assert.deepEqual(found(sines([[350, 8000]]), 'pcmu', [350, 650]), [350]);
  });

  test('four phones at once, as in a conference, even where it clips a little', () => {
    const four = [350, 800, 1400, 2600];
    const clipped = sines(four.map((tone): [number, number] => [tone, 8500])).map((sample) =>
      Math.max(-32_768, Math.min(32_767, sample)),
    );
    assert.deepEqual(found(clipped), four);
  });

  const strangers: readonly [string, readonly (readonly [number, number])[]][] = [
    ['the European ringing and busy tone', [[425, 8000]]],
    [
      'the British ringing tone',
      [
        [400, 6000],
        [450, 6000],
      ],
    ],
    [
      'the American dial tone',
      [
        [350, 6000],
        [440, 6000],
      ],
    ],
    [
      'the American ringing tone',
      [
        [440, 6000],
        [480, 6000],
      ],
    ],
    [
      'the American busy tone',
      [
        [480, 6000],
        [620, 6000],
      ],
    ],
    [
      'a musical chord',
      [
        [440, 5000],
        [554.37, 5000],
        [659.25, 5000],
      ],
    ],
    [
      'the sound of a low string',
      Array.from({ length: 20 }, (_, index): [number, number] => [110 * (index + 1), 8000 / (index + 1)]),
    ],
    [
      'the sound of a vowel',
      Array.from({ length: 25 }, (_, index): [number, number] => [130 * (index + 1), 3000 / (1 + Math.abs(index - 5))]),
    ],
  ];
  for (const [name, parts] of strangers) {
    test(`${name} is nobody`, () => {
      for (const at of [0, 40, 97, 160, 1234]) assert.deepEqual(found(sines(parts, at)), []);
    });
  }

  test('the keys of a telephone, sent as sound, are nobody', () => {
    for (const row of [697, 770, 852, 941]) {
      for (const column of [1209, 1336, 1477, 1633]) {
        for (const at of [0, 53, 111]) {
          assert.deepEqual(
            found(
              sines(
                [
                  [row, 6000],
                  [column, 6000],
                ],
                at,
              ),
            ),
            [],
            `${row} + ${column}`,
          );
        }
      }
    }
  });

  test('noise and silence are nobody', () => {
    const random = new SeededRandom(3);
    for (let run = 0; run < 500; run += 1) {
      assert.deepEqual(
        foundIn(Float64Array.from({ length: samplesPerFrame }, () => (random.fraction() - 0.5) * 20_000)),
        [],
      );
    }
    for (const law of laws) assert.deepEqual(found(new Array<number>(samplesPerFrame).fill(0), law), []);
    assert.deepEqual(found(sines([[350, 40]])), []);
  });

  test('a tone in moderate noise is still found, and no other', () => {
    const random = new SeededRandom(4);
    for (const tone of all) {
      const noisy = sines([[tone, 8000]]).map((sample) => sample + (random.fraction() - 0.5) * 6000);
      assert.deepEqual(found(noisy), [tone]);
    }
  });

  test('a candidate named twice is one', () => {
    assert.deepEqual(new ToneDetector([350, 350, 500]).candidates, [350, 500]);
  });
});

test('voiceOf has one frequency, loud enough to be found and quiet enough for four at once', () => {
  const { frequencies, amplitude } = voiceOf(350);
  assert.deepEqual(frequencies, [350]);
  assert.ok(amplitude > 1000 && 4 * amplitude < 32_768);
});
