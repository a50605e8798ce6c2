import { readFileSync } from 'node:fs';
import { errorCatalogue } from '../core';
import { describeProblem, parseScenario, type Scenario } from '../scenario';

/** A scenario file that cannot be used: a line for each thing that is wrong, with its place. */
export class BadFile extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'BadFile';
  }
}

/** Throws {@link BadFile}. */
export function loadScenario(file: string): Scenario {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new BadFile([`${file}: CL4001: ${errorCatalogue.CL4001.title}: ${why}. ${errorCatalogue.CL4001.remedy}`]);
  }
  const { scenario, problems } = parseScenario(text, file);
  if (scenario === undefined) throw new BadFile(problems.map(describeProblem));
  return scenario;
}
