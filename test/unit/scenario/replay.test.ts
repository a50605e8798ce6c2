import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../../src/core';
import type { Lab } from '../../../src/lab';
import { runScenario, simulatedEnvironment } from '../../../src/scenario';
import { driveVirtualTime } from '../../../src/scenario/virtual-time';
import { scenarioOf } from './scenarios';

const text = readFileSync(path.resolve(__dirname, '../../../examples/attended-transfer.calllab.yaml'), 'utf8');

/** Everything that happened, octet for octet. */
async function journalOf(seed: number): Promise<string> {
  const labs: Lab[] = [];
  await runScenario(scenarioOf(text), simulatedEnvironment({ seed, loss: 0.2, duplicate: 0.1, reorder: 0.1 }), { onLab: (lab) => labs.push(lab) });
  const entries = labs.flatMap((lab) => [...lab.journal.all()]);
  assert(entries.some((entry) => entry.kind === 'packet' && entry.protocol === 'rtp'), 'the journal has its media, too');
  return JSON.stringify(entries, (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value));
}

describe('a simulated run', () => {
  it('is the same, octet for octet, for the same seed', async () => {
    assert.equal(await journalOf(7), await journalOf(7));
  });

  it('is another one for another seed', async () => {
    assert.notEqual(await journalOf(7), await journalOf(8));
  });
});

describe('virtual time', () => {
  it('passes until the work is done, and no further', async () => {
    const clock = new VirtualClock();
    const work = (async () => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => clock.setTimer(1_000, resolve));
      return 'done';
    })();
    clock.setTimer(60_000, () => assert.fail('this is after the end'));
    assert.equal(await driveVirtualTime(clock, work), 'done');
    assert.equal(clock.now(), 3_000);
  });

  it('stands still until every promise has had its turn, however long their chain', async () => {
    const clock = new VirtualClock();
    clock.setTimer(180_000, () => undefined);
    const work = (async () => {
      await new Promise<void>((resolve) => clock.setTimer(1_000, resolve));
      for (let turn = 0; turn < 500; turn += 1) await Promise.resolve();
      return clock.now();
    })();
    assert.equal(await driveVirtualTime(clock, work), 1_000);
  });

  it('may be begun from outside any promise', async () => {
    const clock = new VirtualClock();
    const work = async (): Promise<string> => {
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      await new Promise<void>((resolve) => clock.setTimer(1_000, resolve));
      return 'done';
    };
    const result = await new Promise<string>((resolve, reject) => {
      setImmediate(() => {
        driveVirtualTime(clock, work()).then(resolve, reject);
      });
    });
    assert.equal(result, 'done');
  });

  it('does not hang on work that waits for nothing', async () => {
    await assert.rejects(driveVirtualTime(new VirtualClock(), new Promise(() => undefined)), /cannot happen any more/u);
  });

  it('passes on what went wrong', async () => {
    await assert.rejects(driveVirtualTime(new VirtualClock(), Promise.reject(new Error('broken'))), /broken/u);
  });
});
