import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, VirtualClock } from '../../../src/core';
import { Lab } from '../../../src/lab';
import { SimulatedNetwork } from '../../../src/net';
import { Coalesced } from '../../../src/vscode/lab/coalesced';
import { LabHost } from '../../../src/vscode/lab/lab-host';

function createLab(): Lab {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork({ clock, random: new SeededRandom(1), delay: { min: 1, max: 1 } });
  return new Lab({ network, clock, random: new SeededRandom(2), startedAt: new Date(0), phones: [{ name: 'alice' }] });
}

test('a lab lives from start to stop, and can be looked at until the next', async () => {
  const host = new LabHost(() => Promise.resolve(createLab()));
  assert.equal(host.phase, 'stopped');
  const first = await host.start();
  assert.equal(host.phase, 'running');
  assert.equal(host.runningLab, first);
  await host.stop();
  assert.equal(host.phase, 'stopped');
  assert.equal(host.runningLab, undefined);
  assert.equal(host.lab, first);
  const second = await host.start();
  assert.notEqual(second, first);
  await host.stop();
});

test('starting twice gives the same lab, stopping twice does no harm', async () => {
  let made = 0;
  const host = new LabHost(() => {
    made += 1;
    return Promise.resolve(createLab());
  });
  const [a, b] = await Promise.all([host.start(), host.start()]);
  assert.equal(a, b);
  assert.equal(made, 1);
  await Promise.all([host.stop(), host.stop()]);
  assert.equal(host.phase, 'stopped');
});

test('a stop that comes while the lab starts is not lost', async () => {
  const host = new LabHost(() => Promise.resolve(createLab()));
  const starting = host.start();
  const stopping = host.stop();
  await Promise.all([starting, stopping]);
  assert.equal(host.phase, 'stopped');
});

test('a lab that cannot be made leaves the host stopped, and the next start works', async () => {
  let isBroken = true;
  const host = new LabHost(() => (isBroken ? Promise.reject(new Error('no')) : Promise.resolve(createLab())));
  await assert.rejects(host.start(), /no/);
  assert.equal(host.phase, 'stopped');
  isBroken = false;
  await host.start();
  assert.equal(host.phase, 'running');
  await host.stop();
});

test('listeners hear whichever lab there is', async () => {
  const host = new LabHost(() => Promise.resolve(createLab()));
  const heard: string[] = [];
  host.on('state', (state) => heard.push(state));
  host.on('lab', () => heard.push('another lab'));
  await host.start();
  await host.stop();
  await host.start();
  await host.stop();
  assert.deepEqual(heard, ['another lab', 'running', 'stopped', 'another lab', 'running', 'stopped']);
});

test('the first request is met at once, a burst after it once', () => {
  const clock = new VirtualClock();
  const runs: number[] = [];
  const coalesced = new Coalesced(clock, 50, () => runs.push(clock.now()));
  coalesced.request();
  for (let now = 0; now < 5; now += 1) {
    clock.advance(5);
    coalesced.request();
  }
  clock.advance(200);
  assert.deepEqual(runs, [0, 50]);
  coalesced.request();
  assert.deepEqual(runs, [0, 50, 225]);
  clock.advance(1000);
  assert.equal(clock.pendingTimers, 0);
});

test('a request while it runs is met later, not within', () => {
  const clock = new VirtualClock();
  let runs = 0;
  const coalesced = new Coalesced(clock, 50, () => {
    runs += 1;
    if (runs < 3) coalesced.request();
  });
  coalesced.request();
  assert.equal(runs, 1);
  clock.advance(200);
  assert.equal(runs, 3);
});

test('nothing runs after it was disposed of', () => {
  const clock = new VirtualClock();
  let runs = 0;
  const coalesced = new Coalesced(clock, 50, () => void (runs += 1));
  coalesced.request();
  coalesced.request();
  coalesced.dispose();
  clock.advance(200);
  assert.equal(runs, 1);
  assert.equal(clock.pendingTimers, 0);
});
