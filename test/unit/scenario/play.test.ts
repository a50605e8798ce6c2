import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runScenario, simulatedEnvironment } from '../../../src/scenario';
import { play, scenarioOf } from './scenarios';

describe('a scenario that holds', () => {
  it('reports in exactly these fields', async () => {
    const report = await play(`
      name: Blind transfer
      phones: { alice: , bob: { answers: at once }, charlie: { answers: after 200ms } }
      steps:
        - alice place bob
        - wait: [bob connected to alice, bob hears alice]
        - bob transfer alice to charlie
        - wait: transfer success
      expect:
        hears: { alice: charlie, charlie: alice, bob: nobody }
        calls: { bob: idle, alice: connected to charlie }
    `);
    const { durationMs, messages, ...rest } = report;
    assert.deepEqual(rest, {
      name: 'Blind transfer',
      file: 'test.calllab.yaml',
      seed: 1,
      passed: true,
      failures: [],
      transfers: [
        { kind: 'blind', transferor: 'bob', transferee: 'alice', target: 'charlie', verdict: 'success', reason: 'Alice talks to Charlie; Bob has left.' },
      ],
      lints: [],
      hears: { alice: ['charlie'], bob: [], charlie: ['alice'] },
      leaks: 0,
    });
    assert(Number.isInteger(durationMs) && durationMs > 200);
    // INVITE 180 200 ACK; hold INVITE 200 ACK; REFER 202; three NOTIFYs with their 200s; INVITE 180 200 ACK; BYE 200; and in the
    // end both hang up at the same moment: BYE 200, BYE 200.
    assert.equal(messages, 25);
  });

  it('says which lints should have found something and did not', async () => {
    const { failures } = await play(`
      phones: { alice: , bob: { answers: at once } }
      steps:
        - alice place bob
        - wait: bob connected to alice
      expect:
        lints: [T3, T19]
    `);
    assert.deepEqual(failures, [
      'line 6: the lint T3 should have found something, but did not.',
      'line 6: the lint T19 should have found something, but did not.',
    ]);
  });

  it('cancels a call that nobody has answered', async () => {
    const { failures } = await play(`
      phones: { alice: , bob: }
      steps:
        - alice place bob
        - wait: [alice ringing bob, bob incoming]
        - alice hangup
        - wait: [alice ended with bob 487, bob ended with alice 487]
      expect:
        messages: { CANCEL: 1, 487 INVITE: 1, BYE: 0 }
    `);
    assert.deepEqual(failures, []);
  });

  it('begins verbs together at the same moment', async () => {
    const { failures } = await play(`
      phones: { alice: , bob: { answers: at once } }
      steps:
        - alice place bob
        - wait: bob connected to alice
        - together: [alice hold, bob hold]
        - wait: [alice held by bob, bob held by alice]
      expect:
        messages: { 491 INVITE: at least 1 }
    `);
    assert.deepEqual(failures, []);
  });

  it('may leave a transfer pending when it says so', async () => {
    const report = await play(`
      phones: { alice: , bob: { answers: at once }, charlie: { answers: never } }
      steps:
        - alice place bob
        - wait: bob connected to alice
        - bob transfer alice to charlie
        - wait: charlie incoming
      expect:
        transfers: [{ verdict: pending }]
    `);
    assert.deepEqual(report.failures, []);
    assert.equal(report.transfers[0]?.verdict, 'pending');
    assert.equal(report.leaks, 0);
  });

  it('waits in the end until its expectations come true', async () => {
    const { failures } = await play(`
      phones: { alice: , bob: { answers: after 5s } }
      steps: [alice place bob]
      expect: { hears: { alice: bob, bob: alice } }
    `);
    assert.deepEqual(failures, []);
  });
});

