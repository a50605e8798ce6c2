import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { freePorts } from './support/ports';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';
import { roles } from './support/transfers';
import { poll } from './support/waiting';

async function finished(sipp: Sipp): Promise<void> {
  const { code, statistics } = await sipp.finished(20_000);
  assert.equal(code, 0, sipp.errors);
  assert.equal(statistics.successful, 1);
}

function answersTo(run: InteropRun, method: string): number {
  return run.labels.filter((label) => label === `200 OK (${method})`).length;
}

test('a stranger watches a phone and picks up what rings there', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-watch-and-pick-up', [{ name: 'alice' }, { name: 'bob', watchers: 'anybody' }]);
  const sipp = await Sipp.start(run, { scenario: 'uac-watch-and-pick-up', calls: 'bob' });
  await poll(() => answersTo(run, 'NOTIFY') === 1, 8_000, () => `Bob is watched; ${run.labels.join(' | ')}`);

  await run.must('alice place bob');
  await run.until('Alice hears herself, as SIPp sends her voice back', () => run.isHearing('alice', 'alice'), 10_000);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['pick-up', 'bob', 'alice', 'script']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.deepEqual(run.statesOf('bob/1'), ['incoming', 'ended']);
  // SIPp hears that the call at Bob is over, and watches no more, before it would be hung up on.
  await poll(() => answersTo(run, 'SUBSCRIBE') === 2, 8_000, () => `Bob is watched no more; ${run.labels.join(' | ')}`);
  await run.must('alice hangup');
  await finished(sipp);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('a phone that may not be watched tells a stranger nothing, whether or not it rings', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-watch-refused', [{ name: 'alice' }, { name: 'bob' }]);
  const sipp = await Sipp.start(run, { scenario: 'uac-watch-and-pick-up', calls: 'bob' });
  const { code } = await sipp.finished(20_000);

  assert.notEqual(code, 0);
  assert.deepEqual(run.labels.slice(0, 2), ['SUBSCRIBE dialog', '403 Forbidden (SUBSCRIBE)']);
  await run.stopCleanly();
});

test('a phone watches another and picks up the call of a stranger that rings there', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-is-picked-up', [{ name: 'bob' }, { name: 'charlie', watches: ['bob'] }]);
  const port = await freePorts();
  const taken = await Sipp.start(run, { scenario: 'uas-is-picked-up', keys: { other: String(port) } });
  const caller = await Sipp.start(run, { scenario: 'uac-is-picked-up', calls: 'bob', port, keys: { other: String(taken.port) } });

  await run.until('Charlie sees that it rings at Bob', () => run.lab.phone('bob').calls.length === 1);
  await run.must('charlie pick-up bob');
  await run.until('Charlie hears himself, as SIPp sends his voice back', () => run.isHearing('charlie', 'charlie'));
  await finished(caller);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['pick-up', 'bob', 'script', 'charlie']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  await run.until('Bob is called no more', () => run.callOf('bob').state === 'ended');
  await run.must('charlie hangup');
  await finished(taken);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});
