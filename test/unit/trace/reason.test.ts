import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TraceModel } from '../../../src/trace';
import { answeredCall, CallScript, ended, notify, simple } from './call-script';
import { attendedTransfer, failedBlindTransfer, heldCall, referToTarget } from './transfers';

const referredBy = ['Referred-By', '<sip:bob@127.0.0.12>'] as const;

/** The sentence, and the first line of the message where it went wrong. */
function whatWentWrong(model: TraceModel): readonly (string | undefined)[] {
  const [transfer] = model.transfers;
  const message = model.message(transfer?.wentWrongAt ?? '');
  return [transfer?.reason, message && Buffer.from(message.bytes).toString().split('\r\n')[0]];
}

it('names the answer of the target, and not the news of it', () => {
  assert.deepEqual(whatWentWrong(failedBlindTransfer(486, 'Busy Here').captured()), [
    'Charlie was busy (486), and Alice and Bob are talking again.',
    'SIP/2.0 486 Busy Here',
  ]);
});

it('names the REFER when its Replaces was wrong from the start', () => {
  const [reason, first] = whatWentWrong(attendedTransfer(({ callId }) => `${callId};to-tag=b-d2;from-tag=c-d2`).captured());
  assert.match(reason ?? '', /^Charlie knew no call to be replaced \(481: the tags of the Replaces are exchanged\)/);
  assert.equal(first, 'REFER sip:alice@127.0.0.11 SIP/2.0');
});

it('says what a lint knows better than the status does', () => {
  assert.deepEqual(whatWentWrong(attendedTransfer(undefined, [400, 'Bad Request']).captured()), [
    'Charlie calls the INVITE malformed (400), although its Replaces is well formed, and Alice and Bob are talking again.',
    'SIP/2.0 400 Bad Request',
  ]);
  assert.match(
    whatWentWrong(attendedTransfer(({ callId }) => `hidden-${callId};to-tag=c-d2;from-tag=b-d2`).captured())[0] ?? '',
    /^The Replaces sent to Charlie has a Call-ID that Charlie has never seen: a server between has changed/,
  );
});

it('adds what a lint knows besides', () => {
  const script = new CallScript();
  const first = heldCall(script);
  simple(first, 'bob', 'REFER', { headers: [['Refer-To', '<sip:alice@127.0.0.11>'], referredBy], answer: '403 Forbidden' });
  assert.deepEqual(whatWentWrong(script.captured()), [
    'Alice refused the transfer (403), and Alice is still on hold: Bob transfers Alice to Alice: a circle.',
    'REFER sip:alice@127.0.0.11 SIP/2.0',
  ]);
});

it('says nothing of a fault that did no harm', () => {
  const script = new CallScript();
  const first = heldCall(script);
  referToTarget(first);
  answeredCall(script, 'alice', 'charlie', 'd2');
  notify(first, 'alice', '200 OK', ended);
  simple(first, 'bob', 'BYE');
  const model = script.captured();
  assert.deepEqual(model.lints.map(({ id }) => id), ['T12']);
  assert.deepEqual(whatWentWrong(model), ['Alice talks to Charlie; Bob has left (the media was not in the capture).', undefined]);
});
