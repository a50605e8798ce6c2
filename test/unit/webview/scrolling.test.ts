import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Following, isAtEnd } from '../../../webview/scrolling';

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
