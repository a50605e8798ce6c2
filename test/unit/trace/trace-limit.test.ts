import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../../src/core';
import { Journal, TraceLimit, type TraceLimitOptions, TraceModel } from '../../../src/trace';

const alice = { host: '127.0.0.1', port: 5060 };
const bob = { host: '127.0.0.2', port: 5060 };

/** A journal that is read, and messages that come in it. */
class Rig {
  readonly clock = new VirtualClock();
  readonly journal = new Journal({ clock: this.clock, startedAt: new Date('2026-01-01T00:00:00Z') });
  readonly model = TraceModel.read(this.journal);
  readonly limit: TraceLimit;
  #count = 0;

  constructor(options: TraceLimitOptions) {
    this.limit = new TraceLimit(this.model, this.journal, options);
  }

  async come(messages: number): Promise<void> {
    for (let index = 0; index < messages; index += 1) {
      this.#count += 1;
      const bytes = Buffer.from(`OPTIONS sip:bob@127.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK${this.#count}\r\nCall-ID: ${this.#count}\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.2>\r\nCSeq: 1 OPTIONS\r\n\r\n`);
      this.journal.append({ kind: 'packet', owner: 'alice', direction: 'sent', protocol: 'sip', transport: 'udp', source: alice, destination: bob, bytes });
      this.journal.append({ kind: 'state', owner: 'alice', machine: 'transaction', id: 't1', from: 'trying', to: 'proceeding', why: '' });
      this.clock.advance(20);
    }
    await turn();
  }

  get kept(): readonly [first: number, count: number] {
    return [this.model.firstIndex, this.model.messages.length];
  }
}

describe('the limit of a trace', () => {
  it('lets a quarter more come, and then goes back to what is to be kept, with the journal', async () => {
    const rig = new Rig({ keep: 100 });
    await rig.come(124);
    assert.deepEqual(rig.kept, [0, 124]);
    await rig.come(1);
    assert.deepEqual(rig.kept, [25, 100]);
    assert.equal(rig.journal.entries[0]?.seq, 50, 'the packet of the first message kept');
    assert.equal(rig.journal.droppedEntries, 50);
    await rig.come(1_000);
    assert.ok(rig.journal.entries.length < 300);
  });

  it('lets nothing go before it is saved', async () => {
    let finish = (): void => undefined;
    const asked: number[] = [];
    const rig = new Rig({
      keep: 100,
      save: (before) => {
        asked.push(before);
        return new Promise((resolve) => (finish = resolve));
      },
    });
    await rig.come(150);
    assert.deepEqual([rig.kept, asked], [[0, 150], [25]]);
    finish();
    await turn();
    assert.deepEqual(rig.kept, [25, 125]);
  });

  it('keeps memory bounded where saving fails, or never ends', async () => {
    const errors: unknown[] = [];
    const failing = new Rig({ keep: 100, save: () => Promise.reject(new Error('the disk is full')), onSaveFailed: (error) => errors.push(error) });
    await failing.come(125);
    await failing.come(25);
    assert.deepEqual([failing.kept, errors.length], [[50, 100], 2]);
    const hanging = new Rig({ keep: 100, save: () => new Promise(() => undefined) });
    for (let batch = 0; batch < 20; batch += 1) await hanging.come(50);
    assert.ok(hanging.model.messages.length <= 350, String(hanging.model.messages.length));
  });

  it('does nothing any more when it is disposed of', async () => {
    const rig = new Rig({ keep: 100 });
    rig.limit.dispose();
    await rig.come(200);
    assert.deepEqual(rig.kept, [0, 200]);
  });
});
