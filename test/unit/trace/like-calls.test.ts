import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceModel } from '../../../src/trace';
import { answeredCall, CallScript, ended, escapeReplaces, notify, simple } from './call-script';
import { blindTransfer, heldCall } from './transfers';

/*
 * Calls that could be taken for one another: between the same two people at the same time, or asked for twice. Random
 * stories of the simulation found these.
 */

test('a call placed to the same party before the 302 has arrived does not follow the redirection', () => {
  const script = new CallScript();
  const dialog = script.dialog('alice', 'bob', 'd1');
  const invite = dialog.request('alice', 'INVITE', { sdp: 'sendrecv' });
  const redirection = { headers: [['Contact', '<sip:charlie@127.0.0.13>']] as const };
  dialog.respond(invite, 302, 'Moved Temporarily', { ...redirection, lost: true });
  answeredCall(script, 'alice', 'charlie', 'd2');
  script.hears('alice', 'charlie');
  script.hears('charlie', 'alice');
  const [redirect] = script.live().transfers;
  assert.equal(redirect?.kind, 'redirect');
  assert.equal(redirect.verdict, 'pending');
  assert.equal(redirect.survivingCall, undefined);
});

test('who hears each other in an older call does not make a transfer a success before the caller has the answer', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'charlie', 'd0');
  script.hears('alice', 'charlie');
  script.hears('charlie', 'alice');
  const dialog = script.dialog('alice', 'bob', 'd1');
  const invite = dialog.request('alice', 'INVITE', { sdp: 'sendrecv' });
  dialog.respond(invite, 302, 'Moved Temporarily', { headers: [['Contact', '<sip:charlie@127.0.0.13>']] });
  dialog.follow(invite, 'ACK', false);
  const next = script.dialog('alice', 'charlie', 'd2');
  const again = next.request('alice', 'INVITE', { sdp: 'sendrecv' });
  next.respond(again, 200, 'OK', { sdp: 'sendrecv', lost: true });
  assert.equal(script.live().transfers[0]?.verdict, 'pending');
  const cut = script.live();
  cut.finish();
  assert.equal(cut.transfers[0]?.verdict, 'failed');
  assert.match(cut.transfers[0].reason, /but Alice never took note of the answer/);
  next.follow(again, 'ACK');
  const model = script.live();
  assert.equal(model.transfers[0]?.verdict, 'pending');
  model.advance(model.now + 30);
  assert.equal(model.transfers[0].verdict, 'success');
  simple(next, 'alice', 'BYE'); // her CANCEL had crossed the answer: the call is over as soon as it is up
  assert.equal(script.live().transfers[0]?.verdict, 'failed');
});

test('of two like REFERs the accepted one gets the new call, though the other is newer', () => {
  const script = new CallScript();
  const first = heldCall(script);
  const referTo = { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']] as const };
  const accepted = first.request('bob', 'REFER', referTo);
  first.respond(accepted, 202, 'Accepted');
  notify(first, 'alice', '100 Trying');
  const refused = first.request('bob', 'REFER', referTo);
  answeredCall(script, 'alice', 'charlie', 'd2');
  first.respond(refused, 491, 'Request Pending');
  notify(first, 'alice', '200 OK', ended);
  simple(first, 'bob', 'BYE');
  const model: TraceModel = script.captured();
  assert.deepEqual(
    model.transfers.map(({ verdict, survivingCall }) => [verdict, survivingCall?.callee.name]),
    [
      ['success', 'charlie'],
      ['failed', undefined],
    ],
  );
});

test('a call that the transferee happens to place to the target is not the one that the REFER asked for', () => {
  const script = new CallScript();
  const first = heldCall(script);
  const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;
  const refer = first.request('bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy] });
  answeredCall(script, 'alice', 'charlie', 'd2');
  first.respond(refer, 202, 'Accepted');
  answeredCall(script, 'alice', 'charlie', 'd3', { headers: [referredBy] });
  const [transfer] = script.captured().transfers;
  assert.equal(transfer?.survivingCall?.dialog?.callId, 'd3');
});

test('who hears each other in another call does not make a success of a transfer whose call is over', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'charlie', 'd0');
  const first = heldCall(script);
  const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;
  const refer = { headers: [['Refer-To', '<sip:charlie@127.0.0.13>'], referredBy] as const, answer: '202 Accepted' };
  simple(first, 'bob', 'REFER', refer);
  const next = answeredCall(script, 'alice', 'charlie', 'd2', { headers: [referredBy] });
  script.wait(1_000);
  simple(next, 'charlie', 'BYE');
  script.hears('alice', 'charlie');
  script.hears('charlie', 'alice');
  notify(first, 'alice', '200 OK', ended);
  assert.equal(script.live().transfers[0]?.verdict, 'failed');
});

