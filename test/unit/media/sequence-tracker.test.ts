import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SequenceTracker } from '../../../src/media';

function arrivals(...sequences: readonly number[]): { seen: string; lost: number } {
  const tracker = new SequenceTracker();
  const seen = sequences.map((sequence) => tracker.accept(sequence)).join(' ');
  return { seen, lost: tracker.lost };
}

describe('SequenceTracker', () => {
  test('counts on over the wrap', () => {
    assert.deepEqual(arrivals(65_534, 65_535, 0, 1), { seen: 'ahead next next next', lost: 0 });
  });

  test('counts a gap as loss, also over the wrap', () => {
    assert.deepEqual(arrivals(65_534, 1, 2), { seen: 'ahead ahead next', lost: 2 });
  });

  test('a late packet takes its loss back; a second copy does not', () => {
    assert.deepEqual(arrivals(10, 12, 11, 11, 12, 13), { seen: 'ahead ahead late duplicate duplicate next', lost: 0 });
  });

  test('a far jump is a source that began anew, not thousands of losses', () => {
    assert.deepEqual(arrivals(10, 12, 30_000, 30_001), { seen: 'ahead ahead ahead next', lost: 1 });
    assert.deepEqual(arrivals(30_000, 10, 11), { seen: 'ahead ahead next', lost: 0 });
  });

  test('loss, duplication and small disorder are counted right', () => {
    const trouble = fc.record({
      start: fc.nat(65_535),
      steps: fc.array(fc.constantFrom('ok', 'lost', 'twice', 'swapped'), { minLength: 1, maxLength: 400 }),
    });
    fc.assert(
      fc.property(trouble, ({ start, steps }) => {
        const order: number[] = [0];
        steps.forEach((step, index) => {
          if (step === 'lost') return;
          order.push(index + 1);
          if (step === 'twice') order.push(index + 1);
          if (step === 'swapped' && order.length > 2) order.push(...order.splice(-2).reverse());
        });
        const tracker = new SequenceTracker();
        const counted = order.map((offset) => tracker.accept((start + offset) & 0xffff));
        const distinct = new Set(order);
        assert.equal(counted.filter((arrival) => arrival === 'duplicate').length, order.length - distinct.size);
        // Nobody can know of packets after the newest; before the first there may be one if it came second.
        assert.equal(
          tracker.lost,
          Math.max(...order) - Number(order[0]) + 1 - [...distinct].filter((each) => each >= Number(order[0])).length,
        );
      }),
    );
  });
});
