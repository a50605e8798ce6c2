import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReferUser, Session, SipRequest } from '../../../../../src/sip';
import type { ScriptedPeer } from '../../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../../support/sip-agents';

const target = 'sip:charlie@127.0.0.1:5099';

/** Notes what is told of a REFER. */
class Told implements ReferUser {
  readonly words: string[] = [];
  onAccepted(): void {
    this.words.push('accepted');
  }
  onProgress({ status, reason }: { status: number; reason: string }): void {
    this.words.push(`progress ${String(status)} ${reason}`);
  }
  onFinal(frag: { status: number; reason: string } | undefined): void {
    this.words.push(frag === undefined ? 'final unknown' : `final ${String(frag.status)} ${frag.reason}`);
  }
  onRefused(status: number, reason: string): void {
    this.words.push(`refused ${String(status)} ${reason}`);
  }
}

interface Referring {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly peer: ScriptedPeer;
  readonly call: Session;
  readonly invite: SipRequest;
  readonly told: Told;
}

/** Alice, in a call with a scripted peer, has sent it a REFER. */
function referring(): Referring {
  const rig = new AgentRig();
  const alice = rig.add('alice');
  const peer = rig.addPeer('peer');
  const call = alice.call(peer);
  rig.clock.advance(10);
  const invite = peer.last('INVITE');
  peer.answer();
  rig.clock.advance(10);
  const told = new Told();
  call.refer(`<${target}>`, told);
  rig.clock.advance(10);
  return { rig, alice, peer, call, invite, told };
}

/** A NOTIFY of the peer; `id` is left out of Event when undefined. */
function notify(
  { rig, peer, invite }: Pick<Referring, 'rig' | 'peer' | 'invite'>,
  sequence: number,
  body: string,
  { state = 'active;expires=60', event = 'refer' }: { state?: string; event?: string } = {},
): void {
  const headers = [peer.contact, ['Event', event], ['Subscription-State', state], ['Content-Type', 'message/sipfrag;version=2.0']] as const;
  peer.request('NOTIFY', { invite, sequence }, { headers, body });
  rig.clock.advance(10);
}

const over = { state: 'terminated;reason=noresource' };

describe('the REFER itself (RFC 3515, RFC 3892)', () => {
  test('runs in the dialog, with one Refer-To in brackets, Referred-By and Contact', () => {
    const { rig, alice, peer, call } = referring();
    const refer = peer.last('REFER');
    assert.equal(refer.toTag, 'peer');
    assert.deepEqual(refer.cseq, { sequence: 2, method: 'REFER' });
    assert.deepEqual(refer.headerValues('Refer-To'), [`<${target}>`]);
    assert.equal(refer.header('Referred-By'), `<${alice.uri}>`);
    assert.equal(refer.contact?.uriText, alice.uri);
    assert.equal(refer.body.length, 0);
    call.hangUp();
    rig.end();
  });

  test('a call that is not up cannot be referred (field failure T18)', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const bob = rig.add('bob');
    const call = alice.call(bob);
    rig.clock.advance(100);
    const told = new Told();
    assert.equal(call.refer(`<${target}>`, told), undefined);
    assert.deepEqual(told.words, ['refused 481 The call is not up']);
    assert.ok(!rig.ladder.some((line) => line.includes('REFER')));
    assert.deepEqual(rig.end(), nothing);
  });
});

