import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFromPanel } from '../../../src/vscode/panel/from-panel';

for (const message of [
  { type: 'ready' },
  { type: 'open', id: 'm3', focus: true },
  { type: 'filter', method: '' },
  { type: 'action', action: 'place-call' },
  { type: 'trouble', text: 'no diagram' },
]) {
  test(`the panel may say ${JSON.stringify(message)}`, () => {
    assert.deepEqual(readFromPanel(message), message);
  });
}

for (const message of [
  undefined,
  'ready',
  {},
  { type: 'open' },
  { type: 'open', id: 3 },
  { type: 'action', action: 'rm' },
  { type: 'filter', method: {} },
]) {
  test(`it may not say ${JSON.stringify(message)}`, () => {
    assert.equal(readFromPanel(message), undefined);
  });
}

test('nothing else of a message comes through', () => {
  assert.deepEqual(readFromPanel({ type: 'open', id: 'm3', command: 'x' }), { type: 'open', id: 'm3', focus: false });
});

test('whatever a page posts is read without an error', () => {
  fc.assert(fc.property(fc.anything(), (message) => void readFromPanel(message)));
});
