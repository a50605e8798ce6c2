import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeProblem, parseScenario } from '../../../src/scenario';
import { dedent, scenarioOf } from './scenarios';

describe('a scenario file that is right', () => {
  it('gives phones their options', () => {
    const { phones } = scenarioOf(`
      phones:
        alice:
        bob:
          answers: after 1.5s
          display-name: Bob the Builder
          host: 127.0.0.11
          port: 5070
          transport: tcp
          laws: [pcma, pcmu]
          hold-style: c0
          hold-tone: false
          credentials: { username: bob, password: 0123 }
          ring-limit: 2min
        charlie: { requires: { realm: here, algorithm: SHA-256, users: { alice: secret } } }
        dora: { redirects: [charlie, "sip:echo@127.0.0.2"] }
        erin: { busy: true }
        frank: { busy: false, laws: pcmu }
        grace: { declines: true }
        heidi: { answers: never }
        ivan: { answers: at once }
        judy: { answers: by hand }
    `);
    assert.deepEqual(phones, [
      { name: 'alice' },
      {
        name: 'bob',
        behaviour: { kind: 'answer', after: 1_500 },
        displayName: 'Bob the Builder',
        host: '127.0.0.11',
        port: 5070,
        transport: 'tcp',
        laws: ['pcma', 'pcmu'],
        holdStyle: 'c0',
        holdTone: false,
        credentials: { username: 'bob', password: '0123' },
        ringLimit: 120_000,
      },
      { name: 'charlie', requires: { realm: 'here', algorithm: 'SHA-256', users: [{ username: 'alice', password: 'secret' }] } },
      { name: 'dora', behaviour: { kind: 'redirect', to: ['charlie', 'sip:echo@127.0.0.2'] } },
      { name: 'erin', behaviour: { kind: 'busy' } },
      { name: 'frank', laws: ['pcmu'] },
      { name: 'grace', behaviour: { kind: 'decline' } },
      { name: 'heidi', behaviour: { kind: 'ignore' } },
      { name: 'ivan', behaviour: { kind: 'answer', after: 0 } },
      { name: 'judy', behaviour: { kind: 'manual' } },
    ]);
  });

  it('reads verbs, waits, verbs together and verbs that must fail, each with its place', () => {
    const { steps } = scenarioOf(`
      phones: { alice: , bob: , charlie: }
      steps:
        - alice place bob
        - wait: [bob incoming from alice, alice ringing]
          within: 3s
        - together: [alice hold, bob hold]
        - expect-failure: bob transfer alice to nowhere
          code: CL2002
    `);
    const plain = steps.map((step) =>
      step.kind === 'wait'
        ? { line: step.range.from.line, within: step.within, waits: step.conditions.map(({ text }) => text) }
        : { line: step.range.from.line, verbs: step.verbs.map(({ verb, failure }) => [verb.phone, verb.verb, failure]) },
    );
    assert.deepEqual(plain, [
      { line: 3, verbs: [['alice', 'place', undefined]] },
      { line: 4, within: 3_000, waits: ['bob incoming from alice', 'alice ringing'] },
      {
        line: 6,
        verbs: [
          ['alice', 'hold', undefined],
          ['bob', 'hold', undefined],
        ],
      },
      { line: 7, verbs: [['bob', 'transfer', { code: 'CL2002' }]] },
    ]);
  });

  it('reads expectations', () => {
    const { expectations } = scenarioOf(`
      phones: { alice: , bob: }
      expect:
        hears: { alice: [hold tone, bob], bob: nobody }
        calls: { alice: [held by bob, ended with echo 486], bob: idle }
        transfers:
          - { kind: blind, target: bob, verdict: failed, reason: busy }
        messages: { INVITE: 2, 486: at least 1, 200 BYE: at most 3, NOTIFY: 1 to 2 }
    `);
    const { hears, calls, transfers, messages } = expectations;
    assert.deepEqual(
      hears.map(({ range: _range, ...rest }) => rest),
      [
        { phone: 'alice', phones: ['bob'], hold: true },
        { phone: 'bob', phones: [], hold: false },
      ],
    );
    assert.deepEqual(
      calls.map((expected) => expected.calls),
      [
        [
          { word: 'held', peer: 'bob', status: undefined },
          { word: 'ended', peer: 'echo', status: 486 },
        ],
        [],
      ],
    );
    assert.deepEqual(transfers?.list, [{ kind: 'blind', target: 'bob', verdict: 'failed', reason: 'busy' }]);
    assert.deepEqual(Object.fromEntries(messages.map(({ text, method, status, min, max }) => [text, [method, status, min, max]])), {
      INVITE: ['INVITE', undefined, 2, 2],
      486: [undefined, 486, 1, Number.POSITIVE_INFINITY],
      '200 BYE': ['BYE', 200, 0, 3],
      NOTIFY: ['NOTIFY', undefined, 1, 2],
    });
  });

  it('is called by its file when it has no name', () => {
    assert.equal(parseScenario('phones: { alice: }', 'a/b/blind-transfer.calllab.yaml').scenario?.name, 'blind-transfer');
  });

  it('may use anchors and aliases', () => {
    const { phones } = scenarioOf(`
      phones:
        alice: &quick { answers: at once }
        bob: *quick
    `);
    assert.deepEqual(phones[1], { name: 'bob', behaviour: { kind: 'answer', after: 0 } });
  });
});

