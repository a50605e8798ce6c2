import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Session, SipRequest } from '../../../../../src/sip';
import { type ScriptedPeer } from '../../../../support/scripted-peer';
import { type AgentOptions, AgentRig, nothing, type RigAgent, type RigTransfer } from '../../../../support/sip-agents';

interface Scene {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly bob: RigAgent;
  readonly charlie: RigAgent;
  readonly atAlice: Session;
  readonly atBob: Session;
}

/** Alice has called Bob, and Bob holds her. */
function held(options: { alice?: AgentOptions; charlie?: AgentOptions } = {}): Scene {
  const rig = new AgentRig();
  const alice = rig.add('alice', options.alice);
  const bob = rig.add('bob');
  const charlie = rig.add('charlie', options.charlie);
  const [atAlice, atBob] = rig.connect(alice, bob);
  bob.hold(atBob);
  rig.clock.advance(100);
  return { rig, alice, bob, charlie, atAlice, atBob };
}

function isBack({ atAlice, atBob }: Pick<Scene, 'atAlice' | 'atBob'>): void {
  for (const session of [atAlice, atBob]) {
    assert.equal(session.state, 'connected');
    assert.equal(session.negotiation?.media?.mayWeSend && session.negotiation.media.doWeReceive, true);
  }
}

const resume = ['bob>alice INVITE', 'alice>bob 200 INVITE', 'bob>alice ACK'];

