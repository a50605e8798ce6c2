import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { visibleLabel } from '../../../src/ladder';
import { chunkText } from '../../../webview/chunk-text';
import { chunkSize, recut, withoutFirst } from '../../../webview/chunks';
import { layOut, type Metrics } from '../../../webview/layout';
import { breakLines } from '../../../webview/line-break';
import type { PanelArrow, PanelRow } from '../../../webview/protocol';
import { Stack } from '../../../webview/stack';
import { pauseText, timeText } from '../../../webview/times';
import { hostileText } from '../../support/hostile-text';
import { understand } from '../ladder/mermaid-check';

const columns = new Map([['p0', 0], ['p1', 1], ['p2', 2]]);
const metrics: Metrics = { distance: 160, lineHeight: 15, measure: (text) => text.length * 7, widestCharacter: 13 };

function arrow(id: number, words: string, more: Partial<PanelArrow> = {}): PanelArrow {
  return { kind: 'message', id: `m${id}`, from: 'p0', to: 'p1', arrow: 'request', words, tone: 'request', at: id, ...more };
}

const anyText = fc.oneof(hostileText, fc.string({ unit: 'binary' }), fc.uint8Array().map((bytes) => new TextDecoder('latin1').decode(bytes)));

test('any bytes as words give a diagram that Mermaid reads as the rows they are, and as the words they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 3 }), async (texts) => {
      const rows: PanelRow[] = texts.map((text, index) => arrow(index, visibleLabel(`${index + 1}. ${text}`)));
      rows.push({ kind: 'note', id: 'n', over: ['p2', 'p0'], words: visibleLabel(`Note: ${texts[0] ?? ''}`), tone: 'plain', at: 0 });
      const text = chunkText(layOut(rows, columns, metrics).places);
      assert.ok(text !== undefined);
      const { actors, signals } = await understand(text.text);
      assert.deepEqual(actors.map(([id]) => id), ['p0', 'p1', 'p2']);
      const solid = (words: string): string => words.replaceAll('<br/>', '').replaceAll(' ', '');
      assert.deepEqual(signals.map((signal) => solid(signal.text)), rows.map(({ words }) => words.replaceAll(' ', '').replaceAll('<br/>', '')));
    }),
    { numRuns: 150 },
  );
});

test('lines are as wide as they may be at most, and nothing of the text is lost', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 7, max: 300 }), (text, width) => {
      const label = visibleLabel(text);
      const lines = breakLines(label, width, metrics.measure);
      assert.equal(lines.join('').replaceAll(' ', ''), label.replaceAll(' ', ''));
      for (const line of lines) assert.ok(Array.from(line).length === 1 || metrics.measure(line) <= width, line);
    }),
  );
});

test('a chunk has the lanes that it needs, and stands at its column', () => {
  const text = chunkText(layOut([arrow(1, 'INVITE', { from: 'p2', to: 'p1' })], columns, metrics).places);
  assert.deepEqual([text?.firstColumn, text?.columns], [1, 2]);
  assert.equal(text?.text, 'sequenceDiagram\nparticipant p1\nparticipant p2\np2->>p1: INVITE\n');
});

test('rows of lanes that are not shown take no room', () => {
  const { places, height } = layOut([arrow(1, 'INVITE', { to: 'p9' }), arrow(2, 'BYE')], columns, metrics);
  assert.deepEqual([places[0]?.bottom, places[1]?.top], [0, 0]);
  assert.equal(height, 38);
});

test('a ladder that grows, or changes, keeps the chunks whose rows are the same', () => {
  const rows = Array.from({ length: 100 }, (_, index) => arrow(index, 'INVITE'));
  const before = recut([], rows, 0);
  assert.deepEqual(before.map((chunk) => chunk.rows.length), [chunkSize, chunkSize, chunkSize, chunkSize, 4]);
  const grown = [...rows, arrow(100, 'BYE')];
  const after = recut(before, grown, 100);
  assert.deepEqual(after.map((chunk, index) => chunk === before[index]), [true, true, true, true, false]);
  const changed = grown.map((row, index) => (index === 30 ? arrow(30, 'INVITE again') : row));
  const later = recut(after, changed, 30);
  assert.deepEqual(later.map((chunk, index) => chunk === after[index]), [true, false, true, true, true]);
});

test('rows that leave at the front leave the other chunks as they are', () => {
  const rows = Array.from({ length: 100 }, (_, index) => arrow(index, 'INVITE'));
  const before = recut([], rows, 0);
  const left = rows.slice(30);
  const after = recut(withoutFirst(before, 30), [...left, arrow(100, 'BYE')], left.length);
  assert.deepEqual(after.map(({ start }) => start), [0, 18, 42, 66]);
  assert.deepEqual(after.map((chunk) => before.includes(chunk)), [false, true, true, false]);
  assert.deepEqual(after.flatMap((chunk) => chunk.rows), [...left, arrow(100, 'BYE')]);
  assert.deepEqual(withoutFirst(after, 71), []);
});

test('a heading begins a chunk', () => {
  const heading: PanelRow = { kind: 'heading', id: 'g', words: 'Alice calls Bob', at: 0 };
  const chunks = recut([], [arrow(1, 'INVITE'), heading, arrow(2, 'INVITE')], 0);
  assert.deepEqual(chunks.map(({ start }) => start), [0, 1]);
});

test('what a window shows is found without looking at all', () => {
  const stack = new Stack();
  stack.set([10, 20, 30]);
  assert.deepEqual(stack.range(0, 5), [0, 1]);
  assert.deepEqual(stack.range(10, 35), [1, 3]);
  assert.deepEqual(stack.range(-50, 1_000), [0, 3]);
  assert.deepEqual([stack.height, stack.top(2)], [60, 30]);
  stack.set([]);
  assert.deepEqual(stack.range(0, 100), [0, 0]);
});

test('times are told from the start, from the row before, or by the clock', () => {
  assert.equal(timeText('relative', 3_725_100, undefined, undefined), '1:02:05.100');
  assert.equal(timeText('delta', 1_500, 1_000, undefined), '+0.500');
  assert.equal(timeText('none', 1_500, 1_000, undefined), '');
  const origin = new Date(2026, 0, 2, 14, 2, 5).getTime();
  assert.equal(timeText('absolute', 100, undefined, origin), '14:02:05.100');
  assert.equal(pauseText(3_500, 1_000), '2.5 s later');
  assert.equal(pauseText(1_500, 1_000), undefined);
});
