import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plainSdp } from '../../../support/scripted-peer';
import { AgentRig, nothing } from '../../../support/sip-agents';

describe('the caller gives up (RFC 3261 9.1)', () => {
  test('while it rings: CANCEL, 200, 487, ACK', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(100);
    assert.deepEqual(rig.run(1000, () => call.hangUp()), [
      'alice>bob CANCEL',
      'bob>alice 200 CANCEL',
      'bob>alice 487 INVITE',
      'alice>bob ACK',
    ]);
    assert.deepEqual(call.endCause, { by: 'peer', status: 487, text: 'Request Terminated' });
    assert.deepEqual(bob.lastCall.endCause, { by: 'peer', status: 487, text: 'the caller gave up' });
    const answers = rig.passed.filter(({ from }) => from === 'bob').map(({ message }) => message.toTag);
    assert.equal(new Set(answers).size, 1, 'the 200 to CANCEL has the To tag of the INVITE\'s responses');
    assert.deepEqual(rig.end(), nothing);
  });

  test('before any response: the CANCEL waits for the first one', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    call.hangUp();
    assert.deepEqual(rig.run(400), ['alice>peer INVITE'].slice(1), 'nothing yet');
    peer.respond(peer.last('INVITE'), 100);
    rig.clock.advance(10);
    assert.equal(peer.count('CANCEL'), 1);
    peer.respond(peer.last('CANCEL'), 200);
    peer.respond(peer.last('INVITE'), 487);
    rig.clock.advance(10);
    assert.equal(call.state, 'ended');
    assert.equal(peer.count('ACK'), 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('before any response, and none comes: given up with B, and no CANCEL', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    call.hangUp();
    assert.equal(call.state, 'ended', 'for the person the call is over at once');
    assert.equal(alice.agent.isQuiet, false, 'for the wire it is not');
    rig.clock.advance(32_000);
    assert.equal(call.endCause?.by, 'us');
    assert.equal(alice.agent.isQuiet, true);
    assert.equal(peer.count('CANCEL'), 0);
    assert.deepEqual(rig.end(), nothing);
  });

  test('before any response, and a refusal comes: nothing but its ACK', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    call.hangUp();
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 486);
    rig.clock.advance(10);
    assert.equal(call.endCause?.by, 'us');
    assert.deepEqual([peer.count('CANCEL'), peer.count('ACK'), peer.count('BYE')], [0, 1, 0]);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const status of [302, 401] as const) {
    test(`before any response, and ${String(status)} comes: not followed up`, () => {
      const rig = new AgentRig();
      const alice = rig.add('alice', { credentials: { username: 'alice', password: 'x' } });
      const peer = rig.addPeer('peer');
      const call = alice.call(peer);
      call.hangUp();
      rig.clock.advance(10);
      peer.respond(peer.last('INVITE'), status, {
        headers: [['Contact', `<sip:other@127.0.0.1:5062>`], ['WWW-Authenticate', 'Digest realm="r", nonce="n"']],
      });
      rig.clock.advance(1000);
      assert.equal(peer.count('INVITE'), 1);
      assert.equal(call.state, 'ended');
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('before any response, and 200 comes: ACK and BYE', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob', { answers: true });
    const call = alice.call(bob);
    call.hangUp();
    rig.clock.advance(1000);
    assert.deepEqual(rig.ladder, [
      'alice>bob INVITE',
      'bob>alice 200 INVITE',
      'alice>bob ACK',
      'alice>bob BYE',
      'bob>alice 200 BYE',
    ]);
    assert.equal(call.endCause?.status, 487);
    assert.ok(!alice.states.includes('calling -> connected'), 'the person never had the call');
    assert.deepEqual(rig.end(), nothing);
  });

  test('hanging up twice cancels once', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(100);
    call.hangUp();
    call.hangUp();
    rig.clock.advance(1000);
    assert.equal(rig.ladder.filter((line) => line.endsWith('CANCEL')).length, 2, 'one and its 200');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the INVITE is never answered after the CANCEL: given up after 64*T1', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180);
    rig.clock.advance(10);
    call.hangUp();
    rig.clock.advance(31_999);
    assert.equal(call.state, 'ringing');
    rig.clock.advance(2);
    assert.equal(call.endCause?.status, 487);
    assert.equal(peer.count('CANCEL'), 11, 'timers E and F');
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('races of CANCEL (reference 4.2)', () => {
  test('it crosses the 200: ACK, then BYE; the callee keeps its call until then', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(100);
    const ladder = rig.run(1000, () => {
      bob.lastCall.accept(bob.negotiation());
      call.hangUp();
    });
    assert.deepEqual(ladder, [
      'bob>alice 200 INVITE',
      'alice>bob CANCEL',
      'alice>bob ACK',
      'alice>bob BYE',
      'bob>alice 200 CANCEL',
      'bob>alice 200 BYE',
    ]);
    assert.equal(call.endCause?.status, 487);
    assert.deepEqual(bob.states, ['incoming -> answering', 'answering -> connected', 'connected -> ended'], 'a short call');
    assert.deepEqual(rig.end(), nothing);
  });

  test('487 before the 200 to the CANCEL: the order is free', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180);
    rig.clock.advance(10);
    call.hangUp();
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 487);
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 487);
    peer.respond(peer.last('CANCEL'), 200);
    rig.clock.advance(10);
    assert.deepEqual([peer.count('CANCEL'), peer.count('ACK')], [1, 1]);
    assert.deepEqual(alice.problems, []);
    assert.deepEqual(rig.end(), nothing);
  });

  test('no transaction: 481 to the CANCEL, and that ends nothing', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    const other = peer.initial('CANCEL', alice, { callId: invite.callId });
    rig.clock.advance(10);
    assert.notEqual(other.topVia.branch, invite.topVia.branch);
    assert.deepEqual(peer.statuses('CANCEL'), [481]);
    assert.equal(alice.lastCall.state, 'incoming');
    assert.deepEqual(rig.end(), nothing);
  });

  test('481 to our CANCEL: nothing but the CANCEL is over', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180);
    rig.clock.advance(10);
    call.hangUp();
    rig.clock.advance(10);
    peer.respond(peer.last('CANCEL'), 481);
    rig.clock.advance(10);
    assert.equal(call.state, 'ringing');
    peer.answer();
    rig.clock.advance(10);
    assert.deepEqual([peer.count('ACK'), peer.count('BYE')], [1, 1]);
    peer.respond(peer.last('BYE'), 200);
    assert.deepEqual(rig.end(), nothing);
  });

  test('486 is out already: 200 to the CANCEL, and the ACK is waited for', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.reject(486);
    peer.sameBranch('CANCEL', invite);
    rig.clock.advance(600);
    assert.deepEqual(peer.statuses('CANCEL'), [200]);
    assert.equal(peer.lastResponse('CANCEL').toTag, peer.lastResponse('INVITE').toTag);
    assert.deepEqual(peer.statuses('INVITE'), [180, 486, 486], 'repeated until the ACK');
    peer.sameBranch('ACK', invite, peer.lastResponse('INVITE').toTag);
    rig.clock.advance(10_000);
    assert.equal(peer.statuses('INVITE').length, 3);
    assert.deepEqual(rig.end(), nothing);
  });

  test('2xx of other branches of the fork after the CANCEL: each gets its ACK and its BYE', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180, { toTag: 'b1' });
    rig.clock.advance(10);
    call.hangUp();
    rig.clock.advance(10);
    peer.answer('b2');
    rig.clock.advance(10);
    assert.deepEqual([peer.count('ACK'), peer.count('BYE')], [1, 1], 'ACK and BYE, in the dialog b2');
    assert.equal(peer.last('BYE').toTag, 'b2');
    peer.respond(peer.last('BYE'), 200);
    peer.answer('b3');
    rig.clock.advance(10);
    assert.deepEqual([peer.count('ACK'), peer.count('BYE')], [2, 2], 'and again in b3');
    assert.equal(peer.last('BYE').toTag, 'b3');
    peer.respond(peer.last('BYE'), 200);
    rig.clock.advance(10);
    assert.equal(call.state, 'ended');
    assert.equal(alice.states.filter((state) => state.endsWith('ended')).length, 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('CANCEL for a re-INVITE that was answered at once: 200, and the session stays', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    rig.clock.advance(10);
    const ok = peer.lastResponse('INVITE');
    peer.acknowledge(invite, ok);
    const toTag = ok.toTag ?? '';
    const again = peer.request('INVITE', { invite, toTag, sequence: 2 }, { body: plainSdp('sendonly', 2) });
    peer.sameBranch('CANCEL', again);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE'), [180, 200, 200]);
    assert.deepEqual(peer.statuses('CANCEL'), [200]);
    peer.request('ACK', { invite, toTag, sequence: 2 }, { headers: [] });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    assert.deepEqual(alice.problems, []);
    rig.end();
  });

  test('a CANCEL that comes twice is answered twice and cancels once', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    peer.sameBranch('CANCEL', invite);
    peer.sameBranch('CANCEL', invite);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('CANCEL'), [200, 200]);
    assert.deepEqual(peer.statuses('INVITE'), [180, 487]);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the ring limit is no reason to hang up on who answers just then', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { ringLimit: 10_000 });
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(9_999);
    bob.lastCall.accept(bob.negotiation());
    rig.clock.advance(1000);
    assert.deepEqual(rig.ladder.slice(2), [
      'bob>alice 200 INVITE',
      'alice>bob CANCEL',
      'alice>bob ACK',
      'bob>alice 200 CANCEL',
    ]);
    assert.equal(call.state, 'connected');
    assert.equal(bob.lastCall.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('unless the person hangs up as well', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { ringLimit: 10_000 });
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(10_000);
    bob.lastCall.accept(bob.negotiation());
    call.hangUp();
    rig.clock.advance(1000);
    assert.equal(call.state, 'ended');
    assert.equal(bob.lastCall.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });
});
