import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readCapture } from '../../../../src/capture';
import { parseScenario, runScenario, simulatedEnvironment } from '../../../../src/scenario';
import { TraceModel } from '../../../../src/trace';
import { findings } from './finds';

const fixtures = join(__dirname, '../../../fixtures/captures');
const examples = join(__dirname, '../../../../examples');

/** A test program asked Charlie's phone to replace a call and left out a tag; everything else is in order. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'sip-out-of-dialog.pcap': ['T4: The Replaces sent to Charlie lacks its from-tag. | nosuchcall@127.0.0.9;to-tag=a'],
};

describe('captures of real phones and a real PBX', () => {
  for (const file of readdirSync(fixtures).filter((name) => name.endsWith('.pcap'))) {
    it(`${file}: no false alarm`, () => {
      const model = TraceModel.from(readCapture(readFileSync(join(fixtures, file))).packets);
      model.advance(model.now + 60_000);
      assert.deepEqual(findings(model), expected[file] ?? []);
    });
  }
});

/** Examples that show a failure of the field on purpose. */
const trueAlarms: Readonly<Record<string, readonly string[]>> = {
  'transfers/blind-at-accepted-busy.calllab.yaml': ['T8'],
  'transfers/redirect-loop.calllab.yaml': ['T13'],
};

describe('the examples', () => {
  for (const file of readdirSync(examples, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.calllab.yaml') || file.startsWith('field-failures')) continue;
    it(`${file}: no false alarm, also where packets are lost`, async () => {
      const { scenario } = parseScenario(readFileSync(join(examples, file), 'utf8'), file);
      assert(scenario);
      for (const conditions of [{}, { loss: 0.2 }, { duplicate: 0.2, reorder: 0.2 }]) {
        const { lints } = await runScenario(scenario, simulatedEnvironment({ seed: 3, ...conditions }));
        assert.deepEqual([...new Set(lints.map(({ id }) => id))], trueAlarms[file] ?? [], JSON.stringify(lints));
      }
    });
  }
});
