import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BlondeMode, Session } from '../../../../../src/sip';
import { AgentRig, nothing, type RigAgent, type RigTransfer } from '../../../../support/sip-agents';

interface Scene {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly bob: RigAgent;
  readonly charlie: RigAgent;
  readonly atAlice: Session;
  readonly atBob: Session;
  readonly consultation: Session;
}

/** Bob holds Alice, and Charlie's phone rings for Bob. */
function ringing(): Scene {
  const rig = new AgentRig();
  const [alice, bob, charlie] = [rig.add('alice'), rig.add('bob'), rig.add('charlie')];
  const [atAlice, atBob] = rig.connect(alice, bob);
  bob.hold(atBob);
  rig.clock.advance(100);
  const consultation = bob.call(charlie);
  rig.clock.advance(100);
  assert.equal(consultation.state, 'ringing');
  return { rig, alice, bob, charlie, atAlice, atBob, consultation };
}

/** Bob's phone says so, and asks with what a REFER says of the target. */
function refersOf({ rig }: Scene): string[] {
  return rig.passed.flatMap(({ message }) => (message.kind === 'request' && message.method === 'REFER' ? [message.header('Refer-To') ?? ''] : []));
}

function isConnected({ rig, alice, bob, charlie }: Scene, transfer: RigTransfer): void {
  assert.equal(transfer.verdict, 'done 200');
  const up = [alice, bob, charlie].flatMap(({ name, agent }) =>
    agent.sessions.filter(({ state }) => state === 'connected').map(({ remoteUri }) => `${name} with ${remoteUri}`),
  );
  assert.deepEqual(up, [`alice with ${charlie.uri}`, `charlie with ${alice.uri}`]);
  assert.deepEqual(rig.end(), nothing);
}

function isBack({ rig, bob, atBob }: Scene, transfer: RigTransfer, status: number): void {
  assert.equal(transfer.verdict, `failed ${String(status)}`);
  assert.equal(atBob.state, 'connected');
  assert.equal(atBob.negotiation?.localHold, false, 'resumed');
  assert.deepEqual(bob.agent.sessions.filter(({ state }) => state !== 'ended'), [atBob], 'no ghost leg');
  assert.deepEqual(rig.end(), nothing);
}

