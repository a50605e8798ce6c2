import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BindingInfo, CallInfo, PhoneInfo, RegistrationInfo, ServerInfo } from '../../../src/lab';
import type { Transfer } from '../../../src/trace';
import { callFailure, transferFailure } from '../../../src/vscode/failures';
import {
  callNodes,
  contextValue,
  detailNodes,
  endedNodes,
  phoneNodes,
  transferNodes,
  watchContextValue,
  watchNodes,
} from '../../../src/vscode/trees/nodes';
import { serverNodes } from '../../../src/vscode/trees/server-nodes';
import {
  bindingState,
  bindingTitle,
  callState,
  hearingSentence,
  phoneRow,
  phoneState,
  registrationState,
  serverState,
  transferState,
  transferSummary,
  transferTitle,
  watchState,
} from '../../../src/vscode/trees/words';

const up: CallInfo = {
  id: 'bob/1',
  phone: 'bob',
  direction: 'incoming',
  state: 'connected',
  peer: 'alice',
  peerUri: 'sip:alice@127.0.0.1',
  callId: 'x',
  holding: false,
  held: false,
  transferredBy: undefined,
  since: 0,
  end: undefined,
};
const ended: CallInfo = { ...up, id: 'bob/0', state: 'ended', end: { by: 'peer', status: 200, text: 'hung up' } };

function phone(calls: readonly CallInfo[], problem?: string): PhoneInfo {
  return {
    name: 'bob',
    displayName: 'Bob',
    uri: 'sip:bob@127.0.0.1',
    transports: ['udp'],
    uris: [],
    problem,
    calls,
    hears: { phones: [], hold: false },
    digits: '',
    watches: [],
    asks: [],
  };
}

const party = (name: string): Transfer['target'] => ({
  name,
  uri: `sip:${name}@127.0.0.1`,
  address: undefined,
  phone: name,
});
const pending: Transfer = {
  id: 'x1',
  kind: 'blind',
  transferor: party('bob'),
  transferee: party('alice'),
  target: party('charlie'),
  startedAt: 1000,
  progress: [],
  replacedCalls: [],
  survivingCall: undefined,
  messages: ['m14', 'm15'],
  verdict: 'pending',
  reason: 'Alice is calling Charlie.',
  decidedBy: undefined,
  decidedAt: undefined,
  wentWrongAt: undefined,
};
const failed: Transfer = {
  ...pending,
  verdict: 'failed',
  reason: 'Charlie was busy (486).',
  decidedBy: 'm20',
  progress: [{ status: 486, reason: 'Busy Here', at: 1500, message: 'm20', final: true }],
};

test('what a phone hears is a sentence', () => {
  assert.equal(hearingSentence('alice', { phones: [], hold: false }), 'Alice hears nobody.');
  assert.equal(
    hearingSentence('alice', { phones: ['bob', 'charlie'], hold: true }),
    'Alice hears Bob, Charlie and a hold tone.',
  );
});

test('who holds whom is told in the words of the scenario files', () => {
  assert.equal(callState(up), 'talking');
  assert.equal(callState({ ...up, holding: true }), 'holding');
  assert.equal(callState({ ...up, held: true }), 'held');
  assert.equal(callState({ ...up, held: true, holding: true }), 'holding and held');
  assert.equal(callState(ended), 'hung up');
});

test('a phone says what it is doing', () => {
  assert.equal(phoneState(phone([ended])), 'idle');
  assert.equal(phoneState(phone([up])), 'talks to alice');
  assert.equal(phoneState(phone([{ ...up, holding: true }])), 'holds alice');
  assert.equal(phoneState(phone([{ ...up, state: 'incoming' }])), 'alice rings');
  assert.equal(phoneState(phone([{ ...up, state: 'calling', direction: 'outgoing' }])), 'calls alice');
  assert.equal(phoneState(phone([up, { ...up, id: 'bob/2' }])), '2 calls');
  assert.equal(phoneState(phone([], 'port in use')), 'does not work');
});

test('a transfer says who gives whom to whom, and how it stands', () => {
  assert.equal(transferTitle(pending), 'Blind transfer: Bob gives Alice to Charlie');
  assert.equal(transferState(pending), 'under way');
  assert.equal(
    transferState({ ...pending, progress: [{ status: 180, reason: 'Ringing', at: 0, message: 'm18', final: false }] }),
    'under way, 180 Ringing',
  );
  assert.equal(transferSummary(failed), 'blind, failed');
});

