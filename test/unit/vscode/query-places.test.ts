import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelOf } from '../../../src/ladder';
import { nextFound, placesOfWords, QueryJudge } from '../../../src/vscode/trace-editor/query-places';
import { blindTransfer } from '../trace/transfers';

describe('a query in the text of a trace', () => {
  const model = blindTransfer().live();
  /** Three lines for each message, and one between one and the next after every fourth. */
  const lines = new Map(model.messages.map(({ id, index }) => [id, { start: index * 3 + Math.floor(index / 4), end: index * 3 + 3 + Math.floor(index / 4) }]));
  const startOf = (label: string): number => lines.get(model.messages.find((message) => labelOf(message).startsWith(label))!.id)!.start;

  it('finds the lines of its messages', () => {
    const { found, leftOut, words } = new QueryJudge(model, { search: 'method:refer "refer-to"', filter: '' }).places(lines);
    assert.deepEqual(found.map(({ start }) => start), [startOf('REFER')]);
    assert.deepEqual([leftOut, words], [[], ['refer-to']]);
  });

  it('leaves out what the filter does not show, in runs, and finds nothing there', () => {
    const { found, leftOut } = new QueryJudge(model, { search: 'bob', filter: 'method:refer' }).places(lines);
    const shown = model.messages.filter((message) => labelOf(message).includes('REFER'));
    assert.equal(found.length, shown.length);
    const all = [...lines].filter(([id]) => !shown.some((one) => one.id === id)).map(([, range]) => range);
    assert.ok(leftOut.length < all.length);
    for (const { start, end } of all) assert.ok(leftOut.some((run) => run.start <= start && end <= run.end));
    for (const { id } of shown) assert.ok(leftOut.every((run) => run.end <= lines.get(id)!.start || run.start >= lines.get(id)!.end));
  });

  it('leaves out nothing for a filter that cannot be understood', () => {
    assert.deepEqual(new QueryJudge(model, { search: '', filter: 'status:busy' }).places(lines).leftOut, []);
  });

  it('marks each word where it stands, in any case', () => {
    assert.deepEqual(placesOfWords(['REFER sip:Bob', 'nothing', 'x bob, BOB'], 10, ['bob', 'refer']), [
      { line: 10, start: 10, end: 13 },
      { line: 10, start: 0, end: 5 },
      { line: 12, start: 2, end: 5 },
      { line: 12, start: 7, end: 10 },
    ]);
  });

  it('goes to the next and to the one before, round the end', () => {
    const found = [{ start: 3, end: 6 }, { start: 9, end: 12 }];
    assert.deepEqual([0, 3, 4, 9].map((line) => nextFound(found, line, 1)), [0, 1, 1, 0]);
    assert.deepEqual([0, 3, 9, 12].map((line) => nextFound(found, line, -1)), [1, 1, 0, 1]);
    assert.equal(nextFound([], 5, 1), -1);
  });
});
