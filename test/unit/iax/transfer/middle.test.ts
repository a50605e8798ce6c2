import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type MiddleAction, type MiddleConditions, type MiddleEvent, type MiddleState, transferMiddle } from '../../../../src/iax';

/*
 * The machine of the middle as a table: each state with each event, what it does and where it goes. What is not in the table
 * does nothing at all.
 */

const states: readonly MiddleState[] = ['idle', 'begin', 'half-ready', 'settling', 'releasing', 'media', 'done', 'failed', 'uncertain'];

const at: MiddleConditions = { kind: 'full', ready: 'a', relaying: false, released: { a: undefined, b: undefined } };

function brief(action: MiddleAction): string {
  if ('to' in action) return `${action.do} ${action.to}`;
  return action.do === 'set-guard' ? `set-guard ${action.after}` : action.do;
}

function step(state: MiddleState, event: MiddleEvent, conditions: Partial<MiddleConditions> = {}): string {
  const transition = transferMiddle(state, event, { ...at, ...conditions });
  if (transition === undefined) return '-';
  assert.match(transition.rule, /^IAX2 reference [\d.]+/);
  return [`${transition.to}:`, transition.actions.map(brief).join(', ')].join(' ').trim();
}

const events: Readonly<Record<string, MiddleEvent>> = {
  'start': { is: 'start' },
  'txready a': { is: 'txready', side: 'a' },
  'txready b': { is: 'txready', side: 'b' },
  'txrej a': { is: 'txrej', side: 'a', by: 'TXREJ' },
  'unsupport b': { is: 'txrej', side: 'b', by: 'UNSUPPORT' },
  'settled': { is: 'settled' },
  'released a': { is: 'released', side: 'a', acknowledged: true },
  'lost b': { is: 'released', side: 'b', acknowledged: false },
  'ended a': { is: 'ended', side: 'a', by: 'peer' },
  'guard': { is: 'guard' },
  'withdrawn': { is: 'withdrawn' },
};

const refusals = {
  'txrej a': 'failed: clear-guard, send-txrej b',
  'unsupport b': 'failed: clear-guard, send-txrej a',
  'ended a': 'failed: clear-guard, send-txrej b',
  'guard': 'failed: send-txrej a, send-txrej b',
  'withdrawn': 'failed: clear-guard, send-txrej a, send-txrej b',
};

/** The same, and who was held before is held again. */
function again(steps: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, `${step}, quelch-again a, quelch-again b`]));
}

const table: Readonly<Partial<Record<MiddleState, Readonly<Record<string, string>>>>> = {
  'idle': { start: 'begin: send-txreq a, send-txreq b, set-guard 10000' },
  'begin': { 'txready a': 'half-ready:', 'txready b': 'half-ready:', ...refusals },
  'half-ready': {
    'txready b': 'settling: unquelch a, unquelch b, tell-ringing a, tell-ringing b, set-guard 10000, await-settled',
    ...refusals,
  },
  'settling': { settled: 'releasing: clear-guard, stop-relaying, send-txrel a, send-txrel b', ...again(refusals) },
  'releasing': { 'txrej a': 'releasing:', 'unsupport b': 'releasing:', 'released a': 'releasing:', 'lost b': 'releasing:', 'ended a': 'releasing:' },
  'media': {
    'txrej a': 'failed: send-txrej b',
    'unsupport b': 'failed: send-txrej a',
    'ended a': 'done: pass-on-hangup b',
  },
};

suite('the middle of a native transfer', () => {
  for (const state of states) {
    test(`in ${state}`, () => {
      const seen = Object.fromEntries(Object.entries(events).map(([name, event]) => [name, step(state, event)]).filter(([, what]) => what !== '-'));
      assert.deepEqual(seen, table[state] ?? {});
    });
  }

  test('media only: TXMEDIA at the second TXREADY', () => {
    assert.equal(step('half-ready', events['txready b']!, { kind: 'media' }), 'media: clear-guard, unquelch a, unquelch b, send-txmedia a, send-txmedia b');
    assert.equal(step('half-ready', events['txready a']!, { kind: 'media' }), '-');
  });

  test('HANGUP of one end is passed on where the middle relays, and only there', () => {
    for (const state of ['begin', 'half-ready', 'settling'] as const) {
      assert.equal(step(state, events['ended a']!, { relaying: true }), 'failed: clear-guard, pass-on-hangup b');
    }
  });

  test('the outcome, when the second of the two ends is decided', () => {
    const free = 'free-legs';
    const aMoved = { released: { a: true, b: undefined } };
    const aLost = { released: { a: false, b: undefined } };
    assert.equal(step('releasing', { is: 'released', side: 'b', acknowledged: true }, aMoved), `done: ${free}`);
    assert.equal(step('releasing', { is: 'ended', side: 'b', by: 'peer' }, aMoved), `done: ${free}`);
    assert.equal(step('releasing', { is: 'ended', side: 'b', by: 'network' }, aMoved), `uncertain: ${free}`);
    assert.equal(step('releasing', { is: 'released', side: 'b', acknowledged: false }, aMoved), `uncertain: ${free}`);
    assert.equal(step('releasing', { is: 'txrej', side: 'b', by: 'TXREJ' }, aMoved), `uncertain: ${free}`);
    assert.equal(step('releasing', { is: 'released', side: 'b', acknowledged: true }, aLost), `uncertain: ${free}`);
  });

  test('never HANGUP once TXREL may have gone out, and UNQUELCH before it', () => {
    for (const state of states) {
      for (const event of Object.values(events)) {
        for (const kind of ['full', 'media'] as const) {
          const transition = transferMiddle(state, event, { ...at, kind, relaying: true });
          const actions = (transition?.actions ?? []).map((action) => action.do);
          if (state === 'releasing' || actions.includes('send-txrel')) assert.ok(!actions.includes('pass-on-hangup'), `${state}, ${event.is}`);
          if (transition?.to === 'settling' || actions.includes('send-txmedia')) assert.equal(actions.filter((name) => name === 'unquelch').length, 2);
        }
      }
    }
  });
});
