import type { IaxCall, IaxEndpoint } from '../../src/iax';
import type { BenchOptions, BenchResult } from '../support/measure';
import { Pair } from './iax';

/*
 * Native transfers between endpoints on real sockets of one process: both calls of each middle are up before the clock starts;
 * measured is from its TXREQ until both ends have acknowledged TXREL, in processor time of all three.
 */

const inFlight = 32;

/** An end takes 2,048 calls from one host. */
const most = 1_500;

export async function bench({ calls = most }: BenchOptions): Promise<BenchResult[]> {
  const pair = new Pair();
  try {
    const rate = await measure(pair, Math.min(calls, most));
    return [{ bench: 'iax native transfers', unit: 'transfers/s of processor time, all three', ours: Math.round(rate), peers: {}, ratio: Number.NaN }];
  } finally {
    await pair.close();
  }
}

async function measure(pair: Pair, calls: number): Promise<number> {
  const middle = await pair.open('127.0.0.1');
  const ends = [await pair.open('127.0.0.1'), await pair.open('127.0.0.1')] as const;
  for (const end of ends) end.on('incoming', (call) => call.answer());
  await transferAll(middle, await setUp(middle, ends, 200));
  const pairs = await setUp(middle, ends, calls);
  const start = process.cpuUsage();
  await transferAll(middle, pairs);
  const { user, system } = process.cpuUsage(start);
  return (calls * 1e6) / (user + system);
}

type CallPair = readonly [IaxCall, IaxCall];

async function setUp(middle: IaxEndpoint, [left, right]: readonly [IaxEndpoint, IaxEndpoint], count: number): Promise<readonly CallPair[]> {
  const pairs: CallPair[] = [];
  while (pairs.length < count) {
    const some = Array.from({ length: Math.min(inFlight, count - pairs.length) }, async () => [await place(middle, left), await place(middle, right)] as const);
    pairs.push(...(await Promise.all(some)));
  }
  return pairs;
}

function place(middle: IaxEndpoint, end: IaxEndpoint): Promise<IaxCall> {
  return new Promise((resolve, reject) => {
    const call = middle.place(end.local, { number: '100' });
    call.on('state', (_from, state) => {
      if (state === 'up') resolve(call);
    });
    call.on('ended', ({ text }) => {
      reject(new Error(`a call failed: ${text}`));
    });
  });
}

function transferAll(middle: IaxEndpoint, pairs: readonly CallPair[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let [begun, done] = [0, 0];
    const next = (): void => {
      const pair = pairs[begun];
      if (pair === undefined) return;
      begun += 1;
      middle.connect(...pair).on('finished', ({ is, text }) => {
        if (is !== 'done') reject(new Error(`a transfer failed: ${text}`));
        done += 1;
        if (done === pairs.length) resolve();
        else next();
      });
    };
    for (let flight = 0; flight < inFlight; flight += 1) next();
  });
}
