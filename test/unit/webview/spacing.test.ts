import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Columns, columnsFor, sideMargin } from '../../../webview/spacing';

/** How wide Mermaid draws a ladder with a note over all of its lanes. */
function widthOf(lanes: number, { laneWidth, laneMargin }: Columns): number {
  return (lanes - 1) * (laneWidth + laneMargin) + Math.max(laneWidth, laneMargin) + 2 * sideMargin;
}

for (const [lanes, available] of [
  [2, 400],
  [3, 460],
  [3, 600],
  [3, 690],
  [5, 1100],
] as const) {
  test(`${lanes} lanes fill ${available} pixels`, () => {
    const width = widthOf(lanes, columnsFor(lanes, available));
    assert.ok(width <= available && width > available - lanes, String(width));
  });
}

test('lanes never come too close, nor drift apart', () => {
  const narrow = columnsFor(6, 300);
  const wide = columnsFor(2, 3000);
  assert.equal(narrow.laneWidth + narrow.laneMargin, 145);
  assert.equal(wide.laneWidth + wide.laneMargin, 280);
});

test('one lane, or none, has a size too', () => {
  assert.deepEqual(columnsFor(0, 500), columnsFor(1, 500));
});
