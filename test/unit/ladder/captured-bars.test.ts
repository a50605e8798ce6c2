import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readCapture } from '../../../src/capture';
import { buildLadder, LiveLadder, type LiveRow } from '../../../src/ladder';
import { TraceModel, type TracePacket } from '../../../src/trace';

const folder = path.join(__dirname, '../../fixtures/captures');

function packetsOf(name: string): readonly TracePacket[] {
  return readCapture(readFileSync(path.join(folder, `${name}.pcap`))).packets;
}

function rowsOf(packets: readonly TracePacket[]): readonly LiveRow[] {
  const ladder = new LiveLadder(TraceModel.from(packets));
  ladder.update();
  return ladder.rows;
}

/** The bars, each behind the number of the message before it. */
function bars(rows: readonly LiveRow[]): string[] {
  let number = 0;
  return rows.flatMap((row) => {
    if (row.kind === 'message') ({ number } = row);
    return row.kind === 'stream' ? [`${number}: ${row.from} ${row.to} ${row.text}`] : [];
  });
}

test('a capture has a bar for each stream, where it begins', () => {
  assert.deepEqual(bars(rowsOf(packetsOf('baresip-blind'))), [
    '4: p1 p0 Bob sends audio to Alice, 1.5 s, G.711 u-law',
    '4: p0 p1 Alice sends audio to Bob, 1.5 s, G.711 u-law',
    '14: p2 p0 Charlie sends audio to Alice, 3.7 s, G.711 u-law',
    '16: p0 p2 Alice sends audio to Charlie, 3.7 s, G.711 u-law',
  ]);
});

test('two bars where hold was between them', () => {
  assert.deepEqual(bars(rowsOf(packetsOf('baresip-hold'))), [
    '4: p0 p1 Alice sends audio to Bob, 1.2 s, G.711 u-law',
    '4: p1 p0 Bob sends audio to Alice, 1.2 s, G.711 u-law',
    '10: p0 p1 Alice sends audio to Bob, 1.0 s, G.711 u-law',
    '10: p1 p0 Bob sends audio to Alice, 1.0 s, G.711 u-law',
  ]);
});

test('it says what is encrypted, what is silent and how much is lost', () => {
  assert.ok(bars(rowsOf(packetsOf('baresip-blind-srtp'))).every((text) => text.includes(' sends encrypted audio to ')));
  let sent = 0;
  const lossy = packetsOf('sip-pbx-call-with-rtp').filter(({ destination }) => destination.port !== 4010 || (sent += 1) % 10 !== 5);
  assert.deepEqual(bars(rowsOf(lossy)), [
    '13: p2 p1 Bob sends silence to 101, 1.5 s, G.711 u-law',
    '13: p1 p0 102 sends silence to Alice, 1.5 s, G.711 u-law, 10.3 % lost',
    '13: p0 p1 Alice sends silence to 102, 1.5 s, G.711 u-law',
    '13: p1 p2 101 sends silence to Bob, 1.5 s, G.711 u-law',
  ]);
});

test('packet by packet it comes to the same as the whole at once', () => {
  const packets = packetsOf('baresip-blind');
  const model = new TraceModel({ isCapture: true });
  const ladder = new LiveLadder(model);
  const shown: LiveRow[] = [];
  const show = ({ kept, tail }: ReturnType<LiveLadder['update']>): void => {
    shown.splice(kept, shown.length - kept, ...tail);
  };
  const start = packets[0]?.at ?? 0;
  for (const packet of packets) {
    model.feedPacket({ ...packet, at: packet.at - start });
    show(ladder.update());
  }
  model.finish();
  show(ladder.update());
  assert.deepEqual(bars(shown), bars(rowsOf(packets)));
});

test('lanes that are not shown have no bars', () => {
  const model = TraceModel.from(packetsOf('baresip-blind'));
  const ladder = new LiveLadder(model, { filter: ({ source, destination }) => ![source.host, destination.host].includes('127.0.0.23') });
  ladder.update();
  assert.deepEqual(bars(ladder.rows), ['4: p1 p0 Bob sends audio to Alice, 1.5 s, G.711 u-law', '4: p0 p1 Alice sends audio to Bob, 1.5 s, G.711 u-law']);
});

test('in groups a bar stands with its own call, and in one call’s ladder it is there', () => {
  const model = TraceModel.from(packetsOf('baresip-blind'));
  const grouped = new LiveLadder(model, { grouping: 'call' });
  grouped.update();
  const byGroup = grouped.rows.flatMap((row) => (row.kind === 'heading' || row.kind === 'stream' ? [row.text] : []));
  assert.deepEqual(byGroup, [
    'Alice calls Bob',
    'Bob sends audio to Alice, 1.5 s, G.711 u-law',
    'Alice sends audio to Bob, 1.5 s, G.711 u-law',
    'Alice calls Charlie',
    'Charlie sends audio to Alice, 3.7 s, G.711 u-law',
    'Alice sends audio to Charlie, 3.7 s, G.711 u-law',
  ]);
  const filter = ({ call }: TraceModel['messages'][number]): boolean => call?.id === 'c2';
  const ladder = new LiveLadder(model, { filter });
  ladder.update();
  const both = ['Charlie sends audio to Alice, 3.7 s, G.711 u-law', 'Alice sends audio to Charlie, 3.7 s, G.711 u-law'];
  assert.deepEqual(ladder.rows.flatMap((row) => (row.kind === 'stream' ? [row.text] : [])), both);
  assert.deepEqual(buildLadder(model, { filter }).rows.flatMap((row) => (row.kind === 'note' && row.tone === 'hears' ? [row.text] : [])), both);
});
