import path from 'node:path';
import type { Scenario, ScenarioReport } from '../scenario';
import type { CommandLine, Outputs } from './command-line';
import type { Job } from './job';
import { runJobs } from './job-pool';
import { describeRun, describeSeeds, describeTotal } from './run-text';
import { BadFile, loadScenario } from './scenario-file';

export type RunLine = Extract<CommandLine, { readonly command: 'run' }>;

/** `call-lab run`: resolves with the exit code. `program` is this program's own file, for workers. */
export async function run(line: RunLine, program: string): Promise<number> {
  const scenarios = loadAll(line.files);
  const labels = labelsOf(line.files);
  const jobs = scenarios.flatMap((scenario, index) => jobsOf(scenario, labels[index], line));
  const seedCount = line.simulation?.seeds.length ?? 1;
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort();
  });
  const begun = performance.now();
  const reports: ScenarioReport[] = [];
  for await (const report of runJobs(jobs, program, interruption.signal)) {
    reports.push(report);
    if (line.json) continue;
    if (seedCount === 1) console.log(describeRun(report));
    else if (reports.length % seedCount === 0) console.log(describeSeeds(reports.slice(-seedCount)));
  }
  console.log(line.json ? JSON.stringify(reports, undefined, 2) : describeTotal(reports, performance.now() - begun));
  return reports.length === jobs.length && reports.every(({ passed }) => passed) ? 0 : 1;
}

/** All files are read before anything runs, and everything that is wrong is said at once. */
function loadAll(files: readonly string[]): readonly Scenario[] {
  const faults: string[] = [];
  const scenarios = files.flatMap((file) => {
    try {
      return [loadScenario(file)];
    } catch (error) {
      if (!(error instanceof BadFile)) throw error;
      faults.push(error.message);
      return [];
    }
  });
  if (faults.length > 0) throw new BadFile(faults);
  return scenarios;
}

function jobsOf(scenario: Scenario, label: string | undefined, { outputs, simulation }: RunLine): readonly Job[] {
  const labels = label === undefined ? [] : [label];
  if (simulation === undefined) return [{ scenario, simulation, outputs: withSuffix(outputs, labels) }];
  const { seeds, conditions } = simulation;
  return seeds.map((seed) => {
    const suffixes = seeds.length > 1 ? [...labels, String(seed)] : labels;
    return { scenario, simulation: { seed, ...conditions }, outputs: withSuffix(outputs, suffixes) };
  });
}

/** What tells the exports of several files apart: their names; a number, too, where two have the same. */
function labelsOf(files: readonly string[]): readonly (string | undefined)[] {
  const names = files.map((file) => path.basename(file).replace(/\.ya?ml$/u, '').replace(/\.calllab$/u, ''));
  const isShared = (name: string): boolean => names.indexOf(name) !== names.lastIndexOf(name);
  return names.map((name, index) => (files.length === 1 ? undefined : isShared(name) ? `${name}-${index + 1}` : name));
}

/** `out.pcap` of several runs becomes `out-blind-transfer-7.pcap`: none writes over another. */
function withSuffix(outputs: Outputs, suffixes: readonly string[]): Outputs {
  const rename = (file: string | undefined): string | undefined => {
    if (file === undefined || suffixes.length === 0) return file;
    const { dir, name, ext } = path.parse(file);
    return path.join(dir, [name, ...suffixes].join('-') + ext);
  };
  const { mmd, md, html, pcap, trace } = outputs;
  return { mmd: rename(mmd), md: rename(md), html: rename(html), pcap: rename(pcap), trace: rename(trace) };
}
