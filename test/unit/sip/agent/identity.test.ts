import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing } from '../../../support/sip-agents';

const allow = ['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE'] as const;
const trusting = { settings: { trustsIdentity: () => true } } as const;

function polite(peer: ScriptedPeer): void {
  peer.onMessage = (message) => {
    if (message.kind === 'request' && message.method === 'BYE') peer.respond(message, 200);
  };
}

/** The From of the peer's next request, as somebody else with the same tag. */
function fromOf(peer: ScriptedPeer, uri: string, name: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => Buffer.from(Buffer.from(bytes).toString('latin1').replace(new RegExp(`From: <${peer.uri}>`, 'u'), `From: "${name}" <${uri}>`), 'latin1');
}

describe('who the other party is (RFC 4916, RFC 3325)', () => {
  test('a call that was sent on: the one who answers says who it is, by UPDATE with a From of its own', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.addPeer('bob');
    const charlie = rig.add('charlie', { answers: true, settings: { connectedIdentity: true } });
    const call = alice.call(bob);
    rig.clock.advance(10);
    bob.respond(bob.last('INVITE'), 302, { headers: [['Contact', `<${charlie.uri}>`]] });
    rig.clock.advance(50);
    assert.equal(call.state, 'connected');
    const update = rig.find('charlie>alice UPDATE');
    assert.equal(update.from.uriText, charlie.uri);
    assert.equal(update.from.displayName, 'charlie');
    assert.equal(update.header('P-Asserted-Identity'), `"charlie" <${charlie.uri}>`);
    assert.equal(update.fromTag, call.dialog?.remoteTag, 'the tags stay');
    assert.equal(call.remoteUri, charlie.uri);
    assert.equal(call.remoteDisplayName, 'charlie');
    assert.deepEqual(alice.identities, [charlie.uri]);
    call.hangUp();
    rig.clock.advance(50);
    assert.equal(rig.find('alice>charlie BYE').to.uriText, charlie.uri, 'To is the new one from now on');
    assert.equal(charlie.lastCall.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('whoever was called as who it is has nothing to say, and nobody who was not asked to tells', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.addPeer('bob');
    const charlie = rig.add('charlie', { settings: { connectedIdentity: true } });
    const dave = rig.add('dave', { answers: true });
    rig.connect(alice, charlie);
    alice.call(bob);
    rig.clock.advance(10);
    bob.respond(bob.last('INVITE'), 302, { headers: [['Contact', `<${dave.uri}>`]] });
    rig.clock.advance(50);
    assert.deepEqual(rig.ladder.filter((line) => line.includes('UPDATE')), []);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the peer refuses the UPDATE: the dialog keeps its From', () => {
    const rig = new AgentRig();
    const charlie = rig.add('charlie', { answers: true, settings: { connectedIdentity: true } });
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', charlie, { headers: [peer.contact, allow, ['Supported', 'from-change']], body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(peer.count('UPDATE'), 0, 'called by its own name');
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    const other = peer.initial('INVITE', { uri: charlie.uri.replace('charlie', 'bob') }, { headers: [peer.contact, allow, ['Supported', 'from-change']], body: plainSdp() });
    rig.clock.advance(10);
    peer.acknowledge(other, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    peer.respond(peer.last('UPDATE'), 403);
    rig.clock.advance(10);
    polite(peer);
    charlie.lastCall.hangUp();
    rig.clock.advance(10);
    assert.equal(peer.last('BYE').from.uriText, charlie.uri.replace('charlie', 'bob'));
    assert.deepEqual(rig.end(), nothing);
  });

  test('an UPDATE with another From: the call is with somebody else, and so it says', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    polite(peer);
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.respond(invite, 200, { headers: [peer.contact, allow], body: plainSdp() });
    rig.clock.advance(10);
    rig.garble = fromOf(peer, 'sip:charlie@127.0.0.1:5099', 'Charlie');
    peer.request('UPDATE', { invite, sequence: 1 });
    rig.clock.advance(10);
    rig.garble = (bytes) => bytes;
    assert.equal(call.remoteUri, 'sip:charlie@127.0.0.1:5099');
    assert.equal(call.remoteDisplayName, 'Charlie');
    call.hangUp();
    rig.clock.advance(10);
    assert.equal(peer.last('BYE').to.uriText, 'sip:charlie@127.0.0.1:5099');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a refused UPDATE changes nobody', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    polite(peer);
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.respond(invite, 200, { headers: [peer.contact, allow], body: plainSdp() });
    rig.clock.advance(10);
    rig.garble = fromOf(peer, 'sip:charlie@127.0.0.1:5099', 'Charlie');
    peer.request('UPDATE', { invite, sequence: 1 }, { body: plainSdp().replace('RTP/AVP 0', 'RTP/AVP 9') });
    rig.clock.advance(10);
    rig.garble = (bytes) => bytes;
    assert.deepEqual(peer.statuses('UPDATE'), [488]);
    assert.equal(call.remoteUri, peer.uri);
    assert.deepEqual(rig.end(), nothing);
  });

  test('P-Asserted-Identity in a 180 or a 200 says who rings, to those who trust the sender', () => {
    for (const isTrusting of [true, false]) {
      const rig = new AgentRig();
      const alice = rig.add('alice', isTrusting ? trusting : {});
      const peer = rig.addPeer('peer');
      polite(peer);
      const call = alice.call(peer);
      rig.clock.advance(10);
      peer.respond(peer.last('INVITE'), 180, { headers: [peer.contact, ['P-Asserted-Identity', '"Charlie" <sip:charlie@127.0.0.1:5099>, <tel:+4912>']] });
      rig.clock.advance(10);
      assert.equal(call.remoteUri, isTrusting ? 'sip:charlie@127.0.0.1:5099' : peer.uri);
      peer.respond(peer.last('INVITE'), 200, { headers: [peer.contact, ['P-Asserted-Identity', '<sip:dave@127.0.0.1:5098>']], body: plainSdp() });
      rig.clock.advance(10);
      assert.equal(call.remoteUri, isTrusting ? 'sip:dave@127.0.0.1:5098' : peer.uri);
      assert.equal(call.remoteDisplayName, undefined);
      assert.deepEqual(rig.end(), nothing);
    }
  });

  test('P-Asserted-Identity in the INVITE stands above From; a malformed one is none', () => {
    for (const [value, expected] of [
      ['"The Boss" <sip:boss@127.0.0.1:5099>', 'sip:boss@127.0.0.1:5099'],
      ['<sip:boss', undefined],
      ['tel:+4912', undefined],
    ] as const) {
      const rig = new AgentRig();
      const alice = rig.add('alice', trusting);
      const peer = rig.addPeer('peer');
      const invite = peer.initial('INVITE', alice, { headers: [peer.contact, ['P-Asserted-Identity', value]], body: plainSdp() });
      rig.clock.advance(10);
      assert.equal(alice.lastCall.remoteUri, expected ?? peer.uri);
      peer.sameBranch('CANCEL', invite);
      rig.clock.advance(10);
      peer.sameBranch('ACK', invite, peer.lastResponse('INVITE').toTag);
      assert.deepEqual(rig.end(), nothing);
    }
  });
});
