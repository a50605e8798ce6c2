import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { dealOut, serveBatches } from '../support/batches';
import { type FlowResult, fuzzFlow, reduceFlow } from './flows/flow';

/*
 * node --import tsx test/fuzz/flows.ts [--count N] [--seed S] [--workers W]
 *
 * Plays N flows between user agents (calls, holds, all kinds of transfer) on a wire that loses, swaps, delays, repeats,
 * changes and forges some of their messages, and checks after each that nothing was thrown and that nothing is left: no
 * session, no dialog, no transaction, no timer. Flow number k has the seed S + k, and `--count 1 --seed` with that number
 * plays it alone. One that breaks a rule is made smaller and saved under test/fixtures/crashers, where a unit test replays it
 * from then on; the exit status is then 1.
 */

const fixtures = join(__dirname, '../fixtures/crashers');

/** Octets by which a thread's heap may grow from its second batch to its last, all collected. */
const allowedGrowth = 8 * 1024 * 1024;

const batchSize = 250;

/** Failing flows that are saved; more of them only count. */
const mostSaved = 10;

interface Batch {
  readonly seed: number;
  readonly count: number;
}

interface BatchResult {
  readonly flows: number;
  readonly seen: ReadonlyMap<string, number>;
  readonly failing: readonly FlowResult[];
  /** Octets by which this thread's heap has grown since its second batch. */
  readonly growth: number;
}

/** Plays batches, and watches the heap of its thread. */
class Player {
  #batches = 0;
  #heapBefore = 0;

  play({ seed, count }: Batch): BatchResult {
    const seen = new Map<string, number>();
    const failing: FlowResult[] = [];
    // A fault found in a message is an error thrown and caught: building a stack trace for each would take long.
    Error.stackTraceLimit = 0;
    for (let index = 0; index < count; index += 1) {
      const result = fuzzFlow(seed + index);
      for (const what of result.seen) seen.set(what, (seen.get(what) ?? 0) + 1);
      if (result.failure !== undefined) failing.push(result);
    }
    this.#batches += 1;
    if (this.#batches === 2) this.#heapBefore = heapUsed();
    return { flows: count, seen, failing, growth: this.#batches > 2 && this.#batches % 20 === 0 ? heapUsed() - this.#heapBefore : 0 };
  }
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

function save(failing: FlowResult): string {
  Error.stackTraceLimit = 10;
  const { flow, failure } = reduceFlow(failing);
  mkdirSync(fixtures, { recursive: true });
  const text = `${JSON.stringify({ broke: failure, flow }, undefined, 2)}\n`;
  const file = join(fixtures, `flow-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`);
  writeFileSync(file, text);
  return `${file}\n${failure ?? ''}`;
}

async function main(player: Player): Promise<number> {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' }, workers: { type: 'string', default: '2' } },
  });
  const [count, seed, workers] = [Number(values.count), Number(values.seed), Number(values.workers)];
  const seen = new Map<string, number>();
  let next = 0;
  let failed = 0;
  let growth = 0;
  const take = (): Batch | undefined => {
    if (next >= count) return undefined;
    const batch = { seed: seed + next, count: Math.min(batchSize, count - next) };
    next += batch.count;
    return batch;
  };
  const started = performance.now();
  let played = 0;
  const done = (result: BatchResult): void => {
    played += result.flows;
    if (played % 50_000 === 0) console.error(`${String(played)} flows, ${String(failed)} failed`);
    for (const [what, times] of result.seen) seen.set(what, (seen.get(what) ?? 0) + times);
    growth = Math.max(growth, result.growth);
    for (const failing of result.failing) {
      failed += 1;
      console.error(`seed ${String(failing.flow.seed)}: ${failing.failure ?? ''}`);
      if (failed <= mostSaved) console.error(`saved as ${save(failing)}`);
    }
  };
  if (count <= batchSize || workers < 2) for (let batch = take(); batch !== undefined; batch = take()) done(player.play(batch));
  else await dealOut({ entry: __filename, workers, take, done });
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${String(count)} flows of seed ${String(seed)} in ${seconds.toFixed(1)} s (${(count / seconds).toFixed(0)} per second), ` +
      `${String(failed)} failed, heap ${growth >= 0 ? '+' : ''}${(growth / 1024).toFixed(0)} KiB`,
  );
  for (const line of describeCoverage(seen)) console.log(line);
  if (growth > allowedGrowth) console.error('the heap has grown by more than is allowed');
  return failed === 0 && growth <= allowedGrowth ? 0 : 1;
}

/** What was seen, grouped by the first word, the most frequent first. */
function describeCoverage(seen: ReadonlyMap<string, number>): readonly string[] {
  const groups = new Map<string, [what: string, times: number][]>();
  for (const [key, times] of seen) {
    const [group = '', ...rest] = key.split(' ');
    const entries = groups.get(group) ?? [];
    groups.set(group, [...entries, [rest.join(' '), times]]);
  }
  return [...groups].map(
    ([group, entries]) => `${group}: ${entries.sort(([, a], [, b]) => b - a).map(([what, times]) => `${what} ${String(times)}`).join(', ')}`,
  );
}

const player = new Player();
serveBatches((batch: Batch) => player.play(batch));

if (isMainThread) {
  void main(player).then((code) => {
    process.exitCode = code;
  });
}
