import { parseArgs } from 'node:util';

/** Where a run's exports go; undefined for those not asked for. */
export interface Outputs {
  readonly mmd: string | undefined;
  readonly pcap: string | undefined;
  readonly trace: string | undefined;
}

/** The simulated network, as the arguments describe it. */
export interface Conditions {
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
}

export type CommandLine =
  | { readonly command: 'help' | 'version' }
  | {
      readonly command: 'run';
      readonly files: readonly string[];
      readonly json: boolean;
      readonly outputs: Outputs;
      /** Undefined on real sockets. */
      readonly simulation: { readonly seeds: readonly number[]; readonly conditions: Conditions } | undefined;
    }
  | { readonly command: 'serve'; readonly file: string | undefined; readonly json: boolean };

/** Arguments that make no sense; the message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

const options = {
  json: { type: 'boolean' },
  mmd: { type: 'string' },
  pcap: { type: 'string' },
  trace: { type: 'string' },
  seed: { type: 'string' },
  loss: { type: 'string' },
  duplicate: { type: 'string' },
  reorder: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>['values'];

/** Reads the arguments behind the program's name. Throws a {@link UsageError}. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args);
  if (values.help === true) return { command: 'help' };
  if (values.version === true) return { command: 'version' };
  const [command, ...files] = positionals;
  switch (command) {
    case 'run':
      if (files.length === 0) throw new UsageError('run needs the name of a scenario file.');
      return { command, files, json: values.json ?? false, outputs: readOutputs(values), simulation: readSimulation(values) };
    case 'serve': {
      const extra = Object.keys(values).find((name) => name !== 'json');
      if (extra !== undefined) throw new UsageError(`serve takes no --${extra}.`);
      if (files.length > 1) throw new UsageError('serve takes one file at the most.');
      return { command, file: files[0], json: values.json ?? false };
    }
    default:
      throw new UsageError(command === undefined ? 'A command is missing: run or serve.' : `There is no command "${command}": run or serve.`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // The first sentence says what is wrong; the rest speaks of how to call Node's own parser.
    const [sentence = ''] = String(error instanceof Error ? error.message : error).split('. ');
    throw new UsageError(`${sentence.replace(/\.$/u, '')}.`);
  }
}

function readOutputs({ mmd, pcap, trace }: Values): Outputs {
  return { mmd, pcap, trace };
}

function readSimulation(values: Values): { seeds: readonly number[]; conditions: Conditions } | undefined {
  const { seed, loss, duplicate, reorder } = values;
  if (seed === undefined && loss === undefined && duplicate === undefined && reorder === undefined) return undefined;
  return {
    seeds: readSeeds(seed ?? '1'),
    conditions: { loss: readPart('loss', loss), duplicate: readPart('duplicate', duplicate), reorder: readPart('reorder', reorder) },
  };
}

const mostSeeds = 1_000_000;

function readSeeds(text: string): readonly number[] {
  const match = /^(?<first>\d{1,9})(?:\.\.(?<last>\d{1,9}))?$/u.exec(text);
  const first = Number(match?.groups?.['first']);
  const count = Number(match?.groups?.['last'] ?? first) - first + 1;
  if (match === null || count < 1 || count > mostSeeds) throw new UsageError(`--seed takes a number or a range such as 1..200, not "${text}".`);
  return Array.from({ length: count }, (_, index) => first + index);
}

function readPart(name: string, text: string | undefined): number {
  const part = text === undefined ? 0 : Number(text);
  if (text?.trim() !== '' && part >= 0 && part <= 1) return part;
  throw new UsageError(`--${name} takes a part from 0 to 1, such as 0.2, not "${text ?? ''}".`);
}
