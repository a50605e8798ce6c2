import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchorOf, Following, isAtEnd, scrollTopFor } from '../../../webview/scrolling';

const rows = [
  { id: 'm1', top: 0, bottom: 40 },
  { id: 'm2', top: 40, bottom: 80 },
  { id: 'm3', top: 80, bottom: 120 },
];

test('the anchor is the first row in view, and keeps its place when rows above it go', () => {
  const anchor = anchorOf(rows, 50);
  assert.deepEqual(anchor, { id: 'm2', offset: -10 });
  const without = [
    { id: 'm2', top: 0, bottom: 40 },
    { id: 'm3', top: 40, bottom: 80 },
  ];
  assert.equal(scrollTopFor(anchor, without, 50), 10);
});

test('an anchor that is gone leaves the place as it was', () => {
  assert.equal(scrollTopFor({ id: 'm9', offset: 3 }, rows, 17), 17);
  assert.equal(scrollTopFor(undefined, rows, 17), 17);
});

test('nothing scrolls above the beginning', () => {
  assert.equal(scrollTopFor({ id: 'm1', offset: 30 }, rows, 0), 0);
});

test('the end is the end within a margin', () => {
  assert.equal(isAtEnd({ scrollTop: 880, clientHeight: 100, scrollHeight: 1000 }), true);
  assert.equal(isAtEnd({ scrollTop: 870, clientHeight: 100, scrollHeight: 1000 }), false);
});

test('scrolling away lets go of the end, scrolling back takes hold of it', () => {
  const changes: boolean[] = [];
  const following = new Following(true, (on) => changes.push(on));
  following.scrolled({ scrollTop: 100, clientHeight: 100, scrollHeight: 1000 });
  assert.equal(following.on, false);
  following.scrolled({ scrollTop: 900, clientHeight: 100, scrollHeight: 1000 });
  assert.equal(following.on, true);
  assert.deepEqual(changes, [false, true]);
});

test('scrolling that the drawing causes is no wish of the reader', () => {
  const following = new Following(true, () => assert.fail('changed'));
  following.expect(500);
  following.scrolled({ scrollTop: 500, clientHeight: 100, scrollHeight: 1000 });
  assert.equal(following.on, true);
});

test('an announced scrolling counts once', () => {
  const following = new Following(true, () => undefined);
  following.expect(500);
  following.scrolled({ scrollTop: 500, clientHeight: 100, scrollHeight: 1000 });
  following.scrolled({ scrollTop: 500, clientHeight: 100, scrollHeight: 1000 });
  assert.equal(following.on, false);
});
