import assert from 'node:assert/strict';
import { parseScenario, runScenario, type Scenario, type ScenarioReport, simulatedEnvironment, type SimulationOptions } from '../../../src/scenario';

/** Takes the indentation of a template's first line off all its lines. */
export function dedent(text: string): string {
  const lines = text.replace(/^\n/u, '').split('\n');
  const indent = /^ */u.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines.map((line) => line.slice(Math.min(indent, /^ */u.exec(line)?.[0].length ?? 0))).join('\n');
}

/** A scenario that has to be right. */
export function scenarioOf(text: string): Scenario {
  const { scenario, problems } = parseScenario(dedent(text), 'test.calllab.yaml');
  assert.deepEqual(problems, []);
  assert(scenario);
  return scenario;
}

/** Plays it on a network that loses nothing, unless told otherwise. */
export function play(text: string, options: Partial<SimulationOptions> = {}): Promise<ScenarioReport> {
  return runScenario(scenarioOf(text), simulatedEnvironment({ seed: 1, ...options }));
}
