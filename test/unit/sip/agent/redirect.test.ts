import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';
import type { ScriptedPeer } from '../../../support/scripted-peer';

function moved(peer: ScriptedPeer, contacts: readonly string[], status = 302): void {
  peer.respond(peer.last('INVITE'), status, { headers: contacts.map((value) => ['Contact', value] as const) });
}

describe('redirection (RFC 3261 8.1.3.4)', () => {
  test('the whole ladder: 302, ACK, and a second INVITE with the same Call-ID', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const charlie = rig.add('charlie');
    const call = alice.call(bob);
    rig.clock.advance(100);
    bob.lastCall.redirect([charlie.uri]);
    rig.clock.advance(100);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(100);
    assert.deepEqual(rig.ladder, [
      'alice>bob INVITE',
      'bob>alice 180 INVITE',
      'bob>alice 302 INVITE',
      'alice>bob ACK',
      'alice>charlie INVITE',
      'charlie>alice 180 INVITE',
      'charlie>alice 200 INVITE',
      'alice>charlie ACK',
    ]);
    const [first, second] = rig.passed.filter(({ message }) => message.kind === 'request' && message.method === 'INVITE');
    assert.ok(first?.message.kind === 'request' && second?.message.kind === 'request');
    assert.equal(second.message.requestUri, charlie.uri);
    assert.equal(second.message.callId, first.message.callId);
    assert.equal(second.message.header('From'), first.message.header('From'));
    assert.equal(second.message.header('To'), first.message.header('To'), 'To stays what was dialled, without a tag');
    assert.equal(second.message.cseq.sequence, 2);
    assert.notEqual(second.message.topVia.branch, first.message.topVia.branch);
    assert.equal(second.message.header('Diversion'), `<${bob.uri}>;reason=deflection`);
    assert.equal(bob.lastCall.endCause?.status, 302);
    assert.equal(call.state, 'connected');
    assert.equal(charlie.lastCall.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the second redirection puts its Diversion on top of the first', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const charlie = rig.add('charlie');
    const dave = rig.add('dave', { answers: true });
    alice.call(bob);
    rig.clock.advance(10);
    bob.lastCall.redirect([charlie.uri]);
    rig.clock.advance(10);
    charlie.lastCall.redirect([dave.uri]);
    rig.clock.advance(10);
    assert.deepEqual(rig.find('alice>dave INVITE').headerValues('Diversion'), [
      `<${charlie.uri}>;reason=deflection`,
      `<${bob.uri}>;reason=deflection`,
    ]);
    assert.deepEqual(rig.end(), nothing);
  });

  /** A peer that plays all targets: they differ in their user part only. */
  function redirected(contacts: readonly string[], status?: number): { rig: AgentRig; alice: RigAgent; peer: ScriptedPeer; tried: () => string[] } {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    alice.call('sip:first@127.0.0.1:5062');
    rig.clock.advance(10);
    moved(peer, contacts, status);
    rig.clock.advance(10);
    const tried = (): string[] =>
      peer.received.flatMap((message) => (message.kind === 'request' && message.method === 'INVITE' ? [message.uri.user ?? ''] : []));
    return { rig, alice, peer, tried };
  }

  test('q decides the order, no q comes first, the same q as written; each is tried once', () => {
    const { rig, alice, peer, tried } = redirected([
      '<sip:c@127.0.0.1:5062>;q=0.2',
      '<sip:b@127.0.0.1:5062>;q=0.7',
      '<sip:a@127.0.0.1:5062>',
      '<sip:b2@127.0.0.1:5062>;q=0.7',
      '<sip:a@127.0.0.1:5062>;q=0.1',
    ]);
    for (let round = 0; round < 4; round += 1) {
      peer.respond(peer.last('INVITE'), 486);
      rig.clock.advance(10);
    }
    assert.deepEqual(tried(), ['first', 'a', 'b', 'b2', 'c']);
    assert.deepEqual(alice.states.at(-1), 'calling -> ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the first that answers ends the search', () => {
    const { rig, alice, peer, tried } = redirected(['<sip:a@127.0.0.1:5062>', '<sip:b@127.0.0.1:5062>;q=0.5', '<sip:c@127.0.0.1:5062>;q=0.1']);
    peer.respond(peer.last('INVITE'), 404);
    rig.clock.advance(10);
    peer.answer();
    rig.clock.advance(10);
    assert.deepEqual(tried(), ['first', 'a', 'b']);
    assert.equal(alice.agent.sessions[0]?.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a target that does not answer at all is followed by the next', () => {
    const { rig, peer, tried } = redirected(['<sip:a@127.0.0.1:5062>', '<sip:b@127.0.0.1:5062>;q=0.5']);
    rig.clock.advance(32_000);
    peer.answer();
    rig.clock.advance(10);
    assert.deepEqual([...new Set(tried())], ['first', 'a', 'b']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a loop ends: a target is never tried twice, and 302 is the failure', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const charlie = rig.add('charlie');
    const call = alice.call(bob);
    rig.clock.advance(10);
    bob.lastCall.redirect([charlie.uri]);
    rig.clock.advance(10);
    charlie.lastCall.redirect([bob.uri]);
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 302);
    assert.equal(bob.incoming.length, 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('to itself: the same', () => {
    const { rig, tried } = redirected(['<sip:first@127.0.0.1:5062>']);
    assert.deepEqual(tried(), ['first']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('an endless chain ends at the tenth target', () => {
    const { rig, alice, peer, tried } = redirected(['<sip:t1@127.0.0.1:5062>']);
    for (let hop = 2; hop < 20; hop += 1) {
      moved(peer, [`<sip:t${String(hop)}@127.0.0.1:5062>`]);
      rig.clock.advance(10);
    }
    assert.equal(tried().length, 10);
    assert.equal(alice.states.at(-1), 'calling -> ended');
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [refusals, reported] of [
    [[486, 404, 480], 486],
    [[503, 408, 500], 408],
    [[486, 603], 603],
    [[486, 600, 404], 600],
  ] as const) {
    test(`the best failure is reported: of ${refusals.join(', ')} it is ${String(reported)}; a 6xx ends the search`, () => {
      const rig = new AgentRig();
      const alice = rig.add('alice');
      const peer = rig.addPeer('peer');
      const call = alice.call('sip:first@127.0.0.1:5062');
      rig.clock.advance(10);
      moved(peer, ['a', 'b', 'c'].map((user) => `<sip:${user}@127.0.0.1:5062>`));
      rig.clock.advance(10);
      for (const status of refusals) {
        if (call.state === 'ended') break;
        peer.respond(peer.last('INVITE'), status);
        rig.clock.advance(10);
      }
      assert.equal(call.endCause?.status, reported);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a refusal is worth more than a redirection that led nowhere', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call('sip:first@127.0.0.1:5062');
    rig.clock.advance(10);
    moved(peer, ['<sip:a@127.0.0.1:5062>', '<sip:b@127.0.0.1:5062>']);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 486);
    rig.clock.advance(10);
    moved(peer, ['<sip:first@127.0.0.1:5062>']);
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 486);
    assert.deepEqual(rig.end(), nothing);
  });

  test('no Contact: a failure', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call('sip:first@127.0.0.1:5062');
    rig.clock.advance(10);
    moved(peer, []);
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 302);
    assert.deepEqual(rig.end(), nothing);
  });

  test('380 offers another service, which a person must choose: a failure, and told', () => {
    const { rig, alice, tried } = redirected(['<sip:other@127.0.0.1:5062>'], 380);
    assert.deepEqual(tried(), ['first']);
    assert.match(alice.problems.join(), /380/u);
    assert.deepEqual(rig.end(), nothing);
  });

  test('305 names a proxy: the same Request-URI once more, with the Contact as Route (21.3.4); not twice', () => {
    const { rig, alice, peer, tried } = redirected(['<sip:proxy@127.0.0.1:5062>'], 305);
    assert.deepEqual(tried(), ['first', 'first']);
    assert.deepEqual(peer.last('INVITE').headerValues('Route'), ['<sip:proxy@127.0.0.1:5062;lr>']);
    moved(peer, ['<sip:proxy@127.0.0.1:5062>'], 305);
    rig.clock.advance(10);
    assert.deepEqual(tried(), ['first', 'first']);
    assert.equal(alice.states.at(-1), 'calling -> ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('back to the caller: not followed, said so, and the failure names it', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call('sip:first@127.0.0.1:5062');
    rig.clock.advance(10);
    moved(peer, [`<${alice.uri};x=y>`]);
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 482);
    assert.match(call.endCause.text, /back to the caller/u);
    assert.equal(alice.incoming.length, 0);
    assert.deepEqual(alice.problems, ['A redirection back to ourselves was not followed']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('several targets: falling q, tried in that order; the way is told (RFC 5806, RFC 7044)', () => {
    const rig = new AgentRig();
    const [alice, bob, charlie, dave] = ['alice', 'bob', 'charlie', 'dave'].map((name) => rig.add(name));
    assert.ok(alice && bob && charlie && dave);
    alice.call(bob);
    rig.clock.advance(10);
    bob.lastCall.redirect([charlie.uri, dave.uri]);
    rig.clock.advance(10);
    assert.deepEqual(rig.find('bob>alice 302 INVITE').headerValues('Contact'), [`<${charlie.uri}>;q=1.0`, `<${dave.uri}>;q=0.9`]);
    const history = rig.find('alice>charlie INVITE').headerValues('History-Info');
    assert.deepEqual(history, [`<${bob.uri}?Reason=SIP%3Bcause%3D302%3Btext%3D%22Moved%20Temporarily%22>;index=1`, `<${charlie.uri}>;index=1.1;mp=1`]);
    charlie.lastCall.reject(486);
    rig.clock.advance(10);
    assert.equal(dave.lastCall.state, 'incoming');
    assert.deepEqual(rig.find('alice>dave INVITE').headerValues('Diversion'), [`<${bob.uri}>;reason=deflection`]);
    rig.end();
  });

  for (const status of [300, 301]) {
    test(`${String(status)} is followed like 302`, () => {
      const { rig, tried } = redirected(['<sip:other@127.0.0.1:5062>'], status);
      assert.deepEqual(tried(), ['first', 'other']);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a Contact becomes a Request-URI without its method and headers (RFC 3261 19.1.5)', () => {
    const { rig, peer } = redirected(['<sip:other@127.0.0.1:5062;method=BYE;user=phone?Replaces=x&Route=%3Csip%3Aevil%3E>']);
    const invite = peer.last('INVITE');
    assert.equal(invite.requestUri, 'sip:other@127.0.0.1:5062;user=phone');
    assert.equal(invite.header('Replaces'), undefined);
    assert.deepEqual(invite.headerValues('Route'), []);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a target we may not call is left out, and said so', () => {
    const { rig, alice, tried } = redirected(['<sip:a@192.0.2.1>', '<sip:b@127.0.0.1:5062>;q=0.1']);
    assert.deepEqual(tried(), ['first', 'b']);
    assert.deepEqual(alice.problems, ['192.0.2.1 is not on this machine']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a target that cannot be written into a request fails like any other, and the next is tried', () => {
    const { rig, peer, tried } = redirected(['<sip:a\u00a0b@127.0.0.1:5062>', '<sip:b@127.0.0.1:5062>;q=0.1']);
    assert.deepEqual(tried(), ['first', 'b']);
    peer.answer();
    assert.deepEqual(rig.end(), nothing);
  });

  test('the early dialog of the first target is over', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call('sip:first@127.0.0.1:5062');
    rig.clock.advance(10);
    const first = peer.last('INVITE');
    peer.respond(first, 180, { toTag: 'first' });
    rig.clock.advance(10);
    moved(peer, ['<sip:second@127.0.0.1:5062>']);
    rig.clock.advance(10);
    peer.request('BYE', { invite: first, toTag: 'first', sequence: 1 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('BYE'), [481]);
    peer.respond(peer.last('INVITE'), 180, { toTag: 'second' });
    rig.clock.advance(10);
    assert.equal(call.dialog?.remoteTag, 'second');
    assert.deepEqual(rig.end(), nothing);
  });
});
