import assert from 'node:assert/strict';
import { it } from 'node:test';
import { VerbQueue } from '../../../src/cli/verb-queue';

/** A verb that has its outcome when `finish` is called. */
function verb(name: string, log: string[]): { readonly perform: () => Promise<void>; readonly finish: () => void } {
  const finishers: (() => void)[] = [];
  return {
    perform: async () => {
      log.push(`${name} begins`);
      await new Promise<void>((resolve) => finishers.push(resolve));
      log.push(`${name} ends`);
    },
    finish: () => {
      for (const finisher of finishers) finisher();
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('begins a verb when the one before it has its outcome', async () => {
  const log: string[] = [];
  const queue = new VerbQueue();
  const [hold, resume] = [verb('hold', log), verb('resume', log)];
  queue.add(hold.perform, false);
  queue.add(resume.perform, false);
  await turn();
  assert.deepEqual(log, ['hold begins']);
  hold.finish();
  await turn();
  assert.deepEqual(log, ['hold begins', 'hold ends', 'resume begins']);
  resume.finish();
  await queue.drain(10_000);
  assert.equal(log.at(-1), 'resume ends');
});

it('does not wait for what takes long', async () => {
  const log: string[] = [];
  const queue = new VerbQueue();
  const [transfer, dtmf] = [verb('transfer', log), verb('dtmf', log)];
  queue.add(transfer.perform, true);
  queue.add(dtmf.perform, false);
  await turn();
  assert.deepEqual(log, ['transfer begins', 'dtmf begins']);
  dtmf.finish();
  transfer.finish();
  await queue.drain(10_000);
  assert.deepEqual(log.slice(2).sort(), ['dtmf ends', 'transfer ends']);
});

it('leaves alone what has no outcome in time', async () => {
  const queue = new VerbQueue();
  // The queue's own timer keeps no program alive; a lab has its sockets for that.
  const alive = setInterval(() => undefined, 1_000);
  queue.add(() => new Promise(() => undefined), true);
  await queue.drain(1);
  clearInterval(alive);
});
