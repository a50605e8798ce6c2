import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LabRig, startLab } from '../../support/lab-rig';

/** Bob has answered alice, who talks already; her ACK is lost until the network heals. */
async function answered(): Promise<LabRig> {
  const rig = await startLab({ alice: { host: '127.0.0.11' }, bob: { host: '127.0.0.12' }, charlie: { host: '127.0.0.13', behaviour: { kind: 'answer', after: 0 } } });
  await rig.do('alice place bob');
  await rig.reaches('bob', 'incoming');
  rig.world.network.cut('127.0.0.11', '127.0.0.12');
  void rig.begin('bob answer');
  await rig.reaches('alice', 'connected');
  await rig.world.pass(300);
  assert.equal(rig.state('bob'), 'alice answering');
  return rig;
}

describe('a call that was answered, and whose ACK is late', () => {
  for (const line of ['bob hold', 'bob hold alice', 'bob dtmf 1', 'bob transfer alice to charlie']) {
    it(`can be acted on: "${line}" waits for it`, async () => {
      const rig = await answered();
      const outcome = rig.begin(line);
      await rig.world.pass(1_000);
      rig.world.network.heal();
      const { ok, text } = await rig.world.drive(outcome);
      assert.ok(ok, text);
      await rig.end();
    });
  }

  it('is put on hold before a second one is made, which keeps the voice when the ACK comes', async () => {
    const rig = await answered();
    const outcome = rig.begin('bob consult charlie');
    await rig.world.pass(1_000);
    assert.deepEqual(rig.calls('charlie'), []);
    rig.world.network.heal();
    assert.ok((await rig.world.drive(outcome)).ok);
    await rig.hears('charlie', 'bob');
    await rig.hears('bob', 'charlie');
    assert.equal(rig.state('bob'), 'alice connected holding, charlie connected');
    await rig.end();
  });

  it('is over when it never comes, and so is the wait', async () => {
    const rig = await answered();
    const { ok, text } = await rig.perform('bob hold');
    assert.equal(ok, false);
    assert.match(text, /bob has no call|the call/u);
    await rig.world.pass(70_000);
    rig.world.network.heal();
    await rig.end();
  });
});
