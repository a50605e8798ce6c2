import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ReferStyle, type Session, type SipRequest, type TransferPlan, usualReferStyle } from '../../../../../src/sip';
import { plainSdp, type ScriptedPeer } from '../../../../support/scripted-peer';
import { type AgentOptions, AgentRig, nothing, type RigAgent, type RigTransfer } from '../../../../support/sip-agents';

interface Scene {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly bob: RigAgent;
  readonly charlie: RigAgent;
  readonly atAlice: Session;
  readonly atBob: Session;
}

function connected(alicesOptions: AgentOptions = {}): Scene {
  const rig = new AgentRig();
  const [alice, bob, charlie] = [rig.add('alice', alicesOptions), rig.add('bob'), rig.add('charlie')];
  const [atAlice, atBob] = rig.connect(alice, bob);
  return { rig, alice, bob, charlie, atAlice, atBob };
}

function blind({ bob, charlie, atBob }: Scene, style: Partial<ReferStyle>, more: Partial<TransferPlan> = {}): RigTransfer {
  return bob.transfer(atBob, charlie, undefined, { style: { ...usualReferStyle, ...style }, ...more });
}

function count({ rig }: Scene, line: string): number {
  return rig.ladder.filter((each) => each === line).length;
}

function refer({ rig }: Scene): SipRequest {
  const message = rig.find('bob>alice REFER');
  assert.ok(message.kind === 'request');
  return message;
}

