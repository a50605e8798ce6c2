import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distanceFor } from '../../../webview/spacing';

for (const [lanes, available] of [
  [2, 400],
  [3, 460],
  [3, 690],
  [5, 1100],
] as const) {
  test(`${lanes} lanes fill ${available} pixels`, () => {
    const width = lanes * distanceFor(lanes, available);
    assert.ok(width <= available && width > available - lanes, String(width));
  });
}

test('lanes never come too close, nor drift apart', () => {
  assert.equal(distanceFor(6, 300), 145);
  assert.equal(distanceFor(2, 3000), 280);
});

test('one lane, or none, has a size too', () => {
  assert.equal(distanceFor(0, 500), distanceFor(1, 500));
});
