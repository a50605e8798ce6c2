import assert from 'node:assert/strict';
import test from 'node:test';
import type { TraceDialog, Transfer } from '../../src/trace';
import { requirePeer } from '../support/peers';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';

const answering = { kind: 'answer', after: 100 } as const;

function roles({ kind, transferor, transferee, target }: Transfer): readonly string[] {
  return [kind, transferor.name, transferee.name, target.name];
}

/** The value of Replaces (RFC 3891 section 3) that names a dialog to its caller, or to its callee. */
function replaces({ callId, callerTag, calleeTag }: TraceDialog, receiver: 'caller' | 'callee'): string {
  const [toTag, fromTag] = receiver === 'caller' ? [callerTag, calleeTag] : [calleeTag, callerTag];
  return `${callId};to-tag=${toTag};from-tag=${fromTag}`;
}

/** Alice calls Bob, whose phone rings. */
async function ringingCall(run: InteropRun): Promise<TraceDialog> {
  await run.must('alice place bob');
  await run.until('it rings', () => run.callOf('alice').state === 'ringing');
  return run.lab.trace.dialogs[0]!;
}

async function finished(sipp: Sipp): Promise<void> {
  const { code, statistics } = await sipp.finished(20_000);
  assert.equal(code, 0, sipp.errors);
  assert.equal(statistics.successful, 1);
}

test('a stranger picks up the call that a phone is placing', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-pick-up', [{ name: 'alice' }, { name: 'bob' }]);
  const dialog = await ringingCall(run);

  const sipp = await Sipp.start(run, { scenario: 'uac-pick-up', calls: 'alice', keys: { replaces: replaces(dialog, 'caller') } });
  await run.until('Alice hears herself, as SIPp sends her voice back', () => run.isHearing('alice', 'alice'));

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['pick-up', 'bob', 'alice', 'thief']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.match(transfer.reason, /^Alice talks to Thief, who picked up the call to Bob/u);
  await run.until('Bob is called no more', () => run.callOf('bob').state === 'ended');
  assert.deepEqual(run.statesOf('bob/1'), ['incoming', 'ended']);
  await run.must('alice hangup thief');
  await finished(sipp);
  await run.stopCleanly();
});

test('a stranger picks up a call that has been answered: it is busy, and goes on', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-pick-up-answered', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  await run.must('alice place bob');
  await run.until('Alice and Bob hear each other', () => run.isHearing('alice', 'bob') && run.isHearing('bob', 'alice'));

  const value = replaces(run.lab.trace.dialogs[0]!, 'caller');
  await finished(await Sipp.start(run, { scenario: 'uac-pick-up-refused', calls: 'alice', keys: { replaces: value } }));

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['pick-up', 'bob', 'alice', 'thief']);
  assert.equal(transfer.reason, 'The call had already been answered (486), and Alice and Bob are talking.');
  assert.ok(run.isHearing('alice', 'bob'));
  await run.must('alice hangup');
  await run.stopCleanly();
});

test('a stranger asks the callee for a call that only its caller may give, or mixes up the tags', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-pick-up-wrong', [{ name: 'alice' }, { name: 'bob' }]);
  const dialog = await ringingCall(run);

  // RFC 3891 section 3: an early dialog that the receiver did not begin, and one that does not exist, draw the same 481.
  const attempts = [
    { calls: 'bob', keys: { replaces: replaces(dialog, 'callee') } },
    { calls: 'alice', keys: { replaces: replaces(dialog, 'callee') } },
  ];
  for (const attempt of attempts) await finished(await Sipp.start(run, { scenario: 'uac-pick-up-refused', ...attempt }));

  const statuses = run.lab.trace.calls.slice(1).map(({ final }) => final?.sip?.kind === 'response' && final.sip.status);
  assert.deepEqual(statuses, [481, 481]);
  assert.equal(run.callOf('alice').state, 'ringing');
  assert.equal(run.callOf('bob').state, 'incoming');
  await run.must('alice hangup');
  await run.until('all calls are over', () => run.lab.calls.every((call) => call.state === 'ended'));
  await run.stopCleanly();
});

