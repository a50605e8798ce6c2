import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, VirtualClock } from '../../../../src/core';
import { LegKeeper } from '../../../../src/iax/endpoint/leg-keeper';
import { unobserved } from '../../../../src/iax/observer';

const at = (host: number, number: number): { address: { host: string; port: number }; number: number } => ({ address: { host: `127.0.0.${host}`, port: 4569 }, number });

describe('the table of legs', () => {
  const clock = new VirtualClock();
  const services = { clock, random: new SeededRandom(1), observer: unobserved, transmit: () => undefined };
  const keeper = new LegKeeper(services, { legs: 10, perSource: 10 }, { onProblem: () => undefined, onForgotten: () => undefined });
  const { table } = keeper;
  const user = { onFrame: () => undefined, onDead: () => undefined };

  it('finds a leg by its peer, and after each move by the new and the last one, until nobody repeats anything any more', () => {
    const leg = keeper.create(user, at(1, 0))!;
    assert.equal(table.paths, 0);
    leg.learn(100);
    assert.equal(table.ofPeer(at(1, 100).address, 100), leg);
    leg.move(at(2, 200));
    assert.equal(table.paths, 2);
    leg.move(at(3, 300));
    assert.deepEqual([table.paths, table.ofPeer(at(1, 100).address, 100), table.ofPeer(at(2, 200).address, 200), table.ofPeer(at(3, 300).address, 300)], [2, undefined, leg, leg]);
    clock.advance(40_000);
    assert.deepEqual([table.paths, table.ofPeer(at(3, 300).address, 300)], [1, leg]);
    leg.move(at(1, 100));
    leg.abandon();
    assert.deepEqual([table.paths, table.size, table.live, clock.pendingTimers], [0, 0, 0, 0]);
  });

  it('counts the legs of each host until they are over, wherever they have moved', () => {
    const leg = keeper.create(user, at(1, 100))!;
    const other = keeper.create(user, at(1, 101))!;
    leg.move(at(2, 200));
    assert.deepEqual([table.live, table.liveOf('127.0.0.1'), table.liveOf('127.0.0.2')], [2, 2, 0]);
    leg.end();
    assert.deepEqual([table.live, table.liveOf('127.0.0.1'), table.size], [1, 1, 2]);
    clock.advance(10_000);
    other.abandon();
    assert.deepEqual([table.live, table.liveOf('127.0.0.1'), table.size, table.paths], [0, 0, 0, 0]);
  });

  it('lets the oldest of too many legs that only linger go', () => {
    for (let call = 0; call < 5_000; call += 1) keeper.create(user, at(1, 1 + call))!.end();
    assert.deepEqual([table.size, table.live], [4_096, 0]);
    clock.advance(10_000);
    assert.deepEqual([table.size, table.paths, clock.pendingTimers], [0, 0, 0]);
  });
});
