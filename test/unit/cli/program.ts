import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';

export const root = path.resolve(__dirname, '../../..');

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line, bundled as it is shipped, in a folder of its own. */
export class Program {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'call-lab-cli-'));
  readonly #file = path.join(this.folder, 'cli.js');

  constructor() {
    buildSync({
      absWorkingDir: root,
      entryPoints: ['src/cli/main.ts'],
      outfile: this.#file,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'error',
    });
  }

  /** Writes a file beside the program and returns its path. */
  write(name: string, text: string): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  start(...args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [this.#file, ...args], { cwd: root });
  }

  async run(...args: readonly string[]): Promise<Finished> {
    const child = this.start(...args);
    child.stdin.end();
    return finish(child);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Collects what the child says until it has ended. */
export async function finish(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  const said = { out: '', err: '' };
  child.stdout.on('data', (piece: Buffer) => (said.out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (said.err += piece.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}

type Event = Readonly<Record<string, unknown>>;

/** `call-lab serve --json`, spoken with: verbs in, events out. */
export class Served {
  readonly events: Event[] = [];
  readonly finished: Promise<number | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line) as Event);
      for (const check of [...this.#waiting]) check();
    });
    this.finished = new Promise((resolve) => child.once('close', resolve));
  }

  say(...lines: readonly string[]): void {
    for (const line of lines) this.#child.stdin.write(`${line}\n`);
  }

  /** The first event that has these values, of those that came and those to come. */
  async until(wanted: Event): Promise<Event> {
    const matches = (event: Event): boolean => Object.entries(wanted).every(([key, value]) => JSON.stringify(event[key]) === JSON.stringify(value));
    for (;;) {
      const found = this.events.find(matches);
      if (found !== undefined) return found;
      await this.#next(JSON.stringify(wanted));
    }
  }

  /** The next event; an error when none comes any more. */
  #next(wanted: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        reject(new Error(`${why}, but not ${wanted}; it said ${this.events.map((event) => `\n${JSON.stringify(event)}`).join('')}`));
      };
      const timer = setTimeout(() => {
        this.#child.kill();
        fail('nothing more came');
      }, 20_000);
      const check = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      void this.finished.then(() => {
        clearTimeout(timer);
        fail('the program ended');
      });
    });
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  endInput(): void {
    this.#child.stdin.end();
  }
}
