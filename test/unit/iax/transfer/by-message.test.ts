import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { handingOver, type HandingOverEvent, type HandingOverState } from '../../../../src/iax/transfer/handing-over';
import { takingOver, type TakingOverEvent, type TakingOverState } from '../../../../src/iax/transfer/taking-over';

/*
 * Both sides of TRANSFER as tables: each state with each event. What is not in a table does nothing at all.
 */

function brief(step: { readonly to: string; readonly actions: readonly string[]; readonly rule: string } | undefined): string {
  if (step === undefined) return '-';
  assert.match(step.rule, /^IAX2 reference [\d.]+/);
  return [`${step.to}:`, ...step.actions].join(' ');
}

function table<State extends string, Event>(states: readonly State[], events: Readonly<Record<string, Event>>, step: (state: State, event: Event) => string): unknown {
  return Object.fromEntries(
    states.map((state) => [state, Object.fromEntries(Object.entries(events).map(([name, event]) => [name, step(state, event)]).filter(([, what]) => what !== '-'))]),
  );
}

suite('TRANSFER', () => {
  test('for who sends it: handed over, never completed', () => {
    const states: readonly HandingOverState[] = ['none', 'asked', 'handed-over', 'refused', 'ignored', 'lost'];
    const events: Readonly<Record<string, HandingOverEvent>> = {
      'start': { is: 'start' },
      'unsupport': { is: 'unsupported' },
      'hangup': { is: 'ended', by: 'peer' },
      'we hang up': { is: 'ended', by: 'us' },
      'silence': { is: 'ended', by: 'network' },
      'patience': { is: 'patience' },
    };
    const late = { 'unsupport': 'refused: clear-patience', 'hangup': 'handed-over: clear-patience', 'we hang up': 'handed-over: clear-patience', 'silence': 'lost: clear-patience' };
    assert.deepEqual(
      table(states, events, (state, event) => brief(handingOver(state, event))),
      { 'none': { start: 'asked: send-transfer set-patience' }, 'asked': { ...late, patience: 'ignored:' }, 'handed-over': {}, 'refused': {}, 'ignored': late, 'lost': {} },
    );
  });

  test('for who gets it: the number is checked first, and nobody is cut off until somebody takes the call', () => {
    const states: readonly TakingOverState[] = ['asked', 'dialling', 'handed-over', 'connected', 'refused', 'failed'];
    const events: Readonly<Record<string, TakingOverEvent>> = {
      'nobody behind': { is: 'judged', route: 'nobody-behind' },
      'unknown number': { is: 'judged', route: 'unknown' },
      'known number': { is: 'judged', route: 'known' },
      'accepted': { is: 'accepted' },
      'ringing': { is: 'ringing' },
      'answered': { is: 'answered' },
      'target ended': { is: 'target-ended' },
      'far ended': { is: 'far-ended' },
    };
    assert.deepEqual(
      table(states, events, (state, event) => brief(takingOver(state, event))),
      {
        'asked': { 'nobody behind': 'refused: refuse', 'unknown number': 'refused: tell-no-number', 'known number': 'dialling: dial' },
        'dialling': { 'accepted': 'handed-over: hang-up-transferor', 'target ended': 'failed: tell-failure', 'far ended': 'failed: hang-up-target' },
        'handed-over': { 'ringing': 'handed-over: tell-ringing', 'answered': 'connected: join', 'target ended': 'failed: hang-up-far', 'far ended': 'failed: hang-up-target' },
        'connected': {},
        'refused': {},
        'failed': {},
      },
    );
  });
});
