import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CryptoRandom, RealClock } from '../../../src/core';
import { Lab, parseVerb, type PhoneOptions } from '../../../src/lab';
import { RealNetwork } from '../../../src/net';

/** The same as stop.test.ts on real sockets, at a few moments: ours has alice and bob, the other lab the target. */

async function start(phones: readonly PhoneOptions[]): Promise<Lab> {
  const lab = new Lab({ network: new RealNetwork(), clock: new RealClock(), random: new CryptoRandom(), startedAt: new Date(), phones });
  await lab.start();
  return lab;
}

function isUp(lab: Lab, phone: string): boolean {
  return lab.phone(phone).calls.some((call) => call.state === 'connected');
}

describe('a lab on real sockets that is stopped during a transfer', () => {
  for (const kind of ['transfer', 'attended-transfer']) {
    for (const moment of [1, 3, 6, 9, 12]) {
      it(`${kind}, at message ${moment}: leaves nobody half a call, and nothing behind`, async () => {
        const ours = await start([{ name: 'alice' }, { name: 'bob', behaviour: { kind: 'answer', after: 0 } }]);
        const peers = await start([{ name: 'charlie', behaviour: { kind: 'answer', after: 5 } }]);
        await ours.perform(parseVerb('alice place bob'));
        await ours.until(() => isUp(ours, 'alice') && isUp(ours, 'bob'));
        const stopped = new Promise<unknown>((resolve) => {
          let sent = 0;
          ours.journal.on('entry', (entry) => {
            if (entry.kind !== 'packet' || entry.protocol !== 'sip' || entry.direction !== 'sent') return;
            sent += 1;
            if (sent === moment) setImmediate(() => void ours.stop().then(resolve));
          });
        });
        await ours.perform(parseVerb(`bob ${kind} alice to ${peers.phone('charlie').uri}`));
        assert.deepEqual(await stopped, { sockets: 0, timers: 0, calls: 0 });
        await peers.until(() => peers.calls.every((call) => call.state === 'ended'));
        assert.deepEqual(await peers.stop(), { sockets: 0, timers: 0, calls: 0 });
      });
    }
  }
});
