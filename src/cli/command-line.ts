import { parseArgs } from 'node:util';
import type { DiagramKind, ExportScope } from '../export';

/** Where a run's exports go; undefined for those not asked for. */
export interface Outputs {
  readonly mmd: string | undefined;
  readonly md: string | undefined;
  readonly html: string | undefined;
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
  | {
      readonly command: 'export';
      readonly file: string;
      readonly scope: ExportScope;
      readonly diagram: DiagramKind;
      /** Where each form goes; none of them: the diagram goes to standard output. */
      readonly outputs: Pick<Outputs, 'mmd' | 'md' | 'html'>;
    }
  /** `keep`: how many messages the trace keeps. */
  | { readonly command: 'serve'; readonly file: string | undefined; readonly json: boolean; readonly keep: number };

/** Arguments that make no sense; the message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

const options = {
  json: { type: 'boolean' },
  keep: { type: 'string' },
  mmd: { type: 'string' },
  md: { type: 'string' },
  html: { type: 'string' },
  call: { type: 'string' },
  transfer: { type: 'string' },
  diagram: { type: 'string' },
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
      refuseOthers('run', values, ['json', 'mmd', 'md', 'html', 'pcap', 'trace', 'seed', 'loss', 'duplicate', 'reorder']);
      return { command, files, json: values.json ?? false, outputs: readOutputs(values), simulation: readSimulation(values) };
    case 'export':
      return readExport(files, values);
    case 'serve': {
      refuseOthers('serve', values, ['json', 'keep']);
      if (files.length > 1) throw new UsageError('serve takes one file at the most.');
      return { command, file: files[0], json: values.json ?? false, keep: readKeep(values.keep) };
    }
    default:
      throw new UsageError(command === undefined ? 'A command is missing: run, export or serve.' : `There is no command "${command}": run, export or serve.`);
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

function readOutputs({ mmd, md, html, pcap, trace }: Values): Outputs {
  return { mmd, md, html, pcap, trace };
}

const diagrams = ['ladder', 'map', 'transfer'] as const satisfies readonly DiagramKind[];

function readExport(files: readonly string[], values: Values): CommandLine {
  const [file, more] = files;
  if (file === undefined) throw new UsageError('export needs the name of a capture or a trace.');
  if (more !== undefined) throw new UsageError('export takes one file.');
  refuseOthers('export', values, ['mmd', 'md', 'html', 'call', 'transfer', 'diagram']);
  const { mmd, md, html, call, transfer } = values;
  if (call !== undefined && transfer !== undefined) throw new UsageError('export takes --call or --transfer, not both.');
  const diagram = diagrams.find((one) => one === (values.diagram ?? 'ladder'));
  if (diagram === undefined) throw new UsageError(`--diagram takes ladder, map or transfer, not "${values.diagram ?? ''}".`);
  if (diagram === 'map' && (call ?? transfer) !== undefined) throw new UsageError('The map is of the whole file: it takes no --call and no --transfer.');
  const scope: ExportScope = call !== undefined ? { kind: 'call', id: call } : transfer !== undefined ? { kind: 'transfer', id: transfer } : { kind: 'all' };
  return { command: 'export', file, scope, diagram, outputs: { mmd, md, html } };
}

function refuseOthers(command: string, values: Values, known: readonly string[]): void {
  const extra = Object.keys(values).find((name) => !known.includes(name));
  if (extra !== undefined) throw new UsageError(`${command} takes no --${extra}.`);
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

/** What a lab that runs for days keeps of its past; fewer would not hold what belongs together. */
const defaultKeep = 20_000;
const leastKeep = 1_000;

function readKeep(text: string | undefined): number {
  const keep = text === undefined ? defaultKeep : Number(text);
  if (Number.isSafeInteger(keep) && keep >= leastKeep) return keep;
  throw new UsageError(`--keep takes a number of messages, 1000 at least, not "${text ?? ''}".`);
}

function readPart(name: string, text: string | undefined): number {
  const part = text === undefined ? 0 : Number(text);
  if (text?.trim() !== '' && part >= 0 && part <= 1) return part;
  throw new UsageError(`--${name} takes a part from 0 to 1, such as 0.2, not "${text ?? ''}".`);
}
