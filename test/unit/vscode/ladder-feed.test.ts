import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { buildLadder, wordsOf } from '../../../src/ladder';
import { SeededRandom } from '../../../src/core';
import { lintRules, TraceModel } from '../../../src/trace';
import { LadderFeed, type LadderSource } from '../../../src/vscode/panel/ladder-feed';
import { RowStore } from '../../../webview/row-store';
import type { LadderOptions, LadderPatch, PanelRow } from '../../../webview/protocol';
import { Traffic } from '../../support/panel/traffic';
import { longTrace } from '../../support/long-trace';
import { CallScript, simple } from '../trace/call-script';
import { attendedTransfer, blindTransfer, failedBlindTransfer, heldCall } from '../trace/transfers';

const lints = new Set(lintRules.map(({ id }) => id));

/** A feed with the page that it feeds. */
class Rig {
  readonly store = new RowStore();
  readonly patches: LadderPatch[] = [];
  readonly feed = new LadderFeed((patch) => {
    this.patches.push(patch);
    this.store.apply(patch);
  });
  readonly trace: TraceModel | undefined;
  readonly #source: Omit<LadderSource, 'trace'> = { clearedBefore: 0, origin: undefined, lints };

  constructor(trace: TraceModel | undefined) {
    this.trace = trace;
  }

