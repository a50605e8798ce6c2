/** The failures of the field in pairs: a phone with the defect, and the same without it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parseScenario, runScenario, type Scenario, simulatedEnvironment } from '../../src/scenario';
import { lintRules } from '../../src/trace';

const folder = path.resolve(__dirname, '../../examples/field-failures');
const files = readdirSync(folder).filter((name) => name.endsWith('.calllab.yaml'));

function load(file: string): Scenario {
  const { scenario, problems } = parseScenario(readFileSync(path.join(folder, file), 'utf8'), file);
  assert.deepEqual(problems, []);
  assert(scenario);
  return scenario;
}

describe('the failures of the field', () => {
  for (const file of files) {
    it(`${file}: everything holds, and nothing is left behind`, async () => {
      const { failures, leaks } = await runScenario(load(file), simulatedEnvironment({ seed: 1 }));
      assert.deepEqual({ failures, leaks }, { failures: [], leaks: 0 });
    });
  }

  it('come in pairs: one in which the lint of the failure finds it, one in which no lint finds anything', () => {
    for (const { id } of lintRules.filter((rule) => /^T\d+$/u.test(rule.id))) {
      const prefix = `t${id.slice(1).padStart(2, '0')}-`;
      const pair = files.filter((name) => name.startsWith(prefix)).sort();
      assert.deepEqual(pair.map((name) => /-(?<kind>fails|works)\./u.exec(name)?.groups?.['kind']), ['fails', 'works'], id);
      const [fails = '', works = ''] = pair;
      assert.deepEqual(load(fails).expectations.lints?.ids, [id]);
      assert.deepEqual(load(works).expectations.lints?.ids, []);
    }
  });

  it('explain themselves', () => {
    for (const file of files) {
      assert.notEqual(load(file).description, undefined, file);
      assert.match(readFileSync(path.join(folder, file), 'utf8'), /^# \S/u, file);
    }
  });
});
