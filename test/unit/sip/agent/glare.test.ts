import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom } from '../../../../src/core';
import { glareBackOff } from '../../../../src/sip/agent/back-off';
import { plainSdp } from '../../../support/scripted-peer';
import { AgentRig, nothing } from '../../../support/sip-agents';

describe('both sides send a re-INVITE at once (RFC 3261 14)', () => {
  test('both get 491 and back off; both holds succeed in the end', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const rig = new AgentRig(seed);
      const alice = rig.add('alice');
      const bob = rig.add('bob');
      const [a, b] = rig.connect(alice, bob);
      const results = [alice.hold(a), bob.hold(b)];
      const start = rig.clock.now();
      const ladder = rig.run(10_000);
      assert.deepEqual(ladder.slice(0, 4), [
        'bob>alice 491 INVITE',
        'alice>bob 491 INVITE',
        'alice>bob ACK',
        'bob>alice ACK',
      ].sort((x, y) => ladder.indexOf(x) - ladder.indexOf(y)));
      assert.deepEqual(results.map(({ result }) => result), ['agreed', 'agreed']);
      const again = (name: string): number[] =>
        rig.passed
          .filter(({ at, from, message }) => at > start + 10 && from === name && message.kind === 'request' && message.method === 'INVITE')
          .map(({ at }) => at - start);
      const [ofOwner = 0] = again('alice');
      const [ofOther = 0] = again('bob');
      assert.ok(ofOwner >= 2_100 && ofOwner <= 4_010, `the owner of the Call-ID waited ${String(ofOwner)} ms`);
      assert.ok(ofOther >= 0 && ofOther <= 2_010, `the other side waited ${String(ofOther)} ms`);
      assert.equal(a.negotiation?.media?.heldByUs && a.negotiation.media.heldByPeer, true);
      assert.equal(b.negotiation?.media?.heldByUs && b.negotiation.media.heldByPeer, true);
      assert.deepEqual(rig.end(), nothing);
    }
  });

  test('the back-off is drawn in steps of 10 ms over the whole range', () => {
    const random = new SeededRandom(3);
    const draws = (isOwner: boolean): number[] => Array.from({ length: 20_000 }, () => glareBackOff(random, isOwner));
    for (const [isOwner, low, high] of [[true, 2_100, 4_000], [false, 0, 2_000]] as const) {
      const drawn = draws(isOwner);
      assert.equal(Math.min(...drawn), low);
      assert.equal(Math.max(...drawn), high);
      assert.ok(drawn.every((delay) => delay % 10 === 0));
    }
  });

  test('a peer that says 491 for ever is asked ten times', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.answer();
    rig.clock.advance(10);
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'INVITE') peer.respond(message, 491);
    };
    const hold = alice.hold(call);
    rig.clock.advance(60_000);
    assert.match(hold.result ?? '', /^491/u);
    assert.equal(peer.count('INVITE'), 11);
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('500 with Retry-After is tried again after that time; without, or with a long one, it is a refusal', () => {
    for (const [retryAfter, result] of [['3', undefined], [undefined, '500 Server Internal Error'], ['86400', '500 Server Internal Error']] as const) {
      const rig = new AgentRig();
      const alice = rig.add('alice');
      const peer = rig.addPeer('peer');
      const call = alice.call(peer);
      rig.clock.advance(10);
      peer.answer();
      rig.clock.advance(10);
      const hold = alice.hold(call);
      rig.clock.advance(10);
      peer.respond(peer.last('INVITE'), 500, { headers: retryAfter === undefined ? [] : [['Retry-After', retryAfter]] });
      rig.clock.advance(2_990);
      assert.equal(hold.result, result);
      assert.equal(peer.count('INVITE'), 2);
      rig.clock.advance(20);
      assert.equal(peer.count('INVITE'), result === undefined ? 3 : 2);
      assert.deepEqual(rig.end(), nothing);
    }
  });

  test('ours is out: an INVITE of the peer gets 491, and ours goes on', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.answer();
    rig.clock.advance(10);
    const hold = alice.hold(call);
    peer.request('INVITE', { invite, sequence: 1 }, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').status, 491);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp('recvonly', 2) });
    rig.clock.advance(10);
    assert.equal(hold.result, 'agreed');
    assert.deepEqual(rig.end(), nothing);
  });

  test('theirs is not acknowledged yet: ours waits for that (RFC 3261 14.1)', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.answer();
    rig.clock.advance(10);
    peer.request('INVITE', { invite, sequence: 1 }, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    const hold = alice.hold(call);
    rig.clock.advance(400);
    assert.equal(peer.count('INVITE'), 1);
    peer.request('ACK', { invite, sequence: 1 }, { headers: [] });
    rig.clock.advance(10);
    assert.equal(peer.count('INVITE'), 2);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp('inactive', 3) });
    rig.clock.advance(10);
    assert.equal(hold.result, 'agreed');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a re-INVITE of the peer is served while ours backs off', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.answer();
    rig.clock.advance(10);
    const hold = alice.hold(call);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 491);
    rig.clock.advance(10);
    peer.request('INVITE', { invite, sequence: 1 }, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').status, 200);
    rig.clock.advance(5_000);
    assert.equal(peer.count('INVITE'), 2, 'the ACK is still missing');
    peer.request('ACK', { invite, sequence: 1 }, { headers: [] });
    rig.clock.advance(10);
    assert.match(Buffer.from(peer.last('INVITE').body).toString(), /a=inactive/u, 'held by the peer meanwhile');
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp('inactive', 3) });
    rig.clock.advance(10);
    assert.equal(hold.result, 'agreed');
    assert.deepEqual(rig.end(), nothing);
  });
});
