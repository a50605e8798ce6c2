import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { supportedOptions } from '../../../../src/sip';
import { plainSdp } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

function setUp(): { rig: AgentRig; alice: RigAgent; peer: ReturnType<AgentRig['addPeer']> } {
  const rig = new AgentRig();
  const alice = rig.add('alice');
  const peer = rig.addPeer('peer');
  return { rig, alice, peer };
}

describe('answering a call', () => {
  test('what the responses carry: one To tag, one Contact, Record-Route in the ones that make the dialog', () => {
    const { rig, alice, peer } = setUp();
    peer.initial('INVITE', alice, {
      body: plainSdp(),
      headers: [peer.contact, ['Record-Route', '<sip:127.0.0.1:5062;lr;a=b>'], ['Record-Route', '<sip:127.0.0.1:5062;lr>']],
    });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    rig.clock.advance(10);
    const [ringing, ok] = peer.received;
    for (const response of [ringing, ok]) {
      assert.ok(response?.kind === 'response');
      assert.match(response.toTag ?? '', /^[0-9a-f]{16}$/u);
      assert.equal(response.toTag, ringing?.toTag);
      assert.deepEqual(response.headerValues('Contact'), [`<${alice.uri}>`]);
      assert.deepEqual(response.headerValues('Record-Route'), ['<sip:127.0.0.1:5062;lr;a=b>', '<sip:127.0.0.1:5062;lr>']);
      assert.equal(response.topVia.rport, 5062, 'RFC 3581');
    }
    assert.deepEqual(ok?.supported, [...supportedOptions]);
    assert.ok(ok.allow.includes('REFER'));
    assert.equal(alice.lastCall.state, 'answering');
    rig.end();
  });

  test('the 2xx is repeated until the ACK: T1 doubling to T2, for 64*T1; then BYE', () => {
    for (const suffix of ['', ';transport=tcp']) {
      const rig = new AgentRig();
      const alice = rig.add('alice');
      const bob = rig.add('bob', { answers: true });
      rig.drop = ({ cseq }) => cseq.method === 'ACK';
      alice.call(`${bob.uri}${suffix}`);
      rig.clock.advance(40_000);
      const sent = rig.passed.filter(({ from, message }) => from === 'bob' && message.cseq.method === 'INVITE');
      const times = sent.map(({ at }) => (at - 1) / 1000);
      assert.deepEqual(times, [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5], `on every transport: ${suffix}`);
      const bye = rig.passed.find(({ from, message }) => from === 'bob' && message.kind === 'request');
      assert.equal(bye?.at, 32_001);
      assert.equal(bye.message.cseq.method, 'BYE');
      assert.deepEqual(bob.lastCall.endCause, { by: 'network', status: 408, text: 'our answer was never acknowledged' });
      assert.deepEqual(rig.end(), nothing);
    }
  });

  test('an ACK that reuses the branch of the INVITE counts', () => {
    const { rig, alice, peer } = setUp();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    rig.clock.advance(10);
    peer.sameBranch('ACK', invite, peer.lastResponse('INVITE').toTag);
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    rig.end();
  });

  test('an ACK with another number or tag counts for nothing', () => {
    const { rig, alice, peer } = setUp();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    rig.clock.advance(10);
    const { toTag = '' } = peer.lastResponse('INVITE');
    peer.request('ACK', { invite, toTag, sequence: 2 }, { uri: alice.uri });
    peer.request('ACK', { invite, toTag: 'x', sequence: 1 }, { uri: alice.uri });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'answering');
    peer.request('ACK', { invite, toTag, sequence: 1 }, { uri: alice.uri });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    assert.deepEqual(peer.statuses('ACK'), [], 'an ACK is never answered');
    rig.end();
  });

  test('nobody answers: the ring limit refuses with 480, also when the phone never rang', () => {
    for (const rings of [true, false]) {
      const rig = new AgentRig();
      const alice = rig.add('alice', { ringLimit: 200_000 });
      const bob = rig.add('bob', { ringLimit: 20_000 });
      const call = alice.call(bob);
      if (rings) rig.clock.advance(10);
      rig.clock.advance(20_010);
      assert.equal(call.endCause?.status, 480);
      assert.equal(bob.lastCall.endCause?.by, 'us');
      assert.deepEqual(rig.end(), nothing);
    }
  });

  test('an offer with nothing in common is refused with 488 when it is answered, and says so', () => {
    const { rig, alice, peer } = setUp();
    peer.initial('INVITE', alice, { body: plainSdp().replace('AVP 0', 'AVP 9') });
    rig.clock.advance(10);
    assert.throws(() => alice.lastCall.accept(alice.negotiation()), /law that both sides know/u);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE'), [180, 488]);
    assert.equal(alice.lastCall.endCause?.status, 488);
    assert.equal(alice.problems.length, 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a body that need not be understood is no offer (RFC 3261 20.11): ours is in the 2xx', () => {
    const { rig, alice, peer } = setUp();
    const headers = [peer.contact, ['Content-Type', 'text/plain'], ['Content-Disposition', 'render;handling=optional']] as const;
    peer.initial('INVITE', alice, { headers, body: 'hello' });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    rig.clock.advance(10);
    assert.match(Buffer.from(peer.lastResponse('INVITE').body).toString(), /a=sendrecv/u);
    assert.equal(alice.lastCall.negotiation?.offerPending, 'local');
    rig.end();
  });
});

