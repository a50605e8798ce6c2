import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallLabError } from '../../../../src/core';
import type { IaxCall } from '../../../../src/iax';
import { IaxRig, listenTo, type RigEndpoint } from '../../../support/iax-rig';

const secrets: Readonly<Record<string, string>> = { alice: 's3cret', open: '' };
const access = { secretOf: (username: string): string | undefined => secrets[username] };

/** A call that is up. */
function upCall(rig: IaxRig, alice: RigEndpoint, bob: RigEndpoint): { from: IaxCall; to: IaxCall } {
  const from = alice.call(bob);
  rig.run(100);
  const to = bob.lastCall;
  to.ring();
  rig.run(100);
  to.answer();
  rig.run(100);
  assert.equal(from.state, 'up');
  assert.equal(to.state, 'up');
  return { from, to };
}

describe('a call between two endpoints', () => {
  it('asks for a token, proves who calls, rings, is answered and hung up, frame for frame as on the wire of real peers', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2, { access });
    const call = alice.call(bob, { username: 'alice', secret: 's3cret', callingName: 'Alice' });
    rig.run(50);
    assert.equal(bob.lastCall.state, 'incoming');
    assert.equal(bob.lastCall.parties.calledNumber, '100');
    assert.equal(bob.lastCall.parties.callingName, 'Alice');
    bob.lastCall.ring();
    rig.run(50);
    assert.equal(call.state, 'ringing');
    assert.equal(call.codec, 'PCMU');
    bob.lastCall.answer();
    rig.run(50);
    assert.equal(call.state, 'up');
    call.hangUp();
    rig.run(50);
    assert.deepEqual(rig.titles(alice), ['NEW', 'NEW', 'AUTHREP', 'ACK', 'ACK', 'ACK', 'HANGUP']);
    assert.deepEqual(rig.titles(bob), ['CALLTOKEN', 'AUTHREQ', 'ACK', 'ACCEPT', 'CONTROL RINGING', 'CONTROL ANSWER', 'ACK']);
    assert.deepEqual(bob.lastCall.cause, { code: 16, text: 'Normal clearing' });
    assert.equal(bob.lastCall.endedBy, 'peer');
    assert.equal(call.endedBy, 'us');
    assert.ok(alice.endpoint.isQuiet);
    assert.ok(bob.endpoint.isQuiet);
    assert.equal(rig.close(), 0);
  });

  it('refuses a wrong secret and an unknown user alike, with cause 50', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2, { access });
    const wrong = alice.call(bob, { username: 'alice', secret: 'wrong' });
    const unknown = alice.call(bob, { username: 'mallory', secret: 's3cret' });
    rig.run(200);
    for (const call of [wrong, unknown]) assert.deepEqual([call.state, call.cause], ['ended', { code: 50, text: 'No authority found' }]);
    assert.equal(bob.incoming.length, 0);
    const challenged = rig.titles(bob).filter((title) => title === 'AUTHREQ');
    assert.equal(challenged.length, 2);
    assert.equal(rig.close(), 0);
  });

  it('lets a user without a secret in, and does not send a password when there is none', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2, { access });
    alice.call(bob, { username: 'open' });
    rig.run(100);
    assert.equal(bob.incoming.length, 1);
    const call = alice.call(bob, { username: 'alice' });
    rig.run(100);
    assert.equal(call.state, 'ended');
    assert.match(call.cause?.text ?? '', /proof/u);
    assert.equal(rig.close(), 0);
  });

  it('agrees on a codec of both, or on none with cause 58', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1, { codecs: ['PCMA'] });
    const bob = rig.endpoint(2);
    const carol = rig.endpoint(3, { codecs: ['GSM'] });
    const call = alice.call(bob);
    const other = alice.call(carol);
    rig.run(100);
    bob.lastCall.answer();
    rig.run(100);
    assert.equal(call.codec, 'PCMA');
    assert.equal(bob.lastCall.codec, 'PCMA');
    assert.deepEqual(other.cause, { code: 58, text: 'Unable to negotiate codec' });
    assert.equal(carol.incoming.length, 0);
    assert.equal(rig.close(), 0);
  });

  it('refuses before it is accepted by REJECT, and after it by BUSY and HANGUP', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const first = alice.call(bob);
    rig.run(100);
    bob.lastCall.reject({ code: 21, text: 'Not today' });
    rig.run(100);
    assert.deepEqual(first.cause, { code: 21, text: 'Not today' });
    const second = alice.call(bob);
    const reports: string[] = [];
    second.on('report', (report) => reports.push(report));
    rig.run(100);
    bob.lastCall.ring();
    rig.run(100);
    bob.lastCall.reject({ code: 17, text: 'Busy' });
    rig.run(100);
    assert.deepEqual(second.cause, { code: 17, text: 'Busy' });
    assert.deepEqual(reports, ['ringing', 'busy']);
    assert.equal(rig.close(), 0);
  });

  it('hangs up before anything has come back', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const call = alice.call(bob);
    call.hangUp();
    rig.run(40_000);
    assert.equal(call.state, 'ended');
    assert.ok(alice.endpoint.isQuiet);
    assert.ok(bob.endpoint.isQuiet);
    assert.equal(rig.close(), 0);
  });

  it('carries voice both ways: the first frame full, the others mini, and a full one each 65.536 s', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const { from, to } = upCall(rig, alice, bob);
    const heard = listenTo(to);
    const start = rig.sent.length;
    for (let frame = 0; frame < 70 * 50; frame += 1) {
      from.sendVoice('PCMU', new Uint8Array(160).fill(frame % 256));
      rig.run(20);
    }
    assert.equal(heard.length, 3_500);
    const voice = rig.sent.slice(start).map(({ bytes }) => bytes);
    assert.equal(voice.filter((bytes) => (bytes[0]! & 0x80) !== 0 && bytes[10] === 2).length, 2);
    for (let index = 1; index < heard.length; index += 1) assert.equal(heard[index]!.timestamp - heard[index - 1]!.timestamp, 20);
    assert.deepEqual([...heard[3_000]!.payload.subarray(0, 2)], [3_000 % 256, 3_000 % 256]);
    assert.equal(rig.close(), 0);
  });

  it('neither sends nor takes voice in a codec that is not of both, or before it is accepted', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1, { codecs: ['PCMA', 'PCMU'] });
    const bob = rig.endpoint(2, { codecs: ['PCMU', 'GSM'] });
    const from = alice.call(bob);
    rig.run(20);
    const to = bob.lastCall;
    const start = rig.sent.length;
    to.sendVoice('PCMU', new Uint8Array(160));
    assert.equal(rig.sent.length, start);
    to.answer();
    rig.run(20);
    const heard = listenTo(to);
    const answered = rig.sent.length;
    to.sendVoice('PCMA', new Uint8Array(160));
    to.sendVoice('GSM', new Uint8Array(33));
    assert.equal(rig.sent.length, answered);
    from.sendVoice('PCMA', new Uint8Array(160));
    rig.run(20);
    assert.equal(heard.length, 0);
    from.sendVoice('PCMU', new Uint8Array(160));
    rig.run(20);
    assert.deepEqual(heard.map(({ codec }) => codec), ['PCMU']);
    assert.equal(rig.close(), 0);
  });

  it('lets go of a key that is pressed when it is hung up', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const { from, to } = upCall(rig, alice, bob);
    const digits: string[] = [];
    to.on('digit', (digit) => digits.push(digit));
    from.sendDigit('5');
    from.sendDigit('6');
    rig.run(10);
    from.hangUp();
    rig.run(50);
    assert.deepEqual([digits, to.state], [['5'], 'ended']);
    assert.equal(rig.close(), 0);
  });

  it('is held by QUELCH with music, and the one who is quelched falls silent until UNQUELCH', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const { from, to } = upCall(rig, alice, bob);
    const told: unknown[] = [];
    to.on('held', (hold) => told.push(hold));
    to.on('resumed', (by) => told.push(by));
    const heard = listenTo(from);
    from.hold();
    rig.run(50);
    to.sendVoice('PCMU', new Uint8Array(160));
    rig.run(50);
    assert.deepEqual([to.isQuelched, to.isHeld, heard.length], [true, true, 0]);
    from.resume();
    rig.run(50);
    to.sendVoice('PCMU', new Uint8Array(160));
    rig.run(50);
    assert.deepEqual([to.isQuelched, to.isHeld, heard.length], [false, false, 1]);
    assert.deepEqual(told, [{ by: 'quelch', music: true }, 'quelch']);
    assert.equal(rig.close(), 0);
  });

  it('is held by HOLD, which silences nobody', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const { from, to } = upCall(rig, alice, bob);
    const heard = listenTo(from);
    from.hold(true, 'hold');
    rig.run(50);
    to.sendVoice('PCMU', new Uint8Array(160));
    rig.run(50);
    assert.deepEqual([to.isQuelched, to.isHeld, heard.length], [false, true, 1]);
    from.resume();
    rig.run(50);
    assert.equal(to.isHeld, false);
    assert.equal(rig.close(), 0);
  });

  it('sends keys with begin and end, one after the other, and texts', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const { from, to } = upCall(rig, alice, bob);
    const digits: string[] = [];
    const texts: string[] = [];
    to.on('digitBegan', (digit) => digits.push(`${digit} began`));
    to.on('digit', (digit) => digits.push(digit));
    to.on('text', (text) => texts.push(text));
    for (const digit of '1#A') from.sendDigit(digit);
    from.sendText('Grüße');
    rig.run(1_000);
    assert.deepEqual(digits, ['1 began', '1', '# began', '#', 'A began', 'A']);
    assert.deepEqual(texts, ['Grüße']);
    assert.throws(() => from.sendDigit('x'), CallLabError);
    assert.equal(rig.close(), 0);
  });

  it('tells of a TRANSFER whoever listens, and answers UNSUPPORT where nobody does', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const { from, to } = upCall(rig, alice, bob);
    const refused: number[] = [];
    from.on('unsupported', (command) => refused.push(command));
    from.transfer('200', 'sales');
    rig.run(50);
    assert.deepEqual(refused, [34]);
    const asked: unknown[] = [];
    to.on('transferAsked', (...what) => asked.push(what));
    from.transfer('200', 'sales');
    rig.run(50);
    assert.deepEqual(asked, [['200', 'sales']]);
    assert.deepEqual(refused, [34]);
    assert.equal(from.handedOverTo, '200');
    assert.equal(rig.close(), 0);
  });

  it('ends with cause 27 when the peer has gone, which PING finds out', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const { from } = upCall(rig, alice, bob);
    rig.filter = ({ from: source }) => source.host !== bob.address.host;
    rig.run(19_000);
    assert.equal(from.state, 'up');
    rig.run(40_000);
    assert.deepEqual([from.state, from.cause?.code, from.endedBy], ['ended', 27, 'network']);
    assert.equal(rig.close(), 0);
  });

  it('notices that the peer is gone though it has only acknowledged the call, and said nothing', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const call = alice.call(bob);
    rig.run(100);
    assert.equal(bob.lastCall.state, 'incoming');
    rig.filter = () => false;
    rig.run(70_000);
    assert.deepEqual([call.cause?.code, bob.lastCall.cause?.code], [27, 27]);
    assert.equal(rig.close(), 0);
  });

  it('never reaches who does not answer: cause 27, and nothing is left', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const call = alice.call({ address: { host: '127.0.0.9', port: 4569 } });
    rig.run(60_000);
    assert.deepEqual([call.state, call.cause?.code], ['ended', 27]);
    assert.deepEqual(rig.titles(alice), ['NEW', ...Array.from({ length: 10 }, () => 'NEW*')]);
    assert.deepEqual(alice.endpoint.footprint, { live: 0, legs: 0 });
    assert.equal(rig.close(), 0);
  });
});
