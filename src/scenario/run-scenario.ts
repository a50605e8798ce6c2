import { Lab, type Leaks } from '../lab';
import type { Environment } from './environment';
import { playScenario, type Stage } from './play';
import { finalState, type ScenarioReport } from './report';
import type { Scenario } from './scenario';

export interface RunOptions extends Pick<Stage, 'signal' | 'onStep'> {
  /** Gets the lab before it starts: to watch it, or to keep its journal for an export. */
  readonly onLab?: (lab: Lab) => void;
}

/** Runs a scenario from the start of its phones to the last closed socket. Rejects only if the lab itself fails. */
export function runScenario(scenario: Scenario, environment: Environment, options: RunOptions = {}): Promise<ScenarioReport> {
  return environment.drive(run(scenario, environment, options));
}

async function run(scenario: Scenario, environment: Environment, { onLab, signal, onStep }: RunOptions): Promise<ScenarioReport> {
  const { network, clock, random, startedAt, patience, seed } = environment;
  const { phones, servers } = scenario;
  const lab = new Lab({ network, clock, random, startedAt, phones, servers, stopTimeout: patience.stop });
  onLab?.(lab);
  const begun = clock.now();
  await lab.start();
  const failures = [...lab.servers, ...lab.phones].flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name} could not start: ${problem}`]));
  if (failures.length === 0) failures.push(...(await playScenario(scenario, { lab, clock, patience, signal, onStep })));
  const state = finalState(lab);
  const leaks = await lab.stop();
  failures.push(...describeLeaks(leaks));
  return {
    name: scenario.name,
    file: scenario.file,
    ...(seed === undefined ? {} : { seed }),
    passed: failures.length === 0,
    failures,
    durationMs: Math.round(clock.now() - begun),
    messages: lab.trace.messages.length,
    ...state,
    leaks: leaks.sockets + leaks.timers + leaks.calls,
  };
}

function describeLeaks(leaks: Leaks): readonly string[] {
  const left = Object.entries(leaks).flatMap(([what, count]) => (count === 0 ? [] : [`${String(count)} ${what}`]));
  return left.length === 0 ? [] : [`The stopped lab left behind: ${left.join(', ')}.`];
}