test('who hears each other where the audio of another call comes in does not hear each other in the new one', () => {
  // A phone says what it hears, nothing at first, when the audio of a call begins. Charlie hung up before the ACK came, and
  // must keep the BYE until it does (RFC 3261 section 15): Alice hears nobody in the new call.
  const script = blindTransfer((early) => {
    early.hearsAt(4000, 'alice');
    early.hearsAt(4002, 'alice', 'charlie');
    early.hearsAt(4002, 'charlie', 'alice');
  });
  const cut = script.live();
  assert.equal(cut.transfers[0]?.verdict, 'pending');
  cut.finish();
  assert.equal(cut.transfers[0].reason, 'The phones say that it worked, but Alice does not hear Charlie.');
  script.hearsAt(4000, 'alice', 'charlie');
  assert.equal(script.live().transfers[0]?.verdict, 'success');
});

test('of two that name the same call from its two ends, the new call belongs to the one whose Replaces it has', () => {
  const script = new CallScript();
  const withBob = heldCall(script);
  const withCharlie = answeredCall(script, 'alice', 'charlie', 'd2');
  const between = answeredCall(script, 'bob', 'charlie', 'd3');
  const refer = (dialog: typeof withBob, by: 'bob' | 'charlie', target: 'bob' | 'charlie'): void => {
    const referTo = `<sip:${target}@127.0.0.1${target === 'bob' ? '2' : '3'}?Replaces=${escapeReplaces(between.replaces(target))}>`;
    simple(dialog, by, 'REFER', { headers: [['Refer-To', referTo]], answer: '202 Accepted' });
    notify(dialog, 'alice', '100 Trying');
  };
  refer(withBob, 'bob', 'charlie');
  refer(withCharlie, 'charlie', 'bob');
  answeredCall(script, 'alice', 'bob', 'd4', { headers: [['Replaces', between.replaces('bob')]] });
  const [first, second] = script.captured().transfers;
  assert.equal(first?.survivingCall, undefined);
  assert.deepEqual([second?.target.name, second?.survivingCall?.dialog?.callId], ['bob', 'd4']);
});

test('of two that send Alice to the same target, the new call belongs to the one whose Referred-By it has', () => {
  const script = new CallScript();
  const withBob = heldCall(script);
  const withCharlie = answeredCall(script, 'alice', 'charlie', 'd2');
  for (const [dialog, by, host] of [[withBob, 'bob', '127.0.0.12'], [withCharlie, 'charlie', '127.0.0.13']] as const) {
    const headers = [['Refer-To', '<sip:dave@127.0.0.14>'], ['Referred-By', `<sip:${by}@${host}>`]] as const;
    simple(dialog, by, 'REFER', { headers, answer: '202 Accepted' });
    notify(dialog, 'alice', '100 Trying');
  }
  answeredCall(script, 'alice', 'dave', 'd4', { headers: [['Referred-By', '<sip:charlie@127.0.0.13>']] });
  const [first, second] = script.captured().transfers;
  assert.equal(first?.survivingCall, undefined);
  assert.equal(second?.survivingCall?.dialog?.callId, 'd4');
});
