import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallInfo, Leaks, PhoneOptions } from '../../../src/lab';
import { defaultTimers } from '../../../src/sip';
import { type LabRig, LabWorld } from '../../support/lab-rig';

/**
 * A lab is stopped at each message of a transfer in turn. One or two of the three phones belong to another lab, which plays
 * the peers: whatever the moment, they must not be left with half a call.
 */

const all = ['alice', 'bob', 'charlie'] as const;

interface Stage {
  readonly ours: LabRig;
  readonly peers: LabRig;
  /** The addresses of all phones. */
  readonly uri: (name: string) => string;
  /** The lab that a phone belongs to. */
  readonly rigOf: (name: string) => LabRig;
  /** Our lab's stop, once it has begun. */
  stopped?: Promise<Leaks>;
}

async function prepare(ownNames: readonly string[], answering: readonly string[]): Promise<Stage> {
  const world = new LabWorld();
  const options = (name: string): PhoneOptions => ({
    name,
    ...(answering.includes(name) && { behaviour: { kind: 'answer', after: 20 } }),
  });
  // Who calls into the void of the stopped lab gives up in 3.2 s instead of 32.
  const timers = { ...defaultTimers, t1: 50 };
  const ours = await world.lab(ownNames.map(options), { timers });
  const peers = await world.lab(all.filter((name) => !ownNames.includes(name)).map(options), { timers });
  const rigOf = (name: string): LabRig => (ownNames.includes(name) ? ours : peers);
  return { ours, peers, rigOf, uri: (name) => rigOf(name).lab.phone(name).uri };
}

/** A verb whose target is named: within a lab by name, else by URI, so that every distribution works. */
function begin(stage: Stage, phone: string, words: string): void {
  const line = words.replace(/@(\w+)/gu, (_, name: string) => stage.uri(name));
  void stage.rigOf(phone).begin(`${phone} ${line}`);
}

function live(rig: LabRig): readonly CallInfo[] {
  return rig.lab.calls.filter((call) => call.state !== 'ended');
}

/** Runs one transfer and stops our lab when the `moment`-th message has left; undefined when the transfer has fewer. */
async function stopAt(moment: number, stage: Stage, transfer: (stage: Stage) => Promise<void>): Promise<Leaks | undefined> {
  const { ours, peers } = stage;
  let seen = 0;
  for (const rig of [ours, peers]) {
    rig.lab.journal.on('entry', (entry) => {
      if (entry.kind !== 'packet' || entry.protocol !== 'sip' || entry.direction !== 'sent') return;
      seen += 1;
      // In the next microtask: nobody presses a button inside a state machine.
      if (seen !== moment) return;
      queueMicrotask(() => {
        stage.stopped = ours.lab.stop();
      });
    });
  }
  await transfer(stage).catch((error: unknown) => {
    if (stage.stopped === undefined) throw error; // else it broke off where the stop hit it
  });
  return stage.stopped && ours.world.drive(stage.stopped);
}

/** Calls that are not up on both of their sides. */
function halfCalls(peers: LabRig): readonly CallInfo[] {
  const up = live(peers).filter((call) => call.state === 'connected');
  return live(peers).filter(({ callId }) => up.filter((call) => call.callId === callId).length !== 2);
}

async function blind(stage: Stage): Promise<void> {
  const { ours, rigOf } = stage;
  begin(stage, 'alice', 'place @bob');
  await rigOf('bob').until(() => isUp(stage, 'bob', 1) && isUp(stage, 'alice', 1));
  begin(stage, 'bob', 'transfer to @charlie');
  await ours.until(() => isUp(stage, 'charlie', 1) && isUp(stage, 'bob', 0), 'bob transferred alice to charlie');
}

async function attended(stage: Stage): Promise<void> {
  const { ours, rigOf } = stage;
  begin(stage, 'alice', 'place @bob');
  await rigOf('bob').until(() => isUp(stage, 'bob', 1) && isUp(stage, 'alice', 1));
  begin(stage, 'bob', 'consult @charlie');
  await ours.until(() => isUp(stage, 'charlie', 1) && isUp(stage, 'bob', 2), 'bob consults charlie');
  begin(stage, 'bob', `attended-transfer @alice to @charlie`);
  await ours.until(() => isUp(stage, 'charlie', 1) && isUp(stage, 'bob', 0), 'bob transferred alice to charlie');
}

/** Whether the phone has so many calls, all up. Throws once our lab is stopping, to end a wait for what comes no more. */
function isUp({ rigOf, stopped }: Stage, phone: string, count: number): boolean {
  if (stopped !== undefined) throw new Error('the lab was stopped');
  const calls = live(rigOf(phone)).filter((call) => call.phone === phone);
  return calls.length === count && calls.every((call) => call.state === 'connected');
}

describe('a lab that is stopped during a transfer', () => {
  const kinds = { blind, attended };
  const distributions = [['bob'], ['alice'], ['charlie'], ['alice', 'bob'], ['alice', 'charlie'], ['bob', 'charlie']];
  for (const [kind, transfer] of Object.entries(kinds)) {
    for (const own of distributions) {
      it(`${kind}, with ${own.join(' and ')} in it, at any message: leaves nobody half a call`, async () => {
        let moments = 0;
        for (let moment = 1; ; moment += 1) {
          const stage = await prepare(own, ['bob', 'charlie']);
          const { ours, peers } = stage;
          const context = `stopped at message ${moment}`;
          const leaks = await stopAt(moment, stage, transfer);
          if (leaks === undefined) break;
          moments = moment;
          assert.deepEqual({ calls: leaks.calls, timers: leaks.timers }, { calls: 0, timers: 0 }, context);
          await ours.world.pass(1_000);
          await peers.until(() => halfCalls(peers).length === 0, `${context}: no half call is left`);
          if (own.length === 2) assert.deepEqual(live(peers), [], context);
          await peers.end(); // no socket is left on this network: ours has closed all of its own, too
        }
        assert.ok(moments > 15, `a transfer has more messages than ${moments}`);
      });
    }
  }
});
