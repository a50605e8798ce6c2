import { type Condition, conditionWords, parseCondition } from './condition';
import { type Line, noteFault, readLine } from './line';
import type { Names } from './names';
import type { PlannedCondition } from './scenario';
import type { YamlValue } from './yaml-value';

const grammar = { what: 'a state to wait for,', example: 'bob incoming', parse: parseCondition, words: conditionWords };

/** Reads what stands behind `wait:`, one condition or a list. */
export function readConditions(value: YamlValue, names: Names): readonly PlannedCondition[] {
  const items = value.items();
  if (items.length === 0) value.problem('There is nothing to wait for.', 'Write a state, such as "wait: bob incoming".');
  return items.flatMap((item) => {
    const line = readLine(item, grammar);
    if (line === undefined) return [];
    checkNames(line, names);
    return [{ condition: line.result, text: line.text }];
  });
}

function checkNames(line: Line<Condition>, names: Names): void {
  const { result: condition } = line;
  if (condition.kind === 'transfer') return;
  noteFault(line, condition.phone, names.checkPhone(condition.phone), 'first');
  if (condition.kind === 'call' && condition.peer !== undefined) noteFault(line, condition.peer, names.checkParty(condition.peer), 'last');
  if (condition.kind === 'sees') noteFault(line, condition.target, names.checkTarget(condition.target), 'last');
  if (condition.kind === 'asked' && condition.by !== undefined) noteFault(line, condition.by, names.checkParty(condition.by), 'last');
  if (condition.kind === 'hears') for (const phone of condition.phones) noteFault(line, phone, names.checkPhone(phone), 'last');
}
