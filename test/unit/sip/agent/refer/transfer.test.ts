import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Session, SipRequest } from '../../../../../src/sip';
import { AgentRig, nothing, type RigAgent } from '../../../../support/sip-agents';

interface Three {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly bob: RigAgent;
  readonly charlie: RigAgent;
}

function three(): Three {
  const rig = new AgentRig();
  return { rig, alice: rig.add('alice'), bob: rig.add('bob'), charlie: rig.add('charlie') };
}

/** Who is in a call with whom, from the sessions that are up: `alice-charlie`. */
function calls({ agents }: AgentRig): string[] {
  const name = (uri: string): string => /^sip:(?<user>[^@]+)@/u.exec(uri)?.groups?.['user'] ?? uri;
  return agents
    .flatMap((agent) =>
      agent.agent.sessions.filter(({ state }) => state === 'connected').map((session) => [agent.name, name(session.remoteUri)].sort().join('-')),
    )
    .filter((pair, index, all) => all.indexOf(pair) !== index);
}

function request(rig: AgentRig, what: string): SipRequest {
  const message = rig.find(what);
  assert.ok(message.kind === 'request');
  return message;
}

describe('blind transfer (14.3)', () => {
  for (const transferor of ['callee', 'caller'] as const) {
    test(`by the ${transferor}: the whole ladder`, () => {
      const { rig, alice, bob, charlie } = three();
      // Bob transfers Alice to Charlie, whoever of the two called.
      const [atBob, atAlice] = transferor === 'callee' ? rig.connect(alice, bob).reverse() : rig.connect(bob, alice);
      assert.ok(atBob !== undefined && atAlice !== undefined);
      const before = rig.ladder.length;
      const transfer = bob.transfer(atBob, charlie);
      rig.clock.advance(1000);
      assert.equal(transfer.verdict, 'pending');
      assert.deepEqual(transfer.progress, ['100 Trying', '180 Ringing']);
      charlie.lastCall.accept(charlie.negotiation());
      rig.clock.advance(1000);
      assert.deepEqual(rig.ladder.slice(before), [
        'bob>alice INVITE',
        'alice>bob 200 INVITE',
        'bob>alice ACK',
        'bob>alice REFER',
        'alice>bob 202 REFER',
        'alice>bob NOTIFY',
        'alice>charlie INVITE',
        'bob>alice 200 NOTIFY',
        'charlie>alice 180 INVITE',
        'alice>bob NOTIFY',
        'bob>alice 200 NOTIFY',
        'charlie>alice 200 INVITE',
        'alice>charlie ACK',
        'alice>bob NOTIFY',
        'bob>alice 200 NOTIFY',
        'bob>alice BYE',
        'alice>bob 200 BYE',
      ]);
      assert.equal(transfer.verdict, 'done 200');
      assert.deepEqual(calls(rig), ['alice-charlie']);
      assert.equal(atAlice.endCause?.by, 'peer');
      assert.deepEqual(rig.end(), nothing);
      assert.deepEqual([...alice.problems, ...bob.problems, ...charlie.problems], []);
    });
  }

  test('the INVITE to the target: its own dialog, a fresh sendrecv offer (T16), Referred-By (T12)', () => {
    const { rig, alice, bob, charlie } = three();
    const [, atBob] = rig.connect(alice, bob);
    bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    const invite = request(rig, 'alice>charlie INVITE');
    assert.equal(invite.requestUri, charlie.uri);
    assert.equal(invite.header('Referred-By'), `<${bob.uri}>`);
    assert.equal(invite.header('Replaces'), undefined);
    assert.match(Buffer.from(invite.body).toString(), /a=sendrecv/u);
    assert.notEqual(invite.callId, atBob.dialog?.callId);
    assert.equal(charlie.lastCall.referredBy?.uriText, bob.uri);
    assert.equal(charlie.lastCall.remoteUri, alice.uri);
    rig.end();
  });

  test('a chain of transfers: each REFER carries its own Referred-By (T12), and it works with the dialog of the last', () => {
    const { rig, alice, bob, charlie } = three();
    const dave = rig.add('dave', { answers: true });
    const [, atBob] = rig.connect(alice, bob);
    bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(1000);
    const second = charlie.transfer(charlie.lastCall, dave);
    rig.clock.advance(1000);
    assert.equal(second.verdict, 'done 200');
    assert.equal(request(rig, 'alice>dave INVITE').header('Referred-By'), `<${charlie.uri}>`);
    assert.deepEqual(calls(rig), ['alice-dave']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('CSeqs of hold, REFER and BYE follow each other; NOTIFYs of the transferee too; the id is the REFER\'s', () => {
    const { rig, alice, bob, charlie } = three();
    const [, atBob] = rig.connect(alice, bob);
    bob.transfer(atBob, charlie);
    rig.clock.advance(100);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(100);
    const numbers = (from: string, to: string): string[] =>
      rig.passed
        .filter((each) => each.from === from && each.to === to && each.message.kind === 'request' && each.message.callId === atBob.dialog?.callId)
        .map(({ message }) => `${String(message.cseq.sequence)} ${message.cseq.method}`);
    assert.deepEqual(numbers('bob', 'alice'), ['1 INVITE', '1 ACK', '2 REFER', '3 BYE']);
    assert.deepEqual(numbers('alice', 'bob'), ['1 INVITE', '1 ACK', '2 NOTIFY', '3 NOTIFY', '4 NOTIFY']);
    assert.equal(request(rig, 'alice>bob NOTIFY').header('Event'), 'refer;id=2');
    rig.end();
  });

  test('hold is waited for (T1), and the REFER goes out even when hold is refused', () => {
    const { rig, bob, charlie } = three();
    const peer = rig.addPeer('peer');
    const call = bob.call(peer);
    rig.clock.advance(10);
    peer.answer();
    rig.clock.advance(10);
    const transfer = bob.transfer(call, charlie);
    rig.clock.advance(400);
    assert.equal(peer.count('REFER'), 0);
    peer.respond(peer.last('INVITE'), 488);
    rig.clock.advance(10);
    assert.equal(peer.count('REFER'), 1);
    peer.respond(peer.last('REFER'), 603);
    rig.clock.advance(10);
    assert.equal(transfer.verdict, 'failed 603', 'nothing is to be resumed');
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a call already on hold is referred at once', () => {
    const { rig, alice, bob, charlie } = three();
    const [, atBob] = rig.connect(alice, bob);
    bob.hold(atBob);
    rig.clock.advance(100);
    assert.equal(rig.run(1, () => bob.transfer(atBob, charlie))[0], 'bob>alice REFER');
    rig.end();
  });

  test('hold meets a hold of the transferee: both back off, then the transfer goes on (15.8)', () => {
    const { rig, alice, bob, charlie } = three();
    const [atAlice, atBob] = rig.connect(alice, bob);
    alice.hold(atAlice);
    const transfer = bob.transfer(atBob, charlie);
    rig.clock.advance(10_000);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'done 200');
    assert.deepEqual(calls(rig), ['alice-charlie']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a call that is not up is not transferred, and nothing is sent (T18)', () => {
    const { rig, alice, bob, charlie } = three();
    const call = alice.call(bob);
    rig.clock.advance(10);
    const transfer = alice.transfer(call, charlie);
    assert.equal(transfer.verdict, 'failed');
    assert.match(transfer.outcome?.text ?? '', /not up: it is ringing/u);
    assert.deepEqual(rig.run(100), []);
    assert.deepEqual(rig.end(), nothing);
  });

  test('over TCP', () => {
    const { rig, alice, bob, charlie } = three();
    const call = alice.call(`${bob.uri};transport=tcp`);
    rig.clock.advance(10);
    bob.lastCall.accept(bob.negotiation());
    rig.clock.advance(10);
    const transfer = bob.transfer(bob.lastCall, `${charlie.uri};transport=tcp`);
    rig.clock.advance(100);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(call.state, 'ended');
    assert.deepEqual(calls(rig), ['alice-charlie']);
    assert.ok(rig.passed.every(({ message }) => message.topVia.transport === 'tcp'));
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('attended transfer (14.4)', () => {
  for (const first of ['alice called bob', 'bob called alice'] as const) {
    for (const second of ['bob called charlie', 'charlie called bob'] as const) {
      test(`${first}, ${second}: the whole ladder`, () => {
        const { rig, alice, bob, charlie } = three();
        const atBob = first === 'alice called bob' ? rig.connect(alice, bob)[1] : rig.connect(bob, alice)[0];
        bob.hold(atBob);
        rig.clock.advance(100);
        const [consultation, atCharlie] =
          second === 'bob called charlie' ? rig.connect(bob, charlie) : (rig.connect(charlie, bob).reverse() as [Session, Session]);
        const before = rig.ladder.length;
        const transfer = bob.transfer(atBob, charlie, consultation);
        rig.clock.advance(1000);
        assert.deepEqual(rig.ladder.slice(before), [
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
        assert.equal(transfer.verdict, 'done 200');
        assert.deepEqual(transfer.progress, ['100 Trying'], 'nothing rings');
        const invite = request(rig, 'alice>charlie INVITE');
        const dialog = atCharlie.dialog;
        assert.deepEqual(invite.replaces, {
          callId: dialog?.callId, toTag: dialog?.localTag, fromTag: dialog?.remoteTag, earlyOnly: false,
        }, 'as the target sees them (T4)');
        assert.deepEqual(invite.require, ['replaces']);
        assert.equal(invite.header('Referred-By'), `<${bob.uri}>`);
        assert.equal(charlie.lastCall.replaces, atCharlie);
        assert.match(consultation.endCause?.text ?? '', /Replaced/u);
        assert.deepEqual(calls(rig), ['alice-charlie']);
        assert.deepEqual(rig.end(), nothing);
        assert.deepEqual([...alice.problems, ...bob.problems, ...charlie.problems], []);
      });
    }
  }

  test('the Refer-To: in brackets, with @ and ; and = of Replaces escaped', () => {
    const { rig, alice, bob, charlie } = three();
    const [, atBob] = rig.connect(alice, bob);
    const [consultation] = rig.connect(bob, charlie);
    bob.transfer(atBob, charlie, consultation);
    rig.clock.advance(100);
    const { callId, remoteTag, localTag } = consultation.dialog ?? {};
    const [id, host] = (callId ?? '').split('@');
    assert.equal(
      request(rig, 'bob>alice REFER').header('Refer-To'),
      `<${charlie.uri}?Replaces=${String(id)}%40${String(host)}%3Bto-tag%3D${String(remoteTag)}%3Bfrom-tag%3D${String(localTag)}>`,
    );
    rig.end();
  });

  test('the target does not hang the replaced call up: the transferor does after two seconds', () => {
    const { rig, alice, bob, charlie } = three();
    const [, atBob] = rig.connect(alice, bob);
    const peer = rig.addPeer('peer');
    const consultation = bob.call(peer);
    rig.clock.advance(10);
    peer.answer();
    rig.clock.advance(10);
    const transfer = bob.transfer(atBob, peer, consultation);
    rig.clock.advance(100);
    peer.answer();
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(consultation.state, 'connected');
    rig.clock.advance(2_000);
    assert.equal(consultation.state, 'ended');
    assert.equal(consultation.endCause?.by, 'us');
    assert.equal(charlie.incoming.length, 0);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the person hangs the consultation up meanwhile: the two seconds leave no timer behind', () => {
    const { rig, alice, bob } = three();
    const [, atBob] = rig.connect(alice, bob);
    const peer = rig.addPeer('peer');
    peer.onMessage = (message) => {
      if (message.kind !== 'request') return;
      if (message.method === 'INVITE') peer.answer();
      if (message.method === 'BYE') peer.respond(message, 200);
    };
    const consultation = bob.call(peer);
    rig.clock.advance(10);
    const transfer = bob.transfer(atBob, peer, consultation);
    rig.clock.advance(100);
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(transfer.transferor?.isFinished, true);
    consultation.hangUp();
    assert.equal(consultation.state, 'ended');
    assert.deepEqual(rig.end(70_000), nothing);
  });

  test('the target is the transferee of the call it is in (T3): Replaces of the dialog the REFER is in', () => {
    const { rig, alice, bob } = three();
    const [, atBob] = rig.connect(alice, bob);
    const transfer = bob.transfer(atBob, alice, atBob);
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed 403', 'a REFER to ourselves is refused');
    assert.equal(atBob.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('blonde transfer, by cancel and blind (14.5 b)', () => {
  test('the 487 is waited for, then the REFER goes without Replaces', () => {
    const { rig, alice, bob, charlie } = three();
    const [, atBob] = rig.connect(alice, bob);
    bob.hold(atBob);
    rig.clock.advance(100);
    const consultation = bob.call(charlie);
    rig.clock.advance(100);
    const before = rig.ladder.length;
    bob.onState = (session) => {
      if (session === consultation && session.state === 'ended') bob.transfer(atBob, charlie);
    };
    consultation.hangUp();
    rig.clock.advance(1000);
    charlie.lastCall.accept(charlie.negotiation());
    rig.clock.advance(1000);
    assert.deepEqual(rig.ladder.slice(before, before + 7), [
      'bob>charlie CANCEL',
      'charlie>bob 200 CANCEL',
      'charlie>bob 487 INVITE',
      'bob>charlie ACK',
      'bob>alice REFER',
      'alice>bob 202 REFER',
      'alice>bob NOTIFY',
    ]);
    assert.equal(charlie.incoming.length, 2);
    assert.deepEqual(calls(rig), ['alice-charlie']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the naive form, REFER with Replaces of the ringing call, ends with 481, and everything is as it was', () => {
    const { rig, alice, bob, charlie } = three();
    const [, atBob] = rig.connect(alice, bob);
    const consultation = bob.call(charlie);
    rig.clock.advance(100);
    const transfer = bob.transfer(atBob, charlie, consultation);
    rig.clock.advance(1000);
    assert.equal(transfer.verdict, 'failed 481');
    assert.equal(charlie.lastCall.state, 'incoming', 'it rings on');
    assert.equal(atBob.state, 'connected');
    assert.equal(atBob.negotiation?.media?.heldByUs, false, 'resumed');
    assert.deepEqual(rig.end(), nothing);
  });
});
