import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredCall, CallScript, reinvite, simple } from './call-script';

test('a call is calling, ringing, up and ended', () => {
  const states: (string | undefined)[] = [];
  const script = new CallScript();
  const note = (): void => void states.push(script.captured().calls[0]?.state);
  const dialog = script.dialog('alice', 'bob', 'd1');
  const invite = dialog.request('alice', 'INVITE', { sdp: 'sendrecv' });
  note();
  dialog.respond(invite, 100, 'Trying');
  note();
  dialog.respond(invite, 180, 'Ringing');
  note();
  dialog.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
  note();
  dialog.follow(invite, 'ACK');
  simple(dialog, 'bob', 'BYE');
  note();
  assert.deepEqual(states, ['calling', 'calling', 'ringing', 'up', 'ended']);
  const [call] = script.captured().calls;
  assert.equal(call?.endedBy, 'callee');
  assert.equal(call.dialog?.state, 'terminated');
});

test('a call given up is cancelled, and its early dialog with it', () => {
  const script = new CallScript();
  const dialog = script.dialog('alice', 'bob', 'd1');
  const invite = dialog.request('alice', 'INVITE');
  dialog.respond(invite, 180, 'Ringing');
  const cancel = dialog.follow(invite, 'CANCEL', false);
  dialog.respond(cancel, 200, 'OK');
  dialog.respond(invite, 487, 'Request Terminated');
  dialog.follow(invite, 'ACK', false);
  const model = script.captured();
  assert.equal(model.calls[0]?.state, 'cancelled');
  assert.equal(model.calls[0].endedBy, 'caller');
  assert.equal(model.dialogs[0]?.state, 'terminated');
  assert.ok(model.messages.every(({ call }) => call?.id === 'c1'));
});

test('an INVITE that is challenged and repeated is one call', () => {
  const script = new CallScript();
  const dialog = script.dialog('alice', 'bob', 'd1');
  const challenged = dialog.request('alice', 'INVITE', { sdp: 'sendrecv' });
  dialog.respond(challenged, 407, 'Proxy Authentication Required');
  dialog.follow(challenged, 'ACK', false);
  const invite = dialog.request('alice', 'INVITE', { sdp: 'sendrecv' });
  dialog.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
  const model = script.captured();
  assert.deepEqual(
    model.calls.map(({ state }) => state),
    ['up'],
  );
});

/** Who holds whom after each re-INVITE: offerer, offer, answer, then caller and callee (reference table of hold). */
const holds = [
  { steps: [['bob', 'sendonly', 'recvonly']], caller: false, callee: true },
  { steps: [['bob', 'inactive', 'inactive']], caller: false, callee: true },
  {
    steps: [
      ['bob', 'sendonly', 'recvonly'],
      ['bob', 'sendrecv', 'sendrecv'],
    ],
    caller: false,
    callee: false,
  },
  // Both hold; one resumes, which leaves the other's hold.
  {
    steps: [
      ['bob', 'sendonly', 'recvonly'],
      ['alice', 'inactive', 'inactive'],
    ],
    caller: true,
    callee: true,
  },
  {
    steps: [
      ['bob', 'sendonly', 'recvonly'],
      ['alice', 'inactive', 'inactive'],
      ['bob', 'recvonly', 'sendonly'],
    ],
    caller: true,
    callee: false,
  },
  {
    steps: [
      ['bob', 'sendonly', 'recvonly'],
      ['alice', 'inactive', 'inactive'],
      ['alice', 'recvonly', 'sendonly'],
    ],
    caller: false,
    callee: true,
  },
  // The answerer holds as well.
  { steps: [['bob', 'sendonly', 'inactive']], caller: true, callee: true },
  { steps: [['bob', 'sendrecv', 'sendonly']], caller: true, callee: false },
] as const;

test('follows hold and resume of both sides', () => {
  for (const { steps, caller, callee } of holds) {
    const script = new CallScript();
    const dialog = answeredCall(script, 'alice', 'bob', 'd1');
    for (const [by, offer, answer] of steps) reinvite(dialog, by, offer, answer);
    const held = script.captured().calls[0]?.held;
    assert.deepEqual({ ...held }, { caller, callee }, JSON.stringify(steps));
  }
});

test('a refused offer changes nothing', () => {
  const script = new CallScript();
  const dialog = answeredCall(script, 'alice', 'bob', 'd1');
  simple(dialog, 'bob', 'INVITE', { sdp: 'sendonly', answer: '488 Not Acceptable Here' });
  const model = script.captured();
  assert.deepEqual({ ...model.calls[0]?.held }, { caller: false, callee: false });
  assert.equal(model.calls[0]?.state, 'up');
});

test('the old way to hold is understood', () => {
  const script = new CallScript();
  const dialog = answeredCall(script, 'alice', 'bob', 'd1');
  const before = script.packets.length;
  reinvite(dialog, 'bob', 'sendrecv', 'sendrecv');
  const offer = script.packets[before];
  assert.ok(offer !== undefined);
  script.packets[before] = {
    ...offer,
    bytes: Buffer.from(offer.bytes.toString().replace('c=IN IP4 127.0.0.12', 'c=IN IP4 0.0.0.0')),
  };
  assert.deepEqual({ ...script.captured().calls[0]?.held }, { caller: false, callee: true });
});

test('a 481 inside the call ends it, a 500 does not', () => {
  for (const [answer, state] of [
    ['481 Call/Transaction Does Not Exist', 'ended'],
    ['500 Server Internal Error', 'up'],
  ] as const) {
    const script = new CallScript();
    simple(answeredCall(script, 'alice', 'bob', 'd1'), 'bob', 'INVITE', { sdp: 'sendonly', answer });
    assert.equal(script.captured().calls[0]?.state, state);
  }
});

test('a capture that begins in the middle of a call knows the call from its first request', () => {
  const script = new CallScript();
  const dialog = answeredCall(script, 'alice', 'bob', 'd1');
  const begun = script.packets.length;
  reinvite(dialog, 'bob', 'sendonly', 'recvonly');
  script.packets.splice(0, begun);
  const [call] = script.captured().calls;
  assert.equal(call?.state, 'up');
  assert.deepEqual({ ...call.held }, { caller: true, callee: false });
});

test('notes tell what happened between the messages', () => {
  const script = new CallScript();
  const dialog = answeredCall(script, 'alice', 'bob', 'd1');
  reinvite(dialog, 'bob', 'sendonly', 'recvonly');
  reinvite(dialog, 'bob', 'sendrecv', 'sendrecv');
  simple(dialog, 'alice', 'BYE');
  const told = script.captured().notes.map(({ kind, by, message }) => [kind, by?.name, message.id]);
  assert.deepEqual(told, [
    ['up', undefined, 'm3'],
    ['held', 'bob', 'm6'],
    ['resumed', 'bob', 'm9'],
    ['ended', 'alice', 'm11'],
  ]);
});
