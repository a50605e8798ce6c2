import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildResponse, type Session, supportedOptions } from '../../../../src/sip';
import { plainSdp } from '../../../support/scripted-peer';
import { AgentRig, nothing } from '../../../support/sip-agents';

describe('placing a call', () => {
  test('the whole ladder: INVITE, 180, 200, ACK, and BYE from the caller', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(1000);
    assert.equal(call.state, 'ringing');
    bob.lastCall.accept(bob.negotiation());
    rig.clock.advance(1000);
    call.hangUp();
    rig.clock.advance(1000);
    assert.deepEqual(rig.ladder, [
      'alice>bob INVITE',
      'bob>alice 180 INVITE',
      'bob>alice 200 INVITE',
      'alice>bob ACK',
      'alice>bob BYE',
      'bob>alice 200 BYE',
    ]);
    assert.deepEqual(alice.states, ['calling -> ringing', 'ringing -> connected', 'connected -> ended']);
    assert.deepEqual(bob.states, ['incoming -> answering', 'answering -> connected', 'connected -> ended']);
    assert.deepEqual(call.endCause, { by: 'us', status: 200, text: 'hung up by us' });
    assert.deepEqual(bob.lastCall.endCause, { by: 'peer', status: 200, text: 'hung up by the other side' });
    assert.ok(call.isFinished && bob.lastCall.isFinished);
    assert.deepEqual(rig.end(), nothing);
    assert.deepEqual([...alice.problems, ...bob.problems], []);
  });

  test('the callee may hang up', () => {
    const rig = new AgentRig();
    const [outgoing, incoming] = rig.connect(rig.add('alice'), rig.add('bob'));
    assert.deepEqual(rig.run(1000, () => incoming.hangUp()), ['bob>alice BYE', 'alice>bob 200 BYE']);
    assert.equal(outgoing.endCause?.by, 'peer');
    assert.deepEqual(rig.end(), nothing);
  });

  test('what an INVITE carries (RFC 3261 8.1.1, 13.2.1)', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    alice.call(peer, [['Referred-By', '<sip:bob@127.0.0.1>']]);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    assert.equal(invite.requestUri, peer.uri);
    assert.equal(invite.header('From'), `"alice" <${alice.uri}>;tag=${invite.fromTag ?? ''}`);
    assert.match(invite.fromTag ?? '', /^[0-9a-f]{16}$/u, 'at least 32 bits that cannot be guessed (19.3)');
    assert.equal(invite.header('To'), `<${peer.uri}>`, 'no tag');
    assert.match(invite.callId, /^[0-9a-f]{24}@127\.0\.0\.1$/u);
    assert.deepEqual(invite.cseq, { sequence: 1, method: 'INVITE' });
    assert.equal(invite.maxForwards, 70);
    assert.deepEqual(invite.headerValues('Contact'), [`<${alice.uri}>`], 'exactly one');
    assert.ok(invite.allow.includes('REFER') && invite.allow.includes('NOTIFY'));
    assert.deepEqual(invite.supported, [...supportedOptions], 'exactly what works (field failure T11)');
    assert.equal(invite.header('Referred-By'), '<sip:bob@127.0.0.1>');
    assert.equal(invite.contentType, 'application/sdp');
    assert.match(Buffer.from(invite.body).toString(), /a=sendrecv/u);
    rig.end();
  });

  test('over TCP: the transport of the target, Via and Contact say so, and nothing is repeated', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const call = alice.call(`${bob.uri};transport=tcp`);
    rig.clock.advance(1000);
    const invite = rig.find('alice>bob INVITE');
    assert.equal(invite.topVia.transport, 'tcp');
    assert.equal(invite.contact?.uriText, `${alice.uri};transport=tcp`);
    bob.lastCall.accept(bob.negotiation());
    rig.clock.advance(1000);
    assert.equal(call.state, 'connected');
    bob.lastCall.hangUp();
    rig.clock.advance(1000);
    assert.equal(rig.find('bob>alice BYE').topVia.transport, 'tcp');
    assert.deepEqual(rig.end(), nothing);
  });

  test('refused: the ACK goes out, the call ends with the status of the refusal', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(100);
    assert.deepEqual(rig.run(1000, () => bob.lastCall.reject(486)), ['bob>alice 486 INVITE', 'alice>bob ACK']);
    assert.deepEqual(call.endCause, { by: 'peer', status: 486, text: 'Busy Here' });
    assert.equal(bob.lastCall.endCause?.status, 486);
    assert.deepEqual(rig.end(), nothing);
  });

  test('nobody answers at all: failed after 32 s with 408', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const call = alice.call('sip:nobody@127.0.0.1:5999');
    rig.clock.advance(31_999);
    assert.equal(call.state, 'calling');
    rig.clock.advance(1);
    assert.equal(call.endCause?.status, 408);
    assert.equal(call.endCause.by, 'network');
    assert.ok(call.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  test('nobody listens there: failed at once with 503', () => {
    const rig = new AgentRig();
    const call = rig.add('alice').call('sip:nobody@127.0.0.1:5999;transport=tcp');
    rig.clock.advance(1);
    assert.equal(call.endCause?.status, 503);
    assert.equal(call.endCause.by, 'network');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a target that cannot be written into a request: failed with 503, and no timer stays', () => {
    const rig = new AgentRig();
    const call = rig.add('alice').call('sip:a\u00a0b@127.0.0.1:5999');
    assert.equal(call.state, 'calling');
    rig.clock.advance(1);
    assert.equal(call.endCause?.status, 503);
    assert.equal(rig.clock.pendingTimers, 0);
    assert.deepEqual(rig.end(), nothing);
  });

  test('rings too long: cancelled at the ring limit (RFC 3261 9.1)', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { ringLimit: 30_000 });
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(29_999);
    assert.equal(call.state, 'ringing');
    assert.deepEqual(rig.run(1000), [
      'alice>bob CANCEL',
      'bob>alice 200 CANCEL',
      'bob>alice 487 INVITE',
      'alice>bob ACK',
    ]);
    assert.equal(call.endCause?.status, 487);
    assert.equal(bob.lastCall.endCause?.by, 'peer');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the ACK is lost: the 2xx comes again and gets the same ACK', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob', { answers: true });
    let lost = 0;
    rig.drop = ({ cseq }) => cseq.method === 'ACK' && (lost += 1) <= 2;
    const call = alice.call(bob);
    rig.clock.advance(5000);
    assert.deepEqual(rig.ladder, [
      'alice>bob INVITE',
      'bob>alice 200 INVITE',
      'alice>bob ACK',
      'bob>alice 200 INVITE',
      'alice>bob ACK',
      'bob>alice 200 INVITE',
      'alice>bob ACK',
    ]);
    const acks = rig.passed.filter(({ message }) => message.cseq.method === 'ACK');
    assert.deepEqual(acks[0]?.message.bytes, acks[2]?.message.bytes);
    assert.equal(call.state, 'connected');
    assert.equal(bob.lastCall.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the ACK is built from the dialog: new branch, target and tags of the 2xx (RFC 3261 13.2.2.4)', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    alice.call('sip:someone@127.0.0.1:5062');
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.respond(invite, 200, {
      toTag: 'b1',
      body: plainSdp(),
      headers: [['Contact', `<${peer.uri};x=y>`], ['Record-Route', '<sip:127.0.0.1:5062;lr>']],
    });
    rig.clock.advance(10);
    const ack = peer.last('ACK');
    assert.notEqual(ack.topVia.branch, invite.topVia.branch);
    assert.equal(ack.requestUri, `${peer.uri};x=y`);
    assert.deepEqual(ack.headerValues('Route'), ['<sip:127.0.0.1:5062;lr>']);
    assert.equal(ack.toTag, 'b1');
    assert.equal(ack.fromTag, invite.fromTag);
    assert.deepEqual(ack.cseq, { sequence: 1, method: 'ACK' });
    assert.equal(ack.body.length, 0);
    assert.equal(ack.header('To'), '<sip:someone@127.0.0.1:5062>;tag=b1');
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'BYE') peer.respond(message, 200);
    };
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('answers that cannot be used', () => {
  for (const [name, body] of [['none at all', undefined], ['no law in common', plainSdp().replace('AVP 0', 'AVP 9')], ['no SDP', 'x']] as const) {
    test(`${name}: ACK, then BYE (RFC 3261 13.2.2.4)`, () => {
      const rig = new AgentRig();
      const alice = rig.add('alice');
      const peer = rig.addPeer('peer');
      peer.onMessage = (message) => {
        if (message.kind === 'request' && message.method === 'BYE') peer.respond(message, 200);
      };
      const call = alice.call(peer);
      rig.clock.advance(10);
      const answer = (): void => peer.respond(peer.last('INVITE'), 200, body === undefined ? {} : { body });
      assert.deepEqual(rig.run(1000, answer), [
        'peer>alice 200 INVITE',
        'alice>peer ACK',
        'alice>peer BYE',
        'peer>alice 200 BYE',
      ]);
      assert.equal(call.endCause?.status, 488);
      assert.match(peer.last('BYE').header('Reason') ?? '', /cause=488/u);
      assert.equal(alice.problems.length, 1);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a Contact beyond this machine: the ACK cannot leave, so the call ends and says why', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp(), headers: [['Contact', '<sip:peer@192.0.2.1>']] });
    rig.clock.advance(100);
    assert.equal(call.state, 'ended');
    assert.equal(call.endCause?.status, 503);
    assert.equal(call.endCause.by, 'network');
    assert.match(alice.problems.join(), /192\.0\.2\.1/u);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a Contact that is no SIP URI: the same', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp(), headers: [['Contact', '<mailto:peer@example.com>']] });
    rig.clock.advance(100);
    assert.equal(call.endCause?.status, 503);
    assert.match(alice.problems.join(), /mailto/u);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a Contact that cannot be read makes the 2xx no answer: dropped, and cancelled at the ring limit', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { ringLimit: 60_000 });
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 200, { body: plainSdp(), headers: [['Contact', '<<>>']] });
    rig.clock.advance(10);
    assert.equal(call.state, 'ringing');
    assert.equal(alice.problems.length, 1);
    assert.deepEqual(rig.end(), nothing);
    assert.equal(call.endCause?.status, 487);
  });
});

