import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LabRig, LabWorld } from '../../support/lab-rig';

/** Our bob, and peers that may vanish; each in a place of its own. */
async function prepare(): Promise<{ readonly ours: LabRig; readonly peers: LabRig; readonly world: LabWorld }> {
  const world = new LabWorld();
  const ours = await world.lab([{ name: 'bob', host: '127.0.0.1' }]);
  const peers = await world.lab([
    { name: 'alice', host: '127.0.0.2', behaviour: { kind: 'answer', after: 10 } },
    { name: 'charlie', host: '127.0.0.3', behaviour: { kind: 'answer', after: 10 } },
  ]);
  await ours.do(`bob place ${peers.lab.phone('alice').uri}`);
  await ours.reaches('bob', 'connected');
  await peers.reaches('alice', 'connected');
  return { ours, peers, world };
}

describe('a peer that is gone without a word', () => {
  it('when it is put on hold: the call ends after 32 s, and the phone is free', async () => {
    const { ours, world } = await prepare();
    world.network.crash('127.0.0.2');
    await ours.fails('bob hold', 'CL3004', 'alice could not be put on hold: 408 No answer from the other side');
    await ours.until(() => ours.calls('bob').length === 0);
    assert.equal(ours.lab.calls[0]?.end?.by, 'network');
    await ours.stop();
  });

  it('when it is hung up: the verb works at once, and nothing is left', async () => {
    const { ours, world } = await prepare();
    world.network.crash('127.0.0.2');
    await ours.do('bob hangup');
    assert.equal(ours.state('bob'), '');
    await world.pass(40_000);
    await ours.stop();
  });

  it('when it is to be transferred: the transfer fails, and the call is over', async () => {
    const { ours, peers, world } = await prepare();
    world.network.crash('127.0.0.2');
    await ours.fails(`bob transfer to ${peers.lab.phone('charlie').uri}`, 'CL3005', /alice was not transferred to/u);
    await ours.until(() => ours.calls('bob').length === 0);
    await ours.stop();
  });

  it('as the target of a consultation: the first call can be taken back', async () => {
    const { ours, peers, world } = await prepare();
    await ours.do(`bob consult ${peers.lab.phone('charlie').uri}`);
    await ours.until(() => ours.state('bob') === 'alice connected holding, charlie connected');
    world.network.crash('127.0.0.3');
    await ours.fails('bob attended-transfer alice to charlie', 'CL3005', /alice was not transferred to charlie: /u);
    await ours.do('bob hangup charlie', 'bob resume alice');
    assert.equal(ours.state('bob'), 'alice connected');
    await ours.stop();
  });

  it('when the lab stops: it waits no longer than it was told, and leaves nothing', async () => {
    const { ours, world } = await prepare();
    world.network.crash('127.0.0.2');
    const before = world.clock.now();
    await ours.stop();
    assert.ok(world.clock.now() - before <= 5_100);
  });

  it('and comes back: a partition shorter than 32 s is not noticed', async () => {
    const { ours, peers, world } = await prepare();
    world.network.partition('127.0.0.1', '127.0.0.2');
    const holding = ours.begin('bob hold');
    await world.pass(10_000);
    assert.equal(ours.state('bob'), 'alice connected');
    world.network.heal();
    assert.ok((await world.drive(holding)).ok);
    assert.equal(ours.state('bob'), 'alice connected holding');
    assert.equal(peers.state('alice'), 'bob connected held');
    await ours.do('bob hangup');
    await world.until(() => peers.calls('alice').length === 0);
    await ours.stop();
  });

  it('whose goodbye is lost on the way: it is said until it is heard', async () => {
    const { ours, peers, world } = await prepare();
    world.network.partition('127.0.0.1', '127.0.0.2');
    await ours.do('bob hangup');
    await world.pass(5_000);
    assert.equal(peers.state('alice'), 'bob connected');
    world.network.heal();
    await world.until(() => peers.calls('alice').length === 0);
    await ours.stop();
    await peers.end();
  });
});
