import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeSample, decodeSamples, encodeSample, encodeSamples, type Law } from '../../../src/media';

/** The positive half of a table of ITU-T G.711: step `n` is from `decisions[n]` up to `decisions[n + 1]`. */
interface Table {
  readonly decisions: readonly number[];
  readonly values: readonly number[];
}

/** Segments as the standard prints them: the decision value at the end of each, and the width of its steps. */
function table(first: number, segments: readonly (readonly [end: number, step: number])[]): Table {
  const decisions = [0];
  const values: number[] = [];
  for (const [end, step] of segments) {
    for (let last = decisions.at(-1) ?? 0; last < end; last = decisions.at(-1) ?? end) {
      const next = last === 0 ? first : last + step;
      values.push((last + next) / 2);
      decisions.push(next);
    }
  }
  return { decisions, values };
}

/** Table 1/G.711 counts in 13 bits, 4096 being the virtual end. */
const aLaw = table(2, [
  [64, 2],
  [128, 4],
  [256, 8],
  [512, 16],
  [1024, 32],
  [2048, 64],
  [4096, 128],
]);
/** Table 2/G.711 counts in 14 bits, 8159 being the virtual end; around zero the value is 0. */
const muLaw = table(1, [
  [31, 2],
  [95, 4],
  [223, 8],
  [479, 16],
  [991, 32],
  [2015, 64],
  [4063, 128],
  [8159, 256],
]);

const laws = {
  pcmu: {
    ...muLaw,
    values: muLaw.values.with(0, 0),
    scale: 4,
    octetOf: (step: number, negative: boolean) => (negative ? 0x7f : 0xff) - step,
  },
  pcma: { ...aLaw, scale: 8, octetOf: (step: number, negative: boolean) => (step | (negative ? 0 : 0x80)) ^ 0x55 },
} as const;

describe('the tables of this test', () => {
  test('have 128 steps and the values that the standard prints', () => {
    assert.deepEqual(
      [0, 16, 32, 127].map((step) => aLaw.values[step]),
      [1, 33, 66, 4032],
    );
    assert.deepEqual(
      [1, 16, 127].map((step) => muLaw.values[step]),
      [2, 33, 8031],
    );
    assert.deepEqual([aLaw.values.length, muLaw.values.length], [128, 128]);
  });
});

for (const [name, { decisions, values, scale, octetOf }] of Object.entries(laws)) {
  const law = name as Law;
  describe(law, () => {
    test('decodes every octet to the value of its step', () => {
      for (const [step, value] of values.entries()) {
        assert.equal(decodeSample(octetOf(step, false), law), value * scale, `step ${step}`);
        // -0 and 0 are one sound.
        assert.equal(decodeSample(octetOf(step, true), law) + 0, -value * scale + 0, `step -${step}`);
      }
    });

    test('encodes every 16-bit sample into the step that it lies in', () => {
      for (let sample = -32_768; sample <= 32_767; sample += 1) {
        const negative = sample < 0;
        // A-law's zero is positive, so a negative sample on a decision value belongs to the step below it.
        const magnitude = negative && law === 'pcma' ? -sample - 1 : Math.abs(sample);
        const octet = encodeSample(sample, law);
        const step = negative ? octetOf(0, true) : octetOf(0, false);
        const found = law === 'pcmu' ? step - octet : (octet ^ 0x55) & 0x7f;
        const [from = 0, to = 0] = [decisions[found], decisions[found + 1]];
        const isLast = found === 127;
        if (octetOf(found, negative) !== octet || magnitude < from * scale || (magnitude >= to * scale && !isLast)) {
          assert.fail(`${sample} became ${octet}, step ${found}: ${from * scale} to ${to * scale}`);
        }
      }
    });

    test('gives every octet back after decoding, but for the negative zero of mu-law', () => {
      for (let octet = 0; octet < 256; octet += 1) {
        const back = encodeSample(decodeSample(octet, law), law);
        assert.equal(back, law === 'pcmu' && octet === 0x7f ? 0xff : octet);
      }
    });
  });
}

test('well-known octets', () => {
  assert.deepEqual(
    [0xff, 0x7f, 0x80, 0x00].map((octet) => decodeSample(octet, 'pcmu') + 0),
    [0, 0, 32_124, -32_124],
  );
  assert.deepEqual(
    [0xd5, 0x55, 0xaa, 0x2a].map((octet) => decodeSample(octet, 'pcma')),
    [8, -8, 32_256, -32_256],
  );
  assert.deepEqual(
    [...encodeSamples([0, -1, 1000, -1000, 32_767, -32_768], 'pcmu')],
    [0xff, 0x7f, 0xce, 0x4e, 0x80, 0x00],
  );
  assert.deepEqual(
    [...encodeSamples([0, -1, 1000, -1000, 32_767, -32_768], 'pcma')],
    [0xd5, 0x55, 0xfa, 0x7a, 0xaa, 0x2a],
  );
});

test('the test signal of G.711 (1 kHz at 0 dBm0) has the octets of tables 5 and 6', () => {
  // Given in the standard for both laws: eight octets that repeat.
  const mu = [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e];
  const a = [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4];
  for (const [law, octets] of [
    ['pcmu', mu],
    ['pcma', a],
  ] as const) {
    const samples = decodeSamples(Uint8Array.from(octets), law);
    assert.deepEqual([...encodeSamples(samples, law)], octets);
    const [low = 0, high = 0] = samples;
    assert.ok(low < 0 && high < low, 'it begins with the negative half');
    // sin(22.5 degrees) to sin(67.5 degrees), within a step of either.
    assert.ok(Math.abs(low / high - Math.tan(Math.PI / 8)) < 0.03, `${low} / ${high}`);
    assert.deepEqual(
      [...samples.subarray(4)],
      [...samples.subarray(0, 4)].map((sample) => -sample),
    );
  }
});
