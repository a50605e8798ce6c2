import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';

const done = { successful: 1, failed: 0, outgoing: 0, incoming: 1, unexpected: 0 };

test("a phone calls SIPp's own callee and hangs up", requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('Alice hears herself, as SIPp sends her voice back', () => run.isHearing('alice', 'alice'));
  await run.must('alice hangup');

  const call = run.callOf('alice');
  assert.deepEqual(run.statesOf(call.id), ['calling', 'ringing', 'connected', 'ended']);
  assert.deepEqual(call.end, { by: 'us', status: 200, text: 'hung up by us' });
  assert.deepEqual(run.heardBy('alice'), ['alice', '']);
  // SIPp lingers for 4 s after the BYE, in case its answer gets lost.
  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(statistics, done);
  await run.stopCleanly();
});

test('a callee rings and then is busy', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-busy', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-busy' });

  await run.must(`alice place ${sipp.uri}`);

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(statistics, done);
  const call = run.callOf('alice');
  assert.deepEqual(run.statesOf(call.id), ['calling', 'ringing', 'ended']);
  assert.deepEqual(call.end, { by: 'peer', status: 486, text: 'Busy Here' });
  await run.stopCleanly();
});

test('a callee never answers, and the caller gives up', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-silent', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-silent' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('it rings', () => run.callOf('alice').state === 'ringing');
  await run.must('alice hangup');

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(statistics, done);
  const call = run.callOf('alice');
  assert.deepEqual(run.statesOf(call.id), ['calling', 'ringing', 'ended']);
  assert.equal(call.end?.status, 487);
  assert.equal(run.lab.trace.calls[0]?.state, 'cancelled');
  await run.stopCleanly();
});

test('a callee never answers, and the ring limit ends the call', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-ring-limit', [{ name: 'alice', ringLimit: 300 }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-silent' });

  await run.must(`alice place ${sipp.uri}`);

  const { code } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.equal(run.callOf('alice').end?.status, 487);
  await run.stopCleanly();
});

test('an answer that crosses the CANCEL is hung up at once', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-too-late', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-answers-too-late' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('it rings', () => run.callOf('alice').state === 'ringing');
  await run.must('alice hangup');

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(statistics, done);
  assert.deepEqual(run.statesOf(run.callOf('alice').id), ['calling', 'ringing', 'ended']);
  await run.stopCleanly();
});

test('a callee sends the caller on to a phone', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-redirect', [
    { name: 'alice' },
    { name: 'charlie', behaviour: { kind: 'answer', after: 100 } },
  ]);
  const sipp = await Sipp.start(run, { scenario: 'uas-redirect', keys: { target: run.lab.phone('charlie').uri } });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('Alice and Charlie hear each other', () => run.isHearing('alice', 'charlie') && run.isHearing('charlie', 'alice'));

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(statistics, done);
  const transfer = await run.verdict();
  assert.deepEqual(
    [transfer.kind, transfer.transferor.name, transfer.transferee.name, transfer.target.name, transfer.verdict],
    ['redirect', 'sipp', 'alice', 'charlie', 'success'],
    transfer.reason,
  );
  await run.must('alice hangup');
  await run.stopCleanly();
});

test('a callee asks for credentials', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-challenge', [
    { name: 'alice', credentials: { username: 'alice', password: 'wonderland' } },
  ]);
  const sipp = await Sipp.start(run, { scenario: 'uas-challenge' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('the call is up', () => run.callOf('alice').state === 'connected');
  await run.must('alice hangup');

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.equal(statistics.successful, 1);
  await run.stopCleanly();
});

test('wrong credentials do not get through', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-challenge-wrong', [
    { name: 'alice', credentials: { username: 'alice', password: 'looking-glass' } },
  ]);
  const sipp = await Sipp.start(run, { scenario: 'uas-challenge' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('the call has failed', () => run.callOf('alice').state === 'ended');

  assert.equal(run.callOf('alice').end?.status, 403);
  await sipp.stop();
  await run.stopCleanly();
});

test('a CANCEL waits for the first response of a slow callee', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-slow', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-slow' });

  await run.must(`alice place ${sipp.uri}`);
  await run.must('alice hangup');

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(statistics, done);
  assert.deepEqual(run.labels, [
    'INVITE sipp',
    '100 Trying',
    'CANCEL',
    '200 OK (CANCEL)',
    '487 Request Terminated (INVITE)',
    'ACK',
  ]);
  await run.stopCleanly();
});

test('of several phones behind one address, the first to answer gets the call', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-forked', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-forked' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('Alice hears herself', () => run.isHearing('alice', 'alice'));
  await run.must('alice hangup');

  const { code } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(run.statesOf('alice/1'), ['calling', 'ringing', 'connected', 'ended']);
  await run.stopCleanly();
});

test('requests find their way through the proxies that want to see them', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-behind-proxies', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-behind-proxies' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('the call is up', () => run.callOf('alice').state === 'connected');
  await run.must('alice hangup');

  const { code } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  await run.stopCleanly();
});

test('a hold that meets a change of the callee is tried again', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-glare', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-glare' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('the call is up', () => run.callOf('alice').state === 'connected');
  await run.must('alice hold');
  assert.ok(run.callOf('alice').holding);
  await run.must('alice hangup');

  const { code } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  await run.stopCleanly();
});

test('a callee plays an announcement before answering', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-early-media', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-early-media' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('Alice hears herself', () => run.isHearing('alice', 'alice'));
  await run.until('it is answered', () => run.callOf('alice').state === 'connected');
  await run.must('alice hangup');

  const { code } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(run.statesOf('alice/1'), ['calling', 'ringing', 'connected', 'ended']);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});
