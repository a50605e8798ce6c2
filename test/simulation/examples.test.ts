/**
 * Every example on a network that loses three of ten packets. CALL_LAB_SEEDS=1..200 takes all the seeds that the examples are
 * promised to hold with (about half a minute); without it a handful, spread over them.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { lossLimitFor, parseScenario, runScenario, type Scenario, simulatedEnvironment } from '../../src/scenario';

const folder = path.resolve(__dirname, '../../examples');
const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.calllab.yaml'));
const files = all.filter((name) => !name.includes(path.sep));
/** Transfers with their variants and failures, and IAX2; many, so that fewer seeds must do. */
const transfers = all.filter((name) => name.startsWith(`transfers${path.sep}`) || name.startsWith(`iax${path.sep}`));

function seedsToTry(): readonly number[] {
  const wanted = /^(?<first>\d+)\.\.(?<last>\d+)$/u.exec(process.env['CALL_LAB_SEEDS'] ?? '')?.groups;
  if (wanted === undefined) return [1, 40, 80, 120, 160, 200];
  const first = Number(wanted['first']);
  return Array.from({ length: Number(wanted['last']) - first + 1 }, (_, index) => first + index);
}

function fewSeeds(): readonly number[] {
  return process.env['CALL_LAB_SEEDS'] === undefined ? [1, 200] : seedsToTry();
}

function load(file: string): Scenario {
  const { scenario, problems } = parseScenario(readFileSync(path.join(folder, file), 'utf8'), file);
  assert.deepEqual(problems, []);
  assert(scenario);
  return scenario;
}

describe('the examples, with three of ten datagrams lost', () => {
  const seeds = seedsToTry();
  for (const file of [...files, ...transfers]) {
    it(`${file}: every expectation holds, and nothing is left behind`, async () => {
      const scenario = load(file);
      for (const seed of transfers.includes(file) ? fewSeeds() : seeds) {
        const { failures, leaks } = await runScenario(scenario, simulatedEnvironment({ seed, loss: 0.3, lossLimit: lossLimitFor(scenario) }));
        assert.deepEqual({ seed, failures, leaks }, { seed, failures: [], leaks: 0 });
      }
    });
  }
});

describe('the examples, on a network that duplicates and reorders', () => {
  for (const file of files) {
    it(`${file}: every expectation holds`, async () => {
      const scenario = load(file);
      for (const seed of [1, 2, 3]) {
        const { failures } = await runScenario(scenario, simulatedEnvironment({ seed, duplicate: 0.2, reorder: 0.2 }));
        assert.deepEqual({ seed, failures }, { seed, failures: [] });
      }
    });
  }
});

describe('the examples', () => {
  it('show what the command line promises', () => {
    const promised = ['basic-call', 'hold-and-resume-sendonly', 'hold-and-resume-inactive', 'hold-and-resume-c0', 'blind-transfer', 'blind-transfer-busy'];
    for (const name of [...promised, 'attended-transfer', 'tcp-call', 'authenticated-call']) assert(files.includes(`${name}.calllab.yaml`), name);
  });

  it('explain themselves: each has a name, a description and a comment', () => {
    for (const file of [...files, ...transfers]) {
      const scenario = load(file);
      assert(scenario.description !== undefined && scenario.name !== '', file);
      assert.match(readFileSync(path.join(folder, file), 'utf8'), /^# \S/u, file);
    }
  });
});
