import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lintRules } from '../../../src/trace';
import { LadderFeed, type LadderSource } from '../../../src/vscode/panel/ladder-feed';
import { LadderSearch } from '../../../src/vscode/panel/ladder-search';
import { Matches } from '../../../webview/matches';
import type { LadderOptions, PanelFound } from '../../../webview/protocol';
import { Traffic } from '../../support/panel/traffic';

/** A search over the ladder of a growing trace, with the page that it is for. */
class Rig {
  readonly traffic = new Traffic();
  readonly matches = new Matches();
  readonly found: PanelFound[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly search = new LadderSearch(
    (found) => {
      this.found.push(found);
      this.matches.take(found);
    },
    (run) => void this.#waiting.push(run),
  );
  readonly #feed = new LadderFeed(() => this.search.update({ trace: this.traffic.model, rows: this.#feed.rows }));

  feed(messages: number): void {
    this.traffic.feed(messages);
    this.#feed.update(this.#source());
  }

  arrange(options: Partial<LadderOptions>): void {
    this.#feed.onMessage({ type: 'arrange', options }, this.#source());
  }

  find(text: string): void {
    this.search.find(text, { trace: this.traffic.model, rows: this.#feed.rows });
  }

  /** Lets it work one slice further; whether there was one. */
  work(): boolean {
    const run = this.#waiting.shift();
    run?.();
    return run !== undefined;
  }

  workAll(): number {
    let slices = 0;
    while (this.work()) slices += 1;
    return slices;
  }

  /** Ids of the rows found, as the page goes through them. */
  get ids(): readonly string[] {
    const order = new Map(this.#feed.rows.map(({ id }, index) => [id, index]));
    const ids: string[] = [];
    for (let step = 0; step < this.matches.count; step++) ids.push(this.matches.go(1, 0, (id) => order.get(id) ?? -1) ?? '');
    return ids;
  }

  #source(): LadderSource {
    return { trace: this.traffic.model, clearedBefore: 0, origin: undefined, lints: new Set(lintRules.map(({ id }) => id)) };
  }
}

describe('a search in the ladder', () => {
  it('finds rows by the whole text of their messages, and keeps up with what comes', () => {
    const rig = new Rig();
    rig.feed(12);
    rig.find('call-1@lab bye');
    assert.deepEqual(rig.ids, ['m11', 'm12']);
    rig.find('call-2@lab');
    assert.deepEqual(rig.ids, []);
    rig.feed(3);
    assert.deepEqual(rig.ids, ['m13', 'm14', 'm15']);
    assert.deepEqual(rig.found.at(-1)?.kept, 0);
    rig.feed(1);
    assert.deepEqual(rig.found.at(-1), { text: 'call-2@lab', kept: 3, ids: ['m16'], problems: [] });
  });

  it('says nothing when nothing has changed', () => {
    const rig = new Rig();
    rig.feed(12);
    rig.find('bye');
    const before = rig.found.length;
    rig.feed(1);
    assert.equal(rig.found.length, before);
  });

  it('reads a large trace in slices, with what comes meanwhile', () => {
    const rig = new Rig();
    rig.feed(2_000);
    rig.find('method:bye');
    assert.equal(rig.found.length, 0);
    rig.work();
    rig.feed(4);
    assert.equal(rig.found.length, 0);
    assert.ok(rig.workAll() >= 2);
    assert.equal(rig.found.length, 1);
    assert.equal(rig.matches.count, rig.traffic.model.messages.filter(({ sip }) => sip?.header('CSeq')?.includes('BYE')).length);
  });

  it('gives up what is no longer looked for', () => {
    const rig = new Rig();
    rig.feed(2_000);
    rig.find('method:bye');
    rig.find('call-0@lab');
    rig.workAll();
    assert.deepEqual(rig.found.map(({ text, ids }) => [text, ids.length]), [['call-0@lab', 6]]);
    rig.find('');
    rig.feed(10);
    assert.deepEqual(rig.found.at(-1), { text: '', kept: 0, ids: [], problems: [] });
  });

  it('looks through the rows that there are, whatever is filtered', () => {
    const rig = new Rig();
    rig.feed(12);
    rig.find('call-1@lab');
    rig.arrange({ query: 'method:ack' });
    assert.deepEqual(rig.ids, ['m10']);
    rig.arrange({ query: '' });
    assert.equal(rig.ids.length, 6);
  });

  it('says what is wrong with what was typed', () => {
    const rig = new Rig();
    rig.feed(12);
    rig.find('status:busy');
    assert.deepEqual(rig.found.at(-1)?.problems.map(({ start, end }) => [start, end]), [[0, 11]]);
    assert.equal(rig.matches.count, 0);
  });
});

describe('going through matches', () => {
  const indexOf = (id: string): number => Number(id.slice(1));

  it('begins at the reader and goes round the end', () => {
    const matches = new Matches();
    matches.take({ kept: 0, ids: ['m3', 'm5', 'm9'] });
    assert.equal(matches.place, 0);
    assert.equal(matches.go(1, 4, indexOf), 'm5');
    assert.equal(matches.place, 2);
    assert.equal(matches.go(1, 4, indexOf), 'm9');
    assert.equal(matches.go(1, 4, indexOf), 'm3');
    assert.equal(matches.go(-1, 4, indexOf), 'm9');
    matches.leave();
    assert.equal(matches.go(-1, 4, indexOf), 'm3');
    matches.leave();
    assert.equal(matches.go(-1, 2, indexOf), 'm9');
    matches.leave();
    assert.equal(matches.go(1, 10, indexOf), 'm3');
  });

  it('stays where the reader is when more is found, and forgets a place that is gone', () => {
    const matches = new Matches();
    matches.take({ kept: 0, ids: ['m3', 'm5'] });
    matches.go(1, 5, indexOf);
    matches.take({ kept: 0, ids: ['m1', 'm3', 'm5'] });
    assert.equal(matches.place, 3);
    matches.take({ kept: 2, ids: [] });
    assert.equal(matches.place, 0);
    matches.clear();
    assert.equal(matches.go(1, 0, indexOf), undefined);
  });
});
