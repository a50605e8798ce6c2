import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatDuration, parseDuration } from '../../../src/scenario';

it('reads a number with its unit', () => {
  assert.deepEqual(['200ms', '1.5s', '5 s', '2min', '0s'].map(parseDuration), [200, 1_500, 5_000, 120_000, 0]);
});

it('reads nothing else: a number alone says nothing of its unit', () => {
  for (const text of ['200', 's', '-1s', '1h', '1s 5ms', '']) assert.equal(parseDuration(text), undefined, text);
});

it('writes times for people', () => {
  assert.deepEqual([0, 999, 1_000, 1_549, 120_000].map(formatDuration), ['0 ms', '999 ms', '1 s', '1.5 s', '120 s']);
});
