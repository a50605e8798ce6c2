import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import type { BenchResult } from '../support/measure';
import { freePorts } from '../interop/support/ports';
import { peerPath } from '../support/peers';

/** Calls of one probe: INVITE, 180, 200, ACK, BYE, 200. */
const callsPerProbe = 2_500;

/** Calls per second with which each search begins. */
const firstRate = 500;

/** Rates grow by this factor until a call fails; then the last step is halved so often. */
const growth = 1.3;
const halvings = 2;

/** Milliseconds after which no further rate is tried: the whole bench stays below a minute and a half. */
const timeLimit = 75_000;

/**
 * Calls per second that one phone of the lab takes as callee, its journal on, at the highest rate of SIPp at which no call
 * fails. The peer is a UAS made with the `sip` library under the same load. Each server has a process of its own; they are
 * probed in turns, so that a busy machine hurts them alike.
 */
export async function bench(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'call-lab-bench-'));
  const searches = [new RateSearch('lab', folder), new RateSearch('sip', folder)];
  try {
    const end = performance.now() + timeLimit;
    while (performance.now() < end && searches.some((search) => !search.isDone)) {
      for (const search of searches) if (!search.isDone) await search.probe();
    }
    const [ours, sip] = searches.map((search) => Math.round(search.best)) as [number, number];
    return [{ bench: 'calls', unit: 'calls/s', ours, peers: { sip }, ratio: Number((ours / sip).toFixed(2)) }];
  } finally {
    for (const search of searches) await search.end();
    rmSync(folder, { recursive: true });
  }
}

/** Looks for the highest rate without a failed call. */
class RateSearch {
  best = 0;
  #tooHigh = Number.POSITIVE_INFINITY;
  #halved = 0;
  #server: Server | undefined;
  readonly #name: string;
  readonly #folder: string;

  constructor(name: string, folder: string) {
    this.#name = name;
    this.#folder = folder;
  }

  get isDone(): boolean {
    return this.#halved === halvings;
  }

  async probe(): Promise<void> {
    const isOpen = this.#tooHigh === Number.POSITIVE_INFINITY;
    const rate = isOpen ? Math.max(firstRate, growth * this.best) : (this.best + this.#tooHigh) / 2;
    if (!isOpen) this.#halved += 1;
    // Twice, because one hiccup of the machine is no fault of the server.
    if ((await this.#passes(rate)) || (await this.#passes(rate))) {
      this.best = rate;
      return;
    }
    if (this.best === 0) throw new Error(`${this.#name} cannot take ${firstRate} calls a second on this machine`);
    this.#tooHigh = rate;
  }

  async end(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  async #passes(rate: number): Promise<boolean> {
    if (this.#server === undefined) {
      this.#server = await Server.start(this.#name, this.#folder);
      await this.#server.load(0.7 * Math.max(firstRate, this.best), callsPerProbe / 2.5);
    }
    if (await this.#server.load(rate, callsPerProbe)) return true;
    // Calls that failed are not over for the server: it goes on repeating its answers. The next probe gets a new one.
    await this.end();
    return false;
  }
}

/** One server under test, in a process of its own. */
class Server {
  readonly #process: ChildProcess;
  readonly #port: number;
  readonly #folder: string;
  readonly #name: string;

  private constructor(name: string, process: ChildProcess, port: number, folder: string) {
    this.#name = name;
    this.#process = process;
    this.#port = port;
    this.#folder = folder;
  }

  static async start(name: string, folder: string): Promise<Server> {
    const root = join(__dirname, '..', '..');
    // Inside the repository, so that the packages it imports are found.
    const outfile = join(root, 'out', 'bench', `${name}.cjs`);
    const entryPoints = [join(root, 'test', 'support', 'call-servers', `${name}.ts`)];
    await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', packages: 'external' });
    const port = await freePorts();
    const flags = process.env['CALL_LAB_BENCH_FLAGS']?.split(' ') ?? [];
    const child = spawn(process.execPath, [...flags, outfile, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    if (line !== 'ready') throw new Error(`the server ${name} says: ${line}`);
    return new Server(name, child, port, folder);
  }

  /** Calls the server at so many calls per second; true when no call failed and the rate was reached. */
  async load(rate: number, calls: number): Promise<boolean> {
    const statistics = join(this.#folder, 'statistics.csv');
    const sipp = spawn(
      peerPath('sipp'),
      [
        `127.0.0.1:${this.#port}`,
        ...['-sn', 'uac', '-s', 'bob', '-d', '0', '-i', '127.0.0.1', '-p', String(await freePorts())],
        // A message that is not answered within a second is a failed call; nothing is sent twice.
        ...['-r', String(Math.round(rate)), '-m', String(calls), '-nr', '-recv_timeout', '1000', '-l', String(calls)],
        ...['-nostdin', '-timeout', '30s', '-trace_stat', '-stf', statistics, '-fd', '1'],
      ],
      { stdio: 'ignore', cwd: this.#folder },
    );
    const begun = performance.now();
    const [code] = (await once(sipp, 'exit')) as [number];
    const seconds = (performance.now() - begun) / 1000;
    const { failed, successful } = readStatistics(statistics);
    rmSync(statistics, { force: true });
    // A backlog that is worked off after the last call has been placed is no rate: a quarter of a second is for SIPp itself.
    const isReached = seconds < 1.05 * (calls / rate) + 0.25;
    if (process.env['CALL_LAB_BENCH_VERBOSE'] !== undefined) {
      console.error(`${this.#name} at ${Math.round(rate)}: ${successful} good, ${failed} failed, ${seconds.toFixed(2)} s, exit ${code}`);
    }
    return code === 0 && failed === 0 && successful === calls && isReached;
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, 'exit');
    if (process.env['CALL_LAB_BENCH_VERBOSE'] !== undefined) this.#process.stdout?.pipe(process.stderr);
    this.#process.stdin?.end();
    await gone;
  }
}

function readStatistics(file: string): { readonly failed: number; readonly successful: number } {
  const [names = '', ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  const values = rows.at(-1)?.split(';') ?? [];
  const column = (name: string): number => Number(values[names.split(';').indexOf(`${name}(C)`)] ?? Number.NaN);
  return { failed: column('FailedCall'), successful: column('SuccessfulCall') };
}