describe('a provisional response', () => {
  test('100 changes nothing, not even with a tag; 101-199 mean that it rings', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.send(withTag(peer, 100));
    rig.clock.advance(10);
    assert.equal(call.state, 'calling');
    assert.equal(tagOf(call), undefined, 'reference 3.1: a 100 never makes a dialog');
    peer.respond(peer.last('INVITE'), 183);
    rig.clock.advance(10);
    assert.equal(call.state, 'ringing');
    assert.equal(tagOf(call), 'peer');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a callee that only rings is no party to BYE; the caller may give the branch up, and does with CANCEL', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.respond(invite, 180);
    rig.clock.advance(10);
    // RFC 3261 15: the callee must not; whoever does so anyway means that it is over.
    peer.request('BYE', { invite, sequence: 1 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('BYE'), [200]);
    assert.equal(peer.count('CANCEL'), 1);
    peer.respond(peer.last('CANCEL'), 200);
    peer.respond(invite, 487);
    rig.clock.advance(10);
    assert.equal(call.state, 'ended');
    assert.equal(peer.count('ACK'), 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a call ended so does not come back when the 200 comes all the same', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.respond(invite, 180);
    rig.clock.advance(10);
    peer.request('BYE', { invite, sequence: 1 });
    peer.answer();
    rig.clock.advance(10);
    assert.equal(call.state, 'ended');
    assert.equal(peer.count('ACK'), 1);
    assert.equal(peer.count('BYE'), 1);
    assert.ok(!alice.states.includes('ended -> connected'));
    assert.deepEqual(rig.end(), nothing);
  });

  test('one without a tag makes no dialog', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180, { toTag: '' });
    rig.clock.advance(10);
    assert.equal(call.state, 'ringing');
    assert.equal(tagOf(call), undefined);
    peer.answer('b7');
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.equal(tagOf(call), 'b7');
    assert.deepEqual(rig.end(), nothing);
  });
});

function tagOf(call: Session): string | undefined {
  return call.dialog?.remoteTag;
}

function withTag(peer: ReturnType<AgentRig['addPeer']>, status: number): Parameters<typeof peer.send>[0] {
  const invite = peer.last('INVITE');
  return buildResponse({
    status,
    headers: ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => [
      name, `${invite.header(name) ?? ''}${name === 'To' ? ';tag=t100' : ''}`,
    ] as const),
  });
}
