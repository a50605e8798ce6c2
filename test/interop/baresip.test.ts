import assert from 'node:assert/strict';
import test from 'node:test';
import type { Transfer } from '../../src/trace';
import { requirePeer } from '../support/peers';
import { Baresip, baresipTone } from './support/baresip';
import { InteropRun } from './support/run';
import { isSentTone } from './support/stranger-audio';
import { poll } from './support/waiting';

const answering = { kind: 'answer', after: 100 } as const;

function roles({ kind, transferor, transferee, target }: Transfer): readonly string[] {
  return [kind, transferor.name, transferee.name, target.name];
}

/** The phone and baresip hear each other: the phone gets baresip's tone, and baresip says that it gets audio. */
async function areTalking(run: InteropRun, phone: string, baresip: Baresip, streams: number): Promise<void> {
  await poll(() => isSentTone(run.lab.journal, phone, baresipTone), 5_000, () => `${phone} gets the tone of baresip`);
  await poll(
    () => baresip.eventTypes.filter((type) => type === 'CALL_RTPESTAB').length === streams,
    5_000,
    () => `baresip gets audio in ${String(streams)} calls\n${baresip.log}`,
  );
}

test('baresip transfers a phone to another', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-transferor', [
    { name: 'alice', behaviour: answering },
    { name: 'bob', behaviour: answering },
  ]);
  const baresip = await Baresip.start(run);

  await baresip.command('dial', run.lab.phone('alice').uri);
  await areTalking(run, 'alice', baresip, 1);
  await baresip.command('transfer', run.lab.phone('bob').uri);
  await run.until('Alice and Bob hear each other', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  await baresip.until('CALL_CLOSED');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'baresip', 'alice', 'bob']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  // Both parties are phones of the lab, so this is measured.
  assert.equal(transfer.reason, 'Alice talks to Bob; Baresip has left.');
  assert.deepEqual(transfer.progress.map(({ status }) => status), [100, 180, 200]);
  assert.equal(baresip.events.at(-1)?.param, 'Call transfered');
  assert.deepEqual(run.statesOf('alice/1'), ['incoming', 'answering', 'connected', 'ended']);
  assert.deepEqual(run.statesOf('alice/2'), ['calling', 'ringing', 'connected']);
  assert.deepEqual(run.statesOf('bob/1'), ['incoming', 'answering', 'connected']);
  assert.equal(run.callOf('alice').end?.by, 'peer');

  await run.must('alice hangup bob');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('baresip is transferred from a phone to another', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-transferee', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const baresip = await Baresip.start(run, { answers: true });

  await run.must(`alice place ${baresip.uri}`);
  await run.until('baresip has answered', () => run.callOf('alice').state === 'connected');
  await areTalking(run, 'alice', baresip, 1);
  await run.must('alice transfer baresip to bob');
  await areTalking(run, 'bob', baresip, 2);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'alice', 'baresip', 'bob']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.equal(transfer.reason, 'Baresip talks to Bob; Alice has left (the media was not measured).');
  assert.deepEqual(transfer.progress.map(({ status }) => status), [100, 200]);
  assert.ok(baresip.eventTypes.includes('TRANSFER'));
  assert.deepEqual(run.statesOf('alice/1'), ['calling', 'ringing', 'connected', 'ended']);
  assert.deepEqual(run.statesOf('bob/1'), ['incoming', 'answering', 'connected']);
  assert.equal(run.callOf('bob').transferredBy, undefined, 'baresip 1.0 sends no Referred-By');
  assert.deepEqual(run.lab.phone('bob').hears.phones, []);

  await run.must('bob hangup');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('a phone is transferred to baresip', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-target', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const baresip = await Baresip.start(run, { answers: true });

  await run.must('alice place bob');
  await run.until('Alice and Bob hear each other', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  await run.must(`bob transfer alice to ${baresip.uri}`);
  await areTalking(run, 'alice', baresip, 1);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'bob', 'alice', 'baresip']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.equal(transfer.reason, 'Alice talks to Baresip; Bob has left (the media was not measured).');
  assert.equal(transfer.progress.at(-1)?.status, 200);
  assert.deepEqual(run.statesOf('bob/1'), ['incoming', 'answering', 'connected', 'ended']);
  assert.deepEqual(run.statesOf('alice/1'), ['calling', 'ringing', 'connected', 'ended']);
  assert.deepEqual(run.statesOf('alice/2'), ['calling', 'ringing', 'connected']);
  await run.until('Alice hears Bob no more', () => !run.isHearing('alice', 'bob'));

  await run.must('alice hangup baresip');
  await baresip.until('CALL_CLOSED');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('baresip hangs up when the target of its transfer is busy', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-transferor-busy', [
    { name: 'alice', behaviour: answering },
    { name: 'bob', behaviour: { kind: 'busy' } },
  ]);
  const baresip = await Baresip.start(run);

  await baresip.command('dial', run.lab.phone('alice').uri);
  await baresip.until('CALL_ESTABLISHED');
  await baresip.command('transfer', run.lab.phone('bob').uri);
  await baresip.until('TRANSFER_FAILED');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'baresip', 'alice', 'bob']);
  assert.equal(transfer.verdict, 'failed');
  assert.equal(transfer.progress.at(-1)?.status, 486);
  await run.until('all calls are over', () => run.lab.calls.every((call) => call.state === 'ended'));
  assert.equal(transfer.reason, 'Bob was busy (486), and Baresip has hung up on Alice.');
  await run.stopCleanly();
});