test('a script transfers a phone to another with whom it talks', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-refer-attended', [
    { name: 'alice', behaviour: answering },
    { name: 'charlie', behaviour: answering },
  ]);
  const consultation = await Sipp.start(run, { scenario: 'uac-consults', calls: 'charlie' });
  await run.until('Charlie has answered', () => run.lab.phone('charlie').calls[0]?.state === 'connected');

  const value = replaces(run.lab.trace.dialogs[0]!, 'callee');
  const target = `${run.lab.phone('charlie').uri}?Replaces=${encodeURIComponent(value)}`;
  const sipp = await Sipp.start(run, { scenario: 'uac-refer-attended', calls: 'alice', keys: { target } });
  await run.until('Alice and Charlie hear each other', () => run.isHearing('alice', 'charlie') && run.isHearing('charlie', 'alice'), 10_000);
  await finished(sipp);
  await finished(consultation);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'script', 'alice', 'charlie']);
  assert.equal(transfer.reason, 'Alice talks to Charlie; Script has left.');
  assert.deepEqual(run.heldOf('alice/1'), [false, true, false]);
  assert.deepEqual(run.statesOf('charlie/1'), ['incoming', 'answering', 'connected', 'ended']);
  assert.deepEqual(run.statesOf('alice/2'), ['calling', 'connected']);
  await run.must('charlie hangup alice');
  await run.stopCleanly();
});

test('a script transfers a phone to another that does not know the call', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-refer-attended-481', [
    { name: 'alice', behaviour: answering },
    { name: 'charlie', behaviour: answering },
  ]);
  const consultation = await Sipp.start(run, { scenario: 'uac-consults', calls: 'charlie' });
  await run.until('Charlie has answered', () => run.lab.phone('charlie').calls[0]?.state === 'connected');

  // The tags the wrong way round: the most frequent mistake in the field (reference 15.5).
  const value = replaces(run.lab.trace.dialogs[0]!, 'caller');
  const target = `${run.lab.phone('charlie').uri}?Replaces=${encodeURIComponent(value)}`;
  await finished(await Sipp.start(run, { scenario: 'uac-refer-attended', calls: 'alice', keys: { target } }));

  const transfer = await run.verdict();
  assert.equal(transfer.verdict, 'failed');
  assert.match(transfer.reason, /^Charlie knew no call to be replaced \(481: .*tags/u);
  assert.equal(run.callOf('charlie').state, 'connected', 'the consultation call goes on');
  await run.must('charlie hangup');
  await finished(consultation);
  await run.until('all calls are over', () => run.lab.calls.every((call) => call.state === 'ended'));
  await run.stopCleanly();
});

test('a script is transferred to a phone with whom another talks', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-referred-attended', [
    { name: 'bob', behaviour: answering },
    { name: 'charlie', behaviour: answering },
  ]);
  const sipp = await Sipp.start(run, { scenario: 'uac-referred-attended', calls: 'bob' });
  await run.until('Bob has answered', () => run.lab.phone('bob').calls[0]?.state === 'connected');
  await run.must('bob attended-transfer script to charlie');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'bob', 'script', 'charlie']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.deepEqual(run.statesOf('charlie/1'), ['incoming', 'answering', 'connected', 'ended']);
  await run.until('Charlie hears himself, as SIPp sends his voice back', () => run.isHearing('charlie', 'charlie'));
  await run.must('charlie hangup script');
  await finished(sipp);
  await run.stopCleanly();
});

test('a script goes where a phone sends it', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-follows', [{ name: 'bob' }, { name: 'charlie', behaviour: answering }]);
  const sipp = await Sipp.start(run, { scenario: 'uac-follows', calls: 'bob' });
  await run.until('Bob is called', () => run.lab.phone('bob').calls.length === 1);
  await run.must('bob redirect to charlie');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['redirect', 'bob', 'script', 'charlie']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  await run.until('Charlie hears himself, as SIPp sends his voice back', () => run.isHearing('charlie', 'charlie'));
  await run.must('charlie hangup');
  await finished(sipp);
  await run.stopCleanly();
});

test('a phone tries the places that a callee names, the best one first', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-redirect-several', [
    { name: 'alice' },
    { name: 'bob', behaviour: { kind: 'busy' } },
    { name: 'charlie', behaviour: answering },
  ]);
  const keys = { better: run.lab.phone('bob').uri, worse: run.lab.phone('charlie').uri };
  const sipp = await Sipp.start(run, { scenario: 'uas-redirect-several', keys });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('Alice and Charlie hear each other', () => run.isHearing('alice', 'charlie') && run.isHearing('charlie', 'alice'));

  await finished(sipp);
  const invited = run.labels.filter((label) => label.startsWith('INVITE'));
  assert.deepEqual(invited, ['INVITE sipp', 'INVITE bob', 'INVITE charlie']);
  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['redirect', 'sipp', 'alice', 'charlie']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  await run.must('alice hangup');
  await run.stopCleanly();
});
