import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Session, SipMessage, SipRequest } from '../../../../src/sip';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

const allow = ['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE'] as const;
const speaks = ['Supported', 'timer'] as const;

function polite(peer: ScriptedPeer): void {
  peer.onMessage = (message) => {
    if (message.kind === 'request' && message.method === 'BYE') peer.respond(message, 200);
  };
}

interface Scene {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly peer: ScriptedPeer;
  readonly call: Session;
  readonly invite: SipRequest;
}

/** Alice calls with a timer, and the peer's 200 says `headers` of it. */
function calling(sessionTimer: object, headers: readonly (readonly [string, string])[] | undefined): Scene {
  const rig = new AgentRig();
  const alice = rig.add('alice', { settings: { sessionTimer } });
  const peer = rig.addPeer('peer');
  polite(peer);
  const call = alice.call(peer);
  rig.clock.advance(10);
  const invite = peer.last('INVITE');
  if (headers !== undefined) peer.respond(invite, 200, { headers: [peer.contact, allow, ...headers], body: plainSdp() });
  rig.clock.advance(10);
  return { rig, alice, peer, call, invite };
}

/** The peer calls alice, who answers at once. */
function called(sessionTimer: object | undefined, headers: readonly (readonly [string, string])[]): Scene {
  const rig = new AgentRig();
  const alice = rig.add('alice', { answers: true, ...(sessionTimer === undefined ? {} : { settings: { sessionTimer } }) });
  const peer = rig.addPeer('peer');
  polite(peer);
  const invite = peer.initial('INVITE', alice, { headers: [peer.contact, allow, ...headers], body: plainSdp() });
  rig.clock.advance(10);
  const answer = peer.lastResponse('INVITE');
  if (answer.status === 200) peer.acknowledge(invite, answer);
  rig.clock.advance(10);
  const [call] = alice.incoming;
  if (call === undefined) throw new Error('nobody was called');
  return { rig, alice, peer, call, invite };
}

function expires(message: SipMessage): string | undefined {
  return message.header('Session-Expires');
}

