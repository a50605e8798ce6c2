import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Session, SipRequest, SipResponse } from '../../../../src/sip';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

const allow = ['Allow', 'INVITE, ACK, BYE, CANCEL, PRACK, UPDATE'] as const;

function polite(peer: ScriptedPeer): void {
  peer.onMessage = (message) => {
    if (message.kind === 'request' && ['PRACK', 'BYE', 'CANCEL'].includes(message.method)) peer.respond(message, 200);
  };
}

interface Scene {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly peer: ScriptedPeer;
  readonly call: Session;
  readonly invite: SipRequest;
}

/** Alice calls, and the peer has answered reliably in a 183: offer and answer are done, the call rings. */
function early(): Scene {
  const rig = new AgentRig();
  const alice = rig.add('alice');
  const peer = rig.addPeer('peer');
  polite(peer);
  const call = alice.call(peer);
  rig.clock.advance(10);
  const invite = peer.last('INVITE');
  peer.respond(invite, 183, { headers: [peer.contact, allow, ['Require', '100rel'], ['RSeq', '1']], body: plainSdp() });
  rig.clock.advance(10);
  return { rig, alice, peer, call, invite };
}

/** Alice calls and the call is up. */
function up(settings = {}, headers: readonly (readonly [string, string])[] = [allow]): Scene {
  const rig = new AgentRig();
  const alice = rig.add('alice', { settings });
  const peer = rig.addPeer('peer');
  polite(peer);
  const call = alice.call(peer);
  rig.clock.advance(10);
  const invite = peer.last('INVITE');
  peer.respond(invite, 200, { headers: [peer.contact, ...headers], body: plainSdp() });
  rig.clock.advance(10);
  return { rig, alice, peer, call, invite };
}

function text(message: SipRequest | SipResponse): string {
  return Buffer.from(message.body).toString();
}

