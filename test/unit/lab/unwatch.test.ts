import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startLab } from '../../support/lab-rig';

describe('a phone that watches another one no longer', () => {
  it('says so to a notifier that agreed only after that', async () => {
    const rig = await startLab({ alice: { host: '127.0.0.11' }, charlie: { host: '127.0.0.13' } });
    const { network } = rig.world;
    network.partition('127.0.0.13', '*');
    const watching = rig.begin('charlie watch alice');
    await rig.world.pass(2_000);
    await rig.do('charlie unwatch alice');
    network.heal();
    await rig.world.drive(watching);
    await rig.world.pass(40_000);
    const asked = rig.messages('alice', 'received').filter((message) => message === 'SUBSCRIBE');
    assert.equal(asked.length, 2);
    const subscriptions = rig.lab.journal.entries.flatMap((entry) =>
      entry.kind === 'state' && entry.machine === 'subscription' && entry.owner === 'alice' ? [entry.to] : [],
    );
    assert.equal(subscriptions.at(-1), 'terminated', subscriptions.join(' -> '));
    await rig.end();
  });
});
