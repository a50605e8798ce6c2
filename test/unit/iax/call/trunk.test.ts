import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFrame } from '../../../../src/iax';
import { IaxRig, listenTo } from '../../../support/iax-rig';

describe('a trunk', () => {
  it('carries the voice of twenty calls in few datagrams, each piece once, in order and with its time', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    bob.endpoint.on('incoming', (call) => call.answer());
    const calls = Array.from({ length: 20 }, () => alice.call(bob, { trunk: true }));
    rig.run(100);
    const heard = bob.incoming.map((call) => listenTo(call));
    const start = rig.sent.length;
    for (let piece = 0; piece < 100; piece += 1) {
      for (const [index, call] of calls.entries()) call.sendVoice('PCMU', new Uint8Array(160).fill((index + piece) % 256));
      rig.run(20);
    }
    rig.run(100);
    for (const [index, pieces] of heard.entries()) {
      assert.deepEqual(pieces.map(({ payload }) => payload[0]), Array.from({ length: 100 }, (_, piece) => (index + piece) % 256));
      for (let piece = 1; piece < 100; piece += 1) assert.equal(pieces[piece]!.timestamp - pieces[piece - 1]!.timestamp, 20);
    }
    const trunks = rig.sent.slice(start).map(({ bytes }) => decodeFrame(bytes)).filter(({ kind }) => kind === 'trunk');
    assert.equal(trunks.length, 99 * 3);
    assert.ok(trunks.every(({ bytes }) => bytes.length <= 1_200));
    assert.equal(rig.close(), 0);
  });

  it('is read without times of its entries too', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const from = alice.call(bob);
    rig.run(20);
    bob.lastCall.answer();
    rig.run(20);
    const heard = listenTo(bob.lastCall);
    from.sendVoice('PCMU', new Uint8Array(160));
    rig.run(20);
    const trunk = Buffer.alloc(8 + 4 + 160);
    trunk[2] = 1;
    trunk.writeUInt16BE(from.leg.localNumber, 8);
    trunk.writeUInt16BE(160, 10);
    bob.endpoint.receive(alice.address, trunk);
    assert.deepEqual(heard.map(({ timestamp }) => timestamp - heard[0]!.timestamp), [0, 20]);
    assert.equal(rig.close(), 0);
  });
});