describe('a scenario file that is wrong', () => {
  const wrong = (text: string): readonly string[] =>
    parseScenario(dedent(text), 'x.yaml').problems.map((problem) => describeProblem(problem).replace('x.yaml:', '').replace(' CL4002:', ''));
  const inSteps = (step: string): readonly string[] => wrong(`phones: { alice: , bob: , charlie: }\nsteps:\n  ${step}\n`);
  const inExpect = (line: string): readonly string[] => wrong(`phones: { alice: , bob: , charlie: }\nexpect:\n  ${line}\n`);

  it('is told where the YAML breaks', () => {
    const [problem] = wrong('phones:\n  alice: [\n');
    assert.match(problem ?? '', /^3:1: This is no YAML: /u);
  });

  it('is told of an empty or foreign file', () => {
    assert.match(wrong('')[0] ?? '', /^1:1: A scenario should stand here, not nothing\./u);
    assert.match(wrong('- just\n- a list\n')[0] ?? '', /^1:1: A scenario should stand here, not a list\./u);
    assert.deepEqual(wrong('name: No phones\n'), ['1:1: "phones" is missing: who takes part? Add "phones:", and below it a line such as "  alice:" for each.']);
  });

  it('is told of unknown keys, with the nearest known one', () => {
    assert.deepEqual(wrong('phones: { alice: }\nstesp:\n'), ['2:1: "stesp" is no key of a scenario. Did you mean "steps"?']);
    assert.deepEqual(wrong('phones:\n  alice: { holdStyle: c0 }\n'), ['2:12: "holdStyle" is no key of a phone. Did you mean "hold-style"?']);
    assert.deepEqual(inSteps('- wait: bob incoming\n    wihtin: 3s'), ['4:5: "wihtin" is no key of a step. Did you mean "within"?']);
    assert.match(inExpect('sees: {}')[0] ?? '', /^3:3: "sees" is no key of the expectations\. (?:Did you mean "hears"|Use one of: hears, calls, transfers, messages)/u);
  });

  it('is told of values of the wrong kind', () => {
    assert.deepEqual(wrong('phones:\n  alice: { busy: yes }\n'), ['2:18: "yes" is not true or false. Use one of: true, false.']);
    assert.deepEqual(wrong('phones:\n  alice: { port: 70000 }\n'), ['2:18: "70000" is not a port. Write a whole number from 0 to 65535.']);
    assert.deepEqual(wrong('phones:\n  alice: { ring-limit: 3 }\n'), ['2:24: "3" is no time. Write a number and its unit: 200ms, 5s, 2min.']);
    assert.deepEqual(wrong('phones:\n  alice: { transport: tpc }\n'), ['2:23: "tpc" is not a transport. Did you mean "tcp"?']);
    assert.deepEqual(wrong('phones: { alice: }\nsteps: alice place bob\n'), [
      '2:8: A list of steps should stand here, not "alice place bob". Begin each item with "- " on a line of its own.',
    ]);
    assert.deepEqual(inExpect('messages: { INVITE: some }'), ['3:23: "some" is no count. Write 2, "at least 2", "at most 2" or "1 to 2".']);
  });

  it('is told of keys that contradict or repeat each other', () => {
    assert.deepEqual(wrong('phones:\n  alice: { busy: true, answers: never }\n'), [
      '2:24: "answers" contradicts "busy": a phone does one thing with a call. Keep one of the two.',
    ]);
    assert.deepEqual(wrong('phones:\n  alice:\n  alice:\n'), ['3:3: "alice" stands here twice. Keep one of the two.']);
    assert.deepEqual(inSteps('- wait: bob incoming\n    code: CL3001'), ['4:5: "code" belongs to "expect-failure". Remove it.']);
    assert.deepEqual(inSteps('- wait: bob incoming\n    together: [bob answer]'), [
      '4:5: A step is one thing: a verb, a wait, or verbs together. Begin a new step with "- ".',
    ]);
  });

  it('is told which word of a verb is wrong', () => {
    assert.match(inSteps('- bob hodl')[0] ?? '', /^3:9: "bob hodl": "hodl" is none of the verbs: .*\. Did you mean "hold"\?$/u);
    assert.deepEqual(inSteps('- bob'), ['3:8: "bob": a phone and a verb are needed, such as "alice place bob". Write a verb such as "alice place bob".']);
    assert.deepEqual(inSteps('- bob swap alice now'), ['3:14: "bob swap alice now": "alice now" is too much. Write a verb such as "alice place bob".']);
    assert.deepEqual(inSteps('- "bob dtmf 12x"'), ['3:15: "bob dtmf 12x": the keys of a telephone are 0-9, *, # and A-D. Write a verb such as "alice place bob".']);
  });

  it('is told of names that nobody has', () => {
    assert.deepEqual(inSteps('- alcie place bob'), ['3:5: There is no phone "alcie". Did you mean "alice"?']);
    assert.deepEqual(inSteps('- alice place charly'), ['3:17: "charly" is neither a phone of this file nor a URI. Did you mean "charlie"?']);
    assert.deepEqual(inSteps('- bob transfer alcie to charlie'), ['3:18: There is no phone "alcie". Did you mean "alice"?']);
    assert.deepEqual(inSteps('- wait: [bob incoming, alice hears bbo]'), ['3:38: There is no phone "bbo". Did you mean "bob"?']);
    assert.deepEqual(inExpect('hears: { alice: bbo }'), ['3:19: "bbo" cannot be heard: it is no phone of this file. Did you mean "bob"?']);
    assert.deepEqual(inExpect('transfers: [{ target: charly }]'), ['3:25: There is no phone "charly". Did you mean "charlie"?']);
    assert.deepEqual(wrong('phones:\n  alice: { redirects: [bbo] }\n  bob:\n'), [
      '2:24: "bbo" is neither a phone of this file nor a URI. Did you mean "bob"?',
    ]);
  });

  it('lets strangers be named, and a verb that must fail name nobody', () => {
    assert.deepEqual(inSteps('- alice hangup echo'), []);
    assert.deepEqual(inSteps('- alice place sip:echo@127.0.0.2'), []);
    assert.deepEqual(inSteps('- expect-failure: alice place nobody-knows-whom'), []);
  });

  it('is told which word of a condition is wrong', () => {
    assert.match(inSteps('- wait: bob incomign')[0] ?? '', /^3:15: "bob incomign": "incomign" is no state: .*\. Did you mean "incoming"\?$/u);
    assert.match(inSteps('- wait: transfer done')[0] ?? '', /^3:20: "transfer done": "done" is no verdict: success, failed, pending\./u);
    assert.match(inSteps('- wait: alice hears bob, charlie')[0] ?? '', /^3:28: "alice hears bob, charlie": several are joined by "and"/u);
    assert.match(inSteps('- wait: []')[0] ?? '', /^3:11: There is nothing to wait for\./u);
    assert.match(inExpect('calls: { alice: conected to bob }')[0] ?? '', /^3:19: "conected to bob": "conected" is no state: .*\. Did you mean "connected"\?$/u);
  });

  it('gives offsets for editors: the text between them is what is wrong', () => {
    const text = 'phones:\r\n  alice:\r\nsteps:\r\n  - "alice hodl"\r\n';
    const [problem] = parseScenario(text, 'x').problems;
    assert(problem);
    assert.equal(text.slice(problem.start, problem.end), 'hodl');
    assert.deepEqual([problem.from, problem.to], [
      { line: 4, column: 12 },
      { line: 4, column: 16 },
    ]);
  });

  it('points to the whole scalar where folding has moved its words', () => {
    const text = 'phones:\n  alice:\nsteps:\n  - alice\n    hodl\n';
    const [problem] = parseScenario(text, 'x').problems;
    assert(problem);
    assert.equal(text.slice(problem.start, problem.end), 'alice\n    hodl');
  });

  it('is told of everything at once, in the order of the file', () => {
    const lines = parseScenario('phones:\n  alice: { prot: 1 }\nsteps:\n  - alice hodl\n  - bob hold\nexpect:\n  hears: { x: y }\n', 'x').problems.map(({ line }) => line);
    assert.deepEqual(lines, [2, 4, 5, 7, 7]);
  });
});
