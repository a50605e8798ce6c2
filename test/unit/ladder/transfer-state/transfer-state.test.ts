import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCapture } from '../../../../src/capture';
import { followTransfer, type TransferState } from '../../../../src/ladder';
import { TraceModel } from '../../../../src/trace';
import { attendedTransfer, blindTransfer, failedBlindTransfer } from '../../trace/transfers';

function only(model: TraceModel): TransferState {
  const [transfer] = model.transfers;
  assert.ok(transfer !== undefined);
  return followTransfer(model, transfer);
}

function path({ steps }: TransferState): string {
  return [steps[0]?.from, ...steps.map(({ to, isLeap }) => (isLeap ? `(${to})` : to))].join(' ');
}

function captured(name: string, folder = 'captures'): TraceModel {
  return TraceModel.from(readCapture(readFileSync(join(__dirname, '../../../fixtures', folder, `${name}.pcap`))).packets);
}

const paths: readonly (readonly [name: string, model: () => TraceModel, path: string])[] = [
  ['blind', () => blindTransfer().captured(), 'talking held asked agreed calling ringing connected told gone success'],
  ['blind, busy', () => failedBlindTransfer(486, 'Busy Here').captured(), 'talking held asked agreed calling missed told_failure back failed'],
  ['attended', () => attendedTransfer().captured(), 'talking held consulting consult_rings consulted asked agreed calling connected told gone success'],
  ['blind, of real phones', () => captured('sip-direct-blind'), 'talking held asked agreed calling ringing connected told gone success'],
  ['attended, of real phones', () => captured('sip-direct-attended'), 'talking held consulting consult_rings consulted asked agreed calling connected told gone success'],
  ['redirection, of real phones', () => captured('sip-direct-302'), 'first_call first_rings redirected calling ringing connected success'],
  ['pick-up, of real phones', () => captured('sip-direct-pickup'), 'first_call first_rings taking connected gone success'],
  ['attended at a PBX, the new call out of sight', () => captured('sip-pbx-attended'), 'talking held consulting consult_rings consulted asked agreed told gone success'],
  ['native, of IAX2', () => captured('asterisk-native-transfer', 'iax2'), 'between first_told both_told found other_ready both_ready released success'],
  ['native, refused', () => captured('native_txrej', 'iax2'), 'between first_told both_told refused failed'],
  ['native, to somebody who does not know it', () => captured('native_unsupport', 'iax2'), 'between first_told both_told refused failed'],
  ['TRANSFER of IAX2', () => captured('asterisk-blind-transfer', 'iax2'), 'talking asked handed_over calling connected success'],
  ['TRANSFER to a number that does not exist', () => captured('blind_transfer_bad_number', 'iax2'), 'talking asked handed_over failed'],
];

for (const [name, model, expected] of paths) {
  test(`the path of a transfer: ${name}`, () => {
    const state = only(model());
    assert.equal(path(state), expected);
    assert.equal(state.now, state.steps.at(-1)?.to);
  });
}

test('each step names its message, and each line the steps that took it', () => {
  const model = blindTransfer().captured();
  const { steps, transitions } = only(model);
  const refer = steps.findIndex(({ on }) => on === 'asked');
  assert.equal(model.message(steps[refer]?.message ?? '')?.sip?.header('Refer-To'), '<sip:charlie@127.0.0.13>');
  const line = transitions.find(({ from, to }) => from === 'held' && to === 'asked');
  assert.deepEqual([line?.label, line?.steps], ['2. REFER -> charlie', [refer]]);
  assert.deepEqual(transitions.find(({ from, to }) => from === 'asked' && to === 'refused')?.label, '3xx-6xx');
});

test('a transfer under way stands in a state, with both ends ahead', () => {
  const script = blindTransfer();
  const model = new TraceModel();
  for (const { from, to, lost, ...packet } of script.packets.slice(0, 13)) model.feedPacket({ ...packet, lost, sender: from, receiver: to });
  const state = only(model);
  assert.equal(state.now, 'ringing');
  assert.deepEqual(
    state.states.filter(({ id }) => id === 'success' || id === 'failed' || id === 'ringing' || id === 'held').map(({ id, reached }) => [id, reached]),
    [['held', 'taken'], ['ringing', 'now'], ['success', 'ahead'], ['failed', 'ahead']],
  );
});

test('where the trace lacks messages, the path leaps to what the next one shows', () => {
  const { packets } = attendedTransfer();
  // Of the consultation call only what came when it was up was captured.
  const model = TraceModel.from(packets.filter(({ bytes }) => !/^SIP\/2\.0 (180|200)[^]*Call-ID: d2\r\nCSeq: 1 INVITE/.test(bytes.toString())));
  assert.equal(path(only(model)), 'talking held (consulted) asked agreed calling connected told gone success');
});

test('what is sent again moves nothing', () => {
  const script = blindTransfer();
  const once = path(only(script.captured()));
  const model = TraceModel.from(script.packets.flatMap((packet) => [packet, { ...packet, at: packet.at + 1 }]));
  assert.equal(path(only(model)), once);
});