describe('blonde transfer, wait (14.5 a)', () => {
  test('the phone completes it when the target answers: the whole ladder', () => {
    const scene = ringing();
    const { rig, bob, charlie, atBob, consultation } = scene;
    const before = rig.ladder.length;
    const transfer = bob.blonde(atBob, consultation, 'wait');
    rig.clock.advance(5000);
    assert.deepEqual(rig.ladder.slice(before), [], 'Charlie only rings');
    assert.deepEqual(transfer.news, ['the transfer will be completed when the target answers']);
    charlie.take(charlie.lastCall);
    rig.clock.advance(1000);
    assert.deepEqual(rig.ladder.slice(before), [
      'charlie>bob 200 INVITE',
      'bob>charlie ACK',
      'bob>alice REFER',
      'alice>bob 202 REFER',
      'alice>bob NOTIFY',
      'alice>charlie INVITE',
      'bob>alice 200 NOTIFY',
      'charlie>alice 200 INVITE',
      'charlie>bob BYE',
      'alice>charlie ACK',
      'alice>bob NOTIFY',
      'bob>charlie 200 BYE',
      'bob>alice 200 NOTIFY',
      'bob>alice BYE',
      'alice>bob 200 BYE',
    ]);
    isConnected(scene, transfer);
  });

  test('answered already when the person presses the key: an attended transfer', () => {
    const scene = ringing();
    const { rig, bob, charlie, atBob, consultation } = scene;
    charlie.take(charlie.lastCall);
    rig.clock.advance(100);
    const transfer = bob.blonde(atBob, consultation, 'wait');
    rig.clock.advance(1000);
    isConnected(scene, transfer);
  });

  for (const status of [486, 603, 480]) {
    test(`the target says ${String(status)}: the first call is back`, () => {
      const scene = ringing();
      const { rig, bob, charlie, atBob, consultation } = scene;
      const transfer = bob.blonde(atBob, consultation, 'wait');
      charlie.lastCall.reject(status);
      rig.clock.advance(1000);
      assert.deepEqual(refersOf(scene), []);
      assert.match(transfer.outcome?.text ?? '', /the call is back$/u);
      isBack(scene, transfer, status);
    });
  }

  test('the transferee gives up meanwhile: nobody is left, so the target stops ringing', () => {
    const scene = ringing();
    const { rig, alice, bob, charlie, atAlice, atBob, consultation } = scene;
    const transfer = bob.blonde(atBob, consultation, 'wait');
    atAlice.hangUp();
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed');
    assert.equal(charlie.lastCall.state, 'ended');
    assert.deepEqual(refersOf(scene), []);
    assert.deepEqual([alice, bob, charlie].flatMap(({ agent }) => agent.sessions), []);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('blonde transfer, cancel (14.5 b)', () => {
  test('CANCEL, 487, and only then the REFER: the whole ladder', () => {
    const scene = ringing();
    const { rig, bob, charlie, atBob, consultation } = scene;
    const before = rig.ladder.length;
    const transfer = bob.blonde(atBob, consultation, 'cancel');
    rig.clock.advance(100);
    charlie.take(charlie.lastCall);
    rig.clock.advance(1000);
    assert.deepEqual(rig.ladder.slice(before, before + 5), [
      'bob>charlie CANCEL',
      'charlie>bob 200 CANCEL',
      'charlie>bob 487 INVITE',
      'bob>charlie ACK',
      'bob>alice REFER',
    ]);
    assert.deepEqual(refersOf(scene), [`<${charlie.uri}>`], 'no Replaces');
    isConnected(scene, transfer);
  });

  test('a 200 that crosses the CANCEL is welcome: it goes on as an attended transfer', () => {
    const scene = ringing();
    const { rig, bob, charlie, atBob, consultation } = scene;
    charlie.take(charlie.lastCall); // on its way
    const transfer = bob.blonde(atBob, consultation, 'cancel');
    rig.clock.advance(1000);
    assert.equal(refersOf(scene).length, 1);
    assert.match(refersOf(scene)[0] ?? '', /\?Replaces=/u);
    assert.ok(transfer.news.some((text) => text.includes('answered already')), transfer.news.join());
    isConnected(scene, transfer);
  });

  test('the target refused before the CANCEL came: the first call is back, and nobody is called again', () => {
    const scene = ringing();
    const { rig, bob, charlie, atBob, consultation } = scene;
    charlie.lastCall.reject(486);
    const transfer = bob.blonde(atBob, consultation, 'cancel');
    rig.clock.advance(1000);
    assert.deepEqual(refersOf(scene), []);
    isBack(scene, transfer, 486);
  });

  test('the target lifts the handset between 487 and the new INVITE: 486, and the call is back', () => {
    const scene = ringing();
    const { rig, bob, charlie, atBob, consultation } = scene;
    const transfer = bob.blonde(atBob, consultation, 'cancel');
    rig.clock.advance(100);
    charlie.lastCall.reject(486);
    rig.clock.advance(1000);
    isBack(scene, transfer, 486);
  });

  test('a CANCEL without any effect: after 32 s the call is given up and the transfer goes on', () => {
    const scene = ringing();
    const { rig, bob, charlie, atBob, consultation } = scene;
    rig.drop = (message) => message.callId === consultation.callId;
    const transfer = bob.blonde(atBob, consultation, 'cancel');
    rig.clock.advance(40_000);
    rig.drop = () => false;
    charlie.take(charlie.lastCall);
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    rig.end();
  });
});

describe('blonde transfer, replaces (14.5 c)', () => {
  test('RFC 3891: the callee of the early dialog says 481, and the phone waits for the answer instead', () => {
    const scene = ringing();
    const { rig, bob, charlie, atBob, consultation } = scene;
    const transfer = bob.blonde(atBob, consultation, 'replaces');
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'pending');
    assert.ok(rig.ladder.includes('charlie>alice 481 INVITE'));
    assert.equal(atBob.negotiation?.localHold, true, 'nobody is resumed while it goes on');
    assert.ok(transfer.news.some((text) => text.includes('481')), transfer.news.join());
    charlie.take(charlie.incoming[0]!);
    rig.clock.advance(1000);
    assert.equal(refersOf(scene).length, 2);
    isConnected(scene, transfer);
  });

  test('a B2BUA that owns both legs joins them: one REFER, and the early call is called off', () => {
    const rig = new AgentRig();
    const bob = rig.add('bob');
    const peer = rig.addPeer('b2bua');
    const call = bob.call(peer);
    rig.clock.advance(10);
    peer.answer();
    rig.clock.advance(10);
    const consultation = bob.call(peer);
    rig.clock.advance(10);
    const second = peer.last('INVITE');
    peer.respond(second, 180, { toTag: 'early' });
    rig.clock.advance(10);
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'INVITE') peer.answer();
      if (message.kind === 'request' && message.method === 'BYE') peer.respond(message, 200);
    };
    const transfer = bob.blonde(call, consultation, 'replaces');
    rig.clock.advance(100);
    const refer = peer.last('REFER');
    assert.match(refer.header('Refer-To') ?? '', /to-tag%3Dearly/u);
    peer.respond(refer, 202);
    const headers = [peer.contact, ['Event', 'refer'], ['Subscription-State', 'terminated;reason=noresource'], ['Content-Type', 'message/sipfrag']] as const;
    const first = peer.received.find((message) => message.kind === 'request' && message.method === 'INVITE');
    assert.ok(first?.kind === 'request');
    peer.request('NOTIFY', { invite: first, sequence: 1 }, { headers, body: 'SIP/2.0 200 OK\r\n' });
    peer.respond(second, 487, { toTag: 'early' });
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(consultation.state, 'ended');
    assert.equal(call.state, 'ended');
    rig.end();
  });

  test('the target is refused by the transferee: the early call is called off and the first call is back', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { referPolicy: 'refuse' });
    const [bob, charlie] = [rig.add('bob'), rig.add('charlie')];
    const [, atBob] = rig.connect(alice, bob);
    bob.hold(atBob);
    const consultation = bob.call(charlie);
    rig.clock.advance(100);
    const transfer = bob.blonde(atBob, consultation, 'replaces');
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed 603');
    assert.equal(consultation.state, 'ended');
    assert.equal(atBob.negotiation?.localHold, false);
    assert.deepEqual(rig.end(), nothing);
  });
});

test('no early dialog and no answer yet: each way waits for what comes', () => {
  for (const mode of ['wait', 'replaces'] satisfies BlondeMode[]) {
    const rig = new AgentRig();
    const [alice, bob] = [rig.add('alice'), rig.add('bob')];
    const peer = rig.addPeer('peer');
    const [, atBob] = rig.connect(alice, bob);
    const consultation = bob.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180, { toTag: '' });
    rig.clock.advance(10);
    const transfer = bob.blonde(atBob, consultation, mode);
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'pending', mode);
    peer.respond(peer.last('INVITE'), 486);
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'failed 486', mode);
    rig.end();
  }
});