test('the calls of a phone are its live ones, then the ended ones in one row, newest first', () => {
  const older = { ...ended, id: 'bob/00' };
  const [node] = phoneNodes({ phones: [phone([older, ended, up])] });
  assert.ok(node);
  const rows = callNodes(node);
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ['call', 'ended'],
  );
  const [, last] = rows;
  assert.deepEqual(last?.kind === 'ended' && endedNodes(last).map(({ call }) => call), ['bob/0', 'bob/00']);
});

test('a row is the argument of its own commands', () => {
  const [node] = phoneNodes({ phones: [phone([up])] });
  assert.ok(node);
  const [row] = callNodes(node);
  assert.ok(row?.kind === 'call');
  assert.deepEqual([row.phone, row.call], ['bob', 'bob/1']);
});

test('a row offers the verbs that the lab says are possible, for this call', () => {
  const [node] = phoneNodes({ phones: [phone([up])] });
  assert.ok(node);
  const [row] = callNodes(node);
  assert.ok(row?.kind === 'call');
  const can = (verb: string, name: string, call?: string): boolean =>
    name === 'bob' && (verb === 'place' || (call === 'bob/1' && verb === 'hold'));
  assert.equal(contextValue(row, { can }), 'call can:hold');
  assert.equal(contextValue(node, { can }), 'phone can:place');
});

test('transfers stand newest first, each with its sentence, its news and the message to look at', () => {
  const [first, second] = transferNodes([pending, { ...failed, id: 'x2' }]);
  assert.equal(first?.transfer.id, 'x2');
  assert.equal(first.message, 'm20');
  assert.equal(second?.message, 'm14');
  assert.deepEqual(
    detailNodes(first).map(({ label, description, message }) => [label, description, message]),
    [
      ['Charlie was busy (486).', '', 'm20'],
      ['Progress: 486 Busy Here', 'after 0.5 s', 'm20'],
    ],
  );
});

test('a person is told of a call that failed', () => {
  const refused: CallInfo = { ...ended, direction: 'outgoing', end: { by: 'peer', status: 486, text: 'Busy Here' } };
  assert.equal(callFailure(refused)?.text, "Bob's call to Alice failed: Busy Here.");
});

test('but not of one that ended well, was given up, came in, or belongs to a transfer', () => {
  const refused: CallInfo = { ...ended, direction: 'outgoing', end: { by: 'peer', status: 486, text: 'Busy Here' } };
  assert.equal(callFailure({ ...refused, end: { by: 'peer', status: 200, text: 'hung up' } }), undefined);
  assert.equal(callFailure({ ...refused, end: { by: 'us', status: 487, text: 'cancelled' } }), undefined);
  assert.equal(callFailure({ ...refused, end: { by: 'peer', status: 487, text: 'Request Terminated' } }), undefined, 'picked up elsewhere');
  assert.equal(callFailure({ ...refused, direction: 'incoming' }), undefined);
  assert.equal(callFailure({ ...refused, transferredBy: 'alice' }), undefined);
  assert.equal(callFailure({ ...refused, state: 'calling' }), undefined);
});

test('a person is told of a transfer that failed, in its own sentence', () => {
  assert.equal(transferFailure(failed)?.text, 'Blind transfer failed. Charlie was busy (486).');
  assert.equal(transferFailure(pending), undefined);
});

test('whom a phone watches stands below it, and what rings there can be picked up', () => {
  const call = { id: '1', phase: 'early', direction: 'recipient', peer: 'alice', peerUri: '', event: undefined, transferredBy: undefined, isReplacement: false, canPickUp: true } as const;
  const watch = { target: 'bob', uri: 'sip:bob@127.0.0.1', phase: 'active', why: '', calls: [call] } as const;
  const info: PhoneInfo = { ...phone([]), name: 'charlie', watches: [watch, { ...watch, target: 'dave', phase: 'waiting', why: '503', calls: [] }] };
  const [first, second] = watchNodes({ kind: 'phone', phone: 'charlie', info });
  assert.ok(first && second);
  assert.deepEqual([first.phone, first.target, first.call, second.call], ['charlie', 'bob', 'alice', undefined]);
  assert.deepEqual([watchContextValue(first), watchContextValue(second)], ['watch can:unwatch can:pick-up', 'watch can:unwatch']);
  assert.deepEqual([watchState(first.info), watchState(second.info)], ['rings: alice', 'not known: 503']);
  assert.equal(watchState({ ...watch, calls: [] }), 'idle');
  assert.equal(watchState({ ...watch, phase: 'snapshot', calls: [{ ...call, phase: 'confirmed' }] }), 'talks to alice (when asked)');
});

