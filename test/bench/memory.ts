import { Churn } from '../support/churn';
import type { BenchResult } from '../support/measure';

const callsUp = 200;
const finishedCalls = 2_000;

/** 64*T1 and the life of what a call leaves behind, in milliseconds. */
const lingering = 70_000;

/**
 * What a call costs in memory, both its ends in this process, everything collected that can be: while it is up, with its
 * audio (all but one are on hold, since a person has one mouth), and when it has ended and its transactions are gone. The
 * journal is bounded and full before and after.
 */
export async function bench(): Promise<BenchResult[]> {
  const churn = await Churn.start();
  // Fills the journal, the list of ended calls and the caches.
  await churn.callAndHangUp(3_000);
  await churn.pass(lingering);
  const empty = churn.heapUsed();
  await churn.callAndStay(callsUp);
  const up = churn.heapUsed() - empty;
  await churn.hangUpAll();
  await churn.pass(lingering);
  const before = churn.heapUsed();
  await churn.callAndHangUp(finishedCalls);
  await churn.pass(lingering);
  const finished = churn.heapUsed() - before;
  await churn.end();
  const line = (bench: string, octets: number): BenchResult => ({ bench, unit: 'KiB', lowerIsBetter: true, ours: Number((octets / 1024).toFixed(2)), peers: {}, ratio: Number.NaN });
  return [line('memory of a call that is up', up / callsUp), line('memory of a finished call', Math.max(0, finished) / finishedCalls)];
}