describe('every answer to a REFER (reference 9.3)', () => {
  for (const status of [202, 200]) {
    test(`${String(status)}: accepted`, () => {
      const all = referring();
      all.peer.respond(all.peer.last('REFER'), status);
      all.rig.clock.advance(10);
      assert.deepEqual(all.told.words, ['accepted']);
      notify(all, 1, 'SIP/2.0 200 OK\r\n', over);
      assert.deepEqual(all.told.words, ['accepted', 'final 200 OK']);
      assert.equal(all.call.state, 'connected', 'what to do with the call is the transferor\'s matter');
      assert.deepEqual(all.rig.end(), nothing);
    });
  }

  for (const status of [400, 401, 403, 405, 407, 416, 420, 421, 429, 481, 486, 488, 500, 501, 503, 603]) {
    test(`${String(status)}: refused, told once, and the call stays`, () => {
      const { rig, peer, call, told } = referring();
      peer.respond(peer.last('REFER'), status);
      rig.clock.advance(1000);
      assert.equal(told.words.length, 1);
      assert.match(told.words[0] ?? '', new RegExp(`^refused ${String(status)}`, 'u'));
      assert.equal(peer.count('REFER'), 1);
      assert.equal(call.state, 'connected');
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('no answer: refused with 408 after 32 s; it is not repeated beyond its transaction', () => {
    const { rig, peer, call, told } = referring();
    rig.clock.advance(32_000);
    assert.deepEqual(told.words, ['refused 408 No answer to the REFER']);
    assert.equal(peer.count('REFER'), 11);
    rig.clock.advance(60_000);
    assert.equal(peer.count('REFER'), 11);
    assert.equal(call.state, 'connected');
    assert.deepEqual(rig.end(), nothing);
  });

  test('491: again after a while, with a new number that names the subscription', () => {
    const all = referring();
    const { rig, peer, told } = all;
    peer.respond(peer.last('REFER'), 491);
    rig.clock.advance(2_000);
    assert.equal(peer.count('REFER'), 1);
    rig.clock.advance(2_100);
    assert.equal(peer.last('REFER').cseq.sequence, 3);
    peer.respond(peer.last('REFER'), 202);
    rig.clock.advance(10);
    notify(all, 1, 'SIP/2.0 200 OK\r\n', { ...over, event: 'refer;id=3' });
    assert.deepEqual(told.words, ['accepted', 'final 200 OK']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('500 with Retry-After: again after that time; with a long one it is a refusal', () => {
    for (const [retryAfter, tries] of [['5', 2], ['100', 1]] as const) {
      const { rig, peer, told } = referring();
      peer.respond(peer.last('REFER'), 500, { headers: [['Retry-After', retryAfter]] });
      rig.clock.advance(4_990);
      assert.equal(peer.count('REFER'), 1);
      rig.clock.advance(20);
      assert.equal(peer.count('REFER'), tries);
      assert.equal(told.words.length, 2 - tries);
      assert.deepEqual(rig.end(), nothing);
    }
  });

  test('491 for ever: refused after four tries', () => {
    const { rig, peer, told } = referring();
    peer.onMessage = (message) => {
      if (message.kind === 'request' && message.method === 'REFER') peer.respond(message, 491);
    };
    peer.respond(peer.last('REFER'), 491);
    rig.clock.advance(30_000);
    assert.equal(peer.count('REFER'), 4);
    assert.deepEqual(told.words, ['refused 491 Request Pending']);
    assert.deepEqual(rig.end(), nothing);
  });

  test('the call ends while a second try waits: no more tries, no timer', () => {
    const { rig, peer, call, invite, told } = referring();
    peer.respond(peer.last('REFER'), 491);
    rig.clock.advance(10);
    peer.request('BYE', { invite, sequence: 1 });
    rig.clock.advance(10);
    assert.deepEqual(told.words, ['refused 487 The call ended meanwhile']);
    rig.clock.advance(60_000);
    assert.equal(peer.count('REFER'), 1);
    assert.ok(call.isFinished);
    assert.equal(rig.clock.pendingTimers, 0);
  });

  test('a 491 that comes after the end is a refusal', () => {
    const { rig, peer, invite, told } = referring();
    peer.request('BYE', { invite, sequence: 1 });
    rig.clock.advance(10);
    peer.respond(peer.last('REFER'), 491);
    rig.clock.advance(60_000);
    assert.equal(peer.count('REFER'), 1);
    assert.deepEqual(told.words, ['refused 491 Request Pending']);
    assert.equal(rig.clock.pendingTimers, 0);
  });

  test('the Contact of the 2xx is the new target', () => {
    const { rig, peer, call } = referring();
    peer.respond(peer.last('REFER'), 202, { headers: [['Contact', '<sip:moved@127.0.0.1:5062>']] });
    rig.clock.advance(10);
    assert.equal(call.dialog?.remoteTarget, 'sip:moved@127.0.0.1:5062');
    rig.end();
  });
});

describe('the subscription (RFC 6665, RFC 3515 2.4)', () => {
  function accepted(): Referring {
    const all = referring();
    all.peer.respond(all.peer.last('REFER'), 202);
    all.rig.clock.advance(10);
    return all;
  }

  test('progress, then the final news; each NOTIFY gets 200 at once', () => {
    const all = accepted();
    notify(all, 1, 'SIP/2.0 100 Trying\r\n');
    notify(all, 2, 'SIP/2.0 180 Ringing\r\n');
    notify(all, 3, 'SIP/2.0 486 Busy Here\r\n', over);
    assert.deepEqual(all.told.words, ['accepted', 'progress 100 Trying', 'progress 180 Ringing', 'final 486 Busy Here']);
    assert.deepEqual(all.peer.statuses('NOTIFY'), [200, 200, 200]);
    assert.equal(all.peer.lastResponse('NOTIFY').topVia.rport, 5062);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('a NOTIFY before the 202 is taken', () => {
    const all = referring();
    notify(all, 1, 'SIP/2.0 100 Trying\r\n');
    assert.deepEqual(all.peer.statuses('NOTIFY'), [200]);
    all.peer.respond(all.peer.last('REFER'), 202);
    all.rig.clock.advance(10);
    notify(all, 2, 'SIP/2.0 200 OK\r\n', over);
    assert.deepEqual(all.told.words, ['accepted', 'progress 100 Trying', 'final 200 OK']);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('the whole of it before the 202: told once', () => {
    const all = referring();
    notify(all, 1, 'SIP/2.0 200 OK\r\n', over);
    all.peer.respond(all.peer.last('REFER'), 202);
    all.rig.clock.advance(10);
    assert.deepEqual(all.told.words, ['final 200 OK']);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('the 202 is lost for good, but a NOTIFY came: accepted all the same', () => {
    const all = referring();
    notify(all, 1, 'SIP/2.0 180 Ringing\r\n', { state: 'active;expires=100' });
    all.rig.clock.advance(33_000);
    assert.deepEqual(all.told.words, ['accepted', 'progress 180 Ringing']);
    notify(all, 2, 'SIP/2.0 200 OK\r\n', over);
    assert.deepEqual(all.told.words.at(-1), 'final 200 OK');
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('the Event id must fit; without one the only subscription is meant', () => {
    const all = accepted();
    notify(all, 1, 'SIP/2.0 180 Ringing\r\n', { event: 'refer;id=99' });
    notify(all, 2, 'SIP/2.0 180 Ringing\r\n', { event: 'refer;id=2' });
    notify(all, 3, 'SIP/2.0 183 Session Progress\r\n', { event: 'refer' });
    assert.deepEqual(all.peer.statuses('NOTIFY'), [481, 200, 200]);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('two REFERs in one dialog: ids tell them apart, and the oldest is meant without one', () => {
    const all = accepted();
    const second = new Told();
    all.call.refer('<sip:dave@127.0.0.1:5098>', second);
    all.rig.clock.advance(10);
    all.peer.respond(all.peer.last('REFER'), 202);
    all.rig.clock.advance(10);
    notify(all, 1, 'SIP/2.0 486 Busy Here\r\n', { ...over, event: 'refer;id=3' });
    assert.deepEqual(all.told.words, ['accepted']);
    assert.deepEqual(second.words, ['accepted', 'final 486 Busy Here']);
    const third = new Told();
    all.call.refer('<sip:eve@127.0.0.1:5097>', third);
    all.rig.clock.advance(10);
    all.peer.respond(all.peer.last('REFER'), 202);
    all.rig.clock.advance(10);
    notify(all, 2, 'SIP/2.0 180 Ringing\r\n');
    assert.deepEqual(all.told.words, ['accepted', 'progress 180 Ringing']);
    assert.deepEqual(third.words, ['accepted']);
    all.call.hangUp();
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('another event package: 489 with Allow-Events', () => {
    const all = accepted();
    notify(all, 1, 'x', { event: 'presence' });
    assert.deepEqual(all.peer.statuses('NOTIFY'), [489]);
    assert.equal(all.peer.lastResponse('NOTIFY').header('Allow-Events'), 'refer');
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('a NOTIFY without Subscription-State: 400', () => {
    const { rig, peer, invite } = accepted();
    peer.request('NOTIFY', { invite, sequence: 1 }, { headers: [['Event', 'refer'], ['Content-Type', 'message/sipfrag']], body: 'SIP/2.0 200 OK\r\n' });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('NOTIFY'), [400]);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [name, body, words] of [
    ['no line end', 'SIP/2.0 200 OK', ['final 200 OK']],
    ['a bare LF', 'SIP/2.0 200 OK\nFrom: x', ['final 200 OK']],
    ['more headers', 'SIP/2.0 486 Busy Here\r\nTo: x\r\n\r\n', ['final 486 Busy Here']],
    ['no reason', 'SIP/2.0 603', ['final 603 ']],
    ['an empty reason', 'SIP/2.0 603 \r\n', ['final 603 ']],
    ['lower case', 'sip/2.0 200 ok', ['final 200 ok']],
    ['UTF-8', 'SIP/2.0 486 Beschäftigt\r\n', ['final 486 Beschäftigt']],
    ['a provisional status', 'SIP/2.0 180 Ringing\r\n', ['final unknown']],
    ['nothing', '', ['final unknown']],
    ['a request', 'INVITE sip:x@y SIP/2.0\r\n', ['final unknown']],
    ['a status there is not', 'SIP/2.0 999 What\r\n', ['final unknown']],
    ['a leading empty line', '\r\nSIP/2.0 200 OK\r\n', ['final unknown']],
    ['octets', 'ÿþ\0\0', ['final unknown']],
  ] as const) {
    test(`a terminating NOTIFY with ${name}`, () => {
      const all = accepted();
      notify(all, 1, body, over);
      assert.deepEqual(all.told.words, ['accepted', ...words]);
      assert.deepEqual(all.peer.statuses('NOTIFY'), [200]);
      assert.deepEqual(all.rig.end(), nothing);
    });
  }

  test('a final status in an active NOTIFY is told at once, and nothing after it', () => {
    const all = accepted();
    notify(all, 1, 'SIP/2.0 200 OK\r\n');
    notify(all, 2, 'SIP/2.0 180 Ringing\r\n');
    notify(all, 3, 'SIP/2.0 486 Busy Here\r\n', over);
    assert.deepEqual(all.told.words, ['accepted', 'final 200 OK']);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('after it ended: 481', () => {
    const all = accepted();
    notify(all, 1, 'SIP/2.0 200 OK\r\n', over);
    notify(all, 2, 'SIP/2.0 200 OK\r\n', over);
    assert.deepEqual(all.peer.statuses('NOTIFY'), [200, 481]);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('it outlives the BYE of its dialog (field failure T7), and the session waits for it', () => {
    const all = accepted();
    all.call.hangUp();
    all.rig.clock.advance(10);
    all.peer.respond(all.peer.last('BYE'), 200);
    all.rig.clock.advance(10);
    assert.equal(all.call.isFinished, false);
    assert.equal(all.call.isQuiet, true);
    notify(all, 1, 'SIP/2.0 180 Ringing\r\n');
    notify(all, 2, 'SIP/2.0 200 OK\r\n', over);
    assert.deepEqual(all.peer.statuses('NOTIFY'), [200, 200]);
    assert.deepEqual(all.told.words, ['accepted', 'progress 180 Ringing', 'final 200 OK']);
    assert.ok(all.call.isFinished);
    notify(all, 3, 'SIP/2.0 200 OK\r\n', over);
    assert.deepEqual(all.peer.statuses('NOTIFY'), [200, 200, 481], 'a finished session is forgotten');
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('our BYE while the REFER is unanswered: the late 202 and NOTIFYs are still taken', () => {
    const all = referring();
    all.call.hangUp();
    all.rig.clock.advance(10);
    all.peer.respond(all.peer.last('BYE'), 200);
    all.peer.respond(all.peer.last('REFER'), 202);
    all.rig.clock.advance(10);
    notify(all, 1, 'SIP/2.0 200 OK\r\n', over);
    assert.deepEqual(all.told.words, ['accepted', 'final 200 OK']);
    assert.ok(all.call.isFinished);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('the Contact of a NOTIFY is the new target', () => {
    const { rig, peer, call, invite } = accepted();
    const headers = [['Contact', '<sip:moved@127.0.0.1:5062>'], ['Event', 'refer'], ['Subscription-State', 'active;expires=60']] as const;
    peer.request('NOTIFY', { invite, sequence: 1 }, { headers: [...headers, ['Content-Type', 'message/sipfrag']], body: 'SIP/2.0 100 Trying\r\n' });
    rig.clock.advance(10);
    assert.equal(call.dialog?.remoteTarget, 'sip:moved@127.0.0.1:5062');
    rig.end();
  });

  describe('no news', () => {
    test('no NOTIFY in 64*T1: asked once; 481 means that nobody knows (15.4)', () => {
      const all = accepted();
      all.rig.clock.advance(31_980);
      assert.equal(all.peer.count('SUBSCRIBE'), 0);
      all.rig.clock.advance(30);
      const poll = all.peer.last('SUBSCRIBE');
      assert.equal(poll.header('Event'), 'refer;id=2');
      assert.equal(poll.toTag, 'peer', 'in the dialog');
      assert.equal(poll.cseq.sequence, 3);
      all.peer.respond(poll, 481);
      all.rig.clock.advance(10);
      assert.deepEqual(all.told.words, ['accepted', 'final unknown']);
      assert.equal(all.call.state, 'connected');
      assert.deepEqual(all.rig.end(), nothing);
    });

    test('asked, and answered: the NOTIFY that follows tells', () => {
      const all = accepted();
      all.rig.clock.advance(32_010);
      all.peer.respond(all.peer.last('SUBSCRIBE'), 200, { headers: [['Expires', '60']] });
      notify(all, 1, 'SIP/2.0 200 OK\r\n', over);
      assert.deepEqual(all.told.words, ['accepted', 'final 200 OK']);
      assert.deepEqual(all.rig.end(), nothing);
    });

    test('asked, and silence: unknown after F; asked, and no NOTIFY after the 200: unknown after N', () => {
      const silent = accepted();
      silent.rig.clock.advance(64_100);
      assert.deepEqual(silent.told.words, ['accepted', 'final unknown']);
      assert.deepEqual(silent.rig.end(), nothing);
      const empty = accepted();
      empty.rig.clock.advance(32_010);
      empty.peer.respond(empty.peer.last('SUBSCRIBE'), 200);
      empty.rig.clock.advance(32_100);
      assert.deepEqual(empty.told.words, ['accepted', 'final unknown']);
      assert.equal(empty.peer.count('SUBSCRIBE'), 1);
      assert.deepEqual(empty.rig.end(), nothing);
    });

    test('a subscription that runs low is prolonged, until the peer has had enough', () => {
      const all = accepted();
      notify(all, 1, 'SIP/2.0 180 Ringing\r\n', { state: 'active;expires=60' });
      all.rig.clock.advance(29_900);
      assert.equal(all.peer.count('SUBSCRIBE'), 0);
      all.rig.clock.advance(200);
      all.peer.respond(all.peer.last('SUBSCRIBE'), 200, { headers: [['Expires', '90']] });
      all.rig.clock.advance(57_900);
      assert.equal(all.peer.count('SUBSCRIBE'), 1);
      all.rig.clock.advance(200);
      assert.equal(all.peer.count('SUBSCRIBE'), 2);
      all.peer.respond(all.peer.last('SUBSCRIBE'), 603);
      all.rig.clock.advance(31_000);
      assert.deepEqual(all.told.words, ['accepted', 'progress 180 Ringing'], 'what is left of its life is left');
      all.rig.clock.advance(2_000);
      assert.deepEqual(all.told.words, ['accepted', 'progress 180 Ringing', 'final unknown']);
      assert.deepEqual(all.rig.end(), nothing);
    });

    test('481 to the prolonging: the peer has forgotten it, so there will be no news', () => {
      const all = accepted();
      notify(all, 1, 'SIP/2.0 180 Ringing\r\n', { state: 'active;expires=60' });
      all.rig.clock.advance(30_100);
      all.peer.respond(all.peer.last('SUBSCRIBE'), 481);
      all.rig.clock.advance(10);
      assert.deepEqual(all.told.words.at(-1), 'final unknown');
      assert.deepEqual(all.rig.end(), nothing);
    });

    test('the call ended, and then there is silence: asked after a while, for many forget it with the call', () => {
      const all = accepted();
      notify(all, 1, 'SIP/2.0 180 Ringing\r\n', { state: 'active;expires=300' });
      all.rig.clock.advance(1_000);
      all.call.hangUp();
      all.rig.clock.advance(10);
      all.peer.respond(all.peer.last('BYE'), 200);
      all.rig.clock.advance(31_900);
      assert.equal(all.peer.count('SUBSCRIBE'), 0);
      all.rig.clock.advance(200);
      all.peer.respond(all.peer.last('SUBSCRIBE'), 481);
      all.rig.clock.advance(10);
      assert.deepEqual(all.told.words.at(-1), 'final unknown');
      assert.ok(all.call.isFinished);
      assert.deepEqual(all.rig.end(), nothing);
    });

    test('the same with news after the BYE: asked 64*T1 after the last; no answer to that is an answer', () => {
      const all = accepted();
      all.call.hangUp();
      all.rig.clock.advance(10);
      all.peer.respond(all.peer.last('BYE'), 200);
      notify(all, 1, 'SIP/2.0 180 Ringing\r\n', { state: 'active;expires=300' });
      all.rig.clock.advance(31_000);
      notify(all, 2, 'SIP/2.0 183 Session Progress\r\n', { state: 'active;expires=300' });
      all.rig.clock.advance(31_900);
      assert.equal(all.peer.count('SUBSCRIBE'), 0);
      all.rig.clock.advance(200);
      assert.equal(all.peer.count('SUBSCRIBE'), 1);
      all.rig.clock.advance(32_000);
      assert.deepEqual(all.told.words.at(-1), 'final unknown');
      assert.ok(all.call.isFinished);
      assert.deepEqual(all.rig.end(), nothing);
    });

    test('the outcome is known but the subscription is never terminated: forgotten after 64*T1', () => {
      const all = accepted();
      notify(all, 1, 'SIP/2.0 200 OK\r\n', { state: 'active;expires=3600' });
      all.call.hangUp();
      all.rig.clock.advance(10);
      all.peer.respond(all.peer.last('BYE'), 200);
      all.rig.clock.advance(31_900);
      assert.equal(all.call.isFinished, false);
      all.rig.clock.advance(200);
      assert.ok(all.call.isFinished);
      assert.equal(all.peer.count('SUBSCRIBE'), 0);
      assert.deepEqual(all.told.words, ['accepted', 'final 200 OK']);
    });

    for (const state of ['active', 'pending', 'active;expires=4294967295', 'active;expires=0']) {
      test(`a subscription that is "${state}" and silent from then on ends`, () => {
        const all = accepted();
        notify(all, 1, 'SIP/2.0 180 Ringing\r\n', { state });
        all.call.hangUp();
        all.rig.clock.advance(10);
        all.peer.respond(all.peer.last('BYE'), 200);
        all.rig.clock.advance(3_700_000);
        assert.ok(all.call.isFinished);
        assert.deepEqual(all.told.words.at(-1), 'final unknown');
        assert.equal(all.rig.clock.pendingTimers, 0);
      });
    }
  });
});

describe('a REFER of the peer', () => {
  function referred(referTo = `<${target}>`, headers: readonly (readonly [string, string])[] = []): Referring & { toTag: string } {
    const rig = new AgentRig();
    const alice = rig.add('alice', { answers: true, follows: false });
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', alice, { body: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 50000 RTP/AVP 0\r\n' });
    rig.clock.advance(10);
    const ok = peer.lastResponse('INVITE');
    const toTag = ok.toTag ?? '';
    peer.acknowledge(invite, ok);
    rig.clock.advance(10);
    peer.request('REFER', { invite, toTag, sequence: 2 }, { headers: [peer.contact, ['Refer-To', referTo], ...headers] });
    rig.clock.advance(10);
    return { rig, alice, peer, call: alice.lastCall, invite, told: new Told(), toTag };
  }

  test('202 with a Contact, then a NOTIFY at once', () => {
    const { rig, alice, peer } = referred();
    assert.deepEqual(rig.ladder.slice(-3), ['peer>alice REFER', 'alice>peer 202 REFER', 'alice>peer NOTIFY']);
    assert.equal(peer.lastResponse('REFER').contact?.uriText, alice.uri);
    const notify = peer.last('NOTIFY');
    assert.equal(notify.header('Event'), 'refer;id=2');
    assert.match(notify.header('Subscription-State') ?? '', /^active;expires=\d+$/u);
    assert.equal(notify.header('Content-Type'), 'message/sipfrag;version=2.0');
    assert.equal(Buffer.from(notify.body).toString(), 'SIP/2.0 100 Trying\r\n');
    assert.equal(alice.referrals.length, 1);
    assert.equal(alice.referrals[0]?.referral.request.target.toString(), target);
    peer.respond(notify, 200);
    alice.referrals[0].referral.report({ status: 200, reason: 'OK' });
    rig.clock.advance(10);
    peer.respond(peer.last('NOTIFY'), 200);
    assert.deepEqual(rig.end(), nothing);
  });

  for (const [name, referTo, status] of [
    ['a scheme we cannot call', '<tel:+4312345>', 416],
    ['sips', '<sips:x@127.0.0.1>', 416],
    ['another method', '<sip:x@127.0.0.1;method=BYE>', 403],
    ['ourselves', '<sip:alice@127.0.0.1:5061>', 403],
    ['ourselves in disguise', '<sip:alice@127.0.0.1:5061;transport=tcp?Subject=x>', 403],
    ['beyond this machine', '<sip:x@192.0.2.1>', 403],
    ['a Replaces that is none', '<sip:x@127.0.0.1?Replaces=abc>', 400],
    ['a URI without brackets that has headers', 'sip:x@127.0.0.1?Replaces=abc%3Bto-tag%3D1%3Bfrom-tag%3D2', 400],
    ['no URI', '<>', 400],
  ] as const) {
    test(`to ${name}: ${String(status)}`, () => {
      const { rig, alice, peer } = referred(referTo);
      assert.deepEqual(peer.statuses('REFER'), [status]);
      assert.equal(alice.referrals.length, 0);
      assert.equal(peer.count('NOTIFY'), 0);
      assert.equal(alice.problems.length, 1);
      assert.deepEqual(rig.end(), nothing);
    });
  }

  test('none or two Refer-To: 400', () => {
    const { rig, peer } = referred(`<${target}>`, [['Refer-To', '<sip:other@127.0.0.1>']]);
    assert.deepEqual(peer.statuses('REFER'), [400]);
    assert.deepEqual(rig.end(), nothing);
    const rig2 = new AgentRig();
    const alice = rig2.add('alice');
    const bob = rig2.addPeer('peer');
    alice.call(bob);
    rig2.clock.advance(10);
    bob.answer();
    rig2.clock.advance(10);
    bob.request('REFER', { invite: bob.last('INVITE'), sequence: 1 });
    rig2.clock.advance(10);
    assert.deepEqual(bob.statuses('REFER'), [400]);
    rig2.end();
  });

  test('an unbracketed Refer-To without parameters, as baresip sends it, is taken', () => {
    const { rig, alice } = referred(target);
    assert.equal(alice.referrals[0]?.referral.request.target.toString(), target);
    rig.end();
  });

  test('escapes are undone once', () => {
    const { rig, alice } = referred('<sip:x@127.0.0.1?Replaces=a%2540b%40c%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>');
    assert.deepEqual(alice.referrals[0]?.referral.request.replaces, { callId: 'a%40b@c', toTag: '1', fromTag: '2', earlyOnly: false });
    rig.end();
  });

  test('a second one while the first is at work: 491; after the first it is taken', () => {
    const { rig, alice, peer, invite, toTag } = referred();
    const again = (sequence: number): void => {
      peer.request('REFER', { invite, toTag, sequence }, { headers: [peer.contact, ['Refer-To', `<${target}>`]] });
      rig.clock.advance(10);
    };
    again(3);
    assert.deepEqual(peer.statuses('REFER'), [202, 491]);
    peer.respond(peer.last('NOTIFY'), 200);
    alice.referrals[0]?.referral.report({ status: 486, reason: 'Busy Here' });
    rig.clock.advance(10);
    peer.respond(peer.last('NOTIFY'), 200);
    rig.clock.advance(10);
    again(4);
    assert.deepEqual(peer.statuses('REFER'), [202, 491, 202]);
    assert.equal(peer.last('NOTIFY').header('Event'), 'refer;id=4');
    rig.end();
  });

  test('outside any dialog: 403, and says why', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    peer.initial('REFER', alice, { headers: [peer.contact, ['Refer-To', `<${target}>`]] });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('REFER'), [403]);
    assert.match(alice.problems.join(), /outside any call/u);
    assert.deepEqual(rig.end(), nothing);
  });

  test('in a call that only rings: 481 (field failure T18)', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice');
    const peer = rig.addPeer('peer');
    const call = alice.call(peer);
    rig.clock.advance(10);
    peer.respond(peer.last('INVITE'), 180);
    rig.clock.advance(10);
    peer.request('REFER', { invite: peer.last('INVITE'), sequence: 1 }, { headers: [peer.contact, ['Refer-To', `<${target}>`]] });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('REFER'), [481]);
    assert.equal(call.state, 'ringing');
    assert.deepEqual(rig.end(), nothing);
  });

  test('before our 200 is acknowledged: taken, for its sender has the 200', () => {
    const rig = new AgentRig();
    const alice = rig.add('alice', { answers: true, follows: false });
    const peer = rig.addPeer('peer');
    const invite = peer.initial('INVITE', alice, { body: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 50000 RTP/AVP 0\r\n' });
    rig.clock.advance(10);
    const toTag = peer.lastResponse('INVITE').toTag ?? '';
    peer.request('REFER', { invite, toTag, sequence: 2 }, { headers: [peer.contact, ['Refer-To', `<${target}>`]] });
    rig.clock.advance(10);
    assert.deepEqual(peer.statuses('REFER'), [202]);
    assert.equal(alice.lastCall.state, 'answering');
    peer.acknowledge(invite, peer.lastResponse('INVITE'));
    rig.clock.advance(10);
    assert.equal(alice.lastCall.state, 'connected');
    rig.end();
  });

  test('its Contact is the new target, for the NOTIFY already', () => {
    const { rig, peer } = referred(`<${target}>`);
    rig.end();
    assert.equal(peer.last('NOTIFY').requestUri, peer.uri);
    const moved = referred(`<${target}>`, [['X-Test', '1']]);
    moved.rig.end();
    const rig2 = new AgentRig();
    const alice = rig2.add('alice', { follows: false });
    const bob = rig2.addPeer('peer');
    alice.call(bob);
    rig2.clock.advance(10);
    bob.answer();
    rig2.clock.advance(10);
    bob.request('REFER', { invite: bob.last('INVITE'), sequence: 1 }, {
      headers: [['Contact', '<sip:moved@127.0.0.1:5062>'], ['Refer-To', `<${target}>`]],
    });
    rig2.clock.advance(10);
    assert.equal(bob.last('NOTIFY').requestUri, 'sip:moved@127.0.0.1:5062');
    rig2.end();
  });

  describe('our NOTIFYs', () => {
    test('one at a time: news that is overtaken is dropped, the last is not', () => {
      const { rig, alice, peer } = referred();
      const { referral } = alice.referrals[0] ?? {};
      for (const status of [180, 181, 183]) referral?.report({ status, reason: 'x' });
      rig.clock.advance(100);
      assert.equal(peer.count('NOTIFY'), 1);
      peer.respond(peer.last('NOTIFY'), 200);
      rig.clock.advance(10);
      assert.match(Buffer.from(peer.last('NOTIFY').body).toString(), /^SIP\/2\.0 183/u);
      referral?.report({ status: 200, reason: 'OK' });
      referral?.report({ status: 486, reason: 'after the end' });
      rig.clock.advance(100);
      assert.equal(peer.count('NOTIFY'), 2);
      peer.respond(peer.last('NOTIFY'), 200);
      rig.clock.advance(10);
      const last = peer.last('NOTIFY');
      assert.equal(Buffer.from(last.body).toString(), 'SIP/2.0 200 OK\r\n');
      assert.equal(last.header('Subscription-State'), 'terminated;reason=noresource');
      assert.equal(referral?.isLive, true);
      peer.respond(last, 200);
      rig.clock.advance(1000);
      assert.equal(referral.isLive, false);
      assert.equal(peer.count('NOTIFY'), 3);
      assert.deepEqual(rig.end(), nothing);
    });

    for (const status of [404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]) {
      test(`answered with ${String(status)}: the subscription ends, nothing else`, () => {
        const { rig, alice, peer, call } = referred();
        peer.respond(peer.last('NOTIFY'), status);
        rig.clock.advance(10);
        const { referral } = alice.referrals[0] ?? {};
        assert.equal(referral?.isLive, false);
        referral.report({ status: 200, reason: 'OK' });
        rig.clock.advance(1000);
        assert.equal(peer.count('NOTIFY'), 1);
        assert.equal(call.state, 'connected');
        assert.deepEqual(rig.end(), nothing);
      });
    }

    for (const status of [403, 486, 500, 503, 603]) {
      test(`answered with ${String(status)}: that NOTIFY only`, () => {
        const { rig, alice, peer } = referred();
        peer.respond(peer.last('NOTIFY'), status);
        rig.clock.advance(10);
        alice.referrals[0]?.referral.report({ status: 180, reason: 'Ringing' });
        rig.clock.advance(10);
        assert.equal(peer.count('NOTIFY'), 2);
        rig.end();
      });
    }

    test('the last one draws 500, overtaken on the way by a later request: once more with a new number', () => {
      const { rig, alice, peer } = referred();
      peer.respond(peer.last('NOTIFY'), 200);
      alice.referrals[0]?.referral.report({ status: 200, reason: 'OK' });
      rig.clock.advance(10);
      const first = peer.last('NOTIFY');
      peer.respond(first, 500);
      rig.clock.advance(10);
      const second = peer.last('NOTIFY');
      assert.equal(second.cseq.sequence, first.cseq.sequence + 1);
      assert.deepEqual(second.body, first.body);
      peer.respond(second, 500);
      rig.clock.advance(1000);
      assert.equal(peer.count('NOTIFY'), 3);
      assert.equal(alice.referrals[0]?.referral.isLive, false);
      assert.deepEqual(rig.end(), nothing);
    });

    test('no answer: the subscription ends after F', () => {
      const { rig, alice, call } = referred();
      rig.clock.advance(32_000);
      assert.equal(alice.referrals[0]?.referral.isLive, false);
      assert.equal(call.state, 'connected');
      assert.deepEqual(rig.end(), nothing);
    });

    test('they go on after the BYE (T5, T7), and the session waits for the last', () => {
      const { rig, alice, peer, call, invite, toTag } = referred();
      peer.respond(peer.last('NOTIFY'), 200);
      peer.request('BYE', { invite, toTag, sequence: 3 });
      rig.clock.advance(10);
      assert.equal(call.state, 'ended');
      assert.equal(call.isFinished, false);
      alice.referrals[0]?.referral.report({ status: 200, reason: 'OK' });
      rig.clock.advance(10);
      assert.equal(peer.count('NOTIFY'), 2);
      peer.respond(peer.last('NOTIFY'), 481);
      rig.clock.advance(10);
      assert.ok(call.isFinished);
      assert.deepEqual(rig.end(), nothing);
    });

    test('nobody ever tells how it went: the subscription times out', () => {
      const { rig, alice, peer } = referred();
      peer.respond(peer.last('NOTIFY'), 200);
      rig.clock.advance(300_000);
      assert.equal(peer.last('NOTIFY').header('Subscription-State'), 'terminated;reason=timeout');
      assert.equal(Buffer.from(peer.last('NOTIFY').body).toString(), 'SIP/2.0 100 Trying\r\n');
      peer.respond(peer.last('NOTIFY'), 200);
      rig.clock.advance(10);
      assert.equal(alice.referrals[0]?.referral.isLive, false);
      assert.deepEqual(rig.end(), nothing);
    });
  });

  describe('SUBSCRIBE of the peer (RFC 6665 4.2.1)', () => {
    function subscribe(all: Referring & { toTag: string }, sequence: number, expires: string | undefined, event = 'refer;id=2'): void {
      const headers: [string, string][] = [[...all.peer.contact], ['Event', event]];
      if (expires !== undefined) headers.push(['Expires', expires]);
      all.peer.request('SUBSCRIBE', { invite: all.invite, toTag: all.toTag, sequence }, { headers });
      all.rig.clock.advance(10);
    }

    test('prolongs: 200 with Expires, and a NOTIFY with the state as it is', () => {
      const all = referred();
      const { rig, alice, peer } = all;
      peer.respond(peer.last('NOTIFY'), 200);
      alice.referrals[0]?.referral.report({ status: 180, reason: 'Ringing' });
      rig.clock.advance(10);
      peer.respond(peer.last('NOTIFY'), 200);
      subscribe(all, 3, '60');
      assert.equal(peer.lastResponse('SUBSCRIBE').status, 200);
      assert.equal(peer.lastResponse('SUBSCRIBE').header('Expires'), '60');
      assert.equal(peer.count('NOTIFY'), 3);
      assert.match(Buffer.from(peer.last('NOTIFY').body).toString(), /180/u);
      assert.equal(peer.last('NOTIFY').header('Subscription-State'), 'active;expires=60');
      peer.respond(peer.last('NOTIFY'), 200);
      rig.clock.advance(60_000);
      assert.equal(peer.last('NOTIFY').header('Subscription-State'), 'terminated;reason=timeout', 'as long as was granted');
      peer.respond(peer.last('NOTIFY'), 200);
      assert.deepEqual(rig.end(), nothing);
    });

    test('unsubscribes with 0: one last NOTIFY, and the referral is over', () => {
      const all = referred();
      all.peer.respond(all.peer.last('NOTIFY'), 200);
      subscribe(all, 3, '0');
      assert.equal(all.peer.last('NOTIFY').header('Subscription-State'), 'terminated;reason=timeout');
      all.peer.respond(all.peer.last('NOTIFY'), 200);
      all.rig.clock.advance(10);
      assert.equal(all.alice.referrals[0]?.referral.isLive, false);
      assert.equal(all.call.state, 'connected');
      subscribe(all, 4, '60');
      assert.deepEqual(all.peer.statuses('SUBSCRIBE'), [200, 481]);
      assert.deepEqual(all.rig.end(), nothing);
    });

    test('unsubscribes while a NOTIFY is out: never two at a time, and the last one tells the latest', () => {
      const all = referred();
      subscribe(all, 3, '0');
      assert.equal(all.peer.count('NOTIFY'), 1);
      all.alice.referrals[0]?.referral.report({ status: 486, reason: 'Busy Here' });
      all.peer.respond(all.peer.last('NOTIFY'), 200);
      all.rig.clock.advance(10);
      assert.equal(all.peer.count('NOTIFY'), 2);
      assert.equal(all.peer.last('NOTIFY').header('Subscription-State'), 'terminated;reason=noresource');
      assert.match(Buffer.from(all.peer.last('NOTIFY').body).toString(), /486/u);
      all.peer.respond(all.peer.last('NOTIFY'), 200);
      all.rig.clock.advance(1000);
      assert.equal(all.peer.count('NOTIFY'), 2);
      assert.deepEqual(all.rig.end(), nothing);
    });

    test('to another id: 481; to another package: 489', () => {
      const all = referred();
      subscribe(all, 3, '60', 'refer;id=7');
      subscribe(all, 4, '60', 'presence');
      assert.deepEqual(all.peer.statuses('SUBSCRIBE'), [481, 489]);
      all.rig.end();
    });
  });
});
