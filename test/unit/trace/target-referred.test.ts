import assert from 'node:assert/strict';
import { it } from 'node:test';
import { answeredCall, CallScript, ended, escapeReplaces, notify, reinvite, simple } from './call-script';
import { heldCall } from './transfers';

/** Bob has consulted Charlie and asks him, and not Alice, to make the new call. */
function targetReferred(refusal?: readonly [status: number, reason: string], beforeNews?: (script: CallScript) => void): CallScript {
  const script = new CallScript();
  const first = heldCall(script);
  const second = answeredCall(script, 'bob', 'charlie', 'd2');
  const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;
  const referTo = `<sip:alice@127.0.0.11?Replaces=${escapeReplaces(first.replaces('alice'))}>`;
  simple(second, 'bob', 'REFER', { headers: [['Refer-To', referTo], referredBy], answer: '202 Accepted' });
  notify(second, 'charlie', '100 Trying');
  const third = script.dialog('charlie', 'alice', 'd3');
  const invite = third.request('charlie', 'INVITE', { sdp: 'sendrecv', headers: [['Replaces', first.replaces('alice')], referredBy] });
  if (refusal === undefined) {
    third.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
    third.follow(invite, 'ACK');
    simple(first, 'alice', 'BYE');
    beforeNews?.(script);
    notify(second, 'charlie', '200 OK', ended);
    simple(second, 'bob', 'BYE');
  } else {
    third.respond(invite, ...refusal);
    third.follow(invite, 'ACK', false);
    notify(second, 'charlie', refusal.join(' '), ended);
    reinvite(first, 'bob', 'sendrecv', 'sendrecv');
  }
  return script;
}

it('gives Alice to Charlie, though it is Charlie who is asked to call', () => {
  const model = targetReferred().captured();
  const [transfer, ...more] = model.transfers;
  assert.deepEqual(more, []);
  const { kind, transferor, transferee, target, verdict, reason, replacedCalls, survivingCall } = transfer ?? assert.fail();
  assert.deepEqual([kind, transferor.name, transferee.name, target.name, verdict], ['attended', 'bob', 'alice', 'charlie', 'success']);
  assert.equal(reason, 'Alice talks to Charlie; Bob has left (the media was not in the capture).');
  assert.deepEqual(replacedCalls.map(({ callee }) => callee.name), ['bob', 'charlie']);
  assert.deepEqual([survivingCall?.caller.name, survivingCall?.callee.name], ['charlie', 'alice']);
  assert.deepEqual(model.lints, []);
});

it('says who refused, and that Bob has Alice back', () => {
  const [transfer] = targetReferred([603, 'Decline']).captured().transfers;
  assert.equal(transfer?.verdict, 'failed');
  assert.match(transfer.reason, /^Alice declined \(603\), and Alice and Bob are talking again\.$/);
});

it('waits until Bob has been told and could leave, though his first call is over', () => {
  const script = targetReferred(undefined, (early) => {
    early.hearsAt(4000, 'alice', 'charlie');
    early.hearsAt(4000, 'charlie', 'alice');
    early.hearsAt(4002, 'charlie', 'bob');
    early.wait(10_000);
    const [transfer] = early.live().transfers;
    assert.equal(transfer?.verdict, 'pending');
    assert.match(transfer.reason, /Bob waits to be told/);
  });
  script.hearsAt(4002, 'charlie');
  const [transfer] = script.live().transfers;
  assert.equal(transfer?.verdict, 'success', transfer?.reason);
});
