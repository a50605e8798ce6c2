import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HoldStyle, Session } from '../../../../src/sip';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

interface Pair {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly bob: RigAgent;
  readonly a: Session;
  readonly b: Session;
}

function connected(): Pair {
  const rig = new AgentRig();
  const alice = rig.add('alice');
  const bob = rig.add('bob');
  const [a, b] = rig.connect(alice, bob);
  return { rig, alice, bob, a, b };
}

/** Alice in a call with a peer that answers only when the test says so. */
function withPeer(): { rig: AgentRig; alice: RigAgent; peer: ScriptedPeer; call: Session } {
  const rig = new AgentRig();
  const alice = rig.add('alice');
  const peer = rig.addPeer('peer');
  const call = alice.call(peer);
  rig.clock.advance(10);
  peer.answer();
  rig.clock.advance(10);
  return { rig, alice, peer, call };
}

/** What one side may do: `sends hears`, `sends`, `hears` or `silent`, and who holds. */
function flow(session: Session): string {
  const { media } = session.negotiation ?? {};
  if (media === undefined) return 'no media';
  const words = [media.mayWeSend ? 'sends' : '', media.doWeReceive ? 'hears' : ''].filter((word) => word !== '');
  const holds = [media.heldByUs ? 'holding' : '', media.heldByPeer ? `held (${media.peerHoldStyle ?? ''})` : ''].filter((word) => word !== '');
  return [words.length === 0 ? 'silent' : words.join(' '), ...holds].join(', ');
}

