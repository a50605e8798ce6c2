import { formatDuration, type ScenarioReport } from '../scenario';

/** A run as a person reads it: one line with its verdicts behind it, or its failures below it. */
export function describeRun(report: ScenarioReport): string {
  const { name, passed, durationMs, messages, seed, failures } = report;
  const facts = [formatDuration(durationMs), counted(messages, 'message'), ...(seed === undefined ? [] : [`seed ${seed}`])];
  const reasons = report.transfers.map(({ reason }) => ` ${reason}`);
  const lines = [`${mark(passed)} ${name} (${facts.join(', ')})${reasons.join('')}`];
  lines.push(...report.lints.map(({ id, text, message }) => `    ${id}: ${text} (${message})`));
  if (!passed) lines.push(...failures.map((failure) => `    ${located(report, failure)}`));
  return lines.join('\n');
}

/** All runs of one scenario in one line, and below it those that failed. */
export function describeSeeds(reports: readonly ScenarioReport[]): string {
  const [first] = reports;
  if (first === undefined) return '';
  const failed = reports.filter(({ passed }) => !passed);
  const held = `${reports.length - failed.length} of ${reports.length} seeds`;
  const lines = failed.flatMap((report) => report.failures.map((failure) => `    seed ${report.seed ?? ''}: ${located(report, failure)}`));
  return [`${mark(failed.length === 0)} ${first.name} (${held})`, ...lines].join('\n');
}

/** The last line. */
export function describeTotal(reports: readonly ScenarioReport[], duration: number): string {
  const failed = reports.filter(({ passed }) => !passed).length;
  const verdict = failed === 0 ? `${counted(reports.length, 'run')} passed` : `${failed} of ${counted(reports.length, 'run')} failed`;
  return `${verdict} in ${formatDuration(duration)}.`;
}

/** `line 12: ...` as editors and terminals know places: `file:12: ...`. */
function located({ file }: ScenarioReport, failure: string): string {
  const { line, text } = /^(?:line (?<line>\d+): )?(?<text>.*)$/su.exec(failure)?.groups ?? {};
  return `${file}:${line === undefined ? '' : `${line}:`} ${text ?? ''}`;
}

function mark(passed: boolean): string {
  return passed ? '✓' : '✗';
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
