import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DigestServer, type Session, type SipRequest } from '../../../../src/sip';
import { type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

const bob = { username: 'bob', password: 'zanzibar' } as const;

/** A session up between alice, who knows the password, and a peer that challenges as the test says. */
function connected(): { rig: AgentRig; alice: RigAgent; peer: ScriptedPeer; call: Session } {
  const rig = new AgentRig();
  const alice = rig.add('alice', { credentials: bob });
  const peer = rig.addPeer('peer');
  const call = alice.call(peer);
  rig.clock.advance(10);
  peer.answer();
  rig.clock.advance(10);
  return { rig, alice, peer, call };
}

function challenge(peer: ScriptedPeer, request: SipRequest, nonce: string, more = '', status = 401): void {
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
  peer.respond(request, status, { headers: [[name, `Digest realm="r", nonce="${nonce}", qop="auth"${more}`]] });
}

describe('a call to somebody who wants a password (RFC 3261 22)', () => {
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    test(`${algorithm}: 401, ACK, and the INVITE again with credentials`, () => {
      const rig = new AgentRig();
      const alice = rig.add('alice', { credentials: bob });
      const server = rig.add('server', {
        answers: true,
        digest: (clock) =>
          new DigestServer({ realm: 'r', users: new Map([[bob.username, bob.password]]), algorithms: [algorithm], random: rig.random, clock }),
      });
      const call = alice.call(server);
      rig.clock.advance(100);
      assert.deepEqual(rig.ladder, [
        'alice>server INVITE',
        'server>alice 401 INVITE',
        'alice>server ACK',
        'alice>server INVITE',
        'server>alice 200 INVITE',
        'alice>server ACK',
      ]);
      assert.equal(call.state, 'connected');
      const [first, second] = rig.passed.filter(({ message }) => message.kind === 'request' && message.method === 'INVITE');
      assert.equal(first?.message.header('Authorization'), undefined);
      const authorization = second?.message.header('Authorization') ?? '';
      assert.match(authorization, new RegExp(`algorithm=${algorithm}`, 'u'));
      assert.match(authorization, /nc=00000001/u);
      assert.equal(second?.message.callId, first?.message.callId);
      assert.equal(second?.message.fromTag, first?.message.fromTag);
      assert.equal(second?.message.toTag, undefined, 'To without a tag');
      assert.equal(second?.message.cseq.sequence, 2);
      assert.notEqual(second.message.topVia.branch, first?.message.topVia.branch);
      assert.deepEqual(second.message.body, first?.message.body, 'the same offer');
      assert.equal(rig.find('alice>server ACK').header('Authorization'), authorization, 'the ACK carries them too');
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('the first algorithm we know of the server\'s list is taken (RFC 8760 2.4)', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: bob });
    const peer = rig.addPeer('peer');
    alice.call(peer);
    rig.clock.advance(10);
    const [algorithms, nonce] = [['FANCY-9', 'SHA-256', 'MD5'], 'n'];
    peer.respond(peer.last('INVITE'), 401, {
      headers: algorithms.map((name) => ['WWW-Authenticate', `Digest realm="r", nonce="${nonce}", algorithm=${name}`] as const),
    });
    rig.clock.advance(10);
    assert.deepEqual(peer.last('INVITE').headerValues('Authorization').length, 1);
    assert.match(peer.last('INVITE').header('Authorization') ?? '', /algorithm=SHA-256/u);
    rig.end();
  });

  test('no password for it: the call ends with 401', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    challenge(peer, peer.last('INVITE'), 'n');
    rig.clock.advance(10);
    assert.equal(peer.count('INVITE'), 1);
    assert.equal(call.endCause?.status, 401);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a wrong password is tried once', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: { username: 'bob', password: 'wrong' } });
    const server = rig.add('server', {
      digest: (clock) =>
        new DigestServer({ realm: 'r', users: new Map([[bob.username, bob.password]]), algorithms: ['MD5'], random: rig.random, clock }),
    });
    const call = alice.call(server);
    rig.clock.advance(100);
    assert.deepEqual(rig.ladder.filter((line) => line === 'alice>server INVITE').length, 2);
    assert.equal(call.endCause?.status, 401);
    assert.equal(server.incoming.length, 0);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a stale nonce is answered at once, and the count begins anew', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: bob });
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    challenge(peer, peer.last('INVITE'), 'old');
    rig.clock.advance(10);
    challenge(peer, peer.last('INVITE'), 'new', ', stale=true');
    rig.clock.advance(10);
    const authorization = peer.last('INVITE').headerValues('Authorization');
    assert.equal(authorization.length, 1, 'the old one is replaced');
    assert.match(authorization[0] ?? '', /nonce="new".*nc=00000001/u);
    peer.answer();
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a server that calls every nonce stale is not obeyed for ever', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: bob });
    const peer = rig.addPeer('peer');
    let nonces = 0;
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'INVITE') challenge(peer, message, `n${String((nonces += 1))}`, ', stale=true');
    };
    const call = alice.call(peer);
    rig.clock.advance(1000);
    assert.equal(call.endCause?.status, 401);
    assert.equal(peer.count('INVITE'), 5);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a realm with quotes in it is recognised when it comes back', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: bob });
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    for (let round = 0; round < 3; round += 1) {
      rig.clock.advance(10);
      peer.respond(peer.last('INVITE'), 401, { headers: [['WWW-Authenticate', String.raw`Digest realm="a \"b\" c", nonce="n${String(round)}"`]] });
    }
    rig.clock.advance(10);
    assert.equal(peer.count('INVITE'), 2);
    assert.equal(call.endCause?.status, 401);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a proxy asks with 407, then the callee with 401: both get their credentials', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: bob });
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    challenge(peer, peer.last('INVITE'), 'p', '', 407);
    rig.clock.advance(10);
    assert.match(peer.last('INVITE').header('Proxy-Authorization') ?? '', /nonce="p"/u);
    peer.respond(peer.last('INVITE'), 401, { headers: [['WWW-Authenticate', 'Digest realm="callee", nonce="c"']] });
    rig.clock.advance(10);
    assert.match(peer.last('INVITE').header('Proxy-Authorization') ?? '', /nonce="p"/u);
    assert.match(peer.last('INVITE').header('Authorization') ?? '', /nonce="c"/u);
    peer.answer();
    rig.clock.advance(10);
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a proxy and a callee of the same realm are told apart', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: bob });
    const peer = rig.addPeer('peer');
    alice.call(peer);
    rig.clock.advance(10);
    challenge(peer, peer.last('INVITE'), 'p', '', 407);
    rig.clock.advance(10);
    challenge(peer, peer.last('INVITE'), 'c', '', 401);
    rig.clock.advance(10);
    assert.match(peer.last('INVITE').header('Proxy-Authorization') ?? '', /nonce="p"/u);
    assert.match(peer.last('INVITE').header('Authorization') ?? '', /nonce="c"/u);
    assert.deepEqual(rig.end(), nothing);
  });

  test('credentials are not carried over to another target', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: bob });
    const peer = rig.addPeer('peer');
    alice.call(peer);
    rig.clock.advance(10);
    challenge(peer, peer.last('INVITE'), 'n');
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 302, { headers: [['Contact', '<sip:other@127.0.0.1:5062>']] });
    rig.clock.advance(10);
    assert.equal(peer.last('INVITE').uri.user, 'other');
    assert.equal(peer.last('INVITE').header('Authorization'), undefined);
    assert.deepEqual(rig.end(), nothing);
  });

  test('CANCEL and ACK are not challenged, and CANCEL carries no credentials', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { credentials: bob });
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    challenge(peer, peer.last('INVITE'), 'n');
    rig.clock.advance(10);
    assert.equal(peer.last('ACK').header('Authorization'), undefined, 'the ACK to the 401 is the INVITE that drew it');
    peer.respond(peer.last('INVITE'), 180);
    rig.clock.advance(10);
    call.hangUp();
    rig.clock.advance(10);
    assert.equal(peer.last('CANCEL').header('Authorization'), undefined);
    assert.equal(peer.last('CANCEL').cseq.sequence, 2);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('requests inside the dialog', () => {
  test('BYE, challenged: again with the next number', () => {
    const { rig, peer, call } = connected();
    call.hangUp();
    rig.clock.advance(10);
    challenge(peer, peer.last('BYE'), 'n');
    rig.clock.advance(10);
    assert.equal(peer.last('BYE').cseq.sequence, 3);
    assert.match(peer.last('BYE').header('Authorization') ?? '', /uri="sip:peer@127\.0\.0\.1:5062"/u);
    assert.equal(call.isFinished, false);
    peer.respond(peer.last('BYE'), 200);
    rig.clock.advance(10);
    assert.ok(call.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a re-INVITE, challenged: the same offer again, and the ACK carries the credentials', () => {
    const { rig, alice, peer, call } = connected();
    const hold = alice.hold(call);
    rig.clock.advance(10);
    const first = peer.last('INVITE');
    challenge(peer, first, 'n');
    rig.clock.advance(10);
    const second = peer.last('INVITE');
    assert.equal(second.cseq.sequence, 3);
    assert.deepEqual(second.body, first.body);
    peer.respond(second, 200, { body: Buffer.from(second.body).toString().replace('sendonly', 'recvonly').replace('o=alice', 'o=peer') });
    rig.clock.advance(10);
    assert.equal(peer.last('ACK').cseq.sequence, 3);
    assert.equal(peer.last('ACK').header('Authorization'), second.header('Authorization'));
    assert.equal(hold.result, 'agreed');
    assert.deepEqual(rig.end(), nothing);
  });

  test('REFER, challenged: the subscription is named by the number that was accepted (field failure T9)', () => {
    const { rig, peer, call } = connected();
    const told: string[] = [];
    call.refer('<sip:charlie@127.0.0.1:5063>', {
      onAccepted: () => told.push('accepted'),
      onFinal: (frag) => told.push(`final ${String(frag?.status)}`),
      onRefused: (status) => told.push(`refused ${String(status)}`),
    });
    rig.clock.advance(10);
    const invite = peer.received[0] as SipRequest;
    challenge(peer, peer.last('REFER'), 'n');
    rig.clock.advance(10);
    assert.equal(peer.last('REFER').cseq.sequence, 3);
    assert.equal(peer.last('REFER').header('Refer-To'), '<sip:charlie@127.0.0.1:5063>');
    peer.respond(peer.last('REFER'), 202);
    rig.clock.advance(10);
    const notify = (id: number, sequence: number): void => {
      const headers = [peer.contact, ['Event', `refer;id=${String(id)}`], ['Subscription-State', 'terminated;reason=noresource'], ['Content-Type', 'message/sipfrag']] as const;
      peer.request('NOTIFY', { invite, sequence }, { headers, body: 'SIP/2.0 200 OK\r\n' });
      rig.clock.advance(10);
    };
    notify(2, 1);
    notify(3, 2);
    assert.deepEqual(peer.statuses('NOTIFY'), [481, 200]);
    assert.deepEqual(told, ['accepted', 'final 200']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a challenge that comes when the call is over is not answered', () => {
    const { rig, alice, peer, call } = connected();
    alice.hold(call);
    rig.clock.advance(10);
    const invite = peer.received[0] as SipRequest;
    const reinvite = peer.last('INVITE');
    peer.request('BYE', { invite, sequence: 1 });
    rig.clock.advance(10);
    challenge(peer, reinvite, 'n');
    rig.clock.advance(10);
    assert.equal(peer.count('INVITE'), 2);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a challenge that cannot be read is an ordinary refusal', () => {
    const { rig, alice, peer, call } = connected();
    const hold = alice.hold(call);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 401, { headers: [['WWW-Authenticate', 'Digest realm="r" nonce=,,']] });
    rig.clock.advance(10);
    assert.equal(hold.result, '401 Unauthorized');
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });
});