describe('an INVITE without a session description', () => {
  function invited(): ReturnType<typeof setUp> & { invite: ReturnType<ReturnType<AgentRig['addPeer']>['initial']> } {
    const all = setUp();
    const invite = all.peer.initial('INVITE', all.alice);
    all.rig.clock.advance(10);
    all.alice.lastCall.accept(all.alice.negotiation());
    all.rig.clock.advance(10);
    return { ...all, invite };
  }

  test('gets our offer in the 2xx, and the ACK answers it', () => {
    const { rig, alice, peer, invite } = invited();
    const ok = peer.lastResponse('INVITE');
    assert.match(Buffer.from(ok.body).toString(), /m=audio 40000 RTP\/AVP 0 8/u);
    assert.equal(alice.lastCall.negotiation?.offerPending, 'local');
    peer.acknowledge(invite, ok, plainSdp());
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    assert.equal(alice.lastCall.negotiation.media?.remotePort, 50_000);
    assert.ok(alice.media.length > 0);
    rig.end();
  });

  test('its ACK is lost: a later one brings the answer', () => {
    const { rig, alice, peer, invite } = invited();
    rig.clock.advance(500);
    assert.deepEqual(peer.statuses('INVITE'), [180, 200, 200]);
    peer.acknowledge(invite, peer.lastResponse('INVITE'), plainSdp());
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    rig.end();
  });

  for (const body of [undefined, 'nonsense', plainSdp().replace('AVP 0', 'AVP 9')]) {
    test(`the ACK has no usable answer (${JSON.stringify(body)}): BYE`, () => {
      const { rig, alice, peer, invite } = invited();
      peer.acknowledge(invite, peer.lastResponse('INVITE'), body);
      rig.clock.advance(10);
      assert.equal(alice.lastCall.endCause?.status, 488);
      assert.match(peer.last('BYE').header('Reason') ?? '', /cause=488/u);
      peer.respond(peer.last('BYE'), 200);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a re-INVITE while our offer waits for its answer gets 491', () => {
    const { rig, peer, invite } = invited();
    const toTag = peer.lastResponse('INVITE').toTag ?? '';
    peer.request('INVITE', { invite, toTag, sequence: 2 }, { body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').status, 491);
    rig.end();
  });
});

describe('hanging up before the ACK (RFC 3261 15)', () => {
  test('the BYE waits for it', () => {
    const { rig, alice, peer } = setUp();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    alice.lastCall.hangUp();
    assert.equal(alice.lastCall.state, 'ended', 'over for the person at once');
    rig.clock.advance(1000);
    assert.equal(peer.count('BYE'), 0);
    assert.equal(alice.agent.isQuiet, false);
    assert.deepEqual(peer.statuses('INVITE'), [180, 200, 200], 'the 2xx is repeated, the ACK is still wanted');
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    assert.equal(peer.count('BYE'), 1);
    peer.respond(peer.last('BYE'), 200);
    rig.clock.advance(10);
    assert.ok(alice.lastCall.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the ACK never comes: BYE after 64*T1', () => {
    const { rig, alice, peer } = setUp();
    peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    alice.lastCall.hangUp();
    rig.clock.advance(31_999);
    assert.equal(peer.count('BYE'), 0);
    rig.clock.advance(2);
    assert.equal(peer.count('BYE'), 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the caller hangs up first: its BYE is answered, ours is not needed', () => {
    const { rig, alice, peer } = setUp();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    alice.lastCall.hangUp();
    rig.clock.advance(10);
    peer.request('BYE', { invite, toTag: peer.lastResponse('INVITE').toTag ?? '', sequence: 2 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('BYE'), [200]);
    rig.clock.advance(40_000);
    assert.equal(peer.count('BYE'), 0);
    assert.equal(peer.statuses('INVITE').length, 2, 'nor is the 2xx repeated');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a re-INVITE shows that the caller has our 2xx: 481, and BYE at once', () => {
    const { rig, alice, peer } = setUp();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    alice.lastCall.hangUp();
    rig.clock.advance(10);
    const toTag = peer.lastResponse('INVITE').toTag ?? '';
    peer.request('INVITE', { invite, toTag, sequence: 2 }, { body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').status, 481);
    assert.equal(peer.count('BYE'), 1);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('INVITEs that cross the first answer', () => {
  test('a re-INVITE stands in for the lost ACK', () => {
    const { rig, alice, peer } = setUp();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    alice.lastCall.accept(alice.negotiation());
    rig.clock.advance(10);
    const toTag = peer.lastResponse('INVITE').toTag ?? '';
    peer.request('INVITE', { invite, toTag, sequence: 2 }, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    assert.equal(alice.lastCall.negotiation?.media?.heldByPeer, true);
    peer.request('ACK', { invite, toTag, sequence: 2 }, { headers: [] });
    rig.clock.advance(40_000);
    assert.deepEqual(peer.statuses('INVITE'), [180, 200, 200], 'neither 2xx is repeated');
    rig.end();
  });

  test('a re-INVITE before the first one is answered: 500 with Retry-After of at most ten seconds', () => {
    const { rig, alice, peer } = setUp();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    const toTag = peer.lastResponse('INVITE').toTag ?? '';
    peer.request('INVITE', { invite, toTag, sequence: 2 }, { body: plainSdp() });
    rig.clock.advance(10);
    const refusal = peer.lastResponse('INVITE');
    assert.equal(refusal.status, 500);
    assert.ok(refusal.retryAfter !== undefined && refusal.retryAfter <= 10);
    assert.equal(alice.lastCall.state, 'incoming');
    assert.deepEqual(rig.end(), nothing);
  });

  test('an INVITE inside the dialog that we only call ourselves: 491', () => {
    const { rig, alice, peer } = setUp();
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.respond(invite, 180);
    rig.clock.advance(10);
    peer.request('INVITE', { invite, sequence: 1 }, { body: plainSdp() });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE'), [491]);
    assert.equal(call.state, 'ringing');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a BYE before the answer ends the call, and the INVITE gets 487 (RFC 3261 15.1.2)', () => {
    const { rig, alice, peer } = setUp();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    peer.request('BYE', { invite, toTag: peer.lastResponse('INVITE').toTag ?? '', sequence: 2 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('BYE'), [200]);
    assert.deepEqual(peer.statuses('INVITE'), [180, 487]);
    assert.equal(alice.lastCall.endCause?.by, 'peer');
    assert.deepEqual(rig.end(), nothing);
  });
});
