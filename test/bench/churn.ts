import { Churn } from '../support/churn';
import type { BenchOptions, BenchResult } from '../support/measure';

/** Calls of a run without `--calls`; the promise of no growth is about a million. */
const usualCalls = 10_000;

/** The heap is looked at so often; the first look is when everything has its size. */
const looks = 10;

/** Octets by which the heap may differ between two looks: what a collection leaves varies. */
const allowedGrowth = 1024 * 1024;

/**
 * Calls placed and ended one after the other: the growth of the heap, from when all is warm to the end, everything collected.
 * Fails when it is more than noise. `npm run bench -- churn --calls 1000000`.
 */
export async function bench({ calls = usualCalls }: BenchOptions = {}): Promise<BenchResult[]> {
  const churn = await Churn.start();
  await churn.callAndHangUp(Math.max(2_500, calls / looks));
  const first = churn.heapUsed();
  let last = first;
  const processor = process.cpuUsage();
  for (let look = 1; look <= looks; look += 1) {
    await churn.callAndHangUp(calls / looks);
    last = churn.heapUsed();
    if (calls > usualCalls) console.error(`${String((look * calls) / looks)} calls: heap ${(last / 1024).toFixed(0)} KiB`);
  }
  const { user, system } = process.cpuUsage(processor);
  await churn.end();
  const growth = last - first;
  if (growth > allowedGrowth) throw new Error(`the heap has grown by ${String(growth)} octets over ${String(calls)} calls`);
  return [
    { bench: `growth over ${String(calls)} calls`, unit: 'KiB', lowerIsBetter: true, ours: Number((growth / 1024).toFixed(1)), peers: {}, ratio: Number.NaN },
    { bench: 'simulated calls, both ends', unit: 'calls/cpu-s', ours: Math.round((calls * 1e6) / (user + system)), peers: {}, ratio: Number.NaN },
  ];
}