describe('UPDATE before the answer (RFC 3311)', () => {
  test('hold before answer: the caller holds an early dialog', () => {
    const { rig, alice, peer, call } = early();
    const held = alice.hold(call);
    rig.clock.advance(10);
    const update = peer.last('UPDATE');
    assert.match(text(update), /a=sendonly/u);
    assert.ok(update.contact !== undefined, 'a target refresh request has a Contact');
    peer.respond(update, 200, { body: plainSdp('recvonly', 2) });
    rig.clock.advance(10);
    assert.equal(held.result, 'agreed');
    assert.equal(call.state, 'ringing');
    assert.equal(call.negotiation?.media?.heldByUs, true);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.equal(call.negotiation.media.heldByUs, true, 'the description in the 2xx is a repetition');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the 2xx to the INVITE overtakes the one to the UPDATE', () => {
    const { rig, alice, peer, call } = early();
    const held = alice.hold(call);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.equal(held.result, undefined, 'the description in the 2xx is no answer to the offer in the UPDATE');
    peer.respond(peer.last('UPDATE'), 200, { body: plainSdp('recvonly', 2).replace('50000', '50004') });
    rig.clock.advance(10);
    assert.equal(held.result, 'agreed');
    assert.equal(call.negotiation?.media?.heldByUs, true);
    assert.equal(call.negotiation.media.remotePort, 50_004);
    assert.deepEqual(rig.end(), nothing);
  });

  test('no hold while our offer has no answer yet, nor of a peer that takes no UPDATE', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    polite(peer);
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 183, { headers: [peer.contact, allow], body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(alice.hold(call).result, '481 The call is not up');
    peer.respond(peer.last('INVITE'), 486);
    rig.clock.advance(10);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the callee changes early media: answered at once, in the early dialog', () => {
    const { rig, peer, call, invite } = early();
    peer.request('UPDATE', { invite, sequence: 1 }, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('UPDATE'), [200]);
    assert.match(text(peer.lastResponse('UPDATE')), /a=recvonly/u);
    assert.equal(call.negotiation?.media?.heldByPeer, true);
    peer.respond(peer.last('INVITE'), 486);
    rig.clock.advance(10);
    assert.deepEqual(rig.end(), nothing);
  });

  test('another branch of the fork may have its UPDATE too', () => {
    const { rig, peer, call, invite } = early();
    peer.respond(invite, 183, { toTag: 'b2', headers: [peer.contact, allow, ['Require', '100rel'], ['RSeq', '1']], body: plainSdp() });
    rig.clock.advance(10);
    peer.request('UPDATE', { invite, toTag: 'b2', sequence: 1 }, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('UPDATE'), [200]);
    peer.respond(invite, 200, { body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(call.negotiation?.media?.heldByPeer, false, 'what the other branch says is its own matter');
    peer.request('UPDATE', { invite, toTag: 'b2', sequence: 2 }, { body: plainSdp() });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('UPDATE'), [200, 481], 'the branch is over');
    assert.deepEqual(rig.end(), nothing);
  });

  test('an offer while ours has no answer: 491; while theirs has none: 500 with Retry-After', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    polite(peer);
    alice.call(peer);
    rig.clock.advance(10);
    const ours = peer.last('INVITE');
    peer.respond(ours, 180, { headers: [peer.contact, allow] });
    peer.request('UPDATE', { invite: ours, sequence: 1 }, { body: plainSdp() });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('UPDATE'), [491]);
    peer.respond(ours, 486);
    const theirs = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    peer.request('UPDATE', { invite: theirs, toTag: alice.lastCall.dialog?.localTag ?? '', sequence: 2 }, { body: plainSdp() });
    rig.clock.advance(10);
    const refusal = peer.lastResponse('UPDATE');
    assert.equal(refusal.status, 500);
    assert.ok(refusal.retryAfter !== undefined && refusal.retryAfter <= 10);
    peer.request('UPDATE', { invite: theirs, toTag: alice.lastCall.dialog?.localTag ?? '', sequence: 3 });
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('UPDATE').status, 200, 'without an offer there is nothing to wait for');
    peer.sameBranch('CANCEL', theirs);
    rig.clock.advance(10);
    peer.sameBranch('ACK', theirs, alice.lastCall.dialog?.localTag ?? '');
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('UPDATE in a call that is up', () => {
  test('an UPDATE with an offer holds us; its Contact is the new target', () => {
    const { rig, peer, call, invite } = up();
    const moved = ['Contact', `<${peer.uri};moved>`] as const;
    peer.request('UPDATE', { invite, sequence: 1 }, { headers: [moved], body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('UPDATE'), [200]);
    assert.ok(peer.lastResponse('UPDATE').contact !== undefined);
    assert.equal(call.negotiation?.media?.heldByPeer, true);
    call.hangUp();
    rig.clock.advance(10);
    assert.equal(peer.last('BYE').requestUri, `${peer.uri};moved`);
    assert.deepEqual(rig.end(), nothing);
  });

  test('an UPDATE whose offer cannot be used: 488, and the session and the target stay', () => {
    const { rig, peer, call, invite } = up();
    const moved = ['Contact', `<${peer.uri};moved>`] as const;
    peer.request('UPDATE', { invite, sequence: 1 }, { headers: [moved], body: plainSdp('sendonly', 2).replace('RTP/AVP 0', 'RTP/AVP 9') });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('UPDATE'), [488]);
    assert.equal(call.negotiation?.media?.heldByPeer, false);
    call.hangUp();
    rig.clock.advance(10);
    assert.equal(peer.last('BYE').requestUri, peer.uri);
    assert.deepEqual(rig.end(), nothing);
  });

  test('glare: an UPDATE with an offer while our hold is out gets 491, one without gets 200', () => {
    const { rig, alice, peer, call, invite } = up();
    alice.hold(call);
    rig.clock.advance(10);
    peer.request('UPDATE', { invite, sequence: 1 }, { body: plainSdp('sendonly', 2) });
    peer.request('UPDATE', { invite, sequence: 2 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('UPDATE'), [491, 200]);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp('recvonly', 2) });
    rig.clock.advance(10);
    assert.equal(call.negotiation?.media?.heldByUs, true);
    assert.deepEqual(rig.end(), nothing);
  });

  test('after the end of the call: 481', () => {
    const { rig, peer, call, invite } = up();
    call.hangUp();
    rig.clock.advance(10);
    peer.request('UPDATE', { invite, sequence: 1 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('UPDATE'), [481]);
    assert.deepEqual(rig.end(), nothing);
  });
});
