import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { Linphone } from './support/linphone';
import { loopbackAddress } from './support/ports';
import { InteropRun } from './support/run';
import { hears, linphoneConsultsAndTransfers, roles, talk } from './support/transfers';

const answering = { kind: 'answer', after: 100 } as const;
const peer = requirePeer('linphone-daemon');

test('linphone transfers a phone to another', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-transferor', [
    { name: 'alice', behaviour: answering },
    { name: 'bob', behaviour: answering },
  ]);
  const linphone = await Linphone.start(run);

  const call = await linphone.call(run.lab.phone('alice').uri);
  await hears(run, 'alice', linphone, call);
  await linphone.command(`call-transfer ${call} ${run.lab.phone('bob').uri}`);
  await talk(run, 'alice', 'bob');
  await linphone.until('Released', call);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'linphone', 'alice', 'bob']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.equal(transfer.reason, 'Alice talks to Bob; Linphone has left.');
  assert.equal(transfer.progress.at(-1)?.status, 200);
  assert.equal(run.callOf('bob').transferredBy, 'linphone');
  await run.must('alice hangup bob');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('linphone is transferred from a phone to another', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-transferee', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const linphone = await Linphone.start(run, { answers: true });

  await run.must(`alice place ${linphone.uri}`);
  await hears(run, 'alice', linphone, (await linphone.until('IncomingReceived')).call);
  await run.must('alice transfer linphone to bob');
  await hears(run, 'bob', linphone, (await linphone.until('OutgoingInit')).call);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'alice', 'linphone', 'bob']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.equal(transfer.reason, 'Linphone talks to Bob; Alice has left (the media was not measured).');
  assert.deepEqual(run.statesOf('alice/1'), ['calling', 'connected', 'ended']);
  assert.equal(run.callOf('bob').transferredBy, 'alice');
  await run.must('bob hangup');
  await linphone.until('Released', '2');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('a phone is transferred to linphone', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-target', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const linphone = await Linphone.start(run, { answers: true });

  await run.must('alice place bob');
  await talk(run, 'alice', 'bob');
  await run.must(`bob transfer alice to ${linphone.uri}`);
  await hears(run, 'alice', linphone, (await linphone.until('IncomingReceived')).call);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'bob', 'alice', 'linphone']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  await run.must('alice hangup linphone');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('linphone transfers a phone to the other with whom it talks', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-transferor-attended', [
    { name: 'alice', behaviour: answering },
    { name: 'bob', host: loopbackAddress(), port: 5060, behaviour: answering },
  ]);
  const linphone = await Linphone.start(run);

  const transfer = await linphoneConsultsAndTransfers(run, linphone, { alice: run.lab.phone('alice').uri, bob: run.lab.phone('bob').uri });
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.equal(transfer.reason, 'Alice talks to Bob; Linphone has left.');
  assert.deepEqual(run.heldOf('alice/1'), [false, true, false]);
  assert.deepEqual(run.statesOf('bob/1'), ['incoming', 'answering', 'connected', 'ended']);
  await run.must('alice hangup bob');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('linphone is transferred to the other with whom a phone talks', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-transferee-attended', [
    { name: 'alice', behaviour: answering },
    { name: 'bob', behaviour: answering },
  ]);
  const linphone = await Linphone.start(run);

  await hears(run, 'alice', linphone, await linphone.call(run.lab.phone('alice').uri));
  await run.must('alice attended-transfer linphone to bob');
  await hears(run, 'bob', linphone, '2');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'alice', 'linphone', 'bob']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  await run.until('Alice has left both calls', () => run.lab.phone('alice').calls.every(({ state }) => state === 'ended'));
  await run.must('bob hangup linphone');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('a phone is transferred to linphone, with whom another talks', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-target-attended', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const linphone = await Linphone.start(run, { answers: true });

  await run.must('alice place bob');
  await talk(run, 'alice', 'bob');
  await run.must(`alice attended-transfer bob to ${linphone.uri}`);
  await hears(run, 'bob', linphone, '2');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'alice', 'bob', 'linphone']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  await linphone.until('Released', '1');
  // Its Contact has no user, so Bob knows it by its address.
  await run.must('bob hangup bob/2');
  await linphone.until('Released', '2');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('linphone keeps the call whose transfer failed', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-transferor-busy', [
    { name: 'alice', behaviour: answering },
    { name: 'bob', behaviour: { kind: 'busy' } },
  ]);
  const linphone = await Linphone.start(run);

  const call = await linphone.call(run.lab.phone('alice').uri);
  await linphone.until('StreamsRunning', call);
  await linphone.command(`call-transfer ${call} ${run.lab.phone('bob').uri}`);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'linphone', 'alice', 'bob']);
  assert.equal(transfer.verdict, 'failed');
  assert.equal(transfer.progress.at(-1)?.status, 486);
  assert.match(transfer.reason, /^Bob was busy \(486\)/u);
  await hears(run, 'alice', linphone, call);
  await linphone.command(`terminate ${call}`);
  await run.until('the call is over', () => run.callOf('alice').state === 'ended');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('linphone refuses the call it is to get, and the phone goes back', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-target-declines', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);
  const linphone = await Linphone.start(run);

  await run.must('alice place bob');
  await talk(run, 'alice', 'bob');
  const outcome = run.perform(`bob transfer alice to ${linphone.uri}`);
  const { call } = await linphone.until('IncomingReceived');
  await linphone.command(`terminate ${call}`);

  assert.equal((await outcome).ok, false);
  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'bob', 'alice', 'linphone']);
  assert.equal(transfer.verdict, 'failed');
  assert.equal(transfer.progress.at(-1)?.status, 603);
  await talk(run, 'alice', 'bob');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('linphone and a phone hold each other', peer, async (context) => {
  const run = await InteropRun.start(context, 'linphone-hold', [{ name: 'alice', behaviour: answering }]);
  const linphone = await Linphone.start(run);

  const call = await linphone.call(run.lab.phone('alice').uri);
  await hears(run, 'alice', linphone, call);
  await linphone.command(`call-pause ${call}`);
  await run.until('Alice is held', () => run.callOf('alice').held);
  await linphone.until('Paused', call);
  await linphone.command(`call-resume ${call}`);
  await run.until('Alice is held no more', () => !run.callOf('alice').held);
  await run.must('alice hold');
  await linphone.until('PausedByRemote', call);
  await run.must('alice resume');
  await hears(run, 'alice', linphone, call);
  await run.must('alice hangup');
  await linphone.until('Released', call);

  assert.deepEqual(run.heldOf('alice/1'), [false, true, false]);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});