  update(more: Partial<LadderSource> = {}): void {
    this.feed.update({ trace: this.trace, ...this.#source, ...more });
  }

  arrange(options: Partial<LadderOptions>): void {
    this.feed.onMessage({ type: 'arrange', options }, { trace: this.trace, ...this.#source });
  }

  get words(): readonly string[] {
    return this.store.rows.map(({ words }) => words);
  }

  arrow(words: RegExp): Extract<PanelRow, { kind: 'message' }> {
    const found = this.store.rows.find((row) => words.test(row.words));
    assert.equal(found?.kind, 'message');
    return found;
  }
}

function rigOf(trace: TraceModel | undefined): Rig {
  const rig = new Rig(trace);
  rig.update();
  return rig;
}

/** A feed that has begun to give a file of 6,000 messages; what it has put off waits. */
function fileFeed(): { readonly feed: LadderFeed; readonly source: LadderSource; readonly model: TraceModel; readonly store: RowStore; readonly waiting: (() => void)[] } {
  const traffic = new Traffic();
  traffic.feed(6_000);
  const { model } = traffic;
  const waiting: (() => void)[] = [];
  const store = new RowStore();
  const feed = new LadderFeed((patch) => store.apply(patch), (run) => void waiting.push(run));
  const source = { trace: model, clearedBefore: 0, origin: undefined, lints, isWhole: true };
  feed.update(source);
  return { feed, source, model, store, waiting };
}

describe('the feed of a ladder', () => {
  it('gives nothing without a trace', () => {
    const { store } = rigOf(undefined);
    assert.deepEqual([store.rows, store.lanes], [[], []]);
  });

  it('gives the arrows and verdicts that the exported ladder has', () => {
    for (const trace of [blindTransfer().live(), attendedTransfer().live(), failedBlindTransfer(486, 'Busy Here').live()]) {
      const { words, store } = rigOf(trace);
      const ladder = buildLadder(trace);
      assert.deepEqual(
        words.filter((_, index) => store.rows[index]?.kind !== 'stream'),
        ladder.rows.filter((row) => row.kind === 'message' || row.tone !== 'hears').map((row) => (row.kind === 'message' ? wordsOf(row) : row.text)),
      );
      assert.deepEqual(store.lanes.map(({ name }) => name), ladder.lanes.map(({ name }) => name));
    }
  });

  it('gives the same step by step as at once', () => {
    for (const script of [blindTransfer(), attendedTransfer(), failedBlindTransfer(486, 'Busy Here'), heldScript()]) {
      const model = new TraceModel();
      const rig = new Rig(model);
      for (const entry of script.journal.entries) {
        model.feed(entry);
        rig.update();
      }
      model.finish();
      rig.update();
      const whole = rigOf(model);
      assert.deepEqual(rig.store.rows, whole.store.rows);
      assert.deepEqual(rig.store.lanes, whole.store.lanes);
      const largest = Math.max(...rig.patches.slice(5).map(({ added }) => added.length));
      assert.ok(largest < 12, `a step sent ${largest} rows`);
    }
  });

  it('after a trace has forgotten its beginning has the rows that a new page has, whatever is shown', async () => {
    const entries = await longTrace(5, 8);
    const ways: readonly Partial<LadderOptions>[] = [{}, { details: true }, { grouping: 'call' }, { query: 'method:invite' }, { byHost: true, grouping: 'transfer' }];
    for (const options of ways) {
      const random = new SeededRandom(9);
      const model = new TraceModel();
      const rig = new Rig(model);
      rig.arrange(options);
      let checks = 0;
      for (const entry of entries) {
        model.feed(entry);
        if (random.fraction() < 0.5) rig.update();
        if (model.messages.length < 80 || random.fraction() > 0.1) continue;
        model.forget(model.endIndex - Math.floor(random.fraction() * 70));
        if (random.fraction() < 0.3) continue;
        rig.update();
        const whole = new Rig(model);
        whole.arrange(options);
        const said = `${JSON.stringify(options)}, ${model.firstIndex} of ${model.endIndex}`;
        // What a note says was true when it was made: where a call went may be known better later.
        const shown = ({ store }: Rig): readonly unknown[] => store.rows.map((row) => (row.kind === 'note' || row.kind === 'heading' ? row.id : row));
        assert.deepEqual(shown(rig), shown(whole), said);
        assert.deepEqual(rig.store.lanes.map(({ id }) => id), whole.store.lanes.map(({ id }) => id), said);
        assert.deepEqual([...rig.store.names.keys()].sort(), [...whole.store.names.keys()].sort(), said);
        rig.store.rows.forEach((row, index) => assert.equal(rig.store.rows[rig.store.indexOf(row.id)]?.id, row.id, `${said}: ${index}`));
        whole.feed.dispose();
        checks += 1;
      }
      assert.ok(checks > 3);
    }
  });

  it('lets rows leave at the front in one step, and says how many messages are not there', () => {
    const traffic = new Traffic();
    traffic.feed(2_000);
    const rig = rigOf(traffic.model);
    const before = [...rig.store.rows];
    rig.patches.length = 0;
    traffic.model.forget(600);
    traffic.feed(1);
    rig.update({ earlier: { messages: 600, inFiles: 500, files: 2 } });
    const [patch] = rig.patches;
    assert.equal(rig.patches.length, 1);
    assert.deepEqual([patch?.gone, patch?.removed, patch?.added.length, patch?.changed.length], [600, 0, 1, 0]);
    assert.deepEqual(patch?.earlier, { messages: 600, inFiles: 500, files: 2 });
    assert.equal(rig.store.rows[0], before[600], 'the same object');
    assert.equal(rig.store.indexOf('m601'), 0);
    assert.equal(rig.store.indexOf('m600'), -1);
    rig.update({ clearedBefore: 700 });
    assert.deepEqual(rig.patches.findLast((one) => one.earlier !== undefined)?.earlier, { messages: 0, inFiles: 0, files: 0 }, 'whoever has cleared it away misses nothing');
  });

  it('tells how each message went, and what was found in it', () => {
    const rig = rigOf(failedBlindTransfer(486, 'Busy Here').live());
    assert.equal(rig.arrow(/INVITE bob/).tone, 'request');
    assert.equal(rig.arrow(/486 Busy Here \(INVITE\)/).tone, 'failure');
    assert.equal(rig.arrow(/200 OK/).tone, 'success');
    assert.ok(rig.store.rows.some((row) => row.kind === 'note' && row.tone === 'failed'));
  });

  it('marks only the failures that are wanted', () => {
    const trace = attendedTransfer(({ callId }) => `${callId};to-tag=b-d2;from-tag=c-d2`).live();
    const linted = (rows: readonly PanelRow[]): readonly PanelRow[] => rows.filter((row) => row.kind === 'message' && row.lints !== undefined);
    const rig = rigOf(trace);
    assert.ok(linted(rig.store.rows).length > 0);
    rig.update({ lints: new Set() });
    assert.equal(linted(rig.store.rows).length, 0);
  });

  it('shows one method alone, or what a filter finds, with the numbers that messages have in the trace', () => {
    const rig = rigOf(blindTransfer().live());
    rig.arrange({ method: 'REFER' });
    assert.deepEqual(rig.words, ['8. REFER -> charlie', '9. 202 Accepted (REFER)']);
    rig.arrange({ method: '', query: 'method:invite status:200' });
    assert.deepEqual(rig.words.slice(0, 2), ['3. 200 OK (INVITE)', '6. 200 OK (INVITE, recvonly)']);
    assert.ok(rig.store.rows.every((row) => row.kind !== 'message' || row.words.includes('200 OK (INVITE')), rig.words.join());
    rig.arrange({ query: '' });
    assert.ok(rig.words.length > 10);
  });

  it('leaves out what was cleared away', () => {
    const trace = blindTransfer().live();
    const rig = rigOf(trace);
    rig.update({ clearedBefore: trace.messages.length });
    assert.deepEqual(rig.words, []);
    rig.update({ clearedBefore: 4 });
    assert.equal(rig.store.rows[0]?.id, 'm5');
  });

  it('hides a lane with its messages, and puts lanes in another order', () => {
    const rig = rigOf(attendedTransfer().live());
    const [first, second, third] = rig.store.lanes;
    rig.arrange({ order: [third?.id ?? '', first?.id ?? ''] });
    assert.deepEqual(rig.store.lanes.map(({ id }) => id), [third?.id, first?.id, second?.id]);
    rig.arrange({ hidden: [third?.id ?? ''] });
    assert.deepEqual(rig.store.lanes.map(({ id }) => id), [first?.id, second?.id]);
    assert.deepEqual(rig.store.hidden, [[third?.id, third?.name]]);
    assert.ok(rig.store.rows.every((row) => row.kind !== 'message' || ![row.from, row.to].includes(third?.id ?? '')));
  });

  it('puts the messages of a call together under a heading', () => {
    const rig = rigOf(attendedTransfer().live());
    rig.arrange({ grouping: 'call' });
    const headings = rig.store.rows.filter(({ kind }) => kind === 'heading').map(({ words }) => words);
    assert.ok(headings.includes('Alice calls Bob') && headings.includes('Bob calls Charlie'), headings.join());
    assert.equal(rig.store.rows[0]?.kind, 'heading');
  });

  it('folds repeats into a count, and shows them when asked', () => {
    const script = new CallScript();
    script.dialog('alice', 'bob', 'd1').request('alice', 'INVITE');
    script.wait(500);
    script.sendAgain();
    const rig = rigOf(script.captured());
    assert.deepEqual(rig.words, ['1. INVITE bob (sent 2 times)']);
    rig.arrange({ unfolded: ['m1'] });
    assert.deepEqual(rig.words, ['1. INVITE bob (sent 2 times)', '2. INVITE bob (again)']);
  });

  it('holds back while paused, and says how much waits', () => {
    const script = new CallScript();
    const dialog = heldCall(script);
    const model = new TraceModel();
    const entries = [...script.journal.entries];
    for (const entry of entries) model.feed(entry);
    const rig = rigOf(model);
    rig.arrange({ paused: true });
    const before = rig.words;
    simple(dialog, 'alice', 'OPTIONS');
    for (const entry of script.journal.entries.slice(entries.length)) model.feed(entry);
    rig.update();
    assert.deepEqual([rig.words, rig.store.waiting], [before, 2]);
    rig.arrange({ paused: false });
    assert.deepEqual([rig.words.length, rig.store.waiting], [before.length + 2, 0]);
  });

  it('gives a new page everything', () => {
    const rig = rigOf(blindTransfer().live());
    const before = [...rig.store.rows];
    rig.feed.restart();
    rig.update();
    assert.equal(rig.patches.at(-1)?.reset, true);
    assert.deepEqual(rig.store.rows, before);
  });

  it('gives a long ladder to a new page in pieces, the end first', () => {
    const traffic = new Traffic();
    traffic.feed(6_000);
    const waiting: (() => void)[] = [];
    const store = new RowStore();
    const sizes: number[] = [];
    const feed = new LadderFeed(
      (patch) => {
        sizes.push(patch.added.length);
        store.apply(patch);
      },
      (run) => waiting.push(run),
    );
    const source = { trace: traffic.model, clearedBefore: 0, origin: undefined, lints };
    feed.update(source);
    assert.deepEqual([store.rows[0]?.id, store.rows.at(-1)?.id], ['m5761', 'm6000']);
    waiting.shift()?.();
    // In between, the trace grows.
    traffic.feed(10);
    feed.update(source);
    while (waiting.length > 0) waiting.shift()?.();
    assert.ok(Math.max(...sizes) <= 2_400, sizes.join());
    assert.deepEqual(store.rows.map(({ id }) => id), traffic.model.messages.map(({ id }) => id));
    const whole = rigOf(traffic.model);
    assert.deepEqual(store.rows, whole.store.rows);
  });

  it('says who is what, and what each lane does', () => {
    const script = new CallScript();
    heldCall(script);
    const rig = rigOf(script.live());
    assert.deepEqual(rig.store.lanes.map(({ name, state }) => [name, state]).sort(), [['alice', 'held'], ['bob', 'holding']]);
    const after = rigOf(blindTransfer().live());
    assert.deepEqual(new Set(after.store.lanes.map(({ role }) => role)), new Set(['transferor', 'transferee', 'target']));
  });

  it('says in more notes, if asked, when calls are up and over and what a transferor was told', () => {
    const rig = rigOf(blindTransfer().live());
    const few = rig.words.length;
    rig.arrange({ details: true });
    assert.ok(rig.words.includes('Alice and Bob are connected'), rig.words.join('\n'));
    assert.ok(rig.words.some((words) => /^Blind transfer: Bob is told "\d+ .*", the last news$/.test(words)), rig.words.join('\n'));
    assert.ok(rig.words.some((words) => words.startsWith('The call of Alice and Bob is over')));
    rig.arrange({ details: false });
    assert.equal(rig.words.length, few);
  });

  it('notes who has waited in vain', () => {
    const script = new CallScript();
    script.dialog('alice', 'bob', 'd1').request('alice', 'INVITE');
    script.wait(32_000);
    script.journal.append({ kind: 'timer', owner: 'alice', timer: 'B', id: 't', action: 'fired', delay: 32_000 });
    script.journal.append({ kind: 'timer', owner: 'alice', timer: 'A', id: 't', action: 'fired', delay: 500 });
    assert.deepEqual(rigOf(script.live()).words.slice(1), ['Timer B after 32.0 s: Alice has no answer to its INVITE']);
  });

  it('names the dialogs and transfers that its rows belong to', () => {
    const rig = rigOf(blindTransfer().live());
    for (const row of rig.store.rows) {
      if (row.kind !== 'message') continue;
      if (row.dialog !== undefined) assert.ok(rig.store.names.has(row.dialog), row.words);
      if (row.transfer !== undefined) assert.match(rig.store.names.get(row.transfer) ?? '', /^Blind transfer/);
    }
  });

  it('takes any filter without an error', () => {
    const rig = rigOf(blindTransfer().live());
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (query) => rig.arrange({ query })));
  });

  it('gives a file from its start on, in pieces, and in the end all of it', () => {
    const { store, waiting, model } = fileFeed();
    assert.equal(store.rows[0]?.id, 'm1');
    assert.ok(store.rows.length < 500, `${store.rows.length} rows at once`);
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) run();
    const live = rigOf(model);
    assert.deepEqual(store.rows, live.store.rows);
    assert.deepEqual(store.lanes, live.store.lanes);
  });

  it('gives all of a file at once when it is wanted otherwise before its pieces are there', () => {
    const { feed, source, store, waiting } = fileFeed();
    waiting.shift()?.();
    feed.onMessage({ type: 'arrange', options: { method: 'BYE' } }, source);
    const words = store.rows.map((row) => row.words);
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) run();
    assert.equal(words.length, 2_000);
    assert.deepEqual(store.rows.map((row) => row.words), words);
  });

  it('tells of a file that was read again only what is another', () => {
    const patches: LadderPatch[] = [];
    const store = new RowStore();
    const feed = new LadderFeed((patch) => {
      patches.push(patch);
      store.apply(patch);
    });
    const sourceOf = (trace: TraceModel): LadderSource => ({ trace, clearedBefore: 0, origin: undefined, lints, isWhole: true });
    feed.update(sourceOf(failedBlindTransfer(486, 'Busy Here').live()));
    feed.update(sourceOf(failedBlindTransfer(486, 'Busy Here').live()));
    assert.deepEqual([patches.at(-1)?.changed, patches.at(-1)?.removed, patches.at(-1)?.added, patches.at(-1)?.reset], [[], 0, [], false]);
    feed.update(sourceOf(failedBlindTransfer(480, 'Temporarily Unavailable').live()));
    const last = patches.at(-1);
    assert.ok((last?.changed.length ?? 0) + (last?.added.length ?? 0) < 8, JSON.stringify(last));
    assert.deepEqual(store.rows, rigOf(failedBlindTransfer(480, 'Temporarily Unavailable').live()).store.rows);
  });
});

function heldScript(): CallScript {
  const script = new CallScript();
  heldCall(script);
  return script;
}
