import { errorCatalogue, type ErrorCode } from '../core';
import { parseVerb, type Verb, verbNames } from '../lab';
import { readConditions } from './condition-section';
import { type Line, noteFault, readLine } from './line';
import type { Names } from './names';
import { readDuration } from './read-duration';
import type { PlannedVerb, Step } from './scenario';
import type { YamlFields, YamlValue } from './yaml-value';

/** What a step that is no plain verb can be, and the keys that may stand beside it. */
const stepForms: Readonly<Record<string, readonly string[]>> = { wait: ['within'], together: [], 'expect-failure': ['code'] };
const stepKeys = Object.entries(stepForms).flatMap(([form, companions]) => [form, ...companions]);

const grammar = { what: 'a verb', example: 'alice place bob', parse: parseVerb, words: verbNames };

/** Reads `steps:`, a list of verbs and waits. */
export function readSteps(value: YamlValue, names: Names): readonly Step[] {
  const items = value.list('a list of steps') ?? [];
  return items.flatMap((item) => (item.isText ? readVerbs([item], names, item) : readStep(item, names)) ?? []);
}

function readStep(item: YamlValue, names: Names): Step | undefined {
  const fields = item.fields('a step', stepKeys);
  const [form, second] = fields.all.filter(({ name }) => name in stepForms);
  second?.key.problem('A step is one thing: a verb, a wait, or verbs together.', 'Begin a new step with "- ".');
  for (const { key, name } of fields.all) {
    const owner = stepKeys.find((other) => stepForms[other]?.includes(name));
    if (owner !== undefined && owner !== form?.name) key.problem(`"${name}" belongs to "${owner}".`, 'Remove it.');
  }
  switch (form?.name) {
    case 'wait':
      return { kind: 'wait', conditions: readConditions(form.value, names), within: readWithin(fields), range: item.range };
    case 'together':
      return readVerbs(form.value.list('a list of verbs') ?? [], names, item);
    case 'expect-failure':
      return { kind: 'verbs', verbs: readVerb(form.value, names, { code: readCode(fields) }), range: item.range };
    default:
      return undefined;
  }
}

function readVerbs(items: readonly YamlValue[], names: Names, step: YamlValue): Step {
  return { kind: 'verbs', verbs: items.flatMap((item) => readVerb(item, names, undefined)), range: step.range };
}

function readVerb(item: YamlValue, names: Names, failure: PlannedVerb['failure']): readonly PlannedVerb[] {
  const line = readLine(item, grammar);
  if (line === undefined) return [];
  checkNames(line, names, failure !== undefined);
  return [{ verb: line.result, failure, range: item.range }];
}

/** A verb that shall fail may well call somebody whom nobody knows. */
function checkNames(line: Line<Verb>, names: Names, mayFail: boolean): void {
  const { result: verb } = line;
  noteFault(line, verb.phone, names.checkPhone(verb.phone), 'first');
  if ('call' in verb && verb.call !== undefined) noteFault(line, verb.call, names.checkParty(verb.call), 'first');
  if (mayFail) return;
  const targets = 'targets' in verb ? verb.targets : 'target' in verb ? [verb.target] : [];
  for (const target of targets) noteFault(line, target, names.checkTarget(target), 'last');
}

function readWithin(fields: YamlFields): number | undefined {
  const within = fields.get('within');
  return within === undefined ? undefined : readDuration(within);
}

function readCode(fields: YamlFields): ErrorCode | undefined {
  return fields.get('code')?.word('a code of the error catalogue', Object.keys(errorCatalogue) as ErrorCode[]);
}
