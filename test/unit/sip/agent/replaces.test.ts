import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatReplaces, parseReplaces, type Session } from '../../../../src/sip';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

interface Scene {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly bob: RigAgent;
  readonly peer: ScriptedPeer;
}

function scene(): Scene {
  const rig = new AgentRig();
  return { rig, alice: rig.add('alice'), bob: rig.add('bob'), peer: rig.addPeer('peer') };
}

/** The Replaces value for the call of `session`, as the other side of it must be told. */
function replaces(session: Session, changes: Partial<ReturnType<typeof parseReplaces>> = {}): string {
  return formatReplaces({ ...parseReplaces(session.replacesValue ?? ''), ...changes });
}

/** The peer sends `to` an INVITE with Replaces; gives the statuses it got. */
function invite({ rig, peer }: Scene, to: RigAgent, value: string, headers: readonly (readonly [string, string])[] = []): number[] {
  const before = peer.statuses('INVITE').length;
  peer.initial('INVITE', to, { headers: [peer.contact, ['Replaces', value], ...headers], body: plainSdp() });
  rig.clock.advance(10);
  return peer.statuses('INVITE').slice(before);
}

describe('INVITE with Replaces: what the receiver does (RFC 3891 section 3)', () => {
  test('a call that is up: 200 at once without ringing, then BYE to the one replaced', () => {
    const all = scene();
    const { rig, alice, bob, peer } = all;
    const [atAlice, atBob] = rig.connect(alice, bob);
    assert.deepEqual(invite(all, bob, replaces(atAlice)), [200]);
    assert.equal(atBob.state, 'ended');
    assert.equal(atBob.endCause?.by, 'us');
    assert.equal(atAlice.endCause?.text, 'hung up by the other side (SIP;cause=200;text="Replaced")');
    assert.deepEqual(rig.ladder.slice(-4), ['peer>bob INVITE', 'bob>peer 200 INVITE', 'bob>alice BYE', 'alice>bob 200 BYE']);
    assert.equal(bob.lastCall.replaces, atBob);
    assert.equal(bob.lastCall.state, 'answering');
    peer.acknowledge(peer.initial('OPTIONS', bob), peer.lastResponse('INVITE'));
    assert.deepEqual(rig.end(), nothing);
  });

  test('it works in both directions of the call to be replaced', () => {
    for (const replacedAtCaller of [true, false]) {
      const all = scene();
      const [atAlice, atBob] = all.rig.connect(all.alice, all.bob);
      const [target, told] = replacedAtCaller ? [all.alice, atBob] : [all.bob, atAlice];
      assert.deepEqual(invite(all, target, replaces(told)), [200]);
      assert.equal(atAlice.state, 'ended');
      assert.equal(atBob.state, 'ended');
      assert.deepEqual(all.rig.end(), nothing);
    }
  });

  test('tags swapped: 481, and the call stays (field failure T4)', () => {
    const all = scene();
    const [atAlice, atBob] = all.rig.connect(all.alice, all.bob);
    const { toTag, fromTag } = parseReplaces(atAlice.replacesValue ?? '');
    assert.deepEqual(invite(all, all.bob, replaces(atAlice, { toTag: fromTag, fromTag: toTag })), [481]);
    assert.equal(atBob.state, 'connected');
    assert.match(all.bob.problems.join(), /Call-ID and tags/u);
    assert.deepEqual(all.rig.end(), nothing);
  });

  for (const changes of [{ callId: 'other@x' }, { toTag: 'x' }, { fromTag: 'x' }]) {
    test(`nothing matches (${Object.keys(changes).join()}): 481`, () => {
      const all = scene();
      const [atAlice, atBob] = all.rig.connect(all.alice, all.bob);
      assert.deepEqual(invite(all, all.bob, replaces(atAlice, changes)), [481]);
      assert.equal(atBob.state, 'connected');
      assert.deepEqual(all.rig.end(), nothing);
    });
  }

  test('a call that ended a short while ago: 603; later: 481', () => {
    const all = scene();
    const [atAlice] = all.rig.connect(all.alice, all.bob);
    const value = replaces(atAlice);
    atAlice.hangUp();
    all.rig.clock.advance(1000);
    assert.deepEqual(invite(all, all.bob, value), [603]);
    all.rig.clock.advance(32_000);
    assert.deepEqual(invite(all, all.bob, value).slice(-1), [481]);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('a call that ended, and whose BYE is not answered yet: 603', () => {
    const all = scene();
    const [atAlice, atBob] = all.rig.connect(all.alice, all.bob);
    const value = replaces(atAlice);
    all.rig.drop = (message, from) => from === 'bob' && message.kind === 'request';
    atBob.hangUp();
    assert.deepEqual(invite(all, all.bob, value), [603]);
    assert.deepEqual(all.rig.end(), nothing);
  });

  for (const status of [486, 603] as const) {
    test(`a phone that lets no call be replaced: ${String(status)}, and its call stays; what matches nothing still gets 481`, () => {
      const rig = new AgentRig();
      const all = { rig, alice: rig.add('alice'), bob: rig.add('bob', { replacesRefusal: status }), peer: rig.addPeer('peer') };
      const [atAlice, atBob] = rig.connect(all.alice, all.bob);
      assert.deepEqual(invite(all, all.bob, replaces(atAlice)), [status]);
      assert.equal(atBob.state, 'connected');
      assert.match(all.bob.problems.join(), /as this phone is set/u);
      assert.deepEqual(invite(all, all.bob, replaces(atAlice, { toTag: 'x' })).slice(-1), [481]);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('early-only and the call was answered: 486, and it stays', () => {
    const all = scene();
    const [atAlice, atBob] = all.rig.connect(all.alice, all.bob);
    assert.deepEqual(invite(all, all.alice, replaces(atBob, { earlyOnly: true })), [486]);
    assert.equal(atAlice.state, 'connected');
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('early-only, and our 200 is not acknowledged yet: 486 too', () => {
    const all = scene();
    const { rig, alice, bob } = all;
    const atAlice = alice.call(bob);
    rig.clock.advance(10);
    rig.drop = ({ cseq }) => cseq.method === 'ACK';
    const value = replaces(atAlice, { earlyOnly: true });
    bob.lastCall.accept(bob.negotiation());
    rig.clock.advance(10);
    assert.equal(bob.incoming[0]?.state, 'answering');
    assert.deepEqual(invite(all, bob, value), [486]);
    rig.drop = () => false;
    assert.deepEqual(rig.end(), nothing);
  });

  test('a call that still rings at its callee: 481, and it rings on', () => {
    for (const earlyOnly of [true, false]) {
      const all = scene();
      const atAlice = all.alice.call(all.bob);
      all.rig.clock.advance(10);
      assert.deepEqual(invite(all, all.bob, replaces(atAlice, { earlyOnly })), [481]);
      assert.equal(all.bob.incoming.length, 1);
      assert.equal(all.bob.lastCall.state, 'incoming');
      assert.equal(atAlice.state, 'ringing');
      assert.deepEqual(all.rig.end(), nothing);
    }
  });

  test('a call that rings elsewhere, at its caller: 200, then CANCEL (pick-up, 14.2)', () => {
    const all = scene();
    const { rig, alice, bob } = all;
    const ringing = alice.call(bob);
    rig.clock.advance(10);
    assert.deepEqual(invite(all, alice, replaces(bob.lastCall, { earlyOnly: true })), [200]);
    assert.deepEqual(rig.ladder.slice(2), [
      'peer>alice INVITE',
      'alice>peer 200 INVITE',
      'alice>bob CANCEL',
      'bob>alice 200 CANCEL',
      'bob>alice 487 INVITE',
      'alice>bob ACK',
    ]);
    assert.equal(ringing.endCause?.status, 487);
    assert.equal(bob.lastCall.endCause?.text, 'the caller gave up');
    assert.match(rig.find('alice>bob CANCEL').header('Reason') ?? '', /Replaced/u);
    assert.equal(alice.lastCall.replaces, ringing);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the same, and the callee answers while the CANCEL is on its way: ACK and BYE (15.7)', () => {
    const all = scene();
    const { rig, alice, bob, peer } = all;
    alice.call(bob);
    rig.clock.advance(10);
    peer.initial('INVITE', alice, { headers: [peer.contact, ['Replaces', replaces(bob.lastCall)]], body: plainSdp() });
    rig.clock.advance(1);
    const ladder = rig.run(100, () => bob.lastCall.accept(bob.negotiation()));
    assert.deepEqual(ladder, [
      'bob>alice 200 INVITE',
      'bob>alice 200 CANCEL',
      'alice>bob ACK',
      'alice>bob BYE',
      'bob>alice 200 BYE',
    ]);
    assert.equal(alice.lastCall.state, 'answering', 'the one that picked up has the call');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the callee answered first: 486, the pick-up came too late (15.7)', () => {
    const all = scene();
    const { rig, alice, bob } = all;
    const call = alice.call(bob);
    rig.clock.advance(10);
    const value = replaces(bob.lastCall, { earlyOnly: true });
    bob.lastCall.accept(bob.negotiation());
    rig.clock.advance(10);
    assert.deepEqual(invite(all, alice, value), [486]);
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [name, wait] of [['just before', 100], ['and its CANCEL is on its way', 0]] as const) {
    test(`the caller gave up ${name}: 603 (15.7)`, () => {
      const all = scene();
      const { rig, alice, bob } = all;
      const call = alice.call(bob);
      rig.clock.advance(10);
      const value = replaces(bob.lastCall, { earlyOnly: true });
      if (wait === 0) rig.drop = (message) => message.cseq.method === 'CANCEL';
      call.hangUp();
      rig.clock.advance(wait);
      assert.deepEqual(invite(all, alice, value), [603]);
      rig.drop = () => false;
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('of a forked call any branch that rings may be picked up: all of it is cancelled', () => {
    const { rig, alice, peer } = scene();
    const call = alice.call(peer);
    rig.clock.advance(10);
    const first = peer.last('INVITE');
    for (const toTag of ['b1', 'b2']) peer.respond(first, 180, { toTag });
    rig.clock.advance(10);
    const value = `${first.callId};to-tag=${first.fromTag ?? ''};from-tag=b2;early-only`;
    peer.initial('INVITE', alice, { headers: [peer.contact, ['Replaces', value]], body: plainSdp() });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE'), [200]);
    assert.equal(peer.count('CANCEL'), 1);
    peer.respond(first, 487);
    rig.clock.advance(10);
    assert.equal(call.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a branch of the fork that lost is over: 603', () => {
    const { rig, alice, peer } = scene();
    const call = alice.call(peer);
    rig.clock.advance(10);
    const first = peer.last('INVITE');
    for (const toTag of ['b1', 'b2']) peer.respond(first, 180, { toTag });
    peer.answer('b1');
    rig.clock.advance(10);
    const value = `${first.callId};to-tag=${first.fromTag ?? ''};from-tag=b2`;
    peer.initial('INVITE', alice, { headers: [peer.contact, ['Replaces', value]], body: plainSdp() });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE'), [603]);
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('media that cannot be: 488, and the old call stays', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob', { follows: false });
    const peer = rig.addPeer('peer');
    const [atAlice, atBob] = rig.connect(alice, bob);
    const headers = [peer.contact, ['Replaces', replaces(atAlice)]] as const;
    peer.initial('INVITE', bob, { headers, body: plainSdp().replace('AVP 0', 'AVP 9') });
    rig.clock.advance(10);
    assert.match(bob.problems.join(), /law/u);
    assert.deepEqual(peer.statuses('INVITE'), [488]);
    assert.equal(atBob.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('two INVITEs want the same call: the second gets 603, and nobody loses theirs (T13)', () => {
    for (const takesOver of [true, false]) {
      const rig = new AgentRig();
      const alice = rig.add('alice');
      const bob = rig.add('bob', { takesOver });
      const peer = rig.addPeer('peer');
      const [atAlice] = rig.connect(alice, bob);
      const value = replaces(atAlice);
      for (let round = 0; round < 2; round += 1) {
        peer.initial('INVITE', bob, { headers: [peer.contact, ['Replaces', value]], body: plainSdp() });
      }
      rig.clock.advance(10);
      // As in a phone that first has to find a port: the answer comes a little later than the INVITE.
      for (const call of bob.incoming) if (call.state === 'incoming') call.accept(bob.negotiation());
      rig.clock.advance(10);
      assert.deepEqual(peer.statuses('INVITE').filter((status) => status >= 200), [200, 603]);
      assert.deepEqual(rig.end(), nothing);
    }
  });

  test('the call to be replaced ends between the INVITE and our answer: 603', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob', { takesOver: false });
    const peer = rig.addPeer('peer');
    const [atAlice, atBob] = rig.connect(alice, bob);
    peer.initial('INVITE', bob, { headers: [peer.contact, ['Replaces', replaces(atAlice)]], body: plainSdp() });
    rig.clock.advance(10);
    atBob.hangUp();
    bob.lastCall.accept(bob.negotiation());
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE'), [180, 603]);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the 200 to the INVITE that replaces is never acknowledged: both calls are lost, and nothing stays', () => {
    const all = scene();
    const [atAlice] = all.rig.connect(all.alice, all.bob);
    assert.deepEqual(invite(all, all.bob, replaces(atAlice)), [200]);
    all.rig.clock.advance(33_000);
    assert.equal(all.bob.lastCall.endCause?.status, 408);
    assert.ok(all.peer.count('BYE') > 0);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('the tag 0 also means a peer of RFC 2543, which has none', () => {
    const { rig, alice, peer } = scene();
    const old = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    rig.clock.advance(10);
    peer.acknowledge(old, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    const value = `${old.callId};to-tag=${peer.lastResponse('INVITE').toTag ?? ''};from-tag=0`;
    peer.initial('INVITE', alice, { headers: [peer.contact, ['Replaces', value]], body: plainSdp() });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE'), [180, 200, 481], 'this peer has a tag');
    rig.end();

    const second = new AgentRig();
    const carol = second.add('carol');
    const tagless = second.addPeer('peer');
    const call = carol.call(tagless);
    second.clock.advance(10);
    tagless.respond(tagless.last('INVITE'), 200, { toTag: '', body: plainSdp() });
    second.clock.advance(10);
    assert.equal(call.state, 'connected');
    const { callId, fromTag = '' } = tagless.last('INVITE');
    tagless.initial('INVITE', carol, { headers: [tagless.contact, ['Replaces', `${callId};to-tag=${fromTag};from-tag=0`]], body: plainSdp() });
    second.clock.advance(10);
    assert.deepEqual(tagless.statuses('INVITE'), [200]);
    assert.equal(call.state, 'ended');
    assert.deepEqual(second.end(), nothing);
  });
});

describe('Replaces where it must not be', () => {
  test('in anything but INVITE: 400', () => {
    const all = scene();
    const [atAlice, atBob] = all.rig.connect(all.alice, all.bob);
    all.peer.initial('OPTIONS', all.bob, { headers: [['Replaces', replaces(atAlice)]] });
    all.rig.clock.advance(10);
    assert.deepEqual(all.peer.statuses('OPTIONS'), [400]);
    assert.equal(atBob.state, 'connected');
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('twice: 400', () => {
    const all = scene();
    const [atAlice] = all.rig.connect(all.alice, all.bob);
    assert.deepEqual(invite(all, all.bob, replaces(atAlice), [['Replaces', replaces(atAlice)]]), [400]);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('together with Join: 400', () => {
    const all = scene();
    const [atAlice] = all.rig.connect(all.alice, all.bob);
    assert.deepEqual(invite(all, all.bob, replaces(atAlice), [['Join', replaces(atAlice)]]), [400]);
    assert.deepEqual(all.rig.end(), nothing);
  });

  for (const value of ['x;to-tag=1', 'x;from-tag=1', ';to-tag=1;from-tag=2', 'x']) {
    test(`incomplete (${value}): 400`, () => {
      const all = scene();
      assert.deepEqual(invite(all, all.bob, value), [400]);
      assert.equal(all.bob.incoming.length, 0);
      assert.deepEqual(all.rig.end(), nothing);
    });
  }

  test('Require: join is refused with 420; Require: replaces is understood', () => {
    const all = scene();
    const [atAlice] = all.rig.connect(all.alice, all.bob);
    assert.deepEqual(invite(all, all.bob, replaces(atAlice), [['Require', 'replaces, join']]), [420]);
    assert.equal(all.peer.lastResponse('INVITE').header('Unsupported'), 'join');
    assert.deepEqual(invite(all, all.bob, replaces(atAlice), [['Require', 'replaces']]).slice(-1), [200]);
    assert.deepEqual(all.rig.end(), nothing);
  });
});

describe('how our own calls are named to be replaced (reference 10.1)', () => {
  test('to-tag is the remote tag, from-tag the local one, whoever called', () => {
    const { rig, alice, bob } = scene();
    const [atAlice, atBob] = rig.connect(alice, bob);
    for (const session of [atAlice, atBob]) {
      const { callId, toTag, fromTag } = parseReplaces(session.replacesValue ?? '');
      const { dialog } = session;
      assert.deepEqual([callId, toTag, fromTag], [dialog?.callId, dialog?.remoteTag, dialog?.localTag]);
    }
    rig.end();
  });

  test('a call that nobody answered yet has no name', () => {
    const { rig, alice, peer } = scene();
    assert.equal(alice.call(peer).replacesValue, undefined);
    rig.end();
  });
});
