import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Quiet } from '../../../webview/quiet';

/** How long after the last of its events a page is quiet, in milliseconds: rows come so many times, so far apart. */
function pauseAfter(times: number, apart: number, last?: 'scroll'): number {
  let now = 1_000;
  const quiet = new Quiet(() => now);
  for (let index = 0; index < times; index += 1) {
    now += apart;
    quiet.rowsCame();
  }
  if (last === 'scroll') quiet.disturb();
  return quiet.begins - now;
}

suite('a page is quiet', () => {
  test('from the start', () => assert.ok(new Quiet(() => 1).begins < 1));

  test('a moment after the last rows have come', () => assert.equal(pauseAfter(5, 20), 120));

  test('some time after them where rows have come many times in two seconds', () => assert.equal(pauseAfter(20, 100), 600));

  test('a moment after them where as many have come in a longer time', () => assert.equal(pauseAfter(20, 106), 120));

  test('no sooner because somebody scrolls', () => assert.equal(pauseAfter(20, 20, 'scroll'), 600));
});