describe('a scenario that does not hold', () => {
  it('says which wait did not come true, and how things stand', async () => {
    const { failures, leaks, passed } = await play(`
      phones: { alice: , bob: }
      steps:
        - alice place bob
        - wait: [bob incoming, bob connected, alice hears bob]
          within: 2s
        - bob hangup
    `);
    assert.equal(passed, false);
    assert.equal(leaks, 0);
    assert.deepEqual(failures, [
      'line 4: "bob connected" did not come true within 2 s: bob has: incoming with alice.',
      'line 4: "alice hears bob" did not come true within 2 s: alice hears nobody.',
    ]);
  });

  it('says why a verb failed, and leaves the rest undone', async () => {
    const { failures, messages } = await play(`
      phones: { alice: , bob: }
      steps:
        - alice hold
        - alice place bob
    `);
    assert.deepEqual(failures, ['line 3: "alice hold" failed: alice cannot hold: alice has no call.']);
    assert.equal(messages, 0);
  });

  it('does not wait for a verdict that can no longer come', async () => {
    const { failures, durationMs } = await play(`
      phones: { alice: , bob: { answers: at once }, charlie: { busy: true } }
      steps:
        - alice place bob
        - wait: bob connected to alice
        - expect-failure: bob transfer alice to charlie
        - wait: transfer success
    `);
    assert.match(failures[0] ?? '', /^line 6: "transfer success" cannot come true any more: its verdict is failed: Charlie was busy \(486\)/u);
    assert(durationMs < 10_000);
  });

  it('says that a verb worked which should have failed, or failed otherwise than it should', async () => {
    const worked = await play(`
      phones: { alice: , bob: }
      steps: [{ expect-failure: alice place bob }]
    `);
    assert.deepEqual(worked.failures, ['line 2: "alice place bob" should have failed, but did not: calling bob.']);
    const otherwise = await play(`
      phones: { alice: , bob: }
      steps: [{ expect-failure: alice hold, code: CL3006 }]
    `);
    assert.deepEqual(otherwise.failures, ['line 2: "alice hold" should have failed with CL3006, but did with CL3002: alice cannot hold: alice has no call.']);
  });

  it('names each expectation that does not hold, with its line', async () => {
    const { failures } = await play(`
      phones: { alice: , bob: { answers: at once } }
      steps:
        - alice place bob
        - wait: [alice hears bob, bob hears alice]
      expect:
        hears:
          alice: nobody
        calls:
          bob: idle
          alice: [connected to bob, holding]
        transfers:
          - kind: blind
        messages:
          BYE: 1
          INVITE: 0
          200 INVITE: 2 to 3
    `);
    assert.deepEqual(failures, [
      'line 7: alice should hear nobody, but alice hears bob.',
      'line 9: bob should be idle, but bob has: connected with alice.',
      'line 10: alice should have: connected with bob; holding, but alice has: connected with bob.',
      'line 12: 1 transfer should have been made, but there are none.',
      'line 14: BYE should have been sent once, but was sent 0 times.',
      'line 15: INVITE should have been sent 0 times, but was sent once.',
      'line 16: 200 INVITE should have been sent 2 to 3 times, but was sent once.',
    ]);
  });

  it('says in what a transfer differs', async () => {
    const { failures } = await play(`
      phones: { alice: , bob: { redirects: charlie }, charlie: { answers: at once } }
      steps: [alice place bob, { wait: transfer success }]
      expect:
        transfers:
          - { kind: blind, target: bob, verdict: failed, reason: busy }
    `);
    assert.deepEqual(failures, [
      'line 5: the transfer: its kind should be blind, not redirect, its target should be bob, not charlie, its verdict should be failed, not success, ' +
        'its reason should speak of "busy". Alice talks to Charlie; Bob sent the call on.',
    ]);
  });

  it('says which phone could not start, and plays nothing', async () => {
    const { failures, messages, leaks } = await play(`
      phones: { alice: { port: 5060 }, bob: { port: 5060 } }
      steps: [alice place bob]
    `);
    assert.equal(failures.length, 1);
    assert.match(failures[0] ?? '', /^bob could not start: .*port 5060/u);
    assert.deepEqual([messages, leaks], [0, 0]);
  });

  it('can be stopped, and leaves nothing behind', async () => {
    const stopping = new AbortController();
    const scenario = scenarioOf(`
      phones: { alice: , bob: }
      steps:
        - alice place bob
        - wait: bob incoming
        - wait: bob connected
    `);
    const report = await runScenario(scenario, simulatedEnvironment({ seed: 1 }), {
      signal: stopping.signal,
      onStep: (_step, index) => {
        if (index === 2) queueMicrotask(() => stopping.abort());
      },
    });
    assert.deepEqual(report.failures, ['The scenario was stopped.']);
    assert.equal(report.leaks, 0);
  });
});