describe('session timers, as caller (RFC 4028)', () => {
  test('the INVITE asks, the 2xx grants, and we refresh at half of it by UPDATE', () => {
    const { rig, peer, call, invite } = calling({ expires: 1800 }, [['Session-Expires', '600;refresher=uac'], ['Require', 'timer']]);
    assert.equal(expires(invite), '1800');
    assert.ok(invite.supported.includes('timer'));
    assert.equal(call.sessionInterval, 600);
    rig.clock.advance(299_000);
    assert.equal(peer.count('UPDATE'), 0);
    rig.clock.advance(1_100);
    const update = peer.last('UPDATE');
    assert.equal(expires(update), '600;refresher=uac', 'the roles stay as they are');
    assert.equal(update.body.length, 0);
    peer.respond(update, 200, { headers: [peer.contact, ['Session-Expires', '600;refresher=uac']] });
    rig.clock.advance(300_010);
    assert.equal(peer.count('UPDATE'), 2, 'only a 2xx prolongs, and then for a whole interval');
    rig.end();
  });

  test('by re-INVITE where the peer takes no UPDATE, with the same description', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { settings: { sessionTimer: { expires: 600 } } });
    const peer = rig.addPeer('peer');
    polite(peer);
    const call = alice.call(peer);
    rig.clock.advance(10);
    const invite = peer.last('INVITE');
    peer.respond(invite, 200, { headers: [peer.contact, ['Session-Expires', '600;refresher=uac']], body: plainSdp() });
    rig.clock.advance(300_100);
    const again = peer.last('INVITE');
    assert.notEqual(again, invite);
    assert.equal(Buffer.from(again.body).toString(), Buffer.from(invite.body).toString(), 'o= has the same version');
    peer.respond(again, 200, { headers: [peer.contact, ['Session-Expires', '600;refresher=uac']], body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(peer.last('ACK').cseq.sequence, again.cseq.sequence);
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the peer refreshes: without a refresh we hang up before the session expires', () => {
    const { rig, peer, call } = calling({ expires: 600 }, [['Session-Expires', '600;refresher=uas']]);
    rig.clock.advance(567_000);
    assert.equal(call.state, 'connected');
    assert.equal(peer.count('UPDATE'), 0);
    rig.clock.advance(1_100);
    assert.equal(call.endCause?.by, 'network', '600 s less 32 s');
    assert.equal(peer.count('BYE'), 1);
    assert.deepEqual(rig.end(), nothing);
  });

  test('a refresh that the peer sends prolongs the session', () => {
    const { rig, peer, call, invite } = calling({ expires: 600 }, [['Session-Expires', '600;refresher=uas']]);
    rig.clock.advance(300_000);
    peer.request('UPDATE', { invite, sequence: 1 }, { headers: [peer.contact, speaks, ['Session-Expires', '600;refresher=uac']] });
    rig.clock.advance(10);
    assert.equal(expires(peer.lastResponse('UPDATE')), '600;refresher=uac');
    assert.deepEqual(peer.lastResponse('UPDATE').require, ['timer']);
    rig.clock.advance(560_000);
    assert.equal(call.state, 'connected');
    rig.clock.advance(10_000);
    assert.equal(call.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('422: again with the Min-SE it names, with the next number and the same Call-ID', () => {
    const { rig, peer, call, invite } = calling({ expires: 120 }, undefined);
    peer.respond(invite, 422, { headers: [['Min-SE', '300']] });
    rig.clock.advance(10);
    const again = peer.last('INVITE');
    assert.equal(expires(again), '300');
    assert.equal(again.header('Min-SE'), '300');
    assert.equal(again.callId, invite.callId);
    assert.equal(again.cseq.sequence, invite.cseq.sequence + 1);
    peer.respond(again, 422, { headers: [['Min-SE', '300']] });
    rig.clock.advance(10);
    assert.equal(call.endCause?.status, 422, 'a 422 that wants nothing more is a refusal');
    assert.deepEqual(rig.end(), nothing);
  });

  test('a 2xx without Session-Expires: there is no timer, and a later one switches it off', () => {
    const none = calling({ expires: 600 }, []);
    assert.equal(none.call.sessionInterval, undefined);
    none.rig.clock.advance(1_000_000);
    assert.equal(none.call.state, 'connected');
    const off = calling({ expires: 600 }, [['Session-Expires', '600;refresher=uac']]);
    off.rig.clock.advance(300_100);
    off.peer.respond(off.peer.last('UPDATE'), 200, { headers: [off.peer.contact] });
    off.rig.clock.advance(1_000_000);
    assert.equal(off.call.state, 'connected');
    assert.equal(off.call.sessionInterval, undefined);
    assert.deepEqual(off.rig.end(), nothing);
  });

  test('a refresh that nobody answers ends the call; one that is refused is tried again', () => {
    const silent = calling({ expires: 600 }, [['Session-Expires', '600;refresher=uac']]);
    silent.rig.clock.advance(333_000);
    assert.equal(silent.call.state, 'ended');
    const refused = calling({ expires: 600 }, [['Session-Expires', '600;refresher=uac']]);
    refused.rig.clock.advance(300_100);
    refused.peer.respond(refused.peer.last('UPDATE'), 503);
    refused.rig.clock.advance(60_100);
    assert.equal(refused.peer.count('UPDATE'), 2);
    refused.peer.respond(refused.peer.last('UPDATE'), 200, { headers: [refused.peer.contact, ['Session-Expires', '600;refresher=uac']] });
    refused.rig.clock.advance(10);
    assert.equal(refused.call.state, 'connected');
    assert.equal(refused.rig.clock.pendingTimers > 0, true);
    refused.rig.end();
    assert.deepEqual(silent.rig.end(), nothing);
  });

  test('an interval that nobody may grant does not have us send one refresh upon the other', () => {
    const { rig, peer } = calling({ expires: 600 }, [['Session-Expires', '0;refresher=uac']]);
    rig.clock.advance(30_000);
    assert.equal(peer.count('UPDATE'), 0);
    rig.end();
  });
});

describe('session timers, as callee (RFC 4028 section 9)', () => {
  test('nobody speaks of it: no timer', () => {
    const { rig, peer, call } = called(undefined, []);
    assert.equal(expires(peer.lastResponse('INVITE')), undefined);
    assert.equal(call.sessionInterval, undefined);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [what, timer, headers, granted, require] of [
    ['the caller names no refresher: it shall be the caller', undefined, [speaks, ['Session-Expires', '600']], '600;refresher=uac', ['timer']],
    ['the caller names us', undefined, [speaks, ['Session-Expires', '600;refresher=uas']], '600;refresher=uas', []],
    ['a proxy asks, and the caller knows no timers: we refresh', undefined, [['Session-Expires', '600']], '600;refresher=uas', []],
    ['we want it shorter', { expires: 300 }, [speaks, ['Session-Expires', '600']], '300;refresher=uac', ['timer']],
    ['we want it longer: never raised', { expires: 1800 }, [speaks, ['Session-Expires', '600']], '600;refresher=uac', ['timer']],
    ['not below the Min-SE of the request', { expires: 100 }, [speaks, ['Session-Expires', '600'], ['Min-SE', '400']], '400;refresher=uac', ['timer']],
    ['the caller did not ask, and we want one', { expires: 600, refresher: 'uas' }, [speaks], '600;refresher=uas', []],
  ] as const) {
    test(what, () => {
      const { rig, peer } = called(timer, headers);
      assert.equal(expires(peer.lastResponse('INVITE')), granted);
      assert.deepEqual(peer.lastResponse('INVITE').require, require);
      rig.end();
    });
  }

  test('too short: 422 with our Min-SE', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { answers: true });
    const peer = rig.addPeer('peer');
    peer.initial('INVITE', alice, { headers: [peer.contact, speaks, ['Session-Expires', '60']], body: plainSdp() });
    rig.clock.advance(10);
    assert.equal(peer.statuses('INVITE').at(-1), 422);
    assert.equal(peer.lastResponse('INVITE').header('Min-SE'), '90');
    assert.equal(alice.incoming.length, 0, 'the phone never rang');
    rig.end();
  });

  test('we refresh, and the caller has vanished: the call ends', () => {
    const { rig, peer, call } = called(undefined, [speaks, ['Session-Expires', '90;refresher=uas']]);
    peer.onMessage = () => undefined;
    rig.clock.advance(45_010);
    assert.equal(peer.count('UPDATE'), 1);
    rig.clock.advance(60_000);
    assert.equal(call.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });

  test('the caller refreshes, and has vanished: BYE a third of the interval early', () => {
    const { rig, peer, call } = called(undefined, [speaks, ['Session-Expires', '90;refresher=uac']]);
    rig.clock.advance(59_900);
    assert.equal(call.state, 'connected');
    rig.clock.advance(200);
    assert.equal(call.state, 'ended');
    assert.equal(peer.count('BYE'), 1);
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('session timers between two agents', () => {
  test('the one keeps the other alive for hours', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { settings: { sessionTimer: { expires: 90 } } });
    const bob = rig.add('bob');
    const [here, there] = rig.connect(alice, bob);
    assert.equal(here.sessionInterval, 90);
    assert.equal(there.sessionInterval, 90);
    rig.clock.advance(3 * 3_600_000);
    assert.equal(here.state, 'connected');
    assert.equal(there.state, 'connected');
    // Bob's machine loses its power: nobody says BYE, and everything else is timers.
    rig.drop = (_message, from, to) => from === 'bob' || to === 'bob';
    rig.clock.advance(120_000);
    assert.equal(here.state, 'ended');
    assert.deepEqual(rig.end(), nothing);
  });
});
