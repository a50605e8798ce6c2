/** What our IAX2 endpoints send, as tshark reads it: nothing malformed, no warning, and nothing that it does not know. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, test } from 'node:test';
import { writePcap } from '../../src/capture';
import { buildCommand, type IaxCall } from '../../src/iax';
import { IaxRig, type RigEndpoint, titleOf } from '../support/iax-rig';
import { requirePeer } from '../support/peers';
import { dissect } from './support/tshark';

const access = { secretOf: (username: string): string | undefined => (username === 'alice' ? 's3cret' : undefined) };

/** A call with everything in it. */
function fullCall(rig: IaxRig, alice: RigEndpoint, bob: RigEndpoint): IaxCall {
  const call = alice.call(bob, { username: 'alice', secret: 's3cret', context: 'inside', callingNumber: '101', callingName: 'Alice Müller', autoAnswer: true });
  rig.run(50);
  const to = bob.lastCall;
  to.report('progress');
  to.ring();
  rig.run(50);
  to.answer();
  rig.run(50);
  for (let piece = 0; piece < 3; piece += 1) {
    for (const side of [call, to]) side.sendVoice('PCMU', new Uint8Array(160).fill(0x7f));
    rig.run(20);
  }
  call.sendVoice('PCMA', new Uint8Array(160));
  for (const digit of '1*#D') call.sendDigit(digit);
  call.sendText('Grüße');
  call.hold('jazz');
  rig.run(1_000);
  call.resume();
  call.hold(true, 'hold');
  call.resume();
  call.transfer('200', 'sales');
  // PING and PONG, both ways.
  rig.run(45_000);
  call.leg.send({ type: 6, subclass: 11 });
  call.leg.send({ type: 6, subclass: 44 });
  call.leg.complain();
  rig.run(100);
  return call;
}

suite('what our IAX2 endpoints send', requirePeer('tshark'), () => {
  test('is well formed to tshark, frame by frame', async () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2, { access, registrar: { access }, limits: { perSource: 40 } });
    const mallory = rig.stranger(66);
    const registration = alice.endpoint.register(bob.address, { username: 'alice', secret: 's3cret' });
    rig.run(60_000);
    fullCall(rig, alice, bob).hangUp({ code: 16, text: 'bye' });
    alice.call(bob, { username: 'alice', secret: 'wrong' });
    alice.call(bob, { username: 'alice', secret: 's3cret', codecs: ['GSM'] });
    alice.endpoint.register(bob.address, { username: 'mallory', secret: 'x' });
    alice.endpoint.poke(bob.address, () => undefined);
    mallory.send(bob, buildCommand({ sourceCall: 5, destinationCall: 9, timestamp: 1, outgoingSequence: 0, incomingSequence: 0 }, 'PING'));
    rig.run(1_000);
    bob.endpoint.on('incoming', (call) => call.answer());
    const trunk = Array.from({ length: 10 }, () => alice.call(bob, { username: 'alice', secret: 's3cret', trunk: true }));
    rig.run(100);
    for (let piece = 0; piece < 5; piece += 1) {
      for (const call of trunk) call.sendVoice('PCMU', new Uint8Array(160));
      rig.run(20);
    }
    trunk[0]?.hangUp({ code: 17, text: 'Busy' });
    registration.release();
    // The rest of the path is gone: repeats.
    rig.run(100);
    rig.conditions = { loss: 0.5, duplication: 0.2, delay: [1, 100] };
    for (const call of trunk) call.hangUp();
    rig.run(60_000);

    const folder = mkdtempSync(path.join(tmpdir(), 'call-lab-iax2-'));
    const file = path.join(folder, 'ours.pcap');
    try {
      writeFileSync(file, writePcap(rig.sent.map(({ at, from, to, bytes }) => ({ at, transport: 'udp' as const, source: from, destination: to, bytes }))));
      const frames = await dissect(file, ['-d', 'udp.port==4569,iax2']);
      assert.equal(frames.length, rig.sent.length);
      for (const [index, { malformed, complaints, protocols }] of frames.entries()) {
        const { bytes } = rig.sent[index]!;
        const what = `${titleOf(bytes)} ${Buffer.from(bytes).toString('hex')}`;
        assert.ok(protocols.includes('iax2'), what);
        assert.deepEqual([malformed, complaints], [false, []], what);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const titles = new Set(rig.sent.map(({ bytes }) => titleOf(bytes).replace(/(?<! )\*$/u, '')));
    // What the test is about has been sent.
    for (const title of [
      ...['NEW', 'CALLTOKEN', 'AUTHREQ', 'AUTHREP', 'ACCEPT', 'REJECT', 'HANGUP', 'ACK', 'VNAK', 'PING', 'PONG', 'LAGRQ', 'LAGRP', 'INVAL', 'UNSUPPORT'],
      ...['REGREQ', 'REGAUTH', 'REGACK', 'REGREJ', 'REGREL', 'POKE', 'QUELCH', 'UNQUELCH', 'TRANSFER', 'TEXT', 'mini', 'trunk'],
      ...['CONTROL RINGING', 'CONTROL ANSWER', 'CONTROL PROGRESS', 'CONTROL HOLD', 'CONTROL UNHOLD', 'VOICE PCMU', 'VOICE PCMA', 'DTMF BEGIN *', 'DTMF #'],
    ]) {
      assert.ok(titles.has(title), `${title} is missing`);
    }
    assert.equal(rig.close(), 0);
  });
});
