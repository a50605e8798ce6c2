import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { freePorts } from '../interop/support/ports';
import type { BenchResult } from '../support/measure';
import type { TransferReport } from '../support/transfer-parties/report';

const contestants = ['lab', 'sip'] as const;
type Contestant = (typeof contestants)[number];

/** Trios of parties that transfer at the same time: enough to keep a processor busy, and few enough to leave it idle. */
const busy = 16;
const calm = 1;

/** The contestants take turns, so that a busy machine hurts them alike. */
const rounds = 2;
const secondsPerRound = 5;

/**
 * Attended transfers on real sockets, all three parties in one process: a call, a hold, a consultation call, REFER with
 * Replaces, the new call, the NOTIFYs, the hang-ups. The lab's phones keep their journal, send audio and measure what they
 * hear; the peers, made with the `sip` library, say the same and do nothing else. Counted is what is done per second of
 * processor time; the delay from a REFER received to the new INVITE on the wire is taken where the machine has time.
 */
export async function bench(): Promise<BenchResult[]> {
  const programs = new Map<Contestant, string>();
  for (const name of contestants) programs.set(name, await bundle(name));
  const rates = new Map<Contestant, number[]>(contestants.map((name) => [name, []]));
  const delays = new Map<Contestant, number[]>(contestants.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of contestants) {
      const loaded = await run(programs.get(name)!, busy);
      // Those that were under way when the time was over have perhaps had theirs, or not yet.
      const missing = Math.abs(loaded.finalNotifies - loaded.transfers);
      if (missing > 2 * busy) throw new Error(`${name}: ${String(loaded.transfers)} transfers, but ${String(loaded.finalNotifies)} final NOTIFYs`);
      rates.get(name)!.push(loaded.transfers / loaded.processorSeconds);
      delays.get(name)!.push(...(await run(programs.get(name)!, calm)).delays);
    }
  }
  const best = (name: Contestant): number => Math.max(...rates.get(name)!);
  const at = (name: Contestant, part: number): number => {
    const sorted = [...delays.get(name)!].sort((a, b) => a - b);
    return sorted[Math.floor(part * sorted.length)] ?? Number.NaN;
  };
  const [ours, sip] = [best('lab'), best('sip')];
  return [
    { bench: 'transfers', unit: 'transfers/cpu-s', ours: Math.round(ours), peers: { sip: Math.round(sip) }, ratio: Number((ours / sip).toFixed(2)) },
    ...[0.5, 0.99].map((part): BenchResult => {
      const [mine, theirs] = [at('lab', part), at('sip', part)];
      return {
        bench: `REFER to INVITE, p${String(100 * part)}`,
        unit: 'ms',
        lowerIsBetter: true,
        ours: Number(mine.toFixed(3)),
        peers: { sip: Number(theirs.toFixed(3)) },
        ratio: Number((theirs / mine).toFixed(2)),
      };
    }),
  ];
}

async function run(program: string, trios: number): Promise<TransferReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(trios), String(secondsPerRound), String(await freePorts(trios))], { timeout: 60_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as TransferReport;
}

async function bundle(name: Contestant): Promise<string> {
  const root = join(__dirname, '..', '..');
  // Inside the repository, so that the packages it imports are found.
  const outfile = join(root, 'out', 'bench', `transfers-${name}.cjs`);
  const entryPoints = [join(root, 'test', 'support', 'transfer-parties', `${name}.ts`)];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', packages: 'external' });
  return outfile;
}
