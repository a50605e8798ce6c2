import { createWriteStream, type WriteStream } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { exitCode, startGroup, stopGroup } from '../../../scripts/lib/processes.mjs';
import { within } from './waiting';

/** A program of others that a test runs. Its output is kept, and written to a file for people to read later. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #exit: Promise<number>;
  readonly #log: WriteStream;
  #output = '';
  #checks = new Set<() => void>();

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    options: { readonly logFile: string; readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  ) {
    this.name = name;
    this.#log = createWriteStream(options.logFile);
    this.#log.write(`$ ${[command, ...args].join(' ')}\n`);
    this.#process = startGroup(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        this.#output += piece;
        this.#log.write(piece);
        for (const check of this.#checks) check();
      });
    }
    // Writing to a program that has ended is no error of the test; its exit code tells.
    this.#process.stdin?.on('error', () => undefined);
    this.#exit = exitCode(this.#process);
  }

  /** All it has written so far. */
  get output(): string {
    return this.#output;
  }

  get lines(): readonly string[] {
    return this.#output.split('\n').slice(0, -1);
  }

  write(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  endInput(): void {
    this.#process.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves when the output is as wanted. */
  async until(what: string, isMet: (output: string) => boolean, limit = 5_000): Promise<void> {
    let check = (): void => undefined;
    const met = new Promise<void>((resolve) => {
      check = () => {
        if (isMet(this.#output)) resolve();
      };
      this.#checks.add(check);
      check();
    });
    try {
      await within(met, limit, () => `${this.name}: ${what}; its output ends with:\n${this.lastWords}`);
    } finally {
      this.#checks.delete(check);
    }
  }

  /** Its exit code, when it has ended by itself. */
  exited(limit: number): Promise<number> {
    return within(this.#exit, limit, () => `${this.name} ends; its output ends with:\n${this.lastWords}`);
  }

  /** Ends it and all it has started. */
  async stop(): Promise<void> {
    await stopGroup(this.#process, 1_000);
    await new Promise<void>((resolve) => {
      this.#log.end(() => resolve());
    });
  }

  get lastWords(): string {
    return this.#output.split('\n').slice(-25).join('\n');
  }
}
