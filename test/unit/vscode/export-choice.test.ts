import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportChoices, exportText, formatChoices } from '../../../src/vscode/exporting/export-choice';
import { attendedTransfer } from '../trace/transfers';

test('offers the whole, what is selected, the map, and each transfer and call', () => {
  const model = attendedTransfer().captured();
  assert.deepEqual(exportChoices(model, []).map(({ label }) => label), [
    'Whole ladder',
    'Dialog map',
    'Ladder of transfer x1',
    'State of transfer x1',
    'Ladder of call c3',
    'Ladder of call c2',
    'Ladder of call c1',
  ]);
  const selected = exportChoices(model, ['m3', 'm4']).find(({ label }) => label.startsWith('Messages'));
  assert.deepEqual([selected?.description, selected?.scope], ['2', { kind: 'messages', ids: new Set(['m3', 'm4']) }]);
});

test('everything that is offered gives a text, in every form that is offered for it', () => {
  const model = attendedTransfer().captured();
  for (const { scope, diagram, label } of exportChoices(model, ['m3'])) {
    for (const { format } of formatChoices(diagram)) {
      const text = exportText({ model, title: label, scope }, diagram, format);
      const begins = { md: /^## /, html: /^<!DOCTYPE html>/ }[format as string] ?? /^(sequenceDiagram|flowchart LR|stateDiagram-v2)\n/;
      assert.match(text, begins, `${label}, ${format}`);
    }
  }
});

test('a map and a state are pictures only', () => {
  assert.deepEqual(formatChoices('map').map(({ format }) => format), ['mmd', 'svg', 'mmd', 'svg', 'png']);
});
