import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFromPanel } from '../../../src/vscode/panel/from-panel';

for (const message of [
  { type: 'ready', options: {} },
  { type: 'arrange', options: { query: 'REFER', grouping: 'call', hidden: ['p1'], paused: true } },
  { type: 'open', id: 'm3', focus: true },
  { type: 'compare', left: 'c1', right: '' },
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
  { type: 'compare', left: 'c1' },
  { type: 'action', action: 'rm' },
  { type: 'filter', method: 'INVITE' },
]) {
  test(`it may not say ${JSON.stringify(message)}`, () => {
    assert.equal(readFromPanel(message), undefined);
  });
}

test('nothing else of a message comes through', () => {
  assert.deepEqual(readFromPanel({ type: 'open', id: 'm3', command: 'x' }), { type: 'open', id: 'm3', focus: false });
});

test('wishes that are none are left out, one by one', () => {
  const options = { query: 7, method: 'INVITE', grouping: 'colour', hidden: ['p1', 2], order: 'p1', paused: 'yes', byHost: true };
  assert.deepEqual(readFromPanel({ type: 'arrange', options }), { type: 'arrange', options: { method: 'INVITE', byHost: true } });
});

test('whatever a page posts is read without an error', () => {
  fc.assert(fc.property(fc.anything(), (message) => void readFromPanel(message)));
});