describe('the target refuses (15.1)', () => {
  for (const status of [486, 603, 404, 480]) {
    test(`with ${String(status)}: told by NOTIFY, and the transferor takes the call back`, () => {
      const scene = held();
      const { rig, bob, charlie, atBob } = scene;
      const transfer = bob.transfer(atBob, charlie);
      rig.clock.advance(100);
      const ladder = rig.run(1000, () => charlie.lastCall.reject(status));
      assert.deepEqual(ladder, [
        `charlie>alice ${String(status)} INVITE`,
        'alice>charlie ACK',
        'alice>bob NOTIFY',
        'bob>alice 200 NOTIFY',
        ...resume,
      ]);
      assert.equal(rig.find('alice>bob NOTIFY').header('Subscription-State'), 'terminated;reason=noresource');
      assert.equal(transfer.verdict, `failed ${String(status)}`);
      assert.match(transfer.outcome?.text ?? '', /the call is back/u);
      isBack(scene);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('a refusal has the words of the target; a failure of our own the words of its status', () => {
    const { rig, bob, charlie, atBob } = held();
    bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    charlie.lastCall.reject(486, 'In the bath');
    rig.clock.advance(100);
    assert.equal(Buffer.from(rig.find('alice>bob NOTIFY').body).toString(), 'SIP/2.0 486 In the bath\r\n');
    const gone = bob.transfer(atBob, 'sip:nobody@127.0.0.1:5999;transport=tcp');
    rig.clock.advance(1000);
    assert.equal(Buffer.from(rig.find('alice>bob NOTIFY').body).toString(), 'SIP/2.0 503 Service Unavailable\r\n');
    assert.equal(gone.verdict, 'failed 503');
    assert.deepEqual(rig.end(), nothing);
  });

  test('while the NOTIFY says so, a resume that is refused leaves the call on hold, and says that', () => {
    const rig = new AgentRig();
    const bob = rig.add('bob');
    const peer = rig.addPeer('peer');
    const call = bob.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.answer();
    rig.clock.advance(10);
    const transfer = bob.transfer(call, 'sip:charlie@127.0.0.1:5063');
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 200, { body: Buffer.from(peer.last('INVITE').body).toString().replace('sendonly', 'recvonly') });
    rig.clock.advance(10);
    peer.respond(peer.last('REFER'), 202);
    const headers = [peer.contact, ['Event', 'refer'], ['Subscription-State', 'terminated'], ['Content-Type', 'message/sipfrag']] as const;
    peer.request('NOTIFY', { invite, sequence: 1 }, { headers, body: 'SIP/2.0 486 Busy Here\r\n' });
    rig.clock.advance(10);
    assert.equal(transfer.transferor?.state, 'resuming');
    peer.respond(peer.last('INVITE'), 488);
    rig.clock.advance(10);
    assert.match(transfer.outcome?.text ?? '', /stays on hold/u);
    assert.equal(call.negotiation?.localHold, true);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('the target does not answer (15.2)', () => {
  test('the ring limit of the transferee: CANCEL, 487, told by NOTIFY, and the call is back', () => {
    const scene = held({ alice: { ringLimit: 30_000 } });
    const { rig, bob, charlie, atBob } = scene;
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(20_000);
    assert.deepEqual(rig.run(20_000), [
      'alice>charlie CANCEL',
      'charlie>alice 200 CANCEL',
      'charlie>alice 487 INVITE',
      'alice>charlie ACK',
      'alice>bob NOTIFY',
      'bob>alice 200 NOTIFY',
      ...resume,
    ]);
    assert.equal(transfer.verdict, 'failed 487');
    isBack(scene);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the target answers as the CANCEL is under way: the transfer worked', () => {
    const { rig, bob, alice, charlie, atBob } = held({ alice: { ringLimit: 30_000 } });
    const transfer = bob.transfer(atBob, charlie);
    // The INVITE leaves 1 ms after the REFER, the CANCEL 30 s after the INVITE.
    rig.clock.advance(30_001);
    assert.equal(rig.ladder.at(-1), 'alice>charlie CANCEL');
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(alice.transferees[0]?.referred.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the person at the transferee gives up: 487', () => {
    const scene = held();
    const { rig, alice, bob, charlie, atBob } = scene;
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(1000);
    alice.transferees[0]?.referred.hangUp();
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed 487');
    isBack(scene);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the target is not there at all: 408 after 32 s', () => {
    const scene = held();
    const { rig, bob, atBob } = scene;
    const transfer = bob.transfer(atBob, 'sip:nobody@127.0.0.1:5999');
    rig.clock.advance(33_000);
    assert.equal(transfer.verdict, 'failed 408');
    isBack(scene);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a long ringing within the life of the subscription', () => {
    const { rig, bob, charlie, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(170_000);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('the REFER is refused (15.3)', () => {
  test('a target the transferee may not call: 403, and the call is back', () => {
    const scene = held();
    const { rig, bob, atBob } = scene;
    const ladder = rig.run(1000, () => bob.transfer(atBob, 'sip:x@192.0.2.1'));
    assert.deepEqual(ladder, ['bob>alice REFER', 'alice>bob 403 REFER', ...resume]);
    isBack(scene);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const status of [405, 501, 603]) {
    const cannot = status !== 603;
    test(`${String(status)}: resumed; with a consultation ${cannot ? 'the other party is asked' : 'the person stays with the target'}`, () => {
      const rig = new AgentRig();
      const bob = rig.add('bob');
      const charlie = rig.add('charlie');
      const peer = rig.addPeer('peer');
      const call = bob.call(peer);
      rig.clock.advance(10);
      peer.onMessage = (message) => {
        if (message.kind !== 'request') return;
        if (message.method === 'INVITE') peer.answer();
        if (message.method === 'REFER') peer.respond(message, status);
      };
      peer.answer();
      rig.clock.advance(10);
      const blind = bob.transfer(call, charlie);
      rig.clock.advance(100);
      assert.equal(blind.verdict, `failed ${String(status)}`);
      assert.equal(call.negotiation?.localHold, false);
      const [consultation] = rig.connect(bob, charlie);
      const attended = bob.transfer(call, charlie, consultation);
      rig.clock.advance(100);
      if (cannot) {
        // The detour: Charlie invites the peer, with the first call to be replaced.
        assert.equal(attended.verdict, 'done 200');
        const invite = peer.last('INVITE');
        assert.equal(invite.replaces?.callId, call.dialog?.callId);
        assert.equal(invite.replaces?.toTag, call.dialog?.remoteTag);
        assert.deepEqual(rig.ladder.filter((line) => line.endsWith('REFER') && line.startsWith('bob>')), ['bob>peer REFER', 'bob>peer REFER', 'bob>charlie REFER']);
        rig.end();
        return;
      }
      assert.equal(attended.verdict, `failed ${String(status)}`);
      assert.match(attended.outcome?.text ?? '', /still with the target/u);
      assert.equal(call.negotiation.localHold, true);
      assert.equal(consultation.state, 'connected');
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('no answer: nobody knows, so nothing is undone and nothing repeated', () => {
    const { rig, bob, charlie, atBob } = held();
    rig.drop = ({ cseq }) => cseq.method === 'REFER';
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(32_100);
    assert.equal(transfer.verdict, 'unknown 408');
    assert.equal(atBob.state, 'connected');
    assert.equal(atBob.negotiation?.localHold, true);
    rig.drop = () => false;
    assert.deepEqual(rig.end(), nothing);
  });

  test('the 202 is lost for good, but the NOTIFYs come: done', () => {
    const { rig, bob, charlie, atBob } = held();
    rig.drop = (message) => message.kind === 'response' && message.cseq.method === 'REFER';
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'done 200');
    rig.drop = () => false;
    assert.deepEqual(rig.end(), nothing);
  });

  test('the call ends while hold is under way: no REFER goes out', () => {
    const rig = new AgentRig();
    const bob = rig.add('bob');
    const peer = rig.addPeer('peer');
    const call = bob.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.answer();
    rig.clock.advance(10);
    const transfer = bob.transfer(call, 'sip:charlie@127.0.0.1:5063');
    rig.clock.advance(10);
    peer.request('BYE', { invite, sequence: 1 });
    rig.clock.advance(10);
    assert.equal(transfer.verdict, 'failed 487');
    assert.match(transfer.outcome?.text ?? '', /ended before it could be transferred/u);
    assert.equal(peer.count('REFER'), 0);
    assert.deepEqual(rig.end(), nothing);
  });

  test('hold is answered 481: the call is gone, and no REFER goes out', () => {
    const rig = new AgentRig();
    const bob = rig.add('bob');
    const peer = rig.addPeer('peer');
    const call = bob.call(peer);
    rig.clock.advance(10);
    peer.answer();
    rig.clock.advance(10);
    const transfer = bob.transfer(call, 'sip:charlie@127.0.0.1:5063');
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 481);
    rig.clock.advance(10);
    assert.equal(transfer.verdict, 'failed 481');
    assert.equal(peer.count('REFER'), 0);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('NOTIFYs get lost (15.4)', () => {
  const finalNotify = (rig: AgentRig): void => {
    rig.drop = (message, from) =>
      from === 'alice' && message.kind === 'request' && message.method === 'NOTIFY' && Buffer.from(message.body).toString().includes('200 OK');
  };

  test('the final one, for good: the new call stays, and the hang-up of the transferee tells in the end', () => {
    const { rig, alice, bob, charlie, atAlice, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    finalNotify(rig);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(31_000);
    assert.equal(rig.ladder.filter((line) => line === 'alice>bob NOTIFY').length, 2 + 10);
    assert.equal(transfer.verdict, 'pending');
    rig.clock.advance(2_000);
    assert.equal(atAlice.endCause?.text, 'the transferor never hung up');
    rig.clock.advance(5_000);
    assert.equal(transfer.verdict, 'done');
    assert.match(transfer.outcome?.text ?? '', /never told/u);
    assert.equal(alice.transferees[0]?.referred.state, 'connected', 'a failed NOTIFY ends the subscription only (T5)');
    assert.equal(charlie.lastCall.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the final one, twice: its repeat gets through', () => {
    const { rig, bob, charlie, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    finalNotify(rig);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(600);
    rig.drop = () => false;
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    assert.deepEqual(rig.end(), nothing);
  });

  test('its answer: the repeats are answered from the transaction, and tell nothing twice', () => {
    const { rig, bob, charlie, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    rig.drop = (message) => message.kind === 'response' && message.cseq.method === 'NOTIFY';
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(2000);
    assert.equal(transfer.verdict, 'done 200');
    assert.ok(rig.ladder.filter((line) => line === 'bob>alice 200 NOTIFY').length >= 3);
    rig.drop = () => false;
    assert.deepEqual(rig.end(), nothing);
  });

  test('all of them: asked by SUBSCRIBE; 481 means unknown, and the person decides', () => {
    const { rig, alice, bob, charlie, atBob } = held();
    rig.drop = (message, from) => from === 'alice' && message.kind === 'request' && message.method === 'NOTIFY';
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(40_000);
    assert.ok(rig.ladder.includes('bob>alice SUBSCRIBE'));
    assert.ok(rig.ladder.includes('alice>bob 481 SUBSCRIBE'));
    assert.equal(transfer.verdict, 'unknown');
    assert.equal(atBob.state, 'connected');
    assert.equal(alice.transferees[0]?.referred.state, 'ringing', 'the referred call goes on');
    rig.drop = () => false;
    assert.deepEqual(rig.end(), nothing);
  });

  test('in an attended transfer the target\'s BYE is a second witness: done after five seconds', () => {
    const { rig, bob, charlie, atBob } = held();
    const [consultation] = rig.connect(bob, charlie);
    const transfer = bob.transfer(atBob, charlie, consultation);
    finalNotify(rig);
    rig.clock.advance(4_900);
    assert.equal(consultation.state, 'ended');
    assert.equal(transfer.verdict, 'pending');
    rig.clock.advance(200);
    assert.equal(transfer.verdict, 'done');
    assert.equal(atBob.state, 'ended');
    rig.drop = () => false;
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('Replaces does not match (15.5)', () => {
  test('the tags swapped: 481, told by NOTIFY, and both calls of the transferor stay', () => {
    const { rig, bob, charlie, atBob } = held();
    const [consultation, atCharlie] = rig.connect(bob, charlie);
    const { callId, localTag, remoteTag } = consultation.dialog ?? {};
    const referTo = `${charlie.uri}?Replaces=${encodeURIComponent(`${String(callId)};to-tag=${String(localTag)};from-tag=${String(remoteTag)}`)}`;
    const transfer = bob.transfer(atBob, referTo);
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed 481');
    assert.equal(atBob.state, 'connected');
    assert.equal(consultation.state, 'connected');
    assert.equal(atCharlie.state, 'connected');
    assert.equal(rig.find('alice>bob NOTIFY').header('Subscription-State'), 'terminated;reason=noresource');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the consultation ended meanwhile: 603', () => {
    const { rig, bob, charlie, atBob } = held();
    const [consultation, atCharlie] = rig.connect(bob, charlie);
    rig.drop = (_message, from, to) => from === 'charlie' && to === 'bob';
    atCharlie.hangUp();
    rig.clock.advance(100);
    rig.drop = () => false;
    const transfer = bob.transfer(atBob, charlie, consultation);
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'failed 603');
    assert.equal(atBob.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('somebody leaves in the middle', () => {
  test('the transferor vanishes (15.6): the call with the target comes up, the old ones are cleared', () => {
    const { rig, alice, bob, charlie, atAlice, atBob } = held();
    const [consultation, atCharlie] = rig.connect(bob, charlie);
    bob.transfer(atBob, charlie, consultation);
    rig.clock.advance(2);
    rig.drop = (_message, from, to) => from === 'bob' || to === 'bob';
    rig.clock.advance(1000);
    assert.equal(alice.transferees[0]?.referred.state, 'connected');
    assert.equal(atCharlie.state, 'ended', 'replaced');
    rig.clock.advance(70_000);
    assert.equal(atAlice.endCause?.text, 'the transferor never hung up');
    assert.ok(atCharlie.isFinished);
    assert.equal(alice.transferees[0].referred.state, 'connected');
    rig.drop = () => false;
    assert.deepEqual(rig.end(400_000), nothing, 'Bob waits for news until his subscription expires');
  });

  test('the transferor hangs up at once (T5, T6): NOTIFYs are still sent and answered, the transfer goes on', () => {
    const { rig, alice, bob, charlie, atAlice, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(10);
    atBob.hangUp();
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'unknown');
    assert.match(transfer.outcome?.text ?? '', /you hung up/u);
    assert.equal(atAlice.state, 'ended');
    assert.equal(charlie.lastCall.state, 'incoming', 'it rings on');
    assert.deepEqual(rig.run(100, () => charlie.lastCall.accept(charlie.negotiation())), [
      'charlie>alice 200 INVITE',
      'alice>charlie ACK',
      'alice>bob NOTIFY',
      'bob>alice 200 NOTIFY',
    ]);
    assert.equal(alice.transferees[0]?.referred.state, 'connected');
    assert.ok(atBob.isFinished && atAlice.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the same, and the target refuses: the transferee is told by nobody but its own phone', () => {
    const { rig, alice, bob, charlie, atBob } = held();
    bob.transfer(atBob, charlie);
    rig.clock.advance(10);
    atBob.hangUp();
    rig.clock.advance(100);
    charlie.lastCall.reject(486);
    rig.clock.advance(100);
    assert.equal(alice.transferees[0]?.referred.endCause?.status, 486);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the transferee hangs up before the target answers: for a blind transfer that counts as done', () => {
    const { rig, bob, charlie, atAlice, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    atAlice.hangUp();
    rig.clock.advance(4_000);
    assert.equal(transfer.verdict, 'pending');
    rig.clock.advance(2_000);
    assert.equal(transfer.verdict, 'done');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the same, and the final NOTIFY comes in time: it decides', () => {
    const { rig, bob, charlie, atAlice, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    atAlice.hangUp();
    rig.clock.advance(1_000);
    charlie.lastCall.reject(486);
    rig.clock.advance(1_000);
    assert.equal(transfer.verdict, 'failed 486');
    assert.match(transfer.outcome?.text ?? '', /the call has ended/u);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the transferee hangs up the first call of an attended transfer, the target does not: unknown', () => {
    const { rig, bob, charlie, atAlice, atBob } = held({ charlie: { takesOver: false } });
    const [consultation] = rig.connect(bob, charlie);
    const transfer = bob.transfer(atBob, charlie, consultation);
    rig.clock.advance(100);
    atAlice.hangUp();
    rig.clock.advance(6_000);
    assert.equal(transfer.verdict, 'unknown');
    assert.equal(consultation.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the transferee hangs up before it answers the REFER: what comes after decides', () => {
    const rig = new AgentRig();
    const bob = rig.add('bob');
    const peer = rig.addPeer('peer');
    const call = bob.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'INVITE') peer.answer();
    };
    peer.answer();
    rig.clock.advance(10);
    const transfer = bob.transfer(call, 'sip:charlie@127.0.0.1:5063');
    rig.clock.advance(10);
    peer.request('BYE', { invite, sequence: 1 });
    rig.clock.advance(10);
    assert.equal(transfer.verdict, 'pending');
    peer.respond(peer.last('REFER'), 202);
    rig.clock.advance(5_100);
    assert.equal(transfer.verdict, 'done');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the consultation is hung up by the person meanwhile: that is no witness', () => {
    const { rig, bob, charlie, atBob } = held({ charlie: { takesOver: false } });
    const [consultation] = rig.connect(bob, charlie);
    const transfer = bob.transfer(atBob, charlie, consultation);
    rig.clock.advance(100);
    consultation.hangUp();
    rig.clock.advance(100);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(6_000);
    assert.equal(transfer.verdict, 'failed 603');
    assert.equal(atBob.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the target hangs up right after it answered: the transfer was done, and the old leg is cleared (T8)', () => {
    const { rig, alice, bob, charlie, atAlice, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    rig.drop = (_message, from, to) => (from === 'bob' && to === 'alice') || (from === 'alice' && to === 'bob');
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(100);
    charlie.lastCall.hangUp();
    rig.clock.advance(40_000);
    assert.equal(alice.transferees[0]?.referred.state, 'ended');
    assert.equal(atAlice.state, 'ended', 'no ghost leg');
    rig.drop = () => false;
    assert.deepEqual(rig.end(), nothing);
    assert.notEqual(transfer.verdict, 'pending');
  });
});

describe('what peers do instead (reference 9.4, 19)', () => {
  /** Bob has referred a scripted peer, which accepted. */
  function accepted(): { rig: AgentRig; peer: ScriptedPeer; call: Session; transfer: RigTransfer; notify: (body: string, state: string) => void; invite: SipRequest; hangUp: () => void } {
    const rig = new AgentRig();
    const bob = rig.add('bob');
    const peer = rig.addPeer('peer');
    const call = bob.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.onMessage = (message) => {
      if (message.kind !== 'request') return;
      if (message.method === 'INVITE') peer.answer();
      if (message.method === 'REFER') peer.respond(message, 202);
      if (message.method === 'BYE') peer.respond(message, 200);
    };
    peer.answer();
    rig.clock.advance(10);
    const transfer = bob.transfer(call, 'sip:charlie@127.0.0.1:5063');
    rig.clock.advance(10);
    let sequence = 0;
    const notify = (body: string, state: string): void => {
      sequence += 1;
      const headers = [peer.contact, ['Event', 'refer'], ['Subscription-State', state], ['Content-Type', 'message/sipfrag']] as const;
      peer.request('NOTIFY', { invite, sequence }, { headers, body });
      rig.clock.advance(10);
    };
    const hangUp = (): void => {
      sequence += 1;
      peer.request('BYE', { invite, sequence });
      rig.clock.advance(10);
    };
    return { rig, peer, call, transfer, notify, invite, hangUp };
  }

  test('no NOTIFY at all, straight to BYE (T19): done, inferred', () => {
    const { rig, transfer, hangUp } = accepted();
    hangUp();
    rig.clock.advance(6_000);
    assert.equal(transfer.verdict, 'done');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a sole 200 OK at once: believed', () => {
    const { rig, call, transfer, notify } = accepted();
    notify('SIP/2.0 200 OK', 'terminated;reason=noresource');
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(call.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('terminated with 100 Trying: no more news, so unknown, and the call is kept', () => {
    const { rig, call, transfer, notify } = accepted();
    notify('SIP/2.0 100 Trying', 'terminated;reason=noresource');
    assert.equal(transfer.verdict, 'unknown');
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('terminated with 100 Trying after BYE: done, inferred', () => {
    const { rig, transfer, notify, hangUp } = accepted();
    hangUp();
    notify('SIP/2.0 100 Trying', 'terminated;reason=noresource');
    assert.equal(transfer.verdict, 'done');
    assert.deepEqual(rig.end(), nothing);
  });

  test('two 100s, a first NOTIFY without expires: harmless', () => {
    const { rig, transfer, notify } = accepted();
    notify('SIP/2.0 100 Trying', 'active');
    notify('SIP/2.0 100 Trying', 'active;expires=60');
    notify('SIP/2.0 200 OK', 'terminated;reason=noresource');
    assert.equal(transfer.verdict, 'done 200');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the BYE crosses the final NOTIFY, with the higher number first: the NOTIFY gets 500, the BYE tells', () => {
    const { rig, peer, transfer, invite } = accepted();
    peer.request('BYE', { invite, sequence: 2 });
    rig.clock.advance(1);
    const headers = [['Event', 'refer'], ['Subscription-State', 'terminated;reason=noresource'], ['Content-Type', 'message/sipfrag']] as const;
    peer.request('NOTIFY', { invite, sequence: 1 }, { headers, body: 'SIP/2.0 200 OK\r\n' });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('NOTIFY'), [500]);
    rig.clock.advance(6_000);
    assert.equal(transfer.verdict, 'done');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the transferee hangs the first call up by itself, and our BYE crosses it', () => {
    const { rig, alice, bob, charlie, atAlice, atBob } = held();
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    alice.onState = (session) => {
      if (session === alice.transferees[0]?.referred && session.state === 'connected') atAlice.hangUp();
    };
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    assert.ok(atAlice.isFinished && atBob.isFinished);
    assert.deepEqual(rig.end(), nothing);
  });

  test('an unsubscription after the BYE: answered, and the referred call goes on', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const charlie = rig.add('charlie');
    const peer = rig.addPeer('peer');
    alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.answer();
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'NOTIFY') peer.respond(message, 200);
    };
    rig.clock.advance(10);
    peer.request('REFER', { invite, sequence: 1 }, { headers: [peer.contact, ['Refer-To', `<${charlie.uri}>`]] });
    rig.clock.advance(10);
    peer.request('BYE', { invite, sequence: 2 });
    rig.clock.advance(10);
    peer.request('SUBSCRIBE', { invite, sequence: 3 }, { headers: [peer.contact, ['Event', 'refer'], ['Expires', '0']] });
    rig.clock.advance(100);
    assert.deepEqual(peer.statuses('SUBSCRIBE'), [200]);
    assert.equal(peer.last('NOTIFY').header('Subscription-State'), 'terminated;reason=timeout');
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(100);
    assert.equal(alice.transferees[0]?.referred.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });
});
