import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Session, SipRequest } from '../../../../src/sip';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

const required = { settings: { reliable: 'required' } } as const;

/** What the peer says to be reliable. */
function reliably(peer: ScriptedPeer, rseq: number, more: { toTag?: string; body?: string; status?: number } = {}): void {
  const { status = 180, toTag, body } = more;
  peer.respond(peer.last('INVITE'), status, {
    headers: [peer.contact, ['Require', '100rel'], ['RSeq', String(rseq)], ['Allow', 'INVITE, ACK, BYE, CANCEL, PRACK, UPDATE']],
    ...(toTag === undefined ? {} : { toTag }),
    ...(body === undefined ? {} : { body }),
  });
}

/** The peer answers every PRACK, UPDATE and BYE. */
function polite(peer: ScriptedPeer): void {
  peer.onMessage = (message) => {
    if (message.kind === 'request' && ['PRACK', 'BYE', 'CANCEL'].includes(message.method)) peer.respond(message, 200);
  };
}

function calling(options: Parameters<AgentRig['add']>[1] = {}): { rig: AgentRig; alice: RigAgent; peer: ScriptedPeer; call: Session } {
  const rig = new AgentRig();
  const alice = rig.add('alice', options);
  const peer = rig.addPeer('peer');
  polite(peer);
  const call = alice.call(peer);
  rig.clock.advance(10);
  return { rig, alice, peer, call };
}

/** The peer calls alice, whose INVITE says `headers` of reliability. */
function called(
  options: Parameters<AgentRig['add']>[1],
  headers: readonly (readonly [string, string])[],
  body = plainSdp(),
): { rig: AgentRig; alice: RigAgent; peer: ScriptedPeer; invite: SipRequest } {
  const rig = new AgentRig();
  const alice = rig.add('alice', options);
  const peer = rig.addPeer('peer');
  const allow = ['Allow', 'INVITE, ACK, BYE, CANCEL, PRACK, UPDATE'] as const;
  const invite = peer.initial('INVITE', alice, { headers: [peer.contact, allow, ...headers], body });
  rig.clock.advance(10);
  return { rig, alice, peer, invite };
}

function prack(peer: ScriptedPeer, invite: SipRequest, sequence: number, more: { rack?: string; body?: string } = {}): void {
  const response = peer.received.findLast((message) => message.kind === 'response' && message.header('RSeq') !== undefined);
  const rack = more.rack ?? `${response?.header('RSeq') ?? ''} ${String(invite.cseq.sequence)} INVITE`;
  const toTag = peer.lastResponse('INVITE').toTag ?? '';
  peer.request('PRACK', { invite, toTag, sequence }, { headers: [['RAck', rack]], ...(more.body === undefined ? {} : { body: more.body }) });
}

