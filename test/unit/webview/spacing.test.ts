import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsFor, sideMargin } from '../../../webview/spacing';

test('three lanes fill the width there is', () => {
  const { laneWidth, laneMargin } = columnsFor(3, 600);
  const width = 3 * laneWidth + 2 * laneMargin + 2 * sideMargin;
  assert.ok(width <= 600 && width > 597, String(width));
});

test('lanes never come too close, nor drift apart', () => {
  const narrow = columnsFor(6, 300);
  const wide = columnsFor(2, 3000);
  assert.equal(narrow.laneWidth + narrow.laneMargin, 145);
  assert.equal(wide.laneWidth + wide.laneMargin, 280);
});

test('one lane, or none, has a size too', () => {
  assert.deepEqual(columnsFor(0, 500), columnsFor(1, 500));
});
