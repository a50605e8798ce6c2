import { writeFileSync } from 'node:fs';
import { packetsOfJournal, formatTrace, writePcap, writePcapng } from '../capture';
import { describeError } from '../core';
import { toHtml, toMarkdown, toMmd } from '../export';
import type { Lab } from '../lab';
import { lossLimitFor, realEnvironment, runScenario, type Scenario, type ScenarioReport, simulatedEnvironment } from '../scenario';
import type { Conditions, Outputs } from './command-line';

/** One run of one scenario. Plain data: it may go to a worker. */
export interface Job {
  readonly scenario: Scenario;
  readonly simulation: ({ readonly seed: number } & Conditions) | undefined;
  readonly outputs: Outputs;
}

/** Runs the scenario and writes its exports. Throws when one cannot be written. */
export async function runJob({ scenario, simulation, outputs }: Job, signal?: AbortSignal): Promise<ScenarioReport> {
  const environment = simulation === undefined ? realEnvironment(new Date()) : simulatedEnvironment({ lossLimit: lossLimitFor(scenario), ...simulation });
  const labs: Lab[] = [];
  const begun = environment.clock.now();
  let report: ScenarioReport;
  try {
    report = await runScenario(scenario, environment, { signal, onLab: (lab) => labs.push(lab) });
  } catch (error) {
    // The lab itself broke down: a failure like any other for who reads the report, and the exports show how far it came.
    report = brokenReport(scenario, simulation?.seed, environment.clock.now() - begun, describeError(error));
  }
  for (const lab of labs) writeOutputs(lab, scenario.name, outputs);
  return report;
}

function writeOutputs(lab: Lab, title: string, { mmd, md, html, pcap, trace }: Outputs): void {
  const source = { model: lab.trace, title, scope: { kind: 'all' } } as const;
  if (mmd !== undefined) writeFileSync(mmd, toMmd(source, 'ladder'));
  if (md !== undefined) writeFileSync(md, toMarkdown(source));
  if (html !== undefined) writeFileSync(html, toHtml(source));
  if (pcap !== undefined) {
    const packets = packetsOfJournal(lab.journal);
    writeFileSync(pcap, pcap.endsWith('.pcapng') ? writePcapng(packets) : writePcap(packets));
  }
  if (trace !== undefined) {
    const { startedAt, entries } = lab.journal;
    writeFileSync(trace, formatTrace(lab.trace, { startedAt, entries }).text);
  }
}

function brokenReport({ name, file }: Scenario, seed: number | undefined, duration: number, why: string): ScenarioReport {
  return {
    name,
    file,
    ...(seed === undefined ? {} : { seed }),
    passed: false,
    failures: [why],
    durationMs: Math.round(duration),
    messages: 0,
    transfers: [],
    lints: [],
    hears: {},
    leaks: 0,
  };
}
