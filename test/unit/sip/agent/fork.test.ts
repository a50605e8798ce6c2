import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Session } from '../../../../src/sip';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

/** A call that a proxy forked to b1 and b2, which both ring. */
function forked(): { rig: AgentRig; alice: RigAgent; peer: ScriptedPeer; call: Session } {
  const rig = new AgentRig();
  const alice = rig.add('alice');
  const peer = rig.addPeer('peer');
  const call = alice.call(peer);
  rig.clock.advance(10);
  for (const toTag of ['b1', 'b2']) peer.respond(peer.last('INVITE'), 180, { toTag });
  rig.clock.advance(10);
  return { rig, alice, peer, call };
}

/** The peer answers every BYE. */
function polite(peer: ScriptedPeer): void {
  peer.onMessage = (message) => {
    if (message.kind === 'request' && message.method === 'BYE') peer.respond(message, 200);
  };
}

describe('a call that was forked (RFC 3261 13.2.2.4)', () => {
  test('the branch that answers is the call, whichever rang first', () => {
    const { rig, peer, call } = forked();
    assert.equal(call.dialog?.remoteTag, 'b1');
    peer.answer('b2');
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.equal(call.dialog.remoteTag, 'b2');
    assert.equal(peer.last('ACK').toTag, 'b2');
    polite(peer);
    call.hangUp();
    rig.clock.advance(10);
    assert.equal(peer.last('BYE').toTag, 'b2');
    assert.deepEqual(rig.end(), nothing);
  });

  test('two branches answer: ACK to each, BYE to the second', () => {
    const { rig, alice, peer, call } = forked();
    polite(peer);
    peer.answer('b2');
    peer.answer('b1');
    assert.deepEqual(rig.run(1000), [
      'alice>peer ACK',
      'alice>peer ACK',
      'alice>peer BYE',
      'peer>alice 200 BYE',
    ]);
    assert.equal(peer.last('BYE').toTag, 'b1');
    assert.equal(call.state, 'connected');
    assert.equal(call.dialog?.remoteTag, 'b2');
    assert.deepEqual(alice.states, ['calling -> ringing', 'ringing -> connected']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a branch nobody heard ring answers as the second', () => {
    const { rig, peer, call } = forked();
    polite(peer);
    peer.answer('b1');
    peer.answer('b9');
    rig.clock.advance(1000);
    assert.equal(peer.last('BYE').toTag, 'b9');
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('each repeated 2xx gets the ACK of its own branch, and one BYE is enough', () => {
    const { rig, peer } = forked();
    polite(peer);
    for (const tag of ['b1', 'b2', 'b1', 'b2', 'b2']) peer.answer(tag);
    rig.clock.advance(1000);
    const acks = peer.received.filter(({ cseq }) => cseq.method === 'ACK').map(({ toTag }) => toTag);
    assert.deepEqual(acks, ['b1', 'b2', 'b1', 'b2', 'b2']);
    assert.equal(peer.count('BYE'), 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a 2xx of another branch is taken for 64*T1 after the first, and then dropped', () => {
    const { rig, alice, peer } = forked();
    polite(peer);
    peer.answer('b1');
    rig.clock.advance(31_000);
    peer.answer('b2');
    rig.clock.advance(2_000);
    assert.equal(peer.count('BYE'), 1);
    peer.answer('b3');
    rig.clock.advance(10);
    assert.equal(peer.count('BYE'), 1);
    assert.match(alice.problems.join(), /belongs to no request/u);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the second branch hangs up by itself: that ends nothing of the call', () => {
    const { rig, peer, call } = forked();
    const invite = peer.last('INVITE');
    peer.answer('b1');
    peer.answer('b2');
    rig.clock.advance(10);
    peer.request('BYE', { invite, toTag: 'b2', sequence: 1 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('BYE'), [200]);
    assert.equal(call.state, 'connected');
    polite(peer);
    assert.deepEqual(rig.end(), nothing);
  });

  test('each branch has its own numbers, and requests in the wrong one get 481', () => {
    const { rig, peer, call } = forked();
    const invite = peer.last('INVITE');
    peer.answer('b1');
    rig.clock.advance(10);
    peer.request('INFO', { invite, toTag: 'b2', sequence: 100 }, { headers: [['Content-Type', 'application/dtmf']], body: '1' });
    peer.request('INFO', { invite, toTag: 'b1', sequence: 1 }, { headers: [['Content-Type', 'application/dtmf']], body: '1' });
    peer.request('INFO', { invite, toTag: 'b1', sequence: 1 }, { headers: [['Content-Type', 'application/dtmf']], body: '1' });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INFO'), [481, 200, 500]);
    assert.equal(call.state, 'connected');
    polite(peer);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a refusal ends all branches', () => {
    const { rig, peer, call } = forked();
    const invite = peer.last('INVITE');
    peer.respond(invite, 486, { toTag: 'b2' });
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 486);
    peer.request('BYE', { invite, toTag: 'b1', sequence: 1 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('BYE'), [200], 'a BYE for what is over already does no harm');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a 2xx with another route set than the 180: the route set of the 2xx counts', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180, { headers: [peer.contact, ['Record-Route', '<sip:127.0.0.1:5062;lr;one>']] });
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 200, { headers: [peer.contact, ['Record-Route', '<sip:127.0.0.1:5062;lr;two>']], body: plainSdp() });
    rig.clock.advance(10);
    polite(peer);
    call.hangUp();
    rig.clock.advance(10);
    assert.deepEqual(peer.last('BYE').headerValues('Route'), ['<sip:127.0.0.1:5062;lr;two>']);
    assert.deepEqual(rig.end(), nothing);
  });
});
