import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeAcknowledgement, judgeArrival, next, steps } from '../../../../src/iax/leg/sequence';
import { defaultTransmissions, retryAfter } from '../../../../src/iax/leg/retransmission';

describe('numbers of frames', () => {
  it('wrap after 255', () => {
    assert.equal(next(255), 0);
    assert.equal(steps(254, 3), 5);
  });

  it('tell the next frame from repeats and from what came too early, wherever on the circle', () => {
    for (let expected = 0; expected < 256; expected += 1) {
      const at = (ahead: number): string => judgeArrival(expected, (expected + ahead + 256) % 256);
      assert.deepEqual([at(0), at(-1), at(-127), at(1), at(127), at(128)], ['next', 'duplicate', 'duplicate', 'gap', 'gap', 'gap']);
    }
  });

  it('release what lies in the window, bear with what is old, and know what was never sent', () => {
    for (let oldest = 0; oldest < 256; oldest += 1) {
      const upcoming = (oldest + 10) % 256;
      const at = (ahead: number): string => judgeAcknowledgement(oldest, upcoming, (oldest + ahead + 256) % 256);
      assert.deepEqual([at(0), at(5), at(10), at(-1), at(-100), at(11), at(120)], ['window', 'window', 'window', 'old', 'old', 'ahead', 'ahead']);
    }
  });
});

describe('the time between repeats', () => {
  it('is twice the round trip, doubled each time, from 0.2 s to 4 s', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6].map((sendings) => retryAfter(sendings, 500)), [1_000, 2_000, 4_000, 4_000, 4_000, 4_000]);
    assert.deepEqual([1, 2].map((sendings) => retryAfter(sendings, 1)), [200, 400]);
  });

  it('gives a peer that never answers 39 seconds in all', () => {
    const pauses = Array.from({ length: defaultTransmissions }, (_, sent) => retryAfter(sent + 1, 500));
    assert.equal(pauses.reduce((sum, pause) => sum + pause, 0), 39_000);
  });
});
