import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Admission, EventPackage, SipRequest } from '../../../../src/sip';
import type { ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

interface Scene {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly peer: ScriptedPeer;
  /** Changes the state that alice tells of. */
  change(): void;
}

const type = 'text/plain';

/** Alice tells a number, which grows; the peer answers each NOTIFY with `status`. */
function scene(options: { admission?: Admission; status?: () => number } = {}): Scene {
  const rig = new AgentRig();
  const alice = rig.add('alice');
  const peer = rig.addPeer('peer');
  let value = 0;
  const eventPackage: EventPackage = {
    name: 'number',
    contentType: type,
    expires: { usual: 3_600, most: 7_200, least: 60 },
    limits: { burst: 2, interval: 1_000 },
    admit: () => options.admission ?? { is: 'allowed' },
    openFeed: () => {
      let told = -1;
      return {
        get isUpToDate() {
          return told === value;
        },
        next: (full) => {
          told = value;
          return `${full ? 'full' : 'partial'} ${String(value)}`;
        },
      };
    },
  };
  alice.agent.subscriptions.offer(eventPackage);
  peer.onMessage = (message) => {
    if (message.kind === 'request') peer.respond(message, options.status?.() ?? 200, { toTag: '' });
  };
  return {
    ...{ rig, alice, peer },
    change: () => {
      value += 1;
      alice.agent.subscriptions.changed('number');
      rig.clock.advance(10);
    },
  };
}

function subscribe({ peer, alice, rig }: Scene, headers: readonly (readonly [string, string])[] = [['Event', 'number']]): SipRequest {
  const request = peer.initial('SUBSCRIBE', alice, { headers: [peer.contact, ...headers], fromTag: 'w1' });
  rig.clock.advance(20);
  return request;
}

/** State and body of each NOTIFY. */
function told({ peer }: Scene): string[] {
  return peer.received.flatMap((message) =>
    message.kind === 'request' && message.method === 'NOTIFY'
      ? [`${message.header('Subscription-State')?.replace(/expires=\d+/u, 'expires') ?? ''} ${Buffer.from(message.body).toString()}`.trim()]
      : [],
  );
}

describe('notifying (RFC 6665 section 4.2)', () => {
  test('a SUBSCRIBE gets 200, and at once a NOTIFY with the full state; then news', () => {
    const all = scene();
    subscribe(all);
    const ok = all.peer.lastResponse('SUBSCRIBE');
    assert.deepEqual([ok.status, ok.header('Expires')], [200, '3600']);
    assert.ok(ok.contact !== undefined && ok.toTag !== undefined);
    assert.deepEqual(told(all), ['active;expires full 0']);
    all.change();
    assert.deepEqual(told(all).at(-1), 'active;expires partial 1');
    const notify = all.peer.last('NOTIFY');
    assert.deepEqual([notify.event?.package, notify.contentType, notify.fromTag, notify.toTag], ['number', type, ok.toTag, 'w1']);
  });

  test('what is refused, and how', () => {
    for (const [headers, status, extra] of [
      [[['Event', 'presence']], 489, ['Allow-Events', 'number, refer']],
      [[], 489, ['Allow-Events', 'number, refer']],
      [[['Event', 'number'], ['Accept', 'application/xml']], 406, ['Accept', type]],
      [[['Event', 'number'], ['Expires', '5']], 423, ['Min-Expires', '60']],
    ] as const) {
      const all = scene();
      subscribe(all, headers);
      const response = all.peer.lastResponse('SUBSCRIBE');
      assert.deepEqual([response.status, response.header(extra[0])], [status, extra[1]]);
      assert.deepEqual([told(all), all.rig.end()], [[], nothing]);
    }
  });

  test('without a Contact there is nowhere to notify: 400', () => {
    const all = scene();
    all.peer.initial('SUBSCRIBE', all.alice, { headers: [['Event', 'number']] });
    all.rig.clock.advance(10);
    assert.deepEqual(all.peer.statuses('SUBSCRIBE'), [400]);
  });

  test('whoever is not allowed gets 403 and nothing else', () => {
    const all = scene({ admission: { is: 'denied', text: 'no' } });
    subscribe(all);
    assert.deepEqual([all.peer.statuses('SUBSCRIBE'), told(all)], [[403], []]);
  });

  test('while nobody has decided, the subscription is pending and tells nothing', () => {
    const all = scene({ admission: { is: 'undecided' } });
    subscribe(all);
    all.change();
    assert.deepEqual(told(all), ['pending;expires']);
    all.alice.agent.subscriptions.notifiers[0]?.decide(true);
    all.rig.clock.advance(10);
    assert.deepEqual(told(all).at(-1), 'active;expires full 1');
  });

  test('refused after all: terminated, rejected, and still nothing is told', () => {
    const all = scene({ admission: { is: 'undecided' } });
    subscribe(all);
    all.alice.agent.subscriptions.notifiers[0]?.decide(false);
    all.rig.clock.advance(10);
    assert.deepEqual(told(all).at(-1), 'terminated;reason=rejected');
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('Expires: 0 is a fetch: the state once, terminated', () => {
    const all = scene();
    subscribe(all, [['Event', 'number'], ['Expires', '0']]);
    assert.deepEqual(told(all), ['terminated;reason=timeout full 0']);
    assert.equal(all.alice.agent.subscriptions.isQuiet, true);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('a refresh gets the full state again; Expires: 0 ends it; after that 481', () => {
    const all = scene();
    const first = subscribe(all);
    const toTag = all.peer.lastResponse('SUBSCRIBE').toTag ?? '';
    const again = (sequence: number, expires: string): void => {
      all.peer.request('SUBSCRIBE', { invite: first, toTag, sequence }, { headers: [all.peer.contact, ['Event', 'number'], ['Expires', expires]] });
      all.rig.clock.advance(20);
    };
    again(2, '100000');
    assert.equal(all.peer.lastResponse('SUBSCRIBE').header('Expires'), '7200');
    assert.deepEqual(told(all).at(-1), 'active;expires full 0');
    again(2, '100');
    assert.equal(all.peer.lastResponse('SUBSCRIBE').status, 500);
    again(3, '0');
    assert.deepEqual(told(all).at(-1), 'terminated;reason=timeout full 0');
    again(4, '100');
    assert.equal(all.peer.lastResponse('SUBSCRIBE').status, 481);
  });

  test('it expires by itself, and says so', () => {
    const all = scene();
    subscribe(all, [['Event', 'number'], ['Expires', '60']]);
    all.rig.clock.advance(60_100);
    assert.match(told(all).at(-1) ?? '', /^terminated;reason=timeout/u);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('NOTIFYs are bounded: one in flight, and after a burst one a second with the newest state', () => {
    const all = scene();
    subscribe(all);
    for (let index = 0; index < 50; index += 1) all.change();
    assert.ok(told(all).length <= 3, String(told(all).length));
    all.rig.clock.advance(3_000);
    assert.deepEqual(told(all).at(-1), 'active;expires partial 50');
    assert.ok(told(all).length <= 6, String(told(all).length));
  });

  for (const status of [481, 404, 489, 603 + 1]) {
    test(`a NOTIFY answered ${String(status)} ends it without another word`, () => {
      const all = scene({ status: () => status });
      subscribe(all);
      all.change();
      all.rig.clock.advance(5_000);
      assert.equal(told(all).length, 1);
      assert.equal(all.alice.agent.subscriptions.isQuiet, true);
    });
  }

  test('what a busy watcher refused is told again, whole', () => {
    let count = 0;
    const all = scene({ status: () => ((count += 1) === 2 ? 503 : 200) });
    subscribe(all);
    all.change();
    all.rig.clock.advance(5_000);
    assert.deepEqual(told(all), ['active;expires full 0', 'active;expires partial 1', 'active;expires full 1']);
  });

  test('a watcher that never answers is forgotten after timer F', () => {
    const all = scene();
    all.peer.onMessage = () => undefined;
    subscribe(all);
    all.rig.clock.advance(32_100);
    assert.equal(all.alice.agent.subscriptions.isQuiet, true);
    assert.deepEqual(all.rig.end(), nothing);
  });

  test('more than a hundred watchers are turned away', () => {
    const all = scene();
    for (let index = 0; index < 105; index += 1) subscribe(all);
    assert.equal(all.peer.statuses('SUBSCRIBE').filter((status) => status === 503).length, 5);
  });

  test('switched off, it asks its watchers to come back later', () => {
    const all = scene();
    subscribe(all);
    all.alice.agent.subscriptions.leave();
    all.rig.clock.advance(20);
    assert.match(told(all).at(-1) ?? '', /^terminated;reason=probation;retry-after=60/u);
    assert.equal(all.alice.agent.subscriptions.isQuiet, true);
  });
});
