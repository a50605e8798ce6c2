import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inviteClient, type InviteClientState } from '../../../../src/sip/transaction/invite-client';
import { inviteServer, type InviteServerState } from '../../../../src/sip/transaction/invite-server';
import type { Action, ClientEvent, Conditions, ServerEvent, Transition } from '../../../../src/sip/transaction/machine';
import { nonInviteClient, type NonInviteClientState } from '../../../../src/sip/transaction/non-invite-client';
import { nonInviteServer, type NonInviteServerState } from '../../../../src/sip/transaction/non-invite-server';
import { defaultTimers } from '../../../../src/sip/transaction/timers';

/*
 * Every state with every event, as tables: what is not listed must be ignored. A step is written `state: action, action`;
 * `|` parts what an unreliable transport does from what a reliable one does.
 */

type Table<State extends string> = Readonly<Partial<Record<State, Readonly<Record<string, string>>>>>;

const timers = ['A', 'B', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'trying'] as const;

const clientEvents: Readonly<Record<string, ClientEvent>> = {
  start: { is: 'start' },
  '1xx': { is: 'response', status: 180 },
  '2xx': { is: 'response', status: 200 },
  '3xx-6xx': { is: 'response', status: 486 },
  'transport error': { is: 'transport-error' },
  ...Object.fromEntries(timers.map((timer) => [timer, { is: 'timer', timer }])),
};

const serverEvents: Readonly<Record<string, ServerEvent>> = {
  start: { is: 'start' },
  repeat: { is: 'repeat' },
  ACK: { is: 'ack' },
  'user 1xx': { is: 'respond', status: 180 },
  'user 2xx': { is: 'respond', status: 200 },
  'user 3xx-6xx': { is: 'respond', status: 486 },
  'transport error': { is: 'transport-error' },
  ...Object.fromEntries(timers.map((timer) => [timer, { is: 'timer', timer }])),
};

function write(step: Transition<string> | undefined): string {
  if (step === undefined) return 'ignored';
  assert.match(step.rule, /^RFC \d{4} \d/u, 'each step cites its rule');
  const actions = step.actions.map((action) => writeAction(action));
  return actions.length === 0 ? step.to : `${step.to}: ${actions.join(', ')}`;
}

function writeAction(action: Action): string {
  if (action.do === 'set') return `${action.timer} in ${String(action.after)}`;
  return action.do === 'clear' ? `stop ${action.timer}` : action.do;
}

function check<State extends string, Event>(
  name: string,
  machine: (state: State, event: Event, at: Conditions) => Transition<State> | undefined,
  states: readonly State[],
  events: Readonly<Record<string, Event>>,
  table: Table<State>,
): void {
  describe(name, () => {
    for (const state of states) {
      test(`${state}: every event`, () => {
        const row = table[state] ?? {};
        for (const event of Object.keys(row)) assert.ok(event in events, `"${event}" is no event`);
        for (const reliable of [false, true]) {
          const actual: Record<string, string> = {};
          const expected: Record<string, string> = {};
          for (const [event, value] of Object.entries(events)) {
            const [unreliably = 'ignored', reliably = unreliably] = (row[event] ?? 'ignored').split(' | ');
            expected[event] = reliable ? reliably : unreliably;
            actual[event] = write(machine(state, value, { timers: defaultTimers, reliable, sent: 1 }));
          }
          assert.deepEqual(actual, expected, reliable ? 'over TCP' : 'over UDP');
        }
      });
    }
  });
}

check<InviteClientState, ClientEvent>(
  'INVITE client transaction (RFC 3261 17.1.1, RFC 6026 7.2)',
  inviteClient,
  ['calling', 'proceeding', 'completed', 'accepted', 'terminated'],
  clientEvents,
  {
    calling: {
      start: 'calling: send, A in 500, B in 32000 | calling: send, B in 32000',
      A: 'calling: send, A in 1000',
      B: 'terminated: report-timeout',
      '1xx': 'proceeding: stop A, stop B, deliver',
      '2xx': 'accepted: stop A, stop B, M in 32000, deliver',
      '3xx-6xx': 'completed: stop A, stop B, send-ack, D in 32000, deliver | terminated: stop A, stop B, send-ack, deliver',
      'transport error': 'terminated: report-transport-error',
    },
    proceeding: {
      '1xx': 'proceeding: deliver',
      '2xx': 'accepted: M in 32000, deliver',
      '3xx-6xx': 'completed: send-ack, D in 32000, deliver | terminated: send-ack, deliver',
    },
    completed: {
      '3xx-6xx': 'completed: send-ack',
      'transport error': 'terminated: report-transport-error',
      D: 'terminated',
    },
    accepted: { '2xx': 'accepted: deliver', M: 'terminated' },
  },
);