describe('hold and resume (RFC 3264 8.4)', () => {
  const styles: readonly [HoldStyle, string, string, RegExp][] = [
    ['sendonly', 'sends, holding', 'hears, held (sendonly)', /a=sendonly/u],
    ['inactive', 'silent, holding', 'silent, held (inactive)', /a=inactive/u],
    ['c0', 'sends, holding', 'hears, held (c0)', /c=IN IP4 0\.0\.0\.0/u],
  ];
  for (const [style, ours, theirs, offer] of styles) {
    test(`${style}: one re-INVITE each way`, () => {
      const { rig, alice, a, b } = connected();
      const hold = alice.hold(a, true, style);
      assert.deepEqual(rig.run(1000), ['bob>alice 200 INVITE', 'alice>bob ACK']);
      assert.equal(hold.result, 'agreed');
      assert.match(Buffer.from(rig.find('alice>bob INVITE').body).toString(), offer);
      assert.equal(flow(a), ours);
      assert.equal(flow(b), theirs);
      const resume = alice.hold(a, false);
      rig.clock.advance(1000);
      assert.equal(resume.result, 'agreed');
      assert.equal(flow(a), 'sends hears');
      assert.equal(flow(b), 'sends hears');
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('both hold: silence; one resume is not enough, two are', () => {
    const { rig, alice, bob, a, b } = connected();
    alice.hold(a);
    rig.clock.advance(100);
    bob.hold(b);
    rig.clock.advance(100);
    assert.equal(flow(a), 'silent, holding, held (inactive)');
    assert.equal(flow(b), 'silent, holding, held (sendonly)');
    alice.hold(a, false);
    rig.clock.advance(100);
    assert.equal(flow(a), 'hears, held (inactive)', 'recvonly leaves the peer no way to say how it holds');
    assert.equal(flow(b), 'sends, holding');
    bob.hold(b, false);
    rig.clock.advance(100);
    assert.equal(flow(a), 'sends hears');
    assert.equal(flow(b), 'sends hears');
    assert.deepEqual(rig.end(), nothing);
  });

  test('what is so already needs no re-INVITE', () => {
    const { rig, alice, a } = connected();
    assert.deepEqual(rig.run(100, () => assert.equal(alice.hold(a, false).result, 'agreed')), []);
    alice.hold(a);
    rig.clock.advance(100);
    assert.deepEqual(rig.run(100, () => assert.equal(alice.hold(a, true).result, 'agreed')), []);
    rig.end();
  });

  test('wishes queue up and are carried out one after the other', () => {
    const { rig, alice, a, b } = connected();
    const results = [alice.hold(a), alice.hold(a, false), alice.hold(a)];
    rig.clock.advance(1000);
    assert.deepEqual(results.map(({ result }) => result), ['agreed', 'agreed', 'agreed']);
    assert.equal(rig.ladder.filter((line) => line === 'alice>bob INVITE').length, 4, 'the first one and three more');
    assert.equal(flow(b), 'hears, held (sendonly)');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the version of o= grows by one with each change; the rest of it stays', () => {
    const { rig, alice, a } = connected();
    alice.hold(a);
    rig.clock.advance(100);
    alice.hold(a, false);
    rig.clock.advance(100);
    const origins = rig.passed
      .filter(({ from, message }) => from === 'alice' && message.kind === 'request' && message.method === 'INVITE')
      .map(({ message }) => /^o=(\S+ \S+) (\d+) (.*)\r$/mu.exec(Buffer.from(message.body).toString())?.slice(1, 4) ?? []);
    assert.deepEqual(origins.map(([, version]) => version), ['1', '2', '3']);
    assert.equal(new Set(origins.map(([id, , address]) => `${String(id)} ${String(address)}`)).size, 1);
    rig.end();
  });

  test('a call that is not up cannot be held', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(100);
    assert.equal(alice.hold(call).result, '481 The call is not up');
    assert.equal(bob.hold(bob.lastCall).result, '481 The call is not up');
    call.hangUp();
    rig.clock.advance(100);
    assert.equal(alice.hold(call).result, '481 The call is not up');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the ACK to a re-INVITE is lost: the 200 comes again and gets the same ACK', () => {
    const { rig, alice, a } = connected();
    let lost = 0;
    rig.drop = (message) => message.kind === 'request' && message.method === 'ACK' && (lost += 1) <= 1;
    alice.hold(a);
    assert.deepEqual(rig.run(2000), ['bob>alice 200 INVITE', 'alice>bob ACK', 'bob>alice 200 INVITE', 'alice>bob ACK']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a re-INVITE is never acknowledged: BYE (reference 4.1)', () => {
    const { rig, alice, a, b } = connected();
    rig.drop = (message) => message.kind === 'request' && message.method === 'ACK';
    alice.hold(a);
    rig.clock.advance(33_000);
    assert.equal(b.endCause?.status, 408);
    assert.equal(a.endCause?.by, 'peer');
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('a hold that is refused (RFC 3261 14.1)', () => {
  for (const status of [488, 403, 415, 500, 503, 603]) {
    test(`${String(status)}: the call goes on as before`, () => {
      const { rig, alice, peer, call } = withPeer();
      const hold = alice.hold(call);
      rig.clock.advance(10);
      peer.respond(peer.last('INVITE'), status);
      rig.clock.advance(10);
      assert.match(hold.result ?? '', new RegExp(`^${String(status)}`, 'u'));
      assert.equal(call.state, 'connected');
      assert.equal(flow(call), 'sends hears');
      assert.equal(call.negotiation?.localHold, false);
      assert.equal(call.negotiation.offerPending, 'none');
      assert.equal(peer.count('BYE'), 0);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('481: the call is gone, without BYE', () => {
    const { rig, alice, peer, call } = withPeer();
    const hold = alice.hold(call);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 481);
    rig.clock.advance(10);
    assert.match(hold.result ?? '', /^481/u);
    assert.deepEqual(call.endCause, { by: 'network', status: 481, text: 'the other side no longer knows the call' });
    assert.equal(peer.count('BYE'), 0);
    assert.ok(call.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const answered of [true, false]) {
    test(`408, ${answered ? 'answered' : 'by silence'}: the call is gone, with BYE (RFC 3261 12.2.1.2)`, () => {
      const { rig, alice, peer, call } = withPeer();
      const hold = alice.hold(call);
      rig.clock.advance(10);
      if (answered) peer.respond(peer.last('INVITE'), 408);
      rig.clock.advance(32_000);
      assert.match(hold.result ?? '', /^408/u);
      assert.equal(call.endCause?.status, 408);
      assert.ok(peer.count('BYE') > 0);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('100 and then nothing: taken for silence at the ring limit', () => {
    const { rig, alice, peer, call } = withPeer();
    const hold = alice.hold(call);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 100);
    rig.clock.advance(170_000);
    assert.equal(hold.result, undefined);
    rig.clock.advance(10_010);
    assert.match(String(hold.result), /^408/u);
    assert.equal(call.endCause?.status, 408);
    assert.ok(peer.count('BYE') > 0);
    peer.respond(peer.last('BYE'), 200);
    assert.deepEqual(rig.end(), nothing);
    assert.ok(alice.agent.isQuiet);
  });

  test('100, and then the call ends: nobody waits for the answer longer than 64*T1', () => {
    const { rig, alice, peer, call } = withPeer();
    const invite = peer.last('INVITE');
    alice.hold(call);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 100);
    rig.clock.advance(10);
    peer.request('BYE', { invite, sequence: 1 });
    rig.clock.advance(31_000);
    assert.equal(alice.agent.isQuiet, false);
    rig.clock.advance(2_000);
    assert.ok(alice.agent.isQuiet);
    assert.deepEqual(rig.end(), nothing);
  });

  test('who is told of the end by the failed hold finds the call ended', () => {
    const { rig, peer, call } = withPeer();
    const seen: string[] = [];
    call.changeHold(true, 'sendonly', () => seen.push(call.state));
    call.changeHold(false, 'sendonly', () => seen.push(call.state));
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 481);
    rig.clock.advance(10);
    assert.deepEqual(seen, ['ended', 'ended']);
    rig.end();
  });

  for (const body of [undefined, 'x', plainSdp().replace('m=audio 50000', 'm=video 50000')]) {
    test(`200 with an answer that cannot be used (${JSON.stringify(body?.slice(0, 20))}): ACK, told 488, the call goes on`, () => {
      const { rig, alice, peer, call } = withPeer();
      const hold = alice.hold(call);
      rig.clock.advance(10);
      peer.respond(peer.last('INVITE'), 200, body === undefined ? {} : { body });
      rig.clock.advance(10);
      assert.equal(peer.count('ACK'), 2);
      assert.match(hold.result ?? '', /^488/u);
      assert.equal(call.state, 'connected');
      assert.equal(call.negotiation?.localHold, false);
      assert.equal(alice.problems.length, 1);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('the hold style of a refused hold is forgotten', () => {
    const { rig, alice, peer, call } = withPeer();
    alice.hold(call, true, 'inactive');
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 500, { headers: [['Retry-After', '1']] });
    rig.clock.advance(10);
    assert.equal(call.negotiation?.holdStyle, 'sendonly');
    rig.clock.advance(1000);
    assert.match(Buffer.from(peer.last('INVITE').body).toString(), /a=inactive/u, 'tried again as it was wished');
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('what a re-INVITE of the peer changes', () => {
  const incoming = (): ReturnType<typeof withPeer> & { invite: ReturnType<ScriptedPeer['initial']>; toTag: string } => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { answers: true });
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    const ok = peer.lastResponse('INVITE');
    peer.acknowledge(invite, ok);
    rig.clock.advance(10);
    return { rig, alice, peer, call: alice.lastCall, invite, toTag: ok.toTag ?? '' };
  };

  test('one that cannot be used gets 488, and the session stays as it was', () => {
    const { rig, peer, call, invite, toTag } = incoming();
    peer.request('INVITE', { invite, toTag, sequence: 2 }, { body: plainSdp().replace('AVP 0', 'AVP 9') });
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').status, 488);
    assert.equal(flow(call), 'sends hears');
    assert.equal(call.state, 'connected');
    rig.end();
  });

  test('its Contact is the new target, if it is accepted (RFC 3261 12.2.2)', () => {
    const { rig, peer, call, invite, toTag } = incoming();
    const contact = (user: string): readonly [string, string] => ['Contact', `<sip:${user}@127.0.0.1:5062>`];
    peer.request('INVITE', { invite, toTag, sequence: 2 }, { headers: [contact('refused')], body: 'x' });
    rig.clock.advance(10);
    assert.equal(call.dialog?.remoteTarget, peer.uri);
    peer.request('INVITE', { invite, toTag, sequence: 3 }, { headers: [contact('moved')], body: plainSdp('sendrecv', 2) });
    rig.clock.advance(10);
    peer.request('ACK', { invite, toTag, sequence: 3 }, { headers: [] });
    rig.clock.advance(10);
    call.hangUp();
    rig.clock.advance(10);
    assert.equal(peer.last('BYE').requestUri, 'sip:moved@127.0.0.1:5062');
    peer.respond(peer.last('BYE'), 200);
    assert.deepEqual(rig.end(), nothing);
  });

  test('without a session description it gets a full offer, and the ACK answers it', () => {
    const { rig, peer, call, invite, toTag } = incoming();
    peer.request('INVITE', { invite, toTag, sequence: 2 });
    rig.clock.advance(10);
    assert.match(Buffer.from(peer.lastResponse('INVITE').body).toString(), /a=sendrecv/u);
    peer.request('ACK', { invite, toTag, sequence: 2 }, { headers: [], body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.equal(flow(call), 'hears, held (sendonly)');
    peer.request('INVITE', { invite, toTag, sequence: 3 });
    rig.clock.advance(10);
    peer.request('ACK', { invite, toTag, sequence: 3 }, { headers: [] });
    rig.clock.advance(10);
    assert.equal(call.state, 'connected', 'an ACK without the answer leaves the call as it was');
    assert.equal(flow(call), 'hears, held (sendonly)');
    assert.equal(call.negotiation?.offerPending, 'none');
    rig.end();
  });

  test('a number that is not higher than the last: 500', () => {
    const { rig, peer, call, invite, toTag } = incoming();
    peer.request('INVITE', { invite, toTag, sequence: 5 }, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    peer.request('ACK', { invite, toTag, sequence: 5 }, { headers: [] });
    peer.request('INVITE', { invite, toTag, sequence: 4 }, { body: plainSdp('sendrecv', 3) });
    peer.request('INVITE', { invite, toTag, sequence: 5 }, { body: plainSdp('sendrecv', 3) });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE').slice(-3), [200, 500, 500]);
    assert.equal(flow(call), 'hears, held (sendonly)');
    rig.end();
  });

  test('after our BYE: 481', () => {
    const { rig, peer, call, invite, toTag } = incoming();
    call.hangUp();
    peer.request('INVITE', { invite, toTag, sequence: 2 }, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').status, 481);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('calls that end while something is under way', () => {
  test('BYE from the peer while our re-INVITE is out: the hold fails, its late answer is acknowledged', () => {
    const { rig, alice, peer, call } = withPeer();
    const invite = peer.last('INVITE');
    const hold = alice.hold(call);
    rig.clock.advance(10);
    peer.request('BYE', { invite, sequence: 1 });
    rig.clock.advance(10);
    assert.equal(hold.result, '487 The call ended meanwhile');
    assert.equal(call.state, 'ended');
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp('recvonly') });
    rig.clock.advance(10);
    assert.equal(peer.last('ACK').cseq.sequence, 2, 'RFC 3261 13.2.2.4: never without its ACK');
    assert.equal(peer.count('BYE'), 0);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the same, answered with 487: nothing more', () => {
    const { rig, alice, peer, call } = withPeer();
    const invite = peer.last('INVITE');
    alice.hold(call);
    rig.clock.advance(10);
    peer.request('BYE', { invite, sequence: 1 });
    peer.respond(peer.last('INVITE'), 487);
    rig.clock.advance(10);
    assert.ok(call.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [name, headers] of [['491', []], ['500 with Retry-After', [['Retry-After', '8']]]] as const) {
    test(`a call that ends while a ${name} is waited out leaves no timer`, () => {
      const { rig, alice, peer, call } = withPeer();
      const invite = peer.received[0];
      alice.hold(call);
      rig.clock.advance(10);
      peer.respond(peer.last('INVITE'), name === '491' ? 491 : 500, { headers });
      rig.clock.advance(10);
      assert.ok(invite?.kind === 'request');
      peer.request('BYE', { invite, sequence: 1 });
      rig.clock.advance(70_000);
      assert.equal(peer.count('INVITE'), 2);
      assert.equal(rig.clock.pendingTimers, 0);
      assert.ok(call.isFinished);
    });

    test(`a ${name} that comes after the end sets no timer`, () => {
      const { rig, alice, peer, call } = withPeer();
      const invite = peer.received[0];
      alice.hold(call);
      rig.clock.advance(10);
      assert.ok(invite?.kind === 'request');
      const reinvite = peer.last('INVITE');
      peer.request('BYE', { invite, sequence: 1 });
      rig.clock.advance(10);
      const before = rig.timers.length;
      peer.respond(reinvite, name === '491' ? 491 : 500, { headers });
      rig.clock.advance(70_000);
      assert.ok(!rig.timers.slice(before).some((event) => event.startsWith('set glare')));
      assert.equal(peer.count('INVITE'), 2);
      assert.equal(rig.clock.pendingTimers, 0);
    });
  }

  test('our BYE while the 200 to a re-INVITE waits for its ACK: no more repeats, and one BYE', () => {
    const { rig, bob, a, b, alice } = connected();
    rig.drop = (message) => message.kind === 'request' && message.method === 'ACK';
    bob.hold(b);
    rig.clock.advance(100);
    const ladder = rig.run(60_000, () => a.hangUp());
    assert.deepEqual(ladder, ['alice>bob BYE', 'bob>alice 200 BYE']);
    assert.equal(alice.states.at(-1), 'connected -> ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('two BYEs cross: each gets its 200', () => {
    const { rig, a, b } = connected();
    const ladder = rig.run(1000, () => {
      a.hangUp();
      b.hangUp();
    });
    assert.deepEqual(ladder, ['alice>bob BYE', 'bob>alice BYE', 'bob>alice 200 BYE', 'alice>bob 200 BYE']);
    assert.ok(a.isFinished && b.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const status of [200, 481, 408, 603]) {
    test(`whatever the answer to BYE is, the call is over (${String(status)})`, () => {
      const { rig, peer, call } = withPeer();
      call.hangUp();
      assert.equal(call.state, 'ended');
      rig.clock.advance(10);
      assert.equal(call.isFinished, false);
      peer.respond(peer.last('BYE'), status);
      rig.clock.advance(10);
      assert.ok(call.isFinished);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a BYE that gets 500 may have been overtaken: the call is over all the same, and three are enough', () => {
    const { rig, peer, call } = withPeer();
    call.hangUp();
    for (const count of [1, 2, 3]) {
      rig.clock.advance(10);
      assert.equal(call.state, 'ended');
      assert.equal(call.isFinished, false);
      assert.equal(peer.count('BYE'), count);
      peer.respond(peer.last('BYE'), 500);
    }
    rig.clock.advance(10);
    assert.ok(call.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  test('no answer to BYE: over after timer F', () => {
    const { rig, peer, call } = withPeer();
    call.hangUp();
    rig.clock.advance(32_000);
    assert.equal(peer.count('BYE'), 11);
    assert.ok(call.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });
});
