import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import type { BenchOptions, BenchResult } from '../support/measure';

/*
 * npm run bench [-- NAME...] [--json] [--calls N] [--minutes N] [--keep N]
 *
 * Runs the benches of this folder, each a module NAME.ts that exports `bench`, and prints what they measured. What is
 * measured is what ships: each bench and the sources it imports are bundled like the extension; packages stay as published.
 */

/** What takes half an hour is run by whoever asks for it. */
const onlyByName: ReadonlySet<string> = new Set(['endurance']);

interface BenchModule {
  readonly bench: (options: BenchOptions) => Promise<BenchResult[]>;
}

async function main(): Promise<void> {
  const { values, positionals: named } = parseArgs({
    options: { json: { type: 'boolean', default: false }, calls: { type: 'string' }, minutes: { type: 'string' }, keep: { type: 'string' } },
    allowPositionals: true,
  });
  const options: BenchOptions = {
    ...(values.calls !== undefined && { calls: Number(values.calls) }),
    ...(values.minutes !== undefined && { minutes: Number(values.minutes) }),
    ...(values.keep !== undefined && { keep: Number(values.keep) }),
  };
  const folder = __dirname;
  const known = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && file !== basename(__filename))
    .map((file) => basename(file, '.ts'))
    .sort();
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no bench named ${unknown.join(', ')}; there are ${known.join(', ')}`);

  const results: BenchResult[] = [];
  for (const name of named.length > 0 ? named : known.filter((each) => !onlyByName.has(each))) {
    const { bench } = await load(join(folder, `${name}.ts`));
    results.push(...(await bench(options)));
  }
  console.log(values.json ? JSON.stringify(results, undefined, 2) : table(results));
}

async function load(file: string): Promise<BenchModule> {
  const options = { bundle: true, write: false, platform: 'node', format: 'cjs', target: 'node20', packages: 'external' } as const;
  const { outputFiles } = await build({ entryPoints: [file], ...options });
  const module: { exports: unknown } = { exports: {} };
  const names = ['exports', 'require', 'module', '__filename', '__dirname'];
  const run = compileFunction(outputFiles[0]!.text, names, { filename: file });
  run(module.exports, createRequire(file), module, file, join(file, '..'));
  return module.exports as BenchModule;
}

function table(results: readonly BenchResult[]): string {
  const rows = [['bench', 'unit', 'ours', 'best peer', 'ratio', 'all peers']];
  for (const { bench, unit, lowerIsBetter = false, ours, peers, ratio } of results) {
    const ranked = Object.entries(peers).sort(([, a], [, b]) => (lowerIsBetter ? a - b : b - a));
    const all = ranked.map(([name, rate]) => `${name} ${figure(rate)}`).join(', ');
    const [best] = ranked;
    const comparison = best === undefined ? ['-', '-'] : [figure(best[1]), `${String(ratio)}x`];
    rows.push([bench, lowerIsBetter ? `${unit}, less is better` : unit, figure(ours), ...comparison, all]);
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}

function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
