import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildRequest, parseMessage, type SipRequest, supportedOptions } from '../../../../src/sip';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

function scene(): { rig: AgentRig; alice: RigAgent; peer: ScriptedPeer } {
  const rig = new AgentRig();
  return { rig, alice: rig.add('alice', { answers: true }), peer: rig.addPeer('peer') };
}

/** A call from the peer that is up. */
function called(): ReturnType<typeof scene> & { invite: SipRequest; toTag: string } {
  const all = scene();
  const invite = all.peer.initial('INVITE', all.alice, { body: plainSdp() });
  all.rig.clock.advance(10);
  const ok = all.peer.lastResponse('INVITE');
  all.peer.acknowledge(invite, ok);
  all.rig.clock.advance(10);
  return { ...all, invite, toTag: ok.toTag ?? '' };
}

/** Octets with changes made to their text. */
function edited(request: SipRequest, change: (text: string) => string): Uint8Array {
  return Buffer.from(change(Buffer.from(request.bytes).toString('latin1')), 'latin1');
}

const udp = { transport: 'udp', host: '127.0.0.1', port: 5062 } as const;

describe('requests outside any dialog', () => {
  for (const [method, status] of [['BYE', 481], ['NOTIFY', 481], ['INFO', 481], ['SUBSCRIBE', 489], ['REFER', 403]] as const) {
    test(`${method}: ${String(status)}`, () => {
      const { rig, alice, peer } = scene();
      peer.initial(method, alice, { headers: [peer.contact, ['Event', 'presence'], ['Subscription-State', 'active'], ['Refer-To', '<sip:x@127.0.0.1>']] });
      rig.clock.advance(10);
      assert.deepEqual(peer.statuses(method), [status]);
      assert.ok(peer.lastResponse(method).toTag !== undefined);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a 489 names the package there is', () => {
    const { rig, alice, peer } = scene();
    peer.initial('SUBSCRIBE', alice, { headers: [peer.contact, ['Event', 'dialog']] });
    rig.clock.advance(10);
    assert.equal(peer.lastResponse('SUBSCRIBE').header('Allow-Events'), 'refer');
    rig.end();
  });

  test('OPTIONS: what an INVITE would find here', () => {
    const { rig, alice, peer } = scene();
    peer.initial('OPTIONS', alice);
    rig.clock.advance(10);
    const response = peer.lastResponse('OPTIONS');
    assert.equal(response.status, 200);
    assert.ok(response.allow.includes('REFER'));
    assert.deepEqual(response.supported, [...supportedOptions]);
    assert.equal(response.header('Accept'), 'application/sdp');
    rig.end();
  });

  for (const [method, status] of [['REGISTER', 405], ['PUBLISH', 405], ['MESSAGE', 405], ['JUMP', 501]] as const) {
    test(`${method}: ${String(status)} with Allow`, () => {
      const { rig, alice, peer } = scene();
      peer.initial(method, alice);
      rig.clock.advance(10);
      assert.deepEqual(peer.statuses(method), [status]);
      assert.ok(peer.lastResponse(method).allow.includes('INVITE'));
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a To tag that nobody gave: 481, also for an INVITE (RFC 3261 12.2.2)', () => {
    const { rig, alice, peer } = scene();
    const invite = peer.initial('INVITE', { uri: alice.uri }, { body: plainSdp(), branch: 'z9hG4bKone' });
    rig.clock.advance(10);
    for (const method of ['INVITE', 'BYE', 'NOTIFY', 'REFER'] as const) {
      peer.request(method, { invite, toTag: 'stranger', sequence: 5 }, { headers: [peer.contact, ['Refer-To', '<sip:x@127.0.0.1>']] });
      rig.clock.advance(10);
      assert.equal(peer.lastResponse(method).status, 481, method);
    }
    assert.equal(alice.incoming.length, 1);
    rig.end();
  });

  test('an ACK for nobody is never answered', () => {
    const { rig, alice, peer } = scene();
    peer.initial('ACK', alice);
    rig.clock.advance(100);
    assert.equal(peer.received.length, 0);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the same INVITE over a second path: 482, and it rings once (RFC 3261 8.2.2.2)', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const fields = { body: plainSdp(), callId: 'same@peer', fromTag: 'same' };
    peer.initial('INVITE', alice, fields);
    peer.initial('INVITE', alice, fields);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INVITE').sort(), [180, 482]);
    assert.equal(alice.incoming.length, 1);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('requests that are refused for their form', () => {
  test('in a transaction of their own: a repeat gets the same answer with the same To tag', () => {
    const { rig, alice, peer } = scene();
    const request = peer.initial('INVITE', alice, { body: plainSdp(), headers: [peer.contact, ['Require', 'magic']] });
    rig.clock.advance(10);
    peer.send(request);
    rig.clock.advance(10);
    const answers = peer.received.filter((message) => message.kind === 'response');
    assert.deepEqual(answers.map(({ status }) => status), [420, 420]);
    assert.equal(answers[0]?.toTag, answers[1]?.toTag);
    assert.equal(alice.problems.length, 1, 'and is reported once');
    peer.sameBranch('ACK', request, answers[0]?.toTag);
    rig.clock.advance(60_000);
    assert.equal(peer.received.length, 2, 'the ACK ends the repeats');
    assert.deepEqual(rig.end(), nothing);
  });

  test('with the fault in the ACK of the refusal too, that ACK ends the repeats (seen with baresip)', () => {
    const { rig, alice, peer } = scene();
    const options = peer.initial('OPTIONS', alice);
    rig.clock.advance(10);
    const withHeaders = (method: string): Uint8Array =>
      edited(options, (text) => text.replaceAll('OPTIONS', method).replace(' SIP/2.0', '?Subject=x SIP/2.0').replace(/branch=[^;\r]+/u, 'branch=z9hG4bKother'));
    alice.agent.receive(withHeaders('INVITE'), udp);
    rig.clock.advance(10);
    alice.agent.receive(withHeaders('ACK'), udp);
    rig.clock.advance(60_000);
    assert.deepEqual(peer.statuses('INVITE'), [400]);
    assert.equal(alice.problems.length, 1, 'and nobody is told of the ACK');
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [name, method, headers, body, status] of [
    ['an unknown extension', 'INVITE', [['Require', 'precondition']], plainSdp(), 420],
    ['another content', 'INVITE', [['Content-Type', 'text/plain']], 'hello', 415],
    ['a caller who takes no session description', 'INVITE', [['Accept', 'text/plain']], plainSdp(), 406],
    ['a header that cannot be read', 'INVITE', [['Max-Forwards', 'many']], plainSdp(), 400],
    ['two Refer-To', 'REFER', [['Refer-To', '<sip:a@b>'], ['Refer-To', '<sip:a@b>']], undefined, 400],
  ] as const) {
    test(`${name}: ${String(status)}, and a person is told which octets`, () => {
      const { rig, alice, peer } = scene();
      peer.initial(method, alice, { headers: [peer.contact, ...headers], ...(body === undefined ? {} : { body }) });
      rig.clock.advance(10);
      assert.deepEqual(peer.statuses(method), [status]);
      assert.equal(alice.problems.length, 1);
      assert.equal(alice.incoming.length, 0);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a CANCEL too', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    const cancel = edited(invite, (text) => text.replaceAll('INVITE', 'CANCEL').replace(/\r\n\r\n.*/su, '\r\n\r\n').replace(/Content-.*\r\n/gu, '').replace('Max-Forwards: 70', 'Max-Forwards: x'));
    alice.agent.receive(cancel, udp);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('CANCEL'), [400]);
    assert.equal(alice.lastCall.state, 'incoming');
    assert.deepEqual(rig.end(), nothing);
  });

  test('inside a dialog the number counts all the same (reference 3.3)', () => {
    const { rig, peer, invite, toTag } = called();
    peer.request('INFO', { invite, toTag, sequence: 10 }, { headers: [['Require', 'magic']] });
    peer.request('INFO', { invite, toTag, sequence: 9 }, { headers: [['Content-Type', 'application/dtmf']], body: '1' });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INFO'), [420, 500]);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [name, change, answered] of [
    ['no From', (text: string) => text.replace(/From:.*\r\n/u, ''), true],
    ['no To', (text: string) => text.replace(/To:.*\r\n/u, ''), true],
    ['no Call-ID', (text: string) => text.replace(/Call-ID:.*\r\n/u, ''), true],
    ['no CSeq', (text: string) => text.replace(/CSeq:.*\r\n/u, ''), true],
    ['a CSeq of another method', (text: string) => text.replace('1 OPTIONS', '1 INVITE'), true],
    ['a CSeq too large', (text: string) => text.replace('1 OPTIONS', '4294967296 OPTIONS'), true],
    ['another version', (text: string) => text.replace('SIP/2.0\r\n', 'SIP/3.0\r\n'), true],
    ['no Via', (text: string) => text.replace(/Via:.*\r\n/u, ''), false],
    ['a Via that is none', (text: string) => text.replace(/Via:.*\r\n/u, 'Via: nonsense\r\n'), undefined],
    ['nothing at all', () => '\r\n\r\n', false],
    ['a line of noise', () => 'nonsense\r\n\r\n', false],
  ] as const) {
    test(`with ${name}: ${answered === true ? 'answered' : 'reported'}, and nothing is thrown`, () => {
      const { rig, alice, peer } = scene();
      const request = peer.initial('OPTIONS', alice);
      rig.clock.advance(10);
      const before = peer.received.length;
      alice.agent.receive(edited(request, (text) => change(text.replace(/branch=[^;\r]+/u, 'branch=z9hG4bKother'))), udp);
      rig.clock.advance(10);
      if (answered !== undefined) assert.equal(peer.received.length - before, answered ? 1 : 0);
      assert.ok(alice.problems.length > 0);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('an ACK whose form is wrong is dropped without a word, and reported', () => {
    const { rig, alice, peer } = scene();
    const invite = peer.initial('INVITE', alice, { body: plainSdp() });
    rig.clock.advance(10);
    peer.request('ACK', { invite, toTag: peer.lastResponse('INVITE').toTag ?? '', sequence: 1 }, { headers: [['Route', '<<']] });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'answering');
    assert.deepEqual(peer.statuses('ACK'), []);
    assert.equal(alice.problems.length, 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a response whose form is wrong is dropped and reported', () => {
    const { rig, alice, peer } = scene();
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 200, { headers: [['Contact', '<<>>']], body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(call.state, 'calling');
    assert.equal(alice.problems.length, 1);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('requests inside a call', () => {
  test('OPTIONS: 200', () => {
    const { rig, peer, invite, toTag } = called();
    peer.request('OPTIONS', { invite, toTag, sequence: 2 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('OPTIONS'), [200]);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [type, body, digits] of [
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', ['5']],
    ['application/dtmf-relay', 'Duration=160\r\nSignal= #\r\n', ['#']],
    ['application/dtmf-relay', 'signal=d', ['D']],
    ['application/dtmf-relay', 'Duration=160', []],
    ['application/dtmf-relay', 'Signal=12', []],
    ['application/dtmf', '*', ['*']],
    ['application/dtmf', ' 7 \r\n', ['7']],
    ['application/dtmf', 'seven', []],
  ] as const) {
    test(`INFO with ${type} ${JSON.stringify(body)}: ${digits.join() || 'no key'}`, () => {
      const { rig, alice, peer, invite, toTag } = called();
      peer.request('INFO', { invite, toTag, sequence: 2 }, { headers: [['Content-Type', type]], body });
      rig.clock.advance(10);
      assert.deepEqual(peer.statuses('INFO'), [200]);
      assert.deepEqual(alice.digits, digits);
      rig.end();
    });
  }

  test('INFO with anything else: 415 with Accept; after the call: 481', () => {
    const { rig, alice, peer, invite, toTag } = called();
    peer.request('INFO', { invite, toTag, sequence: 2 }, { headers: [['Content-Type', 'text/plain']], body: 'x' });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INFO'), [415]);
    assert.equal(peer.lastResponse('INFO').header('Accept'), 'application/dtmf-relay, application/dtmf');
    alice.lastCall.hangUp();
    peer.request('INFO', { invite, toTag, sequence: 3 }, { headers: [['Content-Type', 'application/dtmf']], body: '1' });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('INFO'), [415, 481]);
    assert.deepEqual(alice.digits, []);
    rig.end();
  });

  test('MESSAGE and PUBLISH, which we do not offer: 405', () => {
    const { rig, peer, invite, toTag } = called();
    peer.request('MESSAGE', { invite, toTag, sequence: 2 });
    peer.request('PUBLISH', { invite, toTag, sequence: 3 });
    rig.clock.advance(10);
    assert.deepEqual([...peer.statuses('MESSAGE'), ...peer.statuses('PUBLISH')], [405, 405]);
    rig.end();
  });

  test('a PRACK that acknowledges nothing: 481, and one that does not say what: 400', () => {
    const { rig, peer, invite, toTag } = called();
    peer.request('PRACK', { invite, toTag, sequence: 2 }, { headers: [['RAck', '7 1 INVITE']] });
    peer.request('PRACK', { invite, toTag, sequence: 3 }, { headers: [['RAck', 'seven']] });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('PRACK'), [481, 400]);
    rig.end();
  });

  test('Max-Forwards 0 is no hindrance for what is meant for us (reference 3.3)', () => {
    const { rig, alice, peer, invite, toTag } = called();
    const text = Buffer.from(
      buildRequest({
        method: 'BYE',
        uri: alice.uri,
        headers: [
          ['Via', 'SIP/2.0/UDP 127.0.0.1:5062;rport;branch=z9hG4bKmf0'],
          ['Max-Forwards', '0'],
          ['From', invite.header('From') ?? ''],
          ['To', `${invite.header('To') ?? ''};tag=${toTag}`],
          ['Call-ID', invite.callId],
          ['CSeq', '2 BYE'],
        ],
      }).bytes,
    );
    alice.agent.receive(parseMessage(text).bytes, udp);
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('BYE'), [200]);
    assert.equal(alice.lastCall.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the BYE says why, and the person can read it', () => {
    const { rig, alice, peer, invite, toTag } = called();
    peer.request('BYE', { invite, toTag, sequence: 2 }, { headers: [['Reason', 'Q.850;cause=16;text="Terminated"']] });
    rig.clock.advance(10);
    assert.equal(alice.lastCall.endCause?.text, 'hung up by the other side (Q.850;cause=16;text="Terminated")');
    rig.end();
  });

  test('a repeated BYE is answered from its transaction, a second one too', () => {
    const { rig, peer, invite, toTag } = called();
    const bye = peer.request('BYE', { invite, toTag, sequence: 2 });
    rig.clock.advance(10);
    peer.send(bye);
    peer.request('BYE', { invite, toTag, sequence: 3 });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('BYE'), [200, 200, 200]);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a route set is followed by every request of the callee', () => {
    const { rig, alice, peer } = scene();
    const invite = peer.initial('INVITE', alice, {
      body: plainSdp(),
      headers: [['Contact', '<sip:far@192.0.2.7>'], ['Record-Route', '<sip:127.0.0.1:5062;lr;n=1>, <sip:198.51.100.1;lr>']],
    });
    rig.clock.advance(10);
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    alice.lastCall.hangUp();
    rig.clock.advance(10);
    const bye = peer.last('BYE');
    assert.equal(bye.requestUri, 'sip:far@192.0.2.7');
    assert.deepEqual(bye.headerValues('Route'), ['<sip:127.0.0.1:5062;lr;n=1>', '<sip:198.51.100.1;lr>']);
    peer.respond(bye, 200);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a callee whose caller cannot be reached at its Contact: the BYE fails, the call is over all the same', () => {
    for (const contact of ['<sip:far@192.0.2.7>', '<mailto:far@example.com>']) {
      const { rig, alice, peer } = scene();
      const invite = peer.initial('INVITE', alice, { body: plainSdp(), headers: [['Contact', contact]] });
      rig.clock.advance(10);
      peer.acknowledge(invite, peer.lastResponse('INVITE'));
      rig.clock.advance(10);
      alice.lastCall.hangUp();
      rig.clock.advance(10);
      assert.ok(alice.lastCall.isFinished);
      assert.deepEqual(rig.end(), nothing);
    }
  });
});

describe('what is kept of calls that are over', () => {
  test('nothing but a bounded memory of their dialogs', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { answers: true, credentials: { username: 'a', password: 'b' } });
    const bob = rig.add('bob', { answers: true });
    for (let round = 0; round < 200; round += 1) {
      const call = round % 2 === 0 ? alice.call(bob) : bob.call(alice);
      rig.clock.advance(20);
      if (round % 3 === 0) alice.hold(alice.agent.sessions[0] ?? call);
      rig.clock.advance(20);
      call.hangUp();
      rig.clock.advance(20);
    }
    rig.clock.advance(64_000);
    assert.deepEqual([alice.agent.sessions.length, bob.agent.sessions.length, rig.clock.pendingTimers], [0, 0, 0]);
    assert.ok(alice.agent.isQuiet && bob.agent.isQuiet);
  });

  test('abandoning an agent in the middle of everything leaves no timer and sends no word', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const charlie = rig.add('charlie');
    const [, atBob] = rig.connect(alice, bob);
    bob.transfer(atBob, charlie);
    rig.clock.advance(2);
    bob.call(charlie);
    charlie.call(bob);
    alice.hold(alice.agent.sessions[0] ?? atBob);
    rig.clock.advance(3);
    const sent = rig.passed.length;
    for (const { agent } of rig.agents) agent.abandon();
    rig.clock.advance(1_000);
    assert.deepEqual(rig.ladder.slice(sent), []);
    assert.equal(rig.clock.pendingTimers, 0);
    for (const { agent } of rig.agents) assert.equal(agent.sessions.length, 0);
  });
});
