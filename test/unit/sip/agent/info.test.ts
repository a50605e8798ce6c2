import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing } from '../../../support/sip-agents';

describe('telephone keys by INFO', () => {
  test('one INFO for each key, and the other side gets it', () => {
    const rig = new AgentRig();
    const [alice, bob] = [rig.add('alice'), rig.add('bob')];
    const [call] = rig.connect(alice, bob);
    const told: unknown[] = [];
    for (const digit of ['5', '#']) call.sendDigit(digit, (failure) => told.push(failure));
    rig.clock.advance(10);
    assert.deepEqual(told, [undefined, undefined]);
    assert.deepEqual(bob.digits, ['5', '#']);
    const info = rig.find('alice>bob INFO');
    assert.equal(info.contentType, 'application/dtmf-relay');
    assert.equal(Buffer.from(info.body).toString(), 'Signal=#\r\nDuration=160\r\n');
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [what, act, expected] of [
    ['refused', (peer: ScriptedPeer) => peer.respond(peer.last('INFO'), 415), '415 Unsupported Media Type'],
    ['never answered', () => undefined, '408 No answer from the other side'],
  ] as const) {
    test(`${what}: told once, and the call goes on`, () => {
      const rig = new AgentRig();
      const alice = rig.add('alice');
      const peer = rig.addPeer('peer');
      const call = alice.call(peer);
      rig.clock.advance(10);
      peer.answer();
      rig.clock.advance(10);
      const told: string[] = [];
      call.sendDigit('1', (failure) => told.push(`${String(failure?.status)} ${failure?.reason ?? ''}`));
      rig.clock.advance(10);
      act(peer);
      rig.clock.advance(33_000);
      assert.deepEqual(told, [expected]);
      assert.equal(call.state, 'connected');
      peer.onMessage = (message) => {
        if (message.kind === 'request' && message.method === 'BYE') peer.respond(message, 200);
      };
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('no call, no key', () => {
    const rig = new AgentRig();
    const [alice, bob] = [rig.add('alice'), rig.add('bob')];
    const [call] = rig.connect(alice, bob);
    call.hangUp();
    const told: unknown[] = [];
    call.sendDigit('1', (failure) => told.push(failure?.status));
    assert.deepEqual(told, [481]);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('MESSAGE', () => {
  test('refused politely: 405 with what we take, and a person is told', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    peer.initial('MESSAGE', alice, { headers: [['Content-Type', 'text/plain']], body: 'Lunch?' });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('MESSAGE'), [405]);
    assert.ok(peer.lastResponse('MESSAGE').allow.includes('INVITE'));
    assert.ok(!peer.lastResponse('MESSAGE').allow.includes('MESSAGE'));
    assert.match(alice.problems.join(), /MESSAGE refused with 405/u);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('where responses go (RFC 3581, RFC 3261 18.2.2)', () => {
  test('rport is filled in, and received with it, so that the answer finds its way back through a NAT', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const options = peer.initial('OPTIONS', alice);
    rig.clock.advance(10);
    assert.equal(options.topVia.rport, true);
    const { topVia } = peer.lastResponse('OPTIONS');
    assert.equal(topVia.rport, 5062);
    assert.equal(topVia.received, '127.0.0.1');
    assert.deepEqual(rig.end(), nothing);
  });
});
