import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type EndAction, type EndConditions, type EndEvent, type EndState, probeGaps, transferEnd } from '../../../../src/iax';

/*
 * The machine of an end as a table: each state with each event, what it does and where it goes. What is not in the table
 * does nothing at all.
 */

const at: EndConditions = { rounds: 1, probesLeft: 4, isProven: false };
const states: readonly EndState[] = ['none', 'asked', 'begin', 'ready', 'media-pass'];

/** Actions in short: `send-txcnt`, `send-txcnt again`, `set probe 2000`. */
function brief(action: EndAction): string {
  if (action.do === 'send-txcnt') return action.again ? 'send-txcnt again' : 'send-txcnt';
  if (action.do === 'set') return `set ${action.timer} ${action.after}`;
  return action.do === 'clear' ? `clear ${action.timer}` : action.do;
}

function step(state: EndState, event: EndEvent, conditions = at): string {
  const transition = transferEnd(state, event, conditions);
  if (transition === undefined) return '-';
  assert.match(transition.rule, /^IAX2 reference [\d.]+/);
  return [`${transition.to}:`, ...transition.actions.map(brief)].join(' ');
}

const events: Readonly<Record<string, EndEvent>> = {
  'txreq': { is: 'txreq', verdict: 'allow', sameTarget: false },
  'txreq same': { is: 'txreq', verdict: 'allow', sameTarget: true },
  'txreq ask': { is: 'txreq', verdict: 'ask', sameTarget: false },
  'txreq ask same': { is: 'txreq', verdict: 'ask', sameTarget: true },
  'txreq refused': { is: 'txreq', verdict: 'refuse', sameTarget: false },
  'allowed': { is: 'decided', allowed: true },
  'denied': { is: 'decided', allowed: false },
  'txcnt': { is: 'txcnt' },
  'txacc': { is: 'txacc' },
  'txrel': { is: 'txrel', matches: true },
  'txrel other': { is: 'txrel', matches: false },
  'txmedia': { is: 'txmedia', matches: true },
  'txmedia other': { is: 'txmedia', matches: false },
  'txrej': { is: 'txrej', from: 'middle' },
  'txrej new path': { is: 'txrej', from: 'other-end' },
  'probe': { is: 'timer', timer: 'probe' },
  'question': { is: 'timer', timer: 'question' },
  'ended': { is: 'ended' },
};

const probing = 'adopt send-txcnt set probe 2000';
const asking = 'adopt set question 4000 ask';

const table: Readonly<Record<EndState, Readonly<Record<string, string>>>> = {
  'none': {
    'txreq': `begin: ${probing}`,
    'txreq same': `begin: ${probing}`,
    'txreq ask': `asked: ${asking}`,
    'txreq ask same': `asked: ${asking}`,
    'txreq refused': 'none: send-txrej',
  },
  'asked': {
    'txreq': `begin: clear question ${probing}`,
    'txreq same': `begin: clear question ${probing}`,
    'txreq ask': `asked: clear question forget ${asking}`,
    'txreq ask same': 'asked: adopt',
    'txreq refused': 'none: send-txrej clear question forget',
    'allowed': 'begin: clear question send-txcnt set probe 2000',
    'denied': 'none: send-txrej clear question forget',
    'question': 'none: send-txrej forget',
    'txrej': 'none: clear question forget',
    'ended': 'none: clear question forget',
  },
  'begin': {
    'txreq': `begin: ${probing}`,
    'txreq same': `begin: ${probing}`,
    'txreq ask': `asked: clear probe forget ${asking}`,
    'txreq ask same': `asked: clear probe forget ${asking}`,
    'txreq refused': 'none: send-txrej clear probe forget',
    'txcnt': 'begin: send-txacc',
    'txacc': 'ready: clear probe send-txready',
    'probe': 'begin: send-txcnt again set probe 1000',
    'txrej': 'none: clear probe forget',
    'txrej new path': 'none: send-txrej clear probe forget',
    'ended': 'none: clear probe forget',
  },
  'ready': {
    'txreq': 'none: send-txrej forget',
    'txreq same': `begin: ${probing}`,
    'txreq ask': 'none: send-txrej forget',
    'txreq ask same': `asked: forget ${asking}`,
    'txreq refused': 'none: send-txrej forget',
    'txcnt': 'ready: send-txacc',
    'txrel': 'none: switch forget',
    'txmedia': 'media-pass: split-media',
    'txrej': 'none: forget',
    'txrej new path': 'none: send-txrej forget',
    'ended': 'none: forget',
  },
  'media-pass': {
    'txreq': 'none: send-txrej join-media forget',
    'txreq same': 'none: send-txrej join-media forget',
    'txreq ask': 'none: send-txrej join-media forget',
    'txreq ask same': 'none: send-txrej join-media forget',
    'txreq refused': 'none: send-txrej join-media forget',
    'txcnt': 'media-pass: send-txacc',
    'txrej': 'none: join-media forget',
    'txrej new path': 'none: send-txrej join-media forget',
    'ended': 'none: join-media forget',
  },
};

suite('an end of a native transfer', () => {
  for (const state of states) {
    test(`in ${state}`, () => {
      const seen = Object.fromEntries(Object.entries(events).map(([name, event]) => [name, step(state, event)]).filter(([, what]) => what !== '-'));
      assert.deepEqual(seen, table[state]);
    });
  }

  test('TXCNT goes at 0, 2, 3 and 4 s, TXREJ at 5 s', () => {
    let now = 0;
    const sent: string[] = [];
    let transition = transferEnd('none', events['txreq']!, { rounds: 0, probesLeft: 5, isProven: false });
    for (let rounds = 0; transition !== undefined; rounds += 1) {
      for (const action of transition.actions) {
        if (action.do === 'send-txcnt' || action.do === 'send-txrej') sent.push(`${now} ${brief(action)}`);
      }
      const timer = transition.actions.find((action) => action.do === 'set');
      if (timer === undefined) break;
      now += timer.after;
      transition = transferEnd(transition.to, { is: 'timer', timer: timer.timer }, { rounds: rounds + 1, probesLeft: 4 - rounds, isProven: false });
    }
    assert.deepEqual(sent, ['0 send-txcnt', '2000 send-txcnt again', '3000 send-txcnt again', '4000 send-txcnt again', '5000 send-txrej']);
  });

  test('sends no TXCNT beyond what the policy lets through, and fails at the same moment', () => {
    assert.equal(step('none', events['txreq']!, { rounds: 0, probesLeft: 0, isProven: false }), 'begin: adopt set probe 2000');
    assert.equal(step('begin', events['probe']!, { rounds: 2, probesLeft: 0, isProven: false }), 'begin: set probe 1000');
    assert.equal(step('begin', events['probe']!, { rounds: probeGaps.length, probesLeft: 3, isProven: false }), 'none: send-txrej forget');
  });

  test('a middle that repeats TXREQ finds an end ready that has just tried the very path', () => {
    const proven: EndConditions = { ...at, isProven: true };
    assert.equal(step('ready', events['txreq same']!, proven), 'ready: adopt send-txready');
    assert.equal(step('ready', events['txreq ask same']!, proven), 'ready: adopt send-txready');
    assert.equal(step('ready', events['txreq']!, proven), 'none: send-txrej forget');
    assert.equal(step('begin', events['txreq same']!, proven), `begin: ${probing}`);
  });
});