describe('Refer-Sub: false (RFC 4488)', () => {
  test('echoed: no NOTIFY, the transferor leaves, the target is called', () => {
    const scene = connected();
    const { rig, charlie } = scene;
    const transfer = blind(scene, { referSub: false });
    rig.clock.advance(100);
    assert.equal(refer(scene).header('Refer-Sub'), 'false');
    assert.ok(refer(scene).supported.includes('norefersub'));
    assert.equal(rig.find('alice>bob 200 REFER').header('Refer-Sub'), 'false');
    assert.equal(transfer.verdict, 'done');
    charlie.take(charlie.lastCall);
    rig.clock.advance(1000);
    assert.equal(count(scene, 'alice>bob NOTIFY'), 0);
    assert.equal(charlie.lastCall.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a peer that does not echo it makes the usual subscription: the final NOTIFY decides', () => {
    const rig = new AgentRig();
    const bob = rig.add('bob');
    const peer = rig.addPeer('peer');
    const call = bob.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.answer();
    rig.clock.advance(10);
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'INVITE') peer.answer();
      if (message.kind === 'request' && message.method === 'REFER') peer.respond(message, 202);
    };
    const transfer = bob.transfer(call, 'sip:charlie@127.0.0.1:5099', undefined, { style: { ...usualReferStyle, referSub: false } });
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'pending');
    assert.equal(call.state, 'connected');
    const headers = [peer.contact, ['Event', 'refer'], ['Subscription-State', 'terminated;reason=noresource'], ['Content-Type', 'message/sipfrag']] as const;
    peer.request('NOTIFY', { invite, sequence: 1 }, { headers, body: 'SIP/2.0 486 Busy Here\r\n' });
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'failed 486');
    assert.equal(call.state, 'connected');
    rig.end();
  });

  test('attended: the hang-up of the target tells that it worked', () => {
    const scene = connected();
    const { rig, bob, charlie, atBob } = scene;
    bob.hold(atBob);
    const [consultation] = rig.connect(bob, charlie);
    const transfer = bob.transfer(atBob, charlie, consultation, { style: { ...usualReferStyle, referSub: false } });
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done');
    assert.equal(count(scene, 'alice>bob NOTIFY'), 0);
    assert.equal(atBob.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('attended, and the target cannot be had: nobody tells, so the person keeps both calls', () => {
    const scene = connected();
    const { rig, bob, charlie, atBob } = scene;
    bob.hold(atBob);
    const [consultation] = rig.connect(bob, charlie);
    rig.drop = (_message, from, to) => from === 'alice' && to === 'charlie';
    const transfer = bob.transfer(atBob, charlie, consultation, { style: { ...usualReferStyle, referSub: false } });
    rig.clock.advance(40_000);
    assert.equal(transfer.verdict, 'unknown');
    assert.equal(atBob.state, 'connected');
    assert.equal(consultation.state, 'connected');
    rig.drop = () => false;
    rig.end();
  });
});

describe('Require: nosub (RFC 7614)', () => {
  test('200, no Refer-Sub, no NOTIFY', () => {
    const scene = connected();
    const transfer = blind(scene, { subscription: 'none' });
    scene.rig.clock.advance(100);
    assert.deepEqual(refer(scene).require, ['nosub']);
    assert.equal(transfer.verdict, 'done');
    scene.charlie.take(scene.charlie.lastCall);
    scene.rig.clock.advance(1000);
    assert.equal(count(scene, 'alice>bob NOTIFY'), 0);
    assert.deepEqual(scene.rig.end(), nothing);
  });
});

describe('Require: explicitsub (RFC 7614)', () => {
  test('the outcome is told to whoever subscribes at Refer-Events-At, in a dialog of its own', () => {
    const scene = connected();
    const { rig, charlie, atBob } = scene;
    const transfer = blind(scene, { subscription: 'explicit' });
    rig.clock.advance(100);
    const accepted = rig.find('alice>bob 200 REFER');
    const place = /^<(?<uri>[^>]+)>$/u.exec(accepted.header('Refer-Events-At') ?? '')?.groups?.['uri'];
    const subscribe = rig.find('bob>alice SUBSCRIBE');
    assert.ok(subscribe.kind === 'request');
    assert.equal(subscribe.requestUri, place);
    assert.notEqual(subscribe.callId, atBob.dialog?.callId);
    const notify = rig.find('alice>bob NOTIFY');
    assert.equal(notify.callId, subscribe.callId);
    assert.equal(transfer.verdict, 'pending');
    charlie.take(charlie.lastCall);
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(atBob.state, 'ended');
    rig.clock.advance(70_000);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the outcome can be asked for 64 s after the end, and no longer', () => {
    const rig = new AgentRig();
    const [alice, charlie] = [rig.add('alice'), rig.add('charlie', { answers: true })];
    const peer = rig.addPeer('peer');
    const { invite, answer } = callFrom(rig, peer, alice);
    const headers = [peer.contact, ['Refer-To', `<${charlie.uri}>`], ['Require', 'explicitsub']] as const;
    peer.request('REFER', { invite, toTag: answer, sequence: 2 }, { headers });
    rig.clock.advance(1000);
    const place = /<(?<uri>[^>]+)>/u.exec(peer.lastResponse('REFER').header('Refer-Events-At') ?? '')?.groups?.['uri'] ?? '';
    assert.equal(peer.count('NOTIFY'), 0);
    const ask = (callId: string): number => {
      const uri = alice.uri;
      const request = peer.initial('SUBSCRIBE', { uri }, { callId, headers: [peer.contact, ['Event', 'refer']], requestUri: place });
      rig.clock.advance(100);
      return peer.statuses('SUBSCRIBE').length > 0 && request.callId === callId ? peer.lastResponse('SUBSCRIBE').status : 0;
    };
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'NOTIFY') peer.respond(message, 200);
    };
    rig.clock.advance(60_000);
    assert.equal(ask('one'), 200);
    assert.match(Buffer.from(peer.last('NOTIFY').body).toString(), /^SIP\/2\.0 200 OK/u);
    assert.equal(peer.last('NOTIFY').subscriptionState?.state, 'terminated');
    rig.clock.advance(5_000);
    assert.equal(ask('two'), 481);
    rig.end();
  });
});

/** A scripted peer calls an agent, which answers; the result names the dialog. */
function callFrom(rig: AgentRig, peer: ScriptedPeer, agent: RigAgent): { invite: SipRequest; answer: string } {
  const invite = peer.initial('INVITE', agent, { body: plainSdp() });
  rig.clock.advance(10);
  agent.take(agent.lastCall);
  rig.clock.advance(10);
  const ok = peer.lastResponse('INVITE');
  peer.acknowledge(invite, ok);
  rig.clock.advance(10);
  return { invite, answer: ok.toTag ?? '' };
}

