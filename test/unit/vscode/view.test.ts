import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallInfo, PhoneInfo } from '../../../src/lab';
import type { TraceModel } from '../../../src/trace';
import { buildView } from '../../../src/vscode/panel/view';
import { answeredCall, CallScript, simple } from '../trace/call-script';
import { blindTransfer, failedBlindTransfer } from '../trace/transfers';

function viewOf(
  trace: TraceModel | undefined,
  more: Partial<Parameters<typeof buildView>[0]> = {},
): ReturnType<typeof buildView> {
  return buildView({ phase: 'running', trace, phones: [], method: '', clearedBefore: 0, ...more });
}

/** The arrows of a diagram's text. */
function arrowsOf(diagram: string): readonly string[] {
  return diagram.split('\n').filter((line) => /^ {2}p\d+-{1,2}(?:>>|x)p\d+: /.test(line));
}

function notesOf(diagram: string): readonly string[] {
  return diagram.split('\n').filter((line) => line.startsWith('  Note over'));
}

/** A call that is held and resumed as often as it takes. */
function longCall(messages: number): TraceModel {
  const script = new CallScript();
  const dialog = answeredCall(script, 'alice', 'bob', 'd1');
  while (script.packets.length < messages) simple(dialog, 'alice', 'OPTIONS');
  return script.live();
}

test('without a lab there is nothing to draw', () => {
  const view = viewOf(undefined, { phase: 'stopped' });
  assert.deepEqual([view.diagram, view.rows, view.transfers, view.phase], ['', [], [], 'stopped']);
});

test('every arrow of the diagram has its row, in its order, and every note its kind', () => {
  for (const trace of [blindTransfer().live(), failedBlindTransfer(486, 'Busy Here').live()]) {
    const view = viewOf(trace);
    assert.deepEqual(
      view.rows.map(({ id }) => id),
      trace.messages.map(({ id }) => id),
    );
    assert.equal(arrowsOf(view.diagram).length, view.rows.length);
    assert.equal(notesOf(view.diagram).length, view.notes.length);
    assert.equal(view.lanes, 3);
  }
});

test('a row says what a screen reader needs, and how it went', () => {
  const { rows } = viewOf(failedBlindTransfer(486, 'Busy Here').live());
  assert.equal(rows[0]?.label, '1. INVITE bob, alice to bob');
  assert.equal(rows[0].tone, 'request');
  assert.equal(rows.find(({ label }) => label.includes('486 Busy Here (INVITE)'))?.tone, 'failure');
  assert.equal(rows.find(({ label }) => label.includes('200 OK'))?.tone, 'success');
});

test('a verdict stands over the ladder with its sentence and the message where it went wrong', () => {
  const trace = failedBlindTransfer(486, 'Busy Here').live();
  const [transfer] = viewOf(trace).transfers;
  assert.equal(transfer?.verdict, 'failed');
  assert.equal(transfer.title, 'Blind transfer: Bob gives Alice to Charlie');
  assert.match(transfer.reason, /Charlie was busy \(486\)/);
  assert.equal(transfer.message, trace.transfers[0]?.wentWrongAt);
  assert.equal(trace.messages.find(({ id }) => id === transfer.message)?.sip?.startLineRange.end, 'SIP/2.0 486 Busy Here'.length);
  assert.ok(viewOf(trace).notes.includes('failed'));
});

test('of more than two hundred rows the newest are drawn, and the rest are counted', () => {
  const trace = longCall(301);
  const view = viewOf(trace);
  assert.equal(view.rows.length + view.above, trace.messages.length);
  assert.ok(view.rows.length <= 200 && view.rows.length > 190, String(view.rows.length));
  assert.equal(view.rows.at(-1)?.id, trace.messages.at(-1)?.id);
  assert.equal(arrowsOf(view.diagram).length, view.rows.length);
  assert.match(view.rows[0]?.label ?? '', new RegExp(`^${view.above + 1}\\. `));
});

test('two hundred rows are drawn whole', () => {
  const view = viewOf(longCall(200));
  assert.equal(view.above, 0);
});

test('one method can be shown alone, with the responses to it', () => {
  const view = viewOf(blindTransfer().live(), { method: 'REFER' });
  assert.deepEqual(
    view.rows.map(({ label }) => label.replace(/^\d+\. /, '')),
    ['REFER -> charlie, bob to alice', '202 Accepted (REFER), alice to bob'],
  );
  assert.deepEqual(view.methods, ['ACK', 'BYE', 'INVITE', 'NOTIFY', 'REFER']);
});

test('what was cleared away is left out, its transfer as well', () => {
  const trace = blindTransfer().live();
  const none = viewOf(trace, { clearedBefore: trace.messages.length });
  assert.deepEqual([none.rows, none.diagram, none.transfers], [[], '', []]);
  assert.deepEqual(viewOf(trace, { clearedBefore: 4 }).rows[0]?.id, 'm5');
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

test('the name that a stranger calls reaches the diagram as text only', () => {
  const script = new CallScript();
  script
    .dialog('alice', 'bob', 'd1')
    .request('alice', 'INVITE', { sdp: 'sendrecv', uri: 'sip:%3Cscript%3E%3B%0Ap0-%3E%3Ep1%3A%20forged@127.0.0.12' });
  const view = viewOf(script.live());
  assert.equal(view.rows.length, 1);
  assert.equal(arrowsOf(view.diagram).length, 1);
  assert.match(view.diagram, /#lt;script#gt;#59;/);
  assert.doesNotMatch(view.diagram, /<script/);
});