check<NonInviteClientState, ClientEvent>(
  'non-INVITE client transaction (RFC 3261 17.1.2)',
  nonInviteClient,
  ['trying', 'proceeding', 'completed', 'terminated'],
  clientEvents,
  {
    trying: {
      start: 'trying: send, E in 500, F in 32000 | trying: send, F in 32000',
      E: 'trying: send, E in 1000',
      F: 'terminated: report-timeout',
      '1xx': 'proceeding: deliver',
      '2xx': 'completed: stop E, stop F, K in 5000, deliver | terminated: stop E, stop F, deliver',
      '3xx-6xx': 'completed: stop E, stop F, K in 5000, deliver | terminated: stop E, stop F, deliver',
      'transport error': 'terminated: report-transport-error',
    },
    proceeding: {
      start: 'trying: send, E in 500, F in 32000 | trying: send, F in 32000',
      E: 'proceeding: send, E in 4000',
      F: 'terminated: report-timeout',
      '1xx': 'proceeding: deliver',
      '2xx': 'completed: stop E, stop F, K in 5000, deliver | terminated: stop E, stop F, deliver',
      '3xx-6xx': 'completed: stop E, stop F, K in 5000, deliver | terminated: stop E, stop F, deliver',
      'transport error': 'terminated: report-transport-error',
    },
    completed: { K: 'terminated' },
  },
);

check<InviteServerState, ServerEvent>(
  'INVITE server transaction (RFC 3261 17.2.1, RFC 6026 7.1)',
  inviteServer,
  ['proceeding', 'accepted', 'completed', 'confirmed', 'terminated'],
  serverEvents,
  {
    proceeding: {
      start: 'proceeding: trying in 200',
      trying: 'proceeding: send-trying',
      repeat: 'proceeding: send',
      'user 1xx': 'proceeding: stop trying, send',
      'user 2xx': 'accepted: stop trying, send, L in 32000',
      'user 3xx-6xx': 'completed: stop trying, send, G in 500, H in 32000 | completed: stop trying, send, H in 32000',
      'transport error': 'proceeding: report-transport-error',
    },
    accepted: {
      repeat: 'accepted',
      ACK: 'accepted: deliver',
      'user 2xx': 'accepted: send',
      L: 'terminated',
      'transport error': 'accepted: report-transport-error',
    },
    completed: {
      repeat: 'completed: send',
      G: 'completed: send, G in 1000',
      ACK: 'confirmed: stop G, stop H, I in 5000 | terminated: stop G, stop H',
      H: 'terminated: report-timeout',
      'transport error': 'completed: report-transport-error',
    },
    confirmed: { I: 'terminated', 'transport error': 'confirmed: report-transport-error' },
  },
);

check<NonInviteServerState, ServerEvent>(
  'non-INVITE server transaction (RFC 3261 17.2.2)',
  nonInviteServer,
  ['trying', 'proceeding', 'completed', 'terminated'],
  serverEvents,
  {
    trying: {
      start: 'trying',
      repeat: 'trying',
      'user 1xx': 'proceeding: send',
      'user 2xx': 'completed: send, J in 32000 | terminated: send',
      'user 3xx-6xx': 'completed: send, J in 32000 | terminated: send',
      'transport error': 'terminated: report-transport-error',
    },
    proceeding: {
      start: 'trying',
      repeat: 'proceeding: send',
      'user 1xx': 'proceeding: send',
      'user 2xx': 'completed: send, J in 32000 | terminated: send',
      'user 3xx-6xx': 'completed: send, J in 32000 | terminated: send',
      'transport error': 'terminated: report-transport-error',
    },
    completed: { repeat: 'completed: send', J: 'terminated', 'transport error': 'terminated: report-transport-error' },
  },
);