const registration: RegistrationInfo = { state: 'registered', addressOfRecord: 'sip:bob@lab.test', registrar: 'proxy', expires: 3600, problem: undefined };

test('a phone that registers says how that stands', () => {
  const states = (['registering', 'registered', 'refreshing', 'releasing', 'unregistered', 'failed'] as const).map((state) => registrationState({ ...registration, state }, 'bob'));
  assert.deepEqual(states, ['registering', 'registered', 'registered', 'unregistering', 'not registered', 'not registered']);
  assert.equal(registrationState(registration, 'desk'), 'registered as bob@lab.test');
  assert.equal(registrationState({ ...registration, state: 'failed', problem: '403 Forbidden' }, 'bob'), 'not registered: 403 Forbidden');
});

test("a phone's row tells where it is registered while it is idle, and only what is amiss while it talks", () => {
  const failing: RegistrationInfo = { ...registration, state: 'failed', problem: '403 Forbidden' };
  assert.equal(phoneRow(phone([])), 'idle, 127.0.0.1');
  assert.equal(phoneRow({ ...phone([]), registration }), 'idle, registered, 127.0.0.1');
  assert.equal(phoneRow({ ...phone([up]), registration }), 'talks to alice, hears nobody');
  assert.equal(phoneRow({ ...phone([up]), registration: failing, hears: { phones: ['alice'], hold: true } }), 'talks to alice, hears alice, hold tone, not registered: 403 Forbidden');
  assert.equal(phoneRow(phone([{ ...up, state: 'incoming' }])), 'alice rings');
  assert.equal(phoneRow({ ...phone([], 'port 5070 is in use'), registration }), 'port 5070 is in use');
});

const binding: BindingInfo = { addressOfRecord: 'sip:bob@lab.test', contact: 'sip:bob@127.0.0.1:5071', q: 1, expires: 60, until: 61_000 };
const proxy: ServerInfo = { name: 'proxy', kind: 'proxy', uri: 'sip:127.0.0.1:5060', domain: 'lab.test', isRegistrar: true, problem: undefined, bindings: [] };

test('a server says for which domain it is, how many are registered, and where it listens', () => {
  assert.equal(serverState(proxy), 'lab.test, nobody registered, 127.0.0.1:5060');
  assert.equal(serverState({ ...proxy, bindings: [binding, { ...binding, contact: 'sip:desk@127.0.0.1:5072' }] }), 'lab.test, 1 registered, 127.0.0.1:5060');
  assert.equal(serverState({ ...proxy, isRegistrar: false }), 'lab.test, 127.0.0.1:5060');
  assert.equal(serverState({ ...proxy, uri: '', problem: 'port 5060 is in use' }), 'port 5060 is in use');
});

test('below a server stands who is registered there, until when and where', () => {
  const startedAt = new Date(2026, 0, 2, 11, 33, 4);
  const journal = { wallClock: (at: number) => new Date(startedAt.getTime() + at) };
  const [node] = serverNodes({ servers: [{ ...proxy, bindings: [binding] }], journal });
  const [row] = node?.bindings ?? [];
  assert.ok(row);
  assert.deepEqual([row.server, row.uri], ['proxy', 'sip:bob@lab.test']);
  assert.equal(bindingTitle(row.info), 'bob');
  assert.equal(bindingState(row.info, row.until), 'until 11:34:05, 127.0.0.1:5071');
  assert.equal(bindingState({ ...binding, contact: 'sip:desk@127.0.0.1:5072', q: 0.5 }, row.until), 'until 11:34:05, desk@127.0.0.1:5072, q 0.5');
});
