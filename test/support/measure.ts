/** One line of the bench table; higher is better for all of them. */
export interface BenchResult {
  readonly bench: string;
  readonly unit: string;
  readonly ours: number;
  readonly peers: Record<string, number>;
  /** Ours divided by the best peer. */
  readonly ratio: number;
}

export interface Rates {
  readonly ours: number;
  readonly peers: Record<string, number>;
  readonly ratio: number;
}

interface Effort {
  readonly rounds: number;
  /** Milliseconds a contestant runs in each round. */
  readonly slice: number;
}

/**
 * Runs the contestants in turns, `rounds` times over, and compares the medians of what they did per second. Taking turns
 * lets a busy machine slow all of them alike; the first round only warms up. A run does `work` units; what it returns is
 * checked to stay the same, so that none can be optimised away or stop doing its work.
 */
export function compareRates(
  work: number,
  contestants: Readonly<Record<string, () => number>> & { readonly ours: () => number },
  effort: Effort = { rounds: 9, slice: 120 },
): Rates {
  const names = Object.keys(contestants);
  const samples = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round <= effort.rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const rate = work * runsPerSecond(name, run, effort.slice);
      if (round > 0) samples.get(name)!.push(rate);
    }
  }
  const medians = names.map((name) => [name, Math.round(median(samples.get(name)!))] as const);
  const peers = Object.fromEntries(medians.filter(([name]) => name !== 'ours'));
  const ours = medians.find(([name]) => name === 'ours')![1];
  return { ours, peers, ratio: Number((ours / Math.max(...Object.values(peers))).toFixed(2)) };
}

function runsPerSecond(name: string, run: () => number, slice: number): number {
  const expected = run();
  const start = performance.now();
  let elapsed = 0;
  let runs = 0;
  while (elapsed < slice) {
    if (run() !== expected) throw new Error(`${name} gives different results for the same input`);
    runs += 1;
    elapsed = performance.now() - start;
  }
  return (runs * 1000) / elapsed;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
