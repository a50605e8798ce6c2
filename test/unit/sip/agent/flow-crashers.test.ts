import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { type Flow, fuzzFlow, replayFlow } from '../../../fuzz/flows/flow';
import { type ScriptName, scriptNames } from '../../../fuzz/flows/scripts';

/** Mutated flows that once broke a rule, found by `npm run fuzz`; see test/fuzz/flows.ts. */
const folder = path.join(__dirname, '../../../fixtures/crashers');

interface Crasher {
  readonly broke: string;
  readonly flow: Flow;
}

suite('mutated flows that once broke a rule', () => {
  for (const file of readdirSync(folder).filter((name) => name.startsWith('flow-'))) {
    const { broke, flow } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Crasher;
    test(`${file}: ${broke.split('\n')[0] ?? ''}`, () => assert.equal(replayFlow(flow).failure, undefined));
  }
});

/** What comes of a flow when nothing is done to its messages. */
const outcomes: Partial<Record<ScriptName, string>> = {
  'blind transfer': 'transfer done 200',
  'blind transfer by the caller': 'transfer done 200',
  'blind transfer to a busy target': 'transfer failed 486',
  'blind transfer to nobody': 'transfer failed 480',
  'attended transfer': 'transfer done 200',
  'attended transfer by who called both': 'transfer done 200',
  'attended transfer, called by both': 'transfer done 200',
  // RFC 3891 section 3: only who began it lets an early dialog be replaced.
  'blonde transfer': 'transfer failed 481',
  'blonde transfer that waits': 'transfer done 200',
  'blonde transfer that becomes blind': 'transfer done 200',
  'blind transfer that nobody reports': 'transfer done',
  'blind transfer, subscribed to explicitly': 'transfer done 200',
  'blind transfer from outside the call': 'transfer done 200',
  'early audio': 'message 183 INVITE',
  'keys by INFO': 'message 200 INFO',
  'redirect': 'message 302 INVITE',
  'pick-up': 'message 487 INVITE',
  'hold from both sides at once': 'message 491 INVITE',
  'cancelled call': 'message CANCEL',
  'transfer, and on': 'transfer done 200',
};

suite('the flows that are mutated', () => {
  const habits = { guarded: false, stream: false };

  test('are what their names say, unharmed', () => {
    for (const script of scriptNames) {
      const { failure, seen } = replayFlow({ seed: 1, scripts: [script], habits, mutations: [] });
      assert.equal(failure, undefined, script);
      const outcome = outcomes[script];
      if (outcome !== undefined) assert.ok(seen.includes(outcome), `${script}: ${seen.join(', ')}`);
    }
  });

  test('replay from what was drawn of them', () => {
    for (const seed of [3, 17, 42]) {
      const first = fuzzFlow(seed);
      assert.ok(first.flow.mutations.length > 0);
      assert.deepEqual(replayFlow(JSON.parse(JSON.stringify(first.flow)) as Flow), first);
    }
  });
});
