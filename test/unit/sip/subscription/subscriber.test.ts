import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseUri, retryAfterEnd, type Subscriber, type SubscriberPhase, subscriberStep, notifierStep } from '../../../../src/sip';
import type { ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

interface Scene {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly peer: ScriptedPeer;
  readonly subscriber: Subscriber;
  /** The phases, with the reason of each. */
  readonly phases: string[];
  readonly told: string[];
  /** Sends a NOTIFY in the dialog of the latest SUBSCRIBE. */
  notify(sequence: number, state: string, options?: { tag?: string; body?: string; event?: string; headers?: [string, string][] }): void;
}

/** Alice subscribes to the dialogs of a peer. */
function scene(options: { expires?: number; credentials?: { username: string; password: string } } = {}): Scene {
  const rig = new AgentRig();
  const alice = rig.add('alice', options.credentials === undefined ? {} : { credentials: options.credentials });
  const peer = rig.addPeer('peer');
  const phases: string[] = [];
  const told: string[] = [];
  const subject = { package: 'dialog', accept: 'application/dialog-info+xml', expires: options.expires ?? 3_600 };
  const subscriber = alice.agent.subscriptions.subscribe({ target: parseUri(peer.uri), subject }, {
    onNotify: (notify) => {
      told.push(Buffer.from(notify.body).toString());
      return undefined;
    },
    onGone: () => undefined,
    onPhase: (phase: SubscriberPhase, why) => phases.push(`${phase}: ${why}`),
  });
  rig.clock.advance(10);
  return {
    ...{ rig, alice, peer, subscriber, phases, told },
    notify: (sequence, state, { tag = 'n1', body = 'state', event = 'dialog', headers = [] } = {}) => {
      const invite = peer.last('SUBSCRIBE');
      peer.request('NOTIFY', { invite, toTag: tag, sequence }, {
        headers: [peer.contact, ['Event', event], ['Subscription-State', state], ['Content-Type', 'application/dialog-info+xml'], ...headers],
        body,
      });
      rig.clock.advance(10);
    },
  };
}

function accept({ peer, rig }: Scene, expires = '3600', toTag = 'n1'): void {
  peer.respond(peer.last('SUBSCRIBE'), 200, { toTag, headers: [peer.contact, ['Expires', expires]] });
  rig.clock.advance(10);
}

const kinds = (phases: readonly string[]): string[] => phases.map((phase) => phase.replace(/:.*$/u, ''));

describe('a subscription (RFC 6665 section 4.1)', () => {
  test('says what it wants, and is active with the first NOTIFY', () => {
    const all = scene();
    const subscribe = all.peer.last('SUBSCRIBE');
    assert.deepEqual(
      ['Event', 'Accept', 'Expires'].map((name) => subscribe.header(name)),
      ['dialog', 'application/dialog-info+xml', '3600'],
    );
    assert.ok(subscribe.contact !== undefined);
    accept(all);
    assert.deepEqual(kinds(all.phases), ['asking']);
    all.notify(1, 'active;expires=3600');
    assert.deepEqual([kinds(all.phases), all.told, all.peer.statuses('NOTIFY')], [['asking', 'active'], ['state'], [200]]);
    all.subscriber.leave();
    all.rig.clock.advance(10);
    assert.equal(all.peer.last('SUBSCRIBE').header('Expires'), '0');
    accept(all, '0');
    all.notify(2, 'terminated;reason=timeout');
    assert.deepEqual(kinds(all.phases), ['asking', 'active', 'ended']);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('takes a NOTIFY that comes before the 2xx', () => {
    const all = scene();
    all.notify(1, 'active;expires=600');
    assert.deepEqual([kinds(all.phases), all.peer.statuses('NOTIFY')], [['asking', 'active'], [200]]);
    accept(all);
    assert.equal(all.subscriber.phase, 'active');
  });

  test('fails when no NOTIFY comes (timer N), and is tried again later', () => {
    const all = scene();
    accept(all);
    all.rig.clock.advance(32_000);
    assert.match(all.phases.at(-1) ?? '', /^waiting: it was accepted, but no NOTIFY came/u);
    all.rig.clock.advance(120_000);
    assert.equal(all.peer.count('SUBSCRIBE') >= 2, true);
    const [first, second] = all.peer.received.filter((message) => message.kind === 'request').map(({ callId }) => callId);
    assert.notEqual(first, second);
  });

  test('is prolonged before it expires, by what the NOTIFY grants', () => {
    const all = scene();
    accept(all);
    all.notify(1, 'active;expires=100');
    all.rig.clock.advance(60_000);
    assert.equal(all.peer.count('SUBSCRIBE'), 1);
    all.rig.clock.advance(8_000);
    const refresh = all.peer.last('SUBSCRIBE');
    assert.deepEqual([refresh.toTag, refresh.cseq.sequence, all.peer.count('SUBSCRIBE')], ['n1', 2, 2]);
    accept(all, '100');
    all.rig.clock.advance(60_000);
    assert.equal(all.subscriber.phase, 'active');
  });

  test('expires when it cannot be prolonged', () => {
    const all = scene();
    accept(all);
    all.notify(1, 'active;expires=100');
    all.rig.clock.advance(101_000);
    assert.match(all.phases.at(-1) ?? '', /^waiting: RFC 6665 4.1.2.2: it expired/u);
  });

  test('a refresh that is refused with 481 ends it; one with 500 does not', () => {
    for (const [status, phase] of [[481, 'waiting'], [500, 'active']] as const) {
      const all = scene();
      accept(all);
      all.notify(1, 'active;expires=100');
      all.rig.clock.advance(69_000);
      all.peer.respond(all.peer.last('SUBSCRIBE'), status, { toTag: 'n1' });
      all.rig.clock.advance(10);
      assert.equal(all.subscriber.phase, phase, String(status));
    }
  });

  test('asks for no less than 423 wants', () => {
    const all = scene({ expires: 60 });
    all.peer.respond(all.peer.last('SUBSCRIBE'), 423, { headers: [['Min-Expires', '300']] });
    all.rig.clock.advance(10);
    const again = all.peer.last('SUBSCRIBE');
    assert.deepEqual([again.header('Expires'), again.cseq.sequence], ['300', 2]);
  });

  test('a 423 that asks for nothing longer is no reason to go on for ever', () => {
    const all = scene({ expires: 60 });
    all.peer.respond(all.peer.last('SUBSCRIBE'), 423, { headers: [['Min-Expires', '60']] });
    all.rig.clock.advance(10);
    assert.deepEqual([all.peer.count('SUBSCRIBE'), all.subscriber.phase], [1, 'ended']);
  });

  test('answers a challenge', () => {
    const all = scene({ credentials: { username: 'alice', password: 'secret' } });
    all.peer.respond(all.peer.last('SUBSCRIBE'), 401, { headers: [['WWW-Authenticate', 'Digest realm="r", nonce="n", algorithm=MD5']] });
    all.rig.clock.advance(10);
    assert.match(all.peer.last('SUBSCRIBE').header('Authorization') ?? '', /username="alice"/u);
  });

  for (const status of [403, 404, 405, 489, 603]) {
    test(`is not asked for again after ${String(status)}`, () => {
      const all = scene();
      all.peer.respond(all.peer.last('SUBSCRIBE'), status, {});
      all.rig.clock.advance(600_000);
      assert.deepEqual([all.peer.count('SUBSCRIBE'), all.subscriber.phase], [1, 'ended']);
      assert.deepEqual(all.rig.end(), nothing);
    });
  }

  for (const [reason, again] of [['deactivated', true], ['timeout', true], ['probation;retry-after=60', true], ['giveup', true], ['rejected', false], ['noresource', false], ['invariant', false]] as const) {
    test(`ended with ${reason}: ${again ? 'asked for again' : 'never again'}`, () => {
      const all = scene();
      accept(all);
      all.notify(1, 'active;expires=3600');
      all.notify(2, `terminated;reason=${reason}`);
      assert.equal(all.subscriber.phase, again ? 'waiting' : 'ended');
      all.rig.clock.advance(130_000);
      assert.equal(all.peer.received.filter((message) => message.kind === 'request' && message.method === 'SUBSCRIBE' && message.toTag === undefined && message.cseq.sequence === 1).length > 1, again);
    });
  }

  test('a notifier that ends each one at once is asked ever less often', () => {
    const all = scene();
    let notifies = 0;
    all.peer.onMessage = (message) => {
      if (message.kind !== 'request' || message.method !== 'SUBSCRIBE') return;
      notifies += 1;
      all.peer.respond(message, 200, { toTag: 'n', headers: [all.peer.contact, ['Expires', '3600']] });
      all.peer.request('NOTIFY', { invite: message, toTag: 'n', sequence: 1 }, { headers: [all.peer.contact, ['Event', 'dialog'], ['Subscription-State', 'terminated;reason=deactivated']] });
    };
    all.peer.onMessage(all.peer.last('SUBSCRIBE'));
    all.rig.clock.advance(600_000);
    assert.ok(notifies >= 5 && notifies < 20, String(notifies));
  });

  test('a fetch gets one state and is over', () => {
    const all = scene({ expires: 0 });
    accept(all, '0');
    all.notify(1, 'terminated;reason=timeout');
    assert.deepEqual([all.told, all.subscriber.phase], [['state'], 'ended']);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('a SUBSCRIBE that forked has several notifiers, until timer N', () => {
    const all = scene();
    accept(all);
    all.notify(1, 'active;expires=3600', { tag: 'n1', body: 'one' });
    all.notify(1, 'active;expires=3600', { tag: 'n2', body: 'two' });
    assert.deepEqual([all.told, all.peer.statuses('NOTIFY')], [['one', 'two'], [200, 200]]);
    all.notify(2, 'terminated;reason=noresource', { tag: 'n1' });
    assert.equal(all.subscriber.phase, 'active');
    all.rig.clock.advance(33_000);
    all.notify(1, 'active;expires=3600', { tag: 'n3', body: 'three' });
    assert.deepEqual([all.told.includes('three'), all.peer.statuses('NOTIFY').at(-1)], [false, 481]);
  });

  test('refuses a NOTIFY of another package, without a state, or out of order', () => {
    const all = scene();
    accept(all);
    all.notify(5, 'active;expires=3600');
    all.notify(6, 'active', { event: 'presence' });
    all.notify(4, 'active');
    assert.deepEqual(all.peer.statuses('NOTIFY'), [200, 489, 500]);
    assert.equal(all.told.length, 1);
  });

  test('a flood of NOTIFYs is answered, not read, and then asked about', () => {
    const all = scene();
    accept(all);
    all.notify(1, 'active;expires=3600');
    const before = all.peer.count('SUBSCRIBE');
    for (let sequence = 2; sequence < 500; sequence += 1) {
      const invite = all.peer.last('SUBSCRIBE');
      all.peer.request('NOTIFY', { invite, toTag: 'n1', sequence }, { headers: [all.peer.contact, ['Event', 'dialog'], ['Subscription-State', 'active;expires=3600']], body: 'x' });
    }
    all.rig.clock.advance(100);
    assert.ok(all.told.length < 30, String(all.told.length));
    assert.equal(all.peer.statuses('NOTIFY').filter((status) => status === 200).length, 499);
    all.rig.clock.advance(2_000);
    assert.equal(all.peer.count('SUBSCRIBE'), before + 1);
  });

  test('goes by the route set and the target of the NOTIFY', () => {
    const all = scene();
    accept(all);
    all.notify(1, 'active;expires=100', { headers: [['Record-Route', `<${all.peer.uri};lr;hop=1>`], ['Record-Route', `<${all.peer.uri};lr;hop=2>`]] });
    all.rig.clock.advance(69_000);
    assert.deepEqual(all.peer.last('SUBSCRIBE').routes.map(({ uri }) => uri.params.get('hop')), ['1', '2']);
  });
});

describe('the tables of RFC 6665', () => {
  test('a terminated subscription never comes back', () => {
    assert.equal(subscriberStep('terminated', { is: 'notify', state: 'active' }), undefined);
    assert.equal(notifierStep('terminated', { is: 'allowed' }), undefined);
  });

  test('a state of an extension is taken for active', () => {
    assert.equal(subscriberStep('pending', { is: 'notify', state: 'waiting' })?.to, 'active');
  });

  test('each step names its rule', () => {
    for (const is of ['allowed', 'undecided', 'denied', 'unsubscribed', 'expired'] as const) {
      assert.match(notifierStep('response wait', { is })?.rule ?? '', /^RFC 6665 4\.2/u);
    }
  });

  test('retry-after is heeded, within reason', () => {
    const retry = retryAfterEnd('probation', 4_000_000_000);
    assert.deepEqual(retry.again && retry.after, 3_600_000);
  });
});