describe('outside the dialog, with Target-Dialog (RFC 4538)', () => {
  test('the REFER and its NOTIFYs run in a dialog of their own', () => {
    const scene = connected();
    const { rig, charlie, atBob } = scene;
    const transfer = blind(scene, { place: 'outside' });
    rig.clock.advance(100);
    const sent = refer(scene);
    assert.notEqual(sent.callId, atBob.dialog?.callId);
    const { callId, localTag, remoteTag } = atBob.dialog ?? {};
    assert.equal(sent.header('Target-Dialog'), `${callId};local-tag=${remoteTag};remote-tag=${localTag}`);
    assert.deepEqual(sent.require, ['tdialog']);
    assert.equal(rig.find('alice>bob NOTIFY').callId, sent.callId);
    charlie.take(charlie.lastCall);
    rig.clock.advance(1000);
    assert.deepEqual(transfer.progress, ['100 Trying', '180 Ringing']);
    assert.equal(transfer.verdict, 'done 200');
    assert.deepEqual(rig.end(), nothing);
  });

  test('NOTIFYs that come before the 2xx are accepted', () => {
    const scene = connected();
    const { rig, charlie } = scene;
    let held = true;
    rig.drop = (message) => held && message.kind === 'response' && message.cseq.method === 'REFER';
    const transfer = blind(scene, { place: 'outside' });
    rig.clock.advance(100);
    assert.ok(transfer.progress.includes('180 Ringing'));
    held = false;
    charlie.take(charlie.lastCall);
    rig.clock.advance(5000);
    assert.equal(transfer.verdict, 'done 200');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a stranger who does not know the tags gets 403, and our person is told', () => {
    const { rig, alice, atAlice, charlie } = connected();
    const stranger = rig.addPeer('stranger');
    const { callId = '', localTag = '' } = atAlice.dialog ?? {};
    for (const dialog of [`${callId};local-tag=${localTag};remote-tag=guess`, callId, 'x;local-tag=a;remote-tag=b']) {
      stranger.initial('REFER', alice, { headers: [stranger.contact, ['Refer-To', `<${charlie.uri}>`], ['Target-Dialog', dialog]] });
      rig.clock.advance(100);
      assert.equal(stranger.lastResponse('REFER').status, 403);
    }
    assert.equal(alice.problems.length, 3);
    assert.equal(charlie.incoming.length, 0);
    rig.end();
  });
});

describe('what the peer wants otherwise (reference 9.3)', () => {
  const cases: readonly { status: number; headers: readonly (readonly [string, string])[]; first: Partial<ReferStyle>; then: (refer: SipRequest) => boolean }[] = [
    { status: 420, headers: [['Unsupported', 'nosub']], first: { subscription: 'none' }, then: ({ require }) => require.length === 0 },
    { status: 420, headers: [['Unsupported', 'tdialog']], first: { place: 'outside' }, then: ({ toTag }) => toTag === 'peer' },
    { status: 421, headers: [['Require', 'explicitsub']], first: {}, then: ({ require }) => require.includes('explicitsub') },
    { status: 421, headers: [['Require', 'nosub']], first: {}, then: ({ require }) => require.includes('nosub') },
    { status: 429, headers: [], first: { referredBy: false }, then: (refer) => refer.header('Referred-By') !== undefined },
  ];
  for (const { status, headers, first, then } of cases) {
    test(`${String(status)} ${headers.flat().join(' ')}: once more, with what was missing`, () => {
      const rig = new AgentRig();
      const bob = rig.add('bob');
      const peer = rig.addPeer('peer');
      const call = bob.call(peer);
      rig.clock.advance(10);
      peer.answer();
      rig.clock.advance(10);
      let answered = 0;
      peer.onMessage = (message) => {
        if (message.kind !== 'request') return;
        if (message.method === 'INVITE') peer.answer();
        if (message.method !== 'REFER') return;
        answered += 1;
        peer.respond(message, answered === 1 ? status : 603, { headers: [peer.contact, ...(answered === 1 ? headers : [])] });
      };
      const transfer = bob.transfer(call, 'sip:charlie@127.0.0.1:5099', undefined, { style: { ...usualReferStyle, ...first } });
      rig.clock.advance(1000);
      assert.equal(peer.count('REFER'), 2);
      assert.ok(then(peer.last('REFER')));
      assert.equal(transfer.verdict, 'failed 603');
      rig.end();
    });
  }

  test('a 421 that asks for what was sent is a refusal, and not asked again', () => {
    const rig = new AgentRig();
    const bob = rig.add('bob');
    const peer = rig.addPeer('peer');
    const call = bob.call(peer);
    rig.clock.advance(10);
    peer.answer();
    rig.clock.advance(10);
    peer.onMessage = (message) => {
      if (message.kind !== 'request') return;
      if (message.method === 'INVITE') peer.answer();
      if (message.method === 'REFER') peer.respond(message, 421, { headers: [peer.contact, ['Require', 'nosub']] });
    };
    const transfer = bob.transfer(call, 'sip:charlie@127.0.0.1:5099');
    rig.clock.advance(1000);
    assert.equal(peer.count('REFER'), 2);
    assert.equal(transfer.verdict, 'failed 421');
    rig.end();
  });
});