describe('reliable provisional responses, as caller (RFC 3262 section 4)', () => {
  test('a PRACK with the next CSeq, and RAck names response and INVITE', () => {
    const { rig, peer, call } = calling();
    assert.deepEqual(rig.run(10, () => reliably(peer, 4711)), ['peer>alice 180 INVITE', 'alice>peer PRACK', 'peer>alice 200 PRACK']);
    const sent = peer.last('PRACK');
    const { sequence } = peer.last('INVITE').cseq;
    assert.equal(sent.header('RAck'), `4711 ${String(sequence)} INVITE`);
    assert.equal(sent.cseq.sequence, sequence + 1);
    assert.equal(sent.toTag, 'peer');
    assert.equal(sent.body.length, 0);
    assert.equal(call.state, 'ringing');
    peer.answer();
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.equal(peer.last('ACK').cseq.sequence, sequence, 'the ACK has the number of the INVITE');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a repeated one is not acknowledged twice, and one out of order not at all', () => {
    const { rig, peer } = calling();
    reliably(peer, 10);
    reliably(peer, 10);
    reliably(peer, 12);
    rig.clock.advance(10);
    assert.deepEqual(peer.received.filter((m) => m.kind === 'request' && m.method === 'PRACK').map((m) => m.header('RAck')?.split(' ')[0]), ['10']);
    reliably(peer, 11);
    reliably(peer, 12);
    rig.clock.advance(10);
    assert.deepEqual(peer.received.filter((m) => m.kind === 'request' && m.method === 'PRACK').map((m) => m.header('RAck')?.split(' ')[0]), ['10', '11', '12']);
    peer.answer();
    rig.clock.advance(10);
    assert.deepEqual(rig.end(), nothing);
  });

  test('each branch counts for itself', () => {
    const { rig, peer } = calling();
    reliably(peer, 10, { toTag: 'b1' });
    reliably(peer, 99, { toTag: 'b2' });
    reliably(peer, 11, { toTag: 'b1' });
    rig.clock.advance(10);
    const pracks = peer.received.filter((m) => m.kind === 'request' && m.method === 'PRACK').map((m) => `${m.toTag ?? ''} ${m.header('RAck')?.split(' ')[0] ?? ''}`);
    assert.deepEqual(pracks, ['b1 10', 'b2 99', 'b1 11']);
    peer.answer('b2');
    rig.clock.advance(10);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a lost PRACK is repeated', () => {
    const { rig, peer } = calling();
    let lost = 0;
    rig.drop = (message) => message.kind === 'request' && message.method === 'PRACK' && (lost += 1) <= 2;
    reliably(peer, 1);
    rig.clock.advance(2000);
    assert.equal(peer.count('PRACK'), 1);
    assert.equal(lost, 3);
    peer.answer();
    rig.clock.advance(10);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the answer in a reliable 183 is the answer: media flows, and the 2xx has nothing to add', () => {
    const { rig, alice, peer, call } = calling();
    reliably(peer, 1, { status: 183, body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(call.state, 'ringing');
    assert.equal(call.negotiation?.media?.remotePort, 50_000);
    assert.equal(alice.media.length, 1, 'the phone is told to play');
    peer.respond(peer.last('INVITE'), 200);
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.equal(call.negotiation.media.remotePort, 50_000);
    assert.deepEqual(rig.end(), nothing);
  });

  test('an answer in a reliable 183 that cannot be used: CANCEL', () => {
    const { rig, alice, peer, call } = calling();
    reliably(peer, 1, { status: 183, body: plainSdp().replace('RTP/AVP 0', 'RTP/AVP 9') });
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 488);
    assert.equal(alice.problems.length, 1);
    assert.equal(peer.count('CANCEL'), 1);
    peer.respond(peer.last('INVITE'), 487);
    rig.clock.advance(10);
    assert.deepEqual(rig.end(), nothing);
  });

  test('early media in an unreliable 183: heard, but the 2xx decides', () => {
    const { rig, peer, call } = calling();
    peer.respond(peer.last('INVITE'), 183, { body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(call.negotiation?.media?.remotePort, 50_000);
    assert.equal(peer.count('PRACK'), 0);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp().replace('50000', '50002') });
    rig.clock.advance(10);
    assert.equal(call.negotiation.media.remotePort, 50_002);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a 2xx that leaves out what its 183 said has said it', () => {
    const { rig, peer, call } = calling();
    peer.respond(peer.last('INVITE'), 183, { body: plainSdp() });
    peer.respond(peer.last('INVITE'), 200);
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.equal(call.negotiation?.media?.remotePort, 50_000);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a 199 ends its early dialog: the other branch is the call now, and its 200 counts', () => {
    const { rig, peer, call } = calling();
    reliably(peer, 1, { toTag: 'b1', status: 183, body: plainSdp() });
    reliably(peer, 1, { toTag: 'b2' });
    rig.clock.advance(10);
    assert.equal(call.dialog?.remoteTag, 'b1');
    peer.respond(peer.last('INVITE'), 199, { toTag: 'b1' });
    reliably(peer, 2, { toTag: 'b2' });
    rig.clock.advance(10);
    assert.equal(call.dialog.remoteTag, 'b2');
    assert.equal(call.negotiation?.media, undefined, 'the early media of the branch that is over is not heard any more');
    peer.answer('b2');
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('required: the INVITE says so, and a 421 is the end', () => {
    const { rig, peer, call } = calling(required);
    assert.deepEqual(peer.last('INVITE').require, ['100rel']);
    peer.respond(peer.last('INVITE'), 421, { headers: [['Require', '100rel']] });
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 421);
    assert.deepEqual(rig.end(), nothing);
  });

  test('off: not offered, and not acknowledged', () => {
    const { rig, peer } = calling({ settings: { reliable: 'off' } });
    assert.ok(!peer.last('INVITE').supported.includes('100rel'));
    reliably(peer, 1);
    rig.clock.advance(10);
    assert.equal(peer.count('PRACK'), 0);
    peer.answer();
    rig.clock.advance(10);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('reliable provisional responses, as callee (RFC 3262 section 3)', () => {
  test('a caller that only could: the 180 is not reliable', () => {
    const { rig, peer, invite } = called({}, [['Supported', '100rel']]);
    assert.equal(peer.lastResponse('INVITE').header('RSeq'), undefined);
    peer.sameBranch('CANCEL', invite);
    rig.clock.advance(10);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a caller that requires it: RSeq, Require, and repeats from T1 doubling until the PRACK', () => {
    const { rig, alice, peer, invite } = called({}, [['Require', '100rel']]);
    const ringing = peer.lastResponse('INVITE');
    assert.equal(ringing.status, 180);
    assert.deepEqual(ringing.require, ['100rel']);
    assert.ok(Number(ringing.header('RSeq')) >= 1 && Number(ringing.header('RSeq')) < 2 ** 31);
    const times = (): number[] => rig.passed.filter(({ message }) => message.kind === 'response' && message.status === 180).map(({ at }) => at - 1);
    rig.clock.advance(8000);
    assert.deepEqual(times(), [0, 500, 1500, 3500, 7500], 'no limit of T2');
    prack(peer, invite, 2);
    rig.clock.advance(20_000);
    assert.equal(times().length, 5);
    assert.deepEqual(peer.statuses('PRACK'), [200]);
    prack(peer, invite, 3);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('PRACK'), [200, 481], 'a second PRACK for the same response');
    alice.take(alice.lastCall);
    rig.clock.advance(10);
    const ok = peer.lastResponse('INVITE');
    assert.equal(ok.status, 200);
    peer.acknowledge(invite, ok);
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    rig.end();
  });

  test('no PRACK within 64*T1: 504, and the call is over', () => {
    const { rig, alice, peer, invite } = called({}, [['Require', '100rel']]);
    rig.clock.advance(32_010);
    assert.equal(peer.statuses('INVITE').at(-1), 504);
    peer.sameBranch('ACK', invite, peer.lastResponse('INVITE').toTag);
    assert.equal(alice.lastCall.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a PRACK with another RAck: 481, and the response is repeated on', () => {
    const { rig, peer, invite } = called({}, [['Require', '100rel']]);
    const rseq = peer.lastResponse('INVITE').header('RSeq') ?? '';
    prack(peer, invite, 2, { rack: `${String(Number(rseq) + 1)} 1 INVITE` });
    prack(peer, invite, 3, { rack: `${rseq} 2 INVITE` });
    prack(peer, invite, 4, { rack: `${rseq} 1 UPDATE` });
    rig.clock.advance(1000);
    assert.deepEqual(peer.statuses('PRACK'), [481, 481, 481]);
    assert.equal(peer.statuses('INVITE').filter((status) => status === 180).length, 2);
    peer.sameBranch('CANCEL', invite);
    rig.clock.advance(10);
    peer.sameBranch('ACK', invite, peer.lastResponse('INVITE').toTag);
    assert.deepEqual(rig.end(), nothing);
  });

  test('one at a time: the 183 waits for the PRACK to the 180', () => {
    const { rig, alice, peer, invite } = called({}, [['Require', '100rel']]);
    alice.lastCall.progress(alice.negotiation());
    rig.clock.advance(100);
    assert.ok(!peer.statuses('INVITE').includes(183));
    const first = Number(peer.lastResponse('INVITE').header('RSeq'));
    prack(peer, invite, 2);
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').status, 183);
    assert.equal(Number(peer.lastResponse('INVITE').header('RSeq')), first + 1);
    assert.ok(peer.lastResponse('INVITE').body.length > 0);
    prack(peer, invite, 3);
    rig.clock.advance(10);
    alice.take(alice.lastCall);
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').body.length, 0, 'the 183 said it');
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    assert.equal(alice.lastCall.negotiation?.media?.remotePort, 50_000);
    rig.end();
  });

  test('no 2xx while a reliable 183 with a description is not acknowledged', () => {
    const { rig, alice, peer, invite } = called({}, [['Supported', '100rel']]);
    alice.lastCall.progress(alice.negotiation());
    alice.take(alice.lastCall);
    rig.clock.advance(400);
    assert.equal(alice.lastCall.state, 'incoming');
    assert.deepEqual(peer.statuses('INVITE').slice(-1), [183]);
    prack(peer, invite, 2);
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').status, 200);
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    rig.end();
  });

  test('a 180 without a description holds no 2xx up, and its late PRACK still finds its match', () => {
    const { rig, alice, peer, invite } = called({}, [['Require', '100rel']]);
    alice.take(alice.lastCall);
    rig.clock.advance(10);
    const ok = peer.lastResponse('INVITE');
    assert.equal(ok.status, 200);
    prack(peer, invite, 2);
    peer.acknowledge(invite, ok);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('PRACK'), [200]);
    rig.end();
  });

  /** A call that alice took before the PRACK to her 180 came, and holds: her re-INVITE is out. */
  function heldBeforePrack(): ReturnType<typeof called> & { readonly offer: SipRequest } {
    const context = called({}, [['Require', '100rel']]);
    const { rig, alice, peer, invite } = context;
    alice.take(alice.lastCall);
    rig.clock.advance(10);
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    alice.hold(alice.lastCall);
    rig.clock.advance(10);
    return { ...context, offer: peer.last('INVITE') };
  }

  test('the late PRACK of a 180 without a description is no answer to the re-INVITE that is out by then', () => {
    const { rig, alice, peer, invite, offer } = heldBeforePrack();
    prack(peer, invite, 2);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('PRACK'), [200]);
    assert.deepEqual(alice.problems, []);
    peer.respond(offer, 200, { headers: [peer.contact], body: plainSdp('recvonly', 2) });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    assert.equal(alice.lastCall.negotiation?.media?.heldByUs, true);
    rig.end();
  });

  test('an offer in a late PRACK while ours is out: 491, and ours goes on', () => {
    const { rig, alice, peer, invite, offer } = heldBeforePrack();
    prack(peer, invite, 2, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('PRACK'), [491]);
    assert.deepEqual(alice.problems, []);
    peer.respond(offer, 200, { headers: [peer.contact], body: plainSdp('recvonly', 2) });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    assert.equal(alice.lastCall.negotiation?.media?.heldByUs, true);
    assert.equal(alice.lastCall.negotiation.media.heldByPeer, false);
    rig.end();
  });

  test('an INVITE without an offer: the offer in the reliable 183, the answer in the PRACK', () => {
    const { rig, alice, peer, invite } = called({}, [['Require', '100rel']], '');
    assert.ok(!peer.statuses('INVITE').includes(180), 'the first reliable response has to make the offer');
    alice.lastCall.progress(alice.negotiation());
    rig.clock.advance(10);
    assert.ok(peer.lastResponse('INVITE').body.length > 0);
    prack(peer, invite, 2, { body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.negotiation?.media?.remotePort, 50_000);
    alice.take(alice.lastCall);
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('INVITE').body.length, 0);
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    rig.end();
  });

  test('a PRACK may make an offer, which its 200 answers', () => {
    const { rig, alice, peer, invite } = called({}, [['Supported', '100rel']]);
    alice.lastCall.progress(alice.negotiation());
    rig.clock.advance(10);
    prack(peer, invite, 2, { body: plainSdp('sendonly', 2) });
    rig.clock.advance(10);
    assert.match(Buffer.from(peer.lastResponse('PRACK').body).toString(), /a=recvonly/u);
    assert.equal(alice.lastCall.negotiation?.media?.heldByPeer, true);
    peer.sameBranch('CANCEL', invite);
    rig.clock.advance(10);
    peer.sameBranch('ACK', invite, peer.lastResponse('INVITE').toTag);
    assert.deepEqual(rig.end(), nothing);
  });

  test('an unreliable 183 with early media: the 200 says the same', () => {
    const { rig, alice, peer, invite } = called({}, []);
    alice.lastCall.progress(alice.negotiation());
    rig.clock.advance(10);
    const early = Buffer.from(peer.lastResponse('INVITE').body).toString();
    assert.equal(peer.lastResponse('INVITE').status, 183);
    alice.take(alice.lastCall);
    rig.clock.advance(10);
    assert.equal(Buffer.from(peer.lastResponse('INVITE').body).toString(), early);
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    rig.end();
  });

  test('required, and a caller that cannot: 421', () => {
    const { rig, alice, peer } = called(required, []);
    assert.deepEqual(peer.statuses('INVITE').slice(-1), [421]);
    assert.deepEqual(peer.lastResponse('INVITE').require, ['100rel']);
    assert.equal(alice.incoming.length, 0);
    rig.end();
  });

  test('off, and a caller that insists: 420', () => {
    const { rig, peer } = called({ settings: { reliable: 'off' } }, [['Require', '100rel']]);
    assert.deepEqual(peer.statuses('INVITE').slice(-1), [420]);
    assert.deepEqual(peer.lastResponse('INVITE').unsupported, ['100rel']);
    rig.end();
  });

  test('CANCEL while a reliable 180 is unacknowledged: 487, and nothing is repeated', () => {
    const { rig, peer, invite } = called({}, [['Require', '100rel']]);
    peer.sameBranch('CANCEL', invite);
    rig.clock.advance(10);
    peer.sameBranch('ACK', invite, peer.lastResponse('INVITE').toTag);
    assert.deepEqual(rig.run(10_000), []);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('two agents that require it of each other', () => {
  test('the 180 is acknowledged, under loss too', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const rig = new AgentRig(seed);
      const alice = rig.add('alice', required);
      const bob = rig.add('bob', required);
      rig.drop = () => rig.random.fraction() < 0.3;
      const call = alice.call(bob);
      rig.clock.advance(8_000);
      if (bob.incoming.length > 0) bob.take(bob.lastCall);
      rig.clock.advance(40_000);
      rig.drop = () => false;
      assert.deepEqual(rig.end(), nothing, `seed ${String(seed)}`);
      assert.ok(call.endCause !== undefined);
    }
  });
});
