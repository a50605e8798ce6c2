import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCommand, buildMini, type CommandName, type ElementValues, type FullFrame } from '../../../../src/iax';
import { IaxRig, listenTo, type RigEndpoint } from '../../../support/iax-rig';

function frame(command: CommandName, sourceCall: number, destinationCall: number, elements: ElementValues = {}): FullFrame {
  return buildCommand({ sourceCall, destinationCall, timestamp: 3, outgoingSequence: 0, incomingSequence: 1 }, command, elements);
}

function connect(rig: IaxRig, alice: RigEndpoint, bob: RigEndpoint): void {
  const call = alice.call(bob);
  rig.run(20);
  bob.lastCall.answer();
  rig.run(20);
  assert.equal(call.state, 'up');
}

describe('whom a frame is for (4.1, 4.2)', () => {
  it('is learnt from the first answer of who was called, and of nobody else', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const server = rig.stranger(2);
    const mallory = rig.stranger(66);
    const call = alice.call(server);
    rig.run(10);
    const ours = call.leg.localNumber;
    for (const [from, source] of [[mallory, 66], [mallory, 1], [server, 1], [server, 0]] as const) from.send(alice, frame('ACCEPT', source, ours, { format: 4 }));
    rig.run(10);
    assert.deepEqual([call.leg.path.number, call.isAccepted], [0, false]);
    server.send(alice, frame('ACCEPT', 9, ours, { format: 4 }));
    rig.run(10);
    assert.deepEqual([call.leg.path.number, call.isAccepted], [9, true]);
    // And then of its number alone.
    server.send(alice, buildCommand({ sourceCall: 10, destinationCall: ours, timestamp: 3, outgoingSequence: 1, incomingSequence: 1 }, 'HANGUP'));
    rig.run(10);
    assert.equal(call.state, 'calling');
    assert.equal(server.last.title, 'INVAL');
    assert.equal(rig.close(), 0);
  });

  it('is nobody for what opens a call from call 0 or 1', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { requiresToken: () => false });
    const stranger = rig.stranger(1);
    for (const number of [0, 1]) stranger.send(ours, frame('NEW', number, 0, { calledNumber: '1', format: 4 }));
    rig.run(10);
    assert.deepEqual([ours.endpoint.footprint.legs, stranger.received.length], [0, 0]);
    assert.equal(rig.close(), 0);
  });

  it('is the call for media of its peer, and no more of the one it had before it moved', () => {
    const rig = new IaxRig();
    const alice = rig.endpoint(1);
    const bob = rig.endpoint(2);
    const carol = rig.stranger(3);
    connect(rig, alice, bob);
    const call = alice.endpoint.calls[0]!;
    const heard = listenTo(call);
    bob.lastCall.sendVoice('PCMU', new Uint8Array(160));
    bob.lastCall.sendVoice('PCMU', new Uint8Array(160));
    rig.run(20);
    assert.equal(heard.length, 2);
    call.leg.move({ address: carol.address, number: 300 });
    bob.lastCall.sendVoice('PCMU', new Uint8Array(160));
    carol.send(alice, buildMini(300, 20, new Uint8Array(160)));
    rig.run(20);
    assert.equal(heard.length, 2);
    // The new peer is asked for its first full frame, the old one for nothing.
    assert.deepEqual(carol.frames.map(({ title }) => title), ['VNAK']);
    assert.equal(rig.close(), 0);
  });

  it('is not the call for texts and keys that come before it is accepted', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { requiresToken: () => false });
    const stranger = rig.stranger(1);
    const told: string[] = [];
    ours.endpoint.on('incoming', (call) => {
      call.on('text', (text) => told.push(text));
      call.on('held', () => told.push('held'));
    });
    stranger.send(ours, buildCommand({ sourceCall: 7, destinationCall: 0, timestamp: 1, outgoingSequence: 0, incomingSequence: 0 }, 'NEW', { calledNumber: '1', format: 4 }));
    rig.run(10);
    const call = ours.lastCall;
    const header = { sourceCall: 7, destinationCall: call.leg.localNumber, timestamp: 9, incomingSequence: 0 };
    const { bytes } = buildCommand({ ...header, outgoingSequence: 1 }, 'PING');
    stranger.send(ours, Buffer.concat([bytes.subarray(0, 10), Buffer.from([7, 0]), Buffer.from('early')]));
    rig.run(10);
    stranger.send(ours, buildCommand({ ...header, outgoingSequence: 2 }, 'QUELCH'));
    rig.run(10);
    assert.deepEqual([told, stranger.frames.filter(({ title }) => title === 'ACK').length], [[], 3]);
    assert.equal(rig.close(), 0);
  });

  it('gets no more answers without a call, a second and host, than is allowed', () => {
    const rig = new IaxRig();
    const ours = rig.endpoint(2, { limits: { repliesPerSecond: 5 } });
    const stranger = rig.stranger(1);
    for (let call = 0; call < 50; call += 1) stranger.send(ours, buildCommand({ sourceCall: 2 + call, destinationCall: 0, timestamp: 1, outgoingSequence: 0, incomingSequence: 0 }, 'NEW', { calledNumber: '100', format: 4, callToken: new Uint8Array(0) }));
    rig.run(10);
    assert.equal(stranger.received.length, 5);
    assert.equal(rig.close(), 0);
  });
});
