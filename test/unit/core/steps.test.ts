import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, finishInSlices, RealClock, type Steps } from '../../../src/core';

function* count(to: number, done: number[]): Steps<number> {
  for (let step = 0; step < to; step++) {
    done.push(step);
    yield undefined;
  }
  return to;
}

test('work in steps gives its result at once', () => {
  const done: number[] = [];
  assert.equal(finish(count(3, done)), 3);
  assert.deepEqual(done, [0, 1, 2]);
});

test('work in slices lets others have their turn, and passes on what it throws', async () => {
  const clock = new RealClock();
  const done: number[] = [];
  let seen = -1;
  clock.setTimer(0, () => {
    seen = done.length;
  });
  // A slice of no length is one step.
  assert.equal(await finishInSlices(count(5, done), clock, 0), 5);
  assert.ok(seen > 0 && seen < 5, `${seen} steps were done when others had their turn`);
  assert.equal(clock.pendingTimers, 0);
  const failing = (function* (): Steps<number> {
    yield undefined;
    throw new Error('broken');
  })();
  await assert.rejects(finishInSlices(failing, clock, 0), /broken/);
});
