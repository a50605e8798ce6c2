import assert from 'node:assert/strict';
import { mock, suite, test } from 'node:test';
import { layOut, type Metrics } from '../../../webview/layout';
import { Painter } from '../../../webview/painter';
import type { PanelRow } from '../../../webview/protocol';

const metrics: Metrics = { distance: 160, lineHeight: 15, measure: (text) => text.length * 7, widestCharacter: 13 };
const rows: readonly PanelRow[] = [{ kind: 'message', id: 'm1', from: 'p0', to: 'p1', arrow: 'request', words: 'INVITE', tone: 'request', at: 0 }];
const layout = layOut(rows, new Map([['p0', 0], ['p1', 1]]), metrics);

/** A painter in a time of the test's own that is asked for one chunk whose drawing never comes; and how often it has begun. */
class Rig {
  drawings = 0;
  readonly #painter: Painter;
  #now = 0;

  constructor() {
    mock.timers.enable({ apis: ['setTimeout'] });
    this.#painter = new Painter({
      draw: () => {
        this.drawings += 1;
        return new Promise(() => undefined);
      },
      now: () => this.#now,
      onDrawn: () => undefined,
    });
    this.#painter.restyle('a style', { width: 320, distance: 160, laneName: (id) => id });
  }

  /** Rows come so many times, so many milliseconds apart. */
  rowsCome(times: number, apart: number): void {
    for (let index = 0; index < times; index += 1) {
      this.#painter.rowsCame();
      this.#painter.want([{ chunk: { start: 0, rows }, layout }], true);
      if (index < times - 1) this.pass(apart);
    }
  }

  pass(milliseconds: number): void {
    for (let passed = 0; passed < milliseconds; passed += 1) {
      this.#now += 1;
      mock.timers.tick(1);
    }
  }

  [Symbol.dispose](): void {
    mock.timers.reset();
  }
}

suite('a painter that follows the end of a ladder', () => {
  test('draws when nothing has come for a moment', () => {
    using rig = new Rig();
    rig.rowsCome(5, 20);
    rig.pass(119);
    assert.equal(rig.drawings, 0);
    rig.pass(1);
    assert.equal(rig.drawings, 1);
  });

  test('waits for a longer pause where rows have come many times in two seconds', () => {
    using rig = new Rig();
    rig.rowsCome(40, 20);
    rig.pass(599);
    assert.equal(rig.drawings, 0);
    rig.pass(1);
    assert.equal(rig.drawings, 1);
  });

  test('forgets how busy it was', () => {
    using rig = new Rig();
    rig.rowsCome(20, 110);
    rig.pass(120);
    assert.equal(rig.drawings, 1);
  });
});