describe('Referred-By, header parts and the 2xx', () => {
  test('without Referred-By the target does not learn who sent the caller', () => {
    const scene = connected();
    blind(scene, { referredBy: false });
    scene.rig.clock.advance(100);
    assert.equal(refer(scene).header('Referred-By'), undefined);
    assert.equal(scene.rig.find('alice>charlie INVITE').header('Referred-By'), undefined);
    scene.rig.end();
  });

  test('header parts: the allowed ones go into the INVITE, those that steer a call are stripped and told', () => {
    const scene = connected();
    const { rig, alice, bob, charlie, atBob } = scene;
    bob.transfer(atBob, `${charlie.uri}?Subject=a%20word&X-Desk=7&From=%3Csip%3Amallory%40x%3E&Route=%3Csip%3Ax%3Blr%3E&body=v%3D0`);
    rig.clock.advance(100);
    const invite = rig.find('alice>charlie INVITE');
    assert.equal(invite.header('Subject'), 'a word');
    assert.equal(invite.header('X-Desk'), '7');
    assert.equal(invite.from.uriText, alice.uri);
    assert.equal(invite.header('Route'), undefined);
    assert.deepEqual(alice.problems, ['Refer-To may not set From, Route, body of our INVITE: left out']);
    rig.end();
  });

  test('a value that would begin another header never gets there', () => {
    const scene = connected();
    const { rig, bob, charlie, atBob } = scene;
    bob.transfer(atBob, `${charlie.uri}?Subject=x%0D%0AX-Evil%3A%20y`);
    rig.clock.advance(100);
    assert.equal(rig.find('alice>charlie INVITE').header('Subject'), undefined);
    assert.equal(rig.find('alice>charlie INVITE').header('X-Evil'), undefined);
    rig.end();
  });

  test('200 instead of 202, where the peer does so (RFC 7647)', () => {
    const scene = connected({ referStatus: 200 });
    const transfer = blind(scene, {});
    scene.rig.clock.advance(100);
    assert.equal(count(scene, 'alice>bob 200 REFER'), 1);
    scene.charlie.take(scene.charlie.lastCall);
    scene.rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    assert.deepEqual(scene.rig.end(), nothing);
  });
});

