/** One line of the bench table; higher is better unless it says otherwise. */
export interface BenchResult {
  readonly bench: string;
  readonly unit: string;
  readonly lowerIsBetter?: boolean;
  readonly ours: number;
  readonly peers: Record<string, number>;
  /** How much better than the best peer: ours divided by it, or where lower is better it by ours. NaN without a peer. */
  readonly ratio: number;
}

/** What the command line says to the benches. */
export interface BenchOptions {
  /** `--calls N` */
  readonly calls?: number;
  /** `--minutes N` */
  readonly minutes?: number;
  /** `--keep N` */
  readonly keep?: number;
}

export type Rates = Pick<BenchResult, 'ours' | 'peers' | 'ratio'>;

interface Effort {
  readonly rounds: number;
  /** Milliseconds of processor time that a contestant gets in each round. */
  readonly slice: number;
}

/**
 * Lets the contestants take turns, `rounds` times over, and compares the medians of what they did per second of processor
 * time: a busy machine then hurts all of them alike. The first rounds only warm up. A run does `work` units; what it returns
 * must stay the same, so that none can be optimised away or stop doing its work.
 */
export function compareRates(
  work: number,
  contestants: Readonly<Record<string, () => number>> & { readonly ours: () => number },
  effort: Effort = { rounds: 60, slice: 20 },
): Rates {
  const rates = new Map(Object.keys(contestants).map((name) => [name, [] as number[]]));
  for (let round = -5; round < effort.rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const rate = work * runsPerSecond(name, run, effort.slice);
      if (round >= 0) rates.get(name)!.push(rate);
    }
  }
  const peers: Record<string, number> = {};
  for (const [name, samples] of rates) peers[name] = Math.round(median(samples));
  const { ours, ...others } = peers;
  return { ours: ours!, peers: others, ratio: Number((ours! / Math.max(...Object.values(others))).toFixed(2)) };
}

function runsPerSecond(name: string, run: () => number, slice: number): number {
  const expected = run();
  const start = process.cpuUsage();
  let elapsed = 0;
  let runs = 0;
  while (elapsed < slice * 1000) {
    for (let again = 0; again < 4; again += 1) {
      if (run() !== expected) throw new Error(`${name} gives different results for the same input`);
    }
    runs += 4;
    const { user, system } = process.cpuUsage(start);
    elapsed = user + system;
  }
  return (runs * 1e6) / elapsed;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
