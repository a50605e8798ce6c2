import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../src/core';
import { PhoneTimers } from '../../../src/lab/phone-timers';
import { LabWorld } from '../../support/lab-rig';

test('a wait ends with its work, with its time, and when the phone is switched off; no timer stays', async () => {
  const clock = new VirtualClock();
  const timers = new PhoneTimers(clock);
  await timers.within(Promise.resolve(), 100);
  assert.equal(clock.pendingTimers, 0);
  const forEver = new Promise<void>(() => {});
  const late = timers.within(forEver, 100);
  clock.advance(100);
  await late;
  const switchedOff = timers.within(forEver, 100);
  timers.dispose();
  await switchedOff;
  assert.equal(clock.pendingTimers, 0);
});

test('an answer that waits for a call has an outcome when the lab is stopped', async () => {
  const { lab } = await new LabWorld().lab([{ name: 'alice' }]);
  const answer = lab.perform({ verb: 'answer', phone: 'alice' });
  await lab.stop();
  const outcome = await answer;
  assert.deepEqual([outcome.ok, outcome.code], [false, 'CL3002']);
});
