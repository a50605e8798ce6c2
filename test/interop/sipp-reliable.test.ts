import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';

test('a caller that requires 100rel: early media, PRACK, session timer, and a new name by UPDATE', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac-reliable', [{ name: 'bob', earlyMedia: true, behaviour: { kind: 'answer', after: 900 } }]);
  const sipp = await Sipp.start(run, { scenario: 'uac-reliable', calls: 'bob' });

  await run.until('Bob is talking to the reception', () => run.lab.calls.some(({ state, peer }) => state === 'connected' && peer === 'reception'));
  await run.until('and then to somebody else', () => run.callOf('bob').peer === 'boss');
  await run.must('bob hangup');

  const { code } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('a callee with reliable early media is acknowledged, and held before anybody answers', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uas-reliable', [{ name: 'alice' }]);
  const sipp = await Sipp.start(run, { scenario: 'uas-reliable' });

  await run.must(`alice place ${sipp.uri}`);
  await run.until('Alice hears herself, as SIPp sends her voice back', () => run.isHearing('alice', 'alice'));
  await run.must('alice hold');
  await run.until('it is answered', () => run.callOf('alice').state === 'connected');
  assert.equal(run.callOf('alice').holding, true);
  await run.must('alice hangup');

  const { code } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});