test('baresip refuses the call it is to get, and the phone goes back', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-target-busy', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const baresip = await Baresip.start(run);

  await run.must('alice place bob');
  await run.until('Alice and Bob hear each other', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  const outcome = run.perform(`bob transfer alice to ${baresip.uri}`);
  await baresip.until('CALL_INCOMING');
  await baresip.command('hangup');

  assert.equal((await outcome).ok, false);
  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'bob', 'alice', 'baresip']);
  assert.equal(transfer.verdict, 'failed');
  // Its reason phrase is its own: "486 Rejected".
  assert.equal(transfer.progress.at(-1)?.status, 486);
  await run.until('Alice and Bob hear each other again', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  assert.equal(transfer.reason, 'Baresip was busy (486), and Alice and Bob are talking again.');
  await run.stopCleanly();
});

test('baresip holds a phone and resumes', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-hold', [{ name: 'alice', behaviour: answering }]);
  const baresip = await Baresip.start(run);

  await baresip.command('dial', run.lab.phone('alice').uri);
  await areTalking(run, 'alice', baresip, 1);
  await baresip.command('hold');
  await run.until('Alice is held', () => run.callOf('alice').held);
  await baresip.command('resume');
  await run.until('Alice is held no more', () => !run.callOf('alice').held);
  await run.must('alice hold');
  await run.must('alice resume');
  await run.must('alice hangup');
  await baresip.until('CALL_CLOSED');

  assert.deepEqual(run.heldOf('alice/1'), [false, true, false]);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('baresip transfers over TCP', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-transferor-tcp', [
    { name: 'alice', behaviour: answering },
    { name: 'bob', behaviour: answering },
  ]);
  const baresip = await Baresip.start(run);

  await baresip.command('dial', `${run.lab.phone('alice').uri};transport=tcp`);
  await areTalking(run, 'alice', baresip, 1);
  await baresip.command('transfer', `${run.lab.phone('bob').uri};transport=tcp`);
  await run.until('Alice and Bob hear each other', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  await baresip.until('CALL_CLOSED');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'baresip', 'alice', 'bob']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  // baresip 1.0 writes the Refer-To without brackets, so its transport parameter is none of the URI's (RFC 3261 section 20.10).
  const transports = ['alice/1', 'alice/2'].map((id) => {
    const { callId } = run.lab.calls.find((call) => call.id === id)!;
    return [...new Set(run.lab.trace.messages.filter(({ sip }) => sip?.callId === callId).map(({ transport }) => transport))];
  });
  assert.deepEqual(transports, [['tcp'], ['udp']]);
  await run.must('alice hangup bob');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('baresip cannot take over a call, and nobody is lost', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-attended', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const baresip = await Baresip.start(run, { answers: true });

  await run.must('alice place bob');
  await run.until('Alice and Bob hear each other', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  await run.must(`bob consult ${baresip.uri}`);
  await run.until('baresip has answered', () => run.callOf('bob', 1).state === 'connected');
  const outcome = await run.perform('bob attended-transfer alice to baresip');

  assert.equal(outcome.ok, false);
  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'bob', 'alice', 'baresip']);
  assert.equal(transfer.verdict, 'failed');
  assert.equal(transfer.reason, "Baresip's phone cannot take over a call (420), and Alice is still on hold.");
  await run.must('bob hangup baresip');
  await run.must('bob resume alice');
  await run.until('Alice and Bob hear each other again', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  assert.equal(transfer.reason, "Baresip's phone cannot take over a call (420), and Alice and Bob are talking again.");
  await run.stopCleanly();
});

// baresip 1.0 has no attended transfer of its own, and knows no Replaces: what is left to try is that nobody is lost by it.

test('baresip cannot be transferred into the call of another, and nobody is lost', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-transferee-attended', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const baresip = await Baresip.start(run, { answers: true });

  await run.must(`alice place ${baresip.uri}`);
  await areTalking(run, 'alice', baresip, 1);
  const outcome = await run.perform('alice attended-transfer baresip to bob');

  // It copies the Refer-To, headers and all, into its Request-URI, where none may stand (RFC 3261 section 19.1.1).
  assert.equal(outcome.ok, false);
  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'alice', 'baresip', 'bob']);
  assert.equal(transfer.verdict, 'failed');
  assert.equal(transfer.progress.at(-1)?.status, 400);
  await run.until('Alice and Bob hear each other', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));
  await run.must('alice hangup bob');
  await run.must('alice resume baresip');
  await run.must('alice hangup baresip');
  await baresip.until('CALL_CLOSED');
  assert.deepEqual(run.problems.map(({ phone, code }) => [phone, code]), [['bob', 'CL2001']]);
  await run.stopCleanly();
});
