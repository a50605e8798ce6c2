import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallInfo, PhoneInfo } from '../../../src/lab';
import type { TraceModel } from '../../../src/trace';
import { buildView } from '../../../src/vscode/panel/view';
import { blindTransfer, failedBlindTransfer } from '../trace/transfers';

function viewOf(
  trace: TraceModel | undefined,
  more: Partial<Parameters<typeof buildView>[0]> = {},
): ReturnType<typeof buildView> {
  return buildView({ phase: 'running', trace, phones: [], clearedBefore: 0, ...more });
}

test('without a lab there is nothing to say', () => {
  const view = viewOf(undefined, { phase: 'stopped' });
  assert.deepEqual([view.transfers, view.methods, view.phase], [[], [], 'stopped']);
});

test('a verdict stands over the ladder with its sentence and the message where it went wrong', () => {
  const trace = failedBlindTransfer(486, 'Busy Here').live();
  const [transfer] = viewOf(trace).transfers;
  assert.equal(transfer?.verdict, 'failed');
  assert.equal(transfer.title, 'Blind transfer: Bob gives Alice to Charlie');
  assert.match(transfer.reason, /Charlie was busy \(486\)/);
  assert.equal(transfer.message, trace.transfers[0]?.wentWrongAt);
  assert.equal(trace.messages.find(({ id }) => id === transfer.message)?.sip?.startLineRange.end, 'SIP/2.0 486 Busy Here'.length);
});

test('the methods that there are messages of can be chosen', () => {
  assert.deepEqual(viewOf(blindTransfer().live()).methods, ['ACK', 'BYE', 'INVITE', 'NOTIFY', 'REFER']);
});

test('a transfer that was cleared away has no banner', () => {
  const trace = blindTransfer().live();
  assert.deepEqual(viewOf(trace, { clearedBefore: trace.messages.length }).transfers, []);
  assert.equal(viewOf(trace, { clearedBefore: 4 }).transfers.length, 1);
});

test('who hears whom is told as soon as anybody has a call', () => {
  const call = { state: 'connected' } as CallInfo;
  const phone = (name: string, calls: readonly CallInfo[], phones: readonly string[]): PhoneInfo => ({
    ...{ name, displayName: name, uri: '', transports: [], uris: [], problem: undefined, digits: '', watches: [], asks: [] },
    calls,
    hears: { phones, hold: false },
  });
  const idle = [phone('alice', [], []), phone('bob', [], [])];
  assert.deepEqual(viewOf(undefined, { phones: idle }).hearing, []);
  const talking = [phone('alice', [call], ['bob']), phone('bob', [call], [])];
  assert.deepEqual(viewOf(undefined, { phones: talking }).hearing, ['Alice hears Bob.', 'Bob hears nobody.']);
});