describe('when the transferor leaves', () => {
  for (const [hangUp, before] of [['accepted', 'alice>bob 202 REFER'], ['ringing', 'alice>bob NOTIFY']] as const) {
    test(`${hangUp}: BYE after "${before}", and the transfer goes on without him (field failure T6)`, () => {
      const scene = connected();
      const { rig, charlie, atBob } = scene;
      const transfer = blind(scene, {}, { hangUp });
      rig.clock.advance(1000);
      assert.equal(transfer.verdict, 'done');
      assert.equal(atBob.state, 'ended');
      const bye = rig.ladder.indexOf('bob>alice BYE');
      assert.ok(bye > rig.ladder.indexOf(before));
      const told = rig.ladder.slice(0, bye).filter((line) => line === 'alice>bob NOTIFY').length;
      assert.equal(told, hangUp === 'accepted' ? 1 : 2, 'what he had been told when he left');
      assert.equal(charlie.lastCall.state, 'incoming');
      charlie.take(charlie.lastCall);
      rig.clock.advance(1000);
      assert.equal(charlie.lastCall.state, 'connected');
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('attended, at the 202: the consultation call stays until the outcome is known', () => {
    const scene = connected();
    const { rig, bob, charlie, atBob } = scene;
    bob.hold(atBob);
    const [consultation] = rig.connect(bob, charlie);
    const transfer = bob.transfer(atBob, charlie, consultation, { hangUp: 'accepted' });
    rig.clock.advance(3000);
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(consultation.endCause?.by, 'peer');
    assert.deepEqual(rig.end(), nothing);
  });

  test('attended, at the 202, and it fails: the person is still with the target', () => {
    const scene = connected();
    const { rig, bob, charlie, atBob } = scene;
    bob.hold(atBob);
    const [consultation] = rig.connect(bob, charlie);
    rig.drop = (message, from) => from === 'alice' && message.kind === 'request' && message.method === 'INVITE';
    const transfer = bob.transfer(atBob, charlie, consultation, { hangUp: 'accepted' });
    rig.clock.advance(40_000);
    assert.equal(transfer.verdict, 'failed 408');
    assert.match(transfer.outcome?.text ?? '', /still with the target/u);
    assert.equal(consultation.state, 'connected');
    rig.drop = () => false;
    rig.end();
  });
});

describe('attended: who is referred', () => {
  test('the target: Charlie calls Alice, who never learns his address from Bob (14.4)', () => {
    const scene = connected();
    const { rig, bob, charlie, atAlice, atBob } = scene;
    bob.hold(atBob);
    const [consultation] = rig.connect(bob, charlie);
    const transfer = bob.transfer(atBob, charlie, consultation, { refer: 'target' });
    rig.clock.advance(3000);
    assert.equal(count(scene, 'bob>alice REFER'), 0);
    const sent = rig.find('bob>charlie REFER');
    assert.match(sent.header('Refer-To') ?? '', /^<sip:alice@/u);
    const invite = rig.find('charlie>alice INVITE');
    assert.ok(invite.kind === 'request');
    const { callId, localTag, remoteTag } = atAlice.dialog ?? {};
    assert.deepEqual(invite.replaces, { callId, toTag: localTag, fromTag: remoteTag, earlyOnly: false });
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(count(scene, 'alice>bob BYE'), 1, 'the replaced call is ended by whoever it was replaced at');
    assert.deepEqual(rig.end(), nothing);
  });

  test('481 at the Contact: one try more with the address that was dialled (15.5), and no third', () => {
    const rig = new AgentRig();
    const [alice, bob] = [rig.add('alice'), rig.add('bob')];
    const peer = rig.addPeer('peer');
    const [, atBob] = rig.connect(alice, bob);
    bob.hold(atBob);
    const consultation = bob.call(`${peer.uri};x=dialled`);
    rig.clock.advance(10);
    const headers = [['Contact', `<sip:elsewhere@127.0.0.1:${peer.uri.split(':').at(-1) ?? ''}>`]] as const;
    peer.respond(peer.last('INVITE'), 200, { headers, body: plainSdp() });
    rig.clock.advance(10);
    peer.onMessage = (message) => {
      if (message.kind !== 'request') return;
      if (message.method === 'INVITE') peer.respond(message, 481, { headers: [] });
      if (message.method === 'BYE') peer.respond(message, 200);
    };
    const transfer = bob.transfer(atBob, '', consultation, { referTo: `<${consultation.dialog?.remoteTarget ?? ''}?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>` });
    rig.clock.advance(3000);
    const targets = rig.passed.flatMap(({ message }) => (message.kind === 'request' && message.method === 'REFER' ? [message.header('Refer-To')?.split('?')[0]] : []));
    assert.deepEqual(targets, [`<sip:elsewhere@127.0.0.1:${peer.uri.split(':').at(-1) ?? ''}`, `<${peer.uri};x=dialled`]);
    assert.equal(transfer.verdict, 'failed 481');
    assert.equal(consultation.state, 'connected');
    rig.end();
  });
});

describe('consent and policy (reference 18)', () => {
  test('ask: 202 at once, pending, and nobody is called before the person says yes', () => {
    const scene = connected({ referPolicy: 'ask', follows: false });
    const { rig, alice, charlie } = scene;
    const transfer = blind(scene, {});
    rig.clock.advance(5000);
    assert.equal(rig.find('alice>bob NOTIFY').header('Subscription-State')?.split(';')[0], 'pending');
    assert.equal(charlie.incoming.length, 0);
    const [asked] = alice.referrals;
    assert.equal(asked?.referral.isPending, true);
    asked.referral.allow();
    alice.follow(asked.session, asked.referral);
    rig.clock.advance(100);
    charlie.take(charlie.lastCall);
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    assert.deepEqual(rig.end(), nothing);
  });

  test('no: 603 by NOTIFY, and the transferor takes the call back', () => {
    const scene = connected({ referPolicy: 'ask', follows: false });
    const { rig, alice, charlie, atBob } = scene;
    const transfer = blind(scene, {});
    rig.clock.advance(1000);
    alice.referrals[0]?.referral.refuse();
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed 603');
    assert.equal(atBob.negotiation?.localHold, false);
    assert.equal(charlie.incoming.length, 0);
    assert.deepEqual(rig.end(), nothing);
  });

  test('nobody says anything: a no, when a call would have stopped ringing', () => {
    const scene = connected({ referPolicy: 'ask', follows: false, ringLimit: 20_000 });
    const transfer = blind(scene, {});
    scene.rig.clock.advance(21_000);
    assert.equal(transfer.verdict, 'failed 603');
    assert.deepEqual(scene.rig.end(), nothing);
  });

  test('refuse: 603 to the REFER, told to our person', () => {
    const scene = connected({ referPolicy: 'refuse' });
    const transfer = blind(scene, {});
    scene.rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed 603');
    assert.match(scene.alice.problems.join(), /takes no transfers/u);
    assert.deepEqual(scene.rig.end(), nothing);
  });

  test('unknown: 405 with an Allow that has no REFER, as in every INVITE and answer of that phone', () => {
    const scene = connected({ referPolicy: 'unknown' });
    const transfer = blind(scene, {});
    scene.rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed 405');
    const answer = scene.rig.find('alice>bob 405 REFER');
    assert.doesNotMatch(answer.headerValues('Allow').join(), /REFER/u);
    assert.match(answer.headerValues('Allow').join(), /INVITE/u);
    assert.deepEqual(scene.rig.end(), nothing);
  });

  test('the same REFER with Replaces again, when that call has been replaced: 403 (field failure T13)', () => {
    const rig = new AgentRig();
    const [alice, charlie] = [rig.add('alice'), rig.add('charlie')];
    const peer = rig.addPeer('peer');
    const consultation = peer.initial('INVITE', charlie, { body: plainSdp() });
    rig.clock.advance(10);
    charlie.take(charlie.lastCall);
    rig.clock.advance(10);
    const charliesTag = peer.lastResponse('INVITE').toTag ?? '';
    peer.acknowledge(consultation, peer.lastResponse('INVITE'));
    const { invite, answer } = callFrom(rig, peer, alice);
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method !== 'ACK') peer.respond(message, 200);
    };
    const replaces = encodeURIComponent(`${consultation.callId};to-tag=${charliesTag};from-tag=${consultation.fromTag ?? ''}`);
    const headers = [peer.contact, ['Refer-To', `<${charlie.uri}?Replaces=${replaces}>`]] as const;
    peer.request('REFER', { invite, toTag: answer, sequence: 2 }, { headers });
    rig.clock.advance(1000);
    assert.equal(charlie.lastCall.state, 'connected');
    peer.request('REFER', { invite, toTag: answer, sequence: 3 }, { headers });
    rig.clock.advance(1000);
    assert.deepEqual(peer.statuses('REFER'), [202, 403]);
    rig.end();
  });

  test('tel: costs money and is refused with 416', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const { invite, answer } = callFrom(rig, peer, alice);
    peer.request('REFER', { invite, toTag: answer, sequence: 2 }, { headers: [peer.contact, ['Refer-To', '<tel:+19005551234>']] });
    rig.clock.advance(100);
    assert.equal(peer.lastResponse('REFER').status, 416);
    assert.match(alice.problems.join(), /tel:/u);
    rig.end();
  });
});
