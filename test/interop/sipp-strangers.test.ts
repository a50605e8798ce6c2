import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';

const answering = { kind: 'answer', after: 100 } as const;
const users = [{ username: 'guest', password: 'secret' }];

test('a phone asks a caller for credentials', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac-auth', [
    { name: 'bob', behaviour: answering, laws: ['pcma'], requires: { realm: 'lab', users } },
  ]);
  const sipp = await Sipp.start(run, { scenario: 'uac-auth', calls: 'bob', args: ['-au', 'guest', '-ap', 'secret'] });

  await run.until('Bob hears himself, in the only law they have in common', () => run.isHearing('bob', 'bob'));
  await run.must('bob hangup');

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.equal(statistics.successful, 1);
  assert.equal(run.lab.calls.length, 1);
  await run.stopCleanly();
});

test('a caller with a wrong password does not reach the person', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac-auth-wrong', [
    { name: 'bob', behaviour: answering, requires: { realm: 'lab', users } },
  ]);
  const sipp = await Sipp.start(run, { scenario: 'uac-auth', calls: 'bob', args: ['-au', 'guest', '-ap', 'guessed'] });

  const { code } = await sipp.finished();

  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(run.lab.calls, []);
  assert.deepEqual(
    run.labels.filter((label) => !label.startsWith('100')),
    ['INVITE bob', '401 Unauthorized (INVITE)', 'ACK', 'INVITE bob', '401 Unauthorized (INVITE)', 'ACK'],
  );
  await run.stopCleanly();
});

test('a caller lets the phone make the offer', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac-offer-in-answer', [{ name: 'bob', behaviour: answering }]);
  const sipp = await Sipp.start(run, { scenario: 'uac-offer-in-answer', calls: 'bob' });

  await run.until('Bob hears himself', () => run.isHearing('bob', 'bob'));
  await run.must('bob hangup');

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.equal(statistics.successful, 1);
  assert.deepEqual(run.statesOf(run.callOf('bob').id), ['incoming', 'answering', 'connected', 'ended']);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('a script transfers a phone, with the oddities of scripts', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac-refer', [
    { name: 'alice', behaviour: answering },
    { name: 'charlie', behaviour: answering },
  ]);
  const sipp = await Sipp.start(run, { scenario: 'uac-refer', calls: 'alice', keys: { target: run.lab.phone('charlie').uri } });

  await run.until('Alice and Charlie hear each other', () => run.isHearing('alice', 'charlie') && run.isHearing('charlie', 'alice'));

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.equal(statistics.successful, 1);
  const transfer = await run.verdict();
  assert.deepEqual(
    [transfer.kind, transfer.transferor.name, transfer.transferee.name, transfer.target.name, transfer.verdict],
    ['blind', 'script', 'alice', 'charlie', 'success'],
    transfer.reason,
  );
  assert.equal(transfer.reason, 'Alice talks to Charlie; Script has left.');
  assert.deepEqual(transfer.progress.at(-1)?.status, 200);
  await run.until("the script's call is over", () => run.callOf('alice').state === 'ended');
  await run.must('charlie hangup');
  await run.stopCleanly();
});

test('a script transfers a phone to somebody busy, and hangs up', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac-refer-busy', [
    { name: 'alice', behaviour: answering },
    { name: 'charlie', behaviour: { kind: 'busy' } },
  ]);
  const sipp = await Sipp.start(run, { scenario: 'uac-refer', calls: 'alice', keys: { target: run.lab.phone('charlie').uri } });

  const { code } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  const transfer = await run.verdict();
  assert.equal(transfer.verdict, 'failed');
  await run.until('all calls are over', () => run.lab.calls.every((call) => call.state === 'ended'));
  assert.match(transfer.reason, /^Charlie was busy \(486\), and Script has hung up on Alice/u);
  await run.stopCleanly();
});

test('a PBX asks for offers, and holds by its answers', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac-hold-by-answer', [{ name: 'bob', behaviour: answering }]);
  const sipp = await Sipp.start(run, { scenario: 'uac-hold-by-answer', calls: 'bob' });

  const { code } = await sipp.finished();

  assert.equal(code, 0, sipp.errors);
  await run.until('the call is over', () => run.callOf('bob').state === 'ended');
  assert.deepEqual(run.heldOf('bob/1'), [false, true, false]);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});
