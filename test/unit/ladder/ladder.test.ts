import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCapture } from '../../../src/capture';
import { buildLadder, chunkRows, type Ladder, toMermaid, toMermaidFile } from '../../../src/ladder';
import { TraceModel } from '../../../src/trace';
import { assertGolden } from '../../support/golden';
import { answeredCall, CallScript, simple } from '../trace/call-script';
import { Secretary } from '../trace/iax/frame-script';
import { attendedTransfer, blindTransfer, failedBlindTransfer } from '../trace/transfers';
import { understand } from './mermaid-check';

const golden = join(__dirname, 'golden');
const captures = join(__dirname, '../../fixtures/captures');

/** Compares with the golden file, and with what the real parser makes of it. */
async function assertLadder(name: string, ladder: Ladder): Promise<void> {
  const text = toMermaidFile(ladder);
  assertGolden(join(golden, `${name}.mmd`), text);
  const { actors, signals } = await understand(text);
  assert.deepEqual(
    actors.map(([id]) => id),
    ladder.lanes.map(({ id }) => id),
  );
  assert.equal(signals.length, ladder.rows.length);
}

const scripted: readonly (readonly [string, () => CallScript])[] = [
  ['blind', () => blindTransfer()],
  ['blind-busy', () => failedBlindTransfer(486, 'Busy Here')],
  ['attended', () => attendedTransfer()],
  ['attended-tags-exchanged', () => attendedTransfer((consultation) => consultation.replaces('bob'))],
];

for (const [name, script] of scripted) {
  test(`golden ladder: ${name}`, () => assertLadder(name, buildLadder(script().captured())));
}

for (const name of [
  'sip-direct-blind',
  'sip-direct-attended',
  'sip-direct-302',
  'sip-direct-pickup',
  'baresip-blind',
  'sip-pbx-call-with-rtp',
  'sip-pbx-attended',
]) {
  test(`golden ladder of real phones: ${name}`, () =>
    assertLadder(
      name,
      buildLadder(TraceModel.from(readCapture(readFileSync(join(captures, `${name}.pcap`))).packets)),
    ));
}

test('golden ladder: live, with a lost packet and what the phones hear', () => {
  const script = blindTransfer((early) => early.hears('alice', 'bob'));
  script.sendAgain(true);
  script.hears('bob');
  script.hears('alice', 'charlie');
  script.hears('charlie', 'alice');
  const model = script.live();
  model.finish();
  return assertLadder('blind-live', buildLadder(model, { fold: false }));
});

test('folds what was sent again into its first arrow, or draws it', () => {
  const script = new CallScript();
  script.dialog('alice', 'bob', 'd1').request('alice', 'INVITE');
  script.wait(500);
  script.sendAgain();
  const model = script.captured();
  assert.match(toMermaid(buildLadder(model)), /1\. INVITE bob \(sent 2 times\)\n$/);
  const drawn = buildLadder(model, { fold: false }).rows;
  assert.deepEqual(
    drawn.map((row) => row.kind === 'message' && row.retransmissionOf),
    [undefined, 'm1'],
  );
});

test('shows the lanes of the messages that are shown, and no others', () => {
  const model = attendedTransfer().captured();
  const ladder = buildLadder(model, { filter: ({ call }) => call?.id === 'c1' });
  assert.deepEqual(
    ladder.lanes.map(({ name }) => name),
    ['alice', 'bob'],
  );
  assert.ok(ladder.rows.every((row) => row.kind === 'note' || row.callId === 'c1'));
});

test('rows know their message, dialog, call and transfer', () => {
  const model = blindTransfer().captured();
  const refer = buildLadder(model).rows.find((row) => row.kind === 'message' && row.label.startsWith('REFER'));
  assert.ok(refer?.kind === 'message');
  assert.deepEqual([refer.messageId, refer.dialogId, refer.callId, refer.transferIds], ['m8', 'd1', 'c1', ['x1']]);
});

test('a ladder that grows changes its last chunk only, and every chunk has all lanes', async () => {
  const script = attendedTransfer();
  const whole = script.captured();
  const texts = (model: TraceModel): string[] => {
    const ladder = buildLadder(model, { notes: false });
    return chunkRows(ladder.rows, 5).map((range) => toMermaid(ladder, { range }));
  };
  const all = texts(whole);
  assert.equal(all.length, Math.ceil(whole.messages.length / 5));
  for (const text of all) assert.equal((await understand(text)).actors.length, 3);
  script.packets.pop();
  const shorter = texts(script.captured());
  assert.deepEqual(shorter.slice(0, -1), all.slice(0, shorter.length - 1));
});

test('a note goes with the message before it', () => {
  const { rows } = buildLadder(attendedTransfer().captured());
  const ranges = chunkRows(rows, 6);
  assert.equal(ranges.at(-1)?.end, rows.length);
  for (const { start } of ranges) assert.equal(rows[start]?.kind, 'message');
  assert.deepEqual(
    ranges.slice(1).map(({ start }) => start),
    ranges.slice(0, -1).map(({ end }) => end),
  );
});

test('labels survive headers that cannot be read', () => {
  const script = new CallScript();
  const dialog = answeredCall(script, 'alice', 'bob', 'd1');
  simple(dialog, 'bob', 'REFER', { headers: [['Refer-To', '<sip:']], answer: '400 Bad Request' });
  simple(dialog, 'bob', 'NOTIFY', {
    headers: [
      ['Event', ''],
      ['Subscription-State', ';;;'],
    ],
  });
  const labels = buildLadder(script.captured()).rows.map((row) => (row.kind === 'message' ? row.label : ''));
  assert.ok(labels.includes('REFER -> <sip:'));
  assert.ok(labels.includes('NOTIFY'));
});

for (const name of ['asterisk-native-transfer', 'asterisk-secretary-transfer', 'attended_no_unquelch_no_audio']) {
  test(`golden ladder: ${name}, without its ACKs`, () => {
    const model = TraceModel.from(readCapture(readFileSync(join(__dirname, '../../fixtures/iax2', `${name}.pcap`))).packets);
    return assertLadder(`iax2-${name}`, buildLadder(model, { acknowledgements: false }));
  });
}

test('an ACK of IAX2 says of what it is one, and may be left out', () => {
  const model = new Secretary().request().script.model();
  const labels = (acknowledgements: boolean): readonly string[] => buildLadder(model, { acknowledgements }).rows.flatMap((row) => (row.kind === 'message' ? [row.label] : []));
  assert.ok(labels(true).includes('ACK (TXREQ)'));
  assert.ok(labels(true).includes('TXREQ -> 127.0.0.23:4569 #9396'));
  assert.deepEqual(labels(false), labels(true).filter((label) => !label.startsWith('ACK')));
});
