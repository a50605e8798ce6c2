import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandIds, specOf } from '../../../src/vscode/commands/table';
import { readFromDiagram } from '../../../src/vscode/panel/from-diagram';

test('reads what a page may say', () => {
  assert.deepEqual(readFromDiagram({ type: 'ready', transfer: 'x1' }), { type: 'ready', transfer: 'x1' });
  assert.deepEqual(readFromDiagram({ type: 'open', id: 'm3' }), { type: 'open', id: 'm3', focus: false });
  assert.deepEqual(readFromDiagram({ type: 'run', command: 'callLab.hold', phone: 'bob', call: 'bob/1' }), { type: 'run', command: 'callLab.hold', phone: 'bob', call: 'bob/1' });
  assert.deepEqual(readFromDiagram({ type: 'run', command: 'callLab.placeCall', phone: 'bob' }), { type: 'run', command: 'callLab.placeCall', phone: 'bob', call: undefined });
});

test('runs verbs, and no other command whatever a page says', () => {
  const others = ['workbench.action.terminal.new', 'callLab.stop', 'callLab.setPassword', '', 'constructor'];
  for (const command of others) assert.equal(readFromDiagram({ type: 'run', command, phone: 'bob' }), undefined, command);
  const run = commandIds.filter((command) => readFromDiagram({ type: 'run', command, phone: 'bob' }) !== undefined);
  assert.deepEqual(run, commandIds.filter((command) => specOf(command).verb !== undefined));
});

test('anything else is nothing, and throws nothing', () => {
  fc.assert(
    fc.property(fc.anything(), (message) => {
      const read = readFromDiagram(message);
      assert.ok(read === undefined || typeof read.type === 'string');
    }),
  );
  for (const message of [undefined, null, 'ready', { type: 'ready' }, { type: 'open', id: 3 }, { type: 'run', command: 'callLab.hold' }]) assert.equal(readFromDiagram(message), undefined);
});
