import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Registration, type SipRequest, type SipResponse } from '../../../../src/sip';
import { RigProxy, type RigProxyOptions } from '../../../support/rig-proxy';
import { plainSdp, type ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, nothing, type RigAgent } from '../../../support/sip-agents';

interface Stage {
  readonly rig: AgentRig;
  readonly proxy: RigProxy;
  readonly alice: RigAgent;
  readonly bob: RigAgent;
}

/** Alice, with the proxy as her outbound proxy, and bob, who is registered there. */
function stage(options: RigProxyOptions = {}, answers = true): Stage {
  const rig = new AgentRig();
  const proxy = RigProxy.join(rig, 'proxy', options);
  const alice = rig.add('alice', { routes: [proxy.route], addressOfRecord: 'sip:alice@lab.test', credentials: { username: 'alice', password: 'secret' } });
  const bob = rig.add('bob', { routes: [proxy.route], addressOfRecord: 'sip:bob@lab.test', answers });
  proxy.bind('alice', alice.uri);
  proxy.bind('bob', bob.uri);
  return { rig, proxy, alice, bob };
}

/** Several scripted phones under one name. */
function forked(options: RigProxyOptions & { readonly q?: readonly number[] } = {}, count = 2): { rig: AgentRig; proxy: RigProxy; alice: RigAgent; phones: ScriptedPeer[] } {
  const rig = new AgentRig();
  const proxy = RigProxy.join(rig, 'proxy', options);
  const alice = rig.add('alice', { routes: [proxy.route] });
  const phones = Array.from({ length: count }, (_, index) => rig.addPeer(`phone${String(index + 1)}`));
  proxy.bind('bob', ...phones.map((phone, index) => ({ uri: phone.uri, q: options.q?.[index] ?? 1 })));
  return { rig, proxy, alice, phones };
}

function end({ rig, proxy }: { readonly rig: AgentRig; readonly proxy: RigProxy }): void {
  proxy.end();
  assert.deepEqual(rig.end(), nothing);
  assert.equal(proxy.proxy.underWay, 0);
}

describe('a call through the proxy', () => {
  it('goes to the registered contact and stays on its way, both ways', () => {
    const { rig, proxy, alice, bob } = stage();
    const ladder = rig.run(100, () => alice.call('sip:bob@lab.test'));
    assert.deepEqual(ladder, [
      'alice>proxy INVITE',
      'proxy>bob INVITE',
      'bob>proxy 200 INVITE',
      'proxy>alice 200 INVITE',
      'alice>proxy ACK',
      'proxy>bob ACK',
    ]);
    const passed = rig.find('proxy>bob INVITE') as SipRequest;
    assert.equal(passed.requestUri, bob.uri);
    assert.equal(passed.maxForwards, 69);
    assert.equal(passed.vias.length, 2);
    assert.deepEqual([passed.vias[1]?.received, passed.vias[1]?.rport], ['127.0.0.1', 5062]);
    assert.equal(passed.header('Route'), undefined, 'the proxy takes itself off the route');
    assert.equal(passed.header('Record-Route'), '<sip:127.0.0.1:5061;lr>');
    assert.equal((rig.find('proxy>alice 200 INVITE') as SipResponse).vias.length, 1);
    const ended = rig.run(100, () => bob.lastCall.hangUp());
    assert.deepEqual(ended, ['bob>proxy BYE', 'proxy>alice BYE', 'alice>proxy 200 BYE', 'proxy>bob 200 BYE']);
    end({ rig, proxy });
  });

  it('stays out of the dialog when it does not record-route', () => {
    const { rig, alice, bob, proxy } = stage({ recordRoute: false });
    rig.run(100, () => alice.call('sip:bob@lab.test'));
    assert.ok(rig.ladder.includes('alice>bob ACK'));
    assert.deepEqual(rig.run(100, () => bob.lastCall.hangUp()), ['bob>alice BYE', 'alice>bob 200 BYE']);
    end({ rig, proxy });
  });

  it('records one route for each side where the transport changes', () => {
    const rig = new AgentRig();
    const proxy = RigProxy.join(rig);
    const alice = rig.add('alice', { routes: [`<sip:127.0.0.1:${String(proxy.port)};transport=tcp;lr>`], transport: 'tcp' });
    const bob = rig.add('bob', { answers: true });
    proxy.bind('bob', bob.uri);
    rig.run(100, () => alice.call('sip:bob@lab.test'));
    const passed = rig.find('proxy>bob INVITE') as SipRequest;
    assert.deepEqual(passed.headerValues('Record-Route'), ['<sip:127.0.0.1:5061;lr>', '<sip:127.0.0.1:5061;transport=tcp;lr>']);
    assert.equal(passed.topVia.transport, 'udp');
    assert.equal(rig.agents[0]?.agent.sessions[0]?.state, 'connected');
    const ended = rig.run(100, () => bob.lastCall.hangUp());
    assert.deepEqual(ended, ['bob>proxy BYE', 'proxy>alice BYE', 'alice>proxy 200 BYE', 'proxy>bob 200 BYE']);
    assert.equal((rig.find('proxy>alice BYE') as SipRequest).topVia.transport, 'tcp');
    end({ rig, proxy });
  });

  it('records itself in a NOTIFY too, of which the subscriber makes its dialog (RFC 6665 4.3)', () => {
    for (const recordRoute of [true, false]) {
      const rig = new AgentRig();
      const proxy = RigProxy.join(rig, 'proxy', { recordRoute });
      const watcher = rig.addPeer('watcher');
      const watched = rig.addPeer('watched');
      proxy.bind('watched', watched.uri);
      const event: [string, string] = ['Event', 'dialog'];
      rig.run(100, () => {
        watcher.initial('SUBSCRIBE', { uri: `sip:watched@127.0.0.1:${String(proxy.port)}` }, { requestUri: 'sip:watched@lab.test', headers: [watcher.contact, event] });
      });
      const subscribe = watched.last('SUBSCRIBE');
      watched.respond(subscribe, 200);
      rig.run(100, () => {
        const headers: [string, string][] = [['Contact', `<${watched.uri}>`], ['Route', proxy.route], event, ['Subscription-State', 'active']];
        watched.request('NOTIFY', { invite: subscribe, sequence: 1 }, { headers });
      });
      const notify = watcher.last('NOTIFY');
      assert.equal(notify.header('Record-Route'), recordRoute ? proxy.route : undefined);
      watcher.respond(notify, 200, { toTag: '' });
      rig.run(40_000);
      end({ rig, proxy });
    }
  });

  it('says 100 by itself and passes none back, but passes back what rings', () => {
    const { rig, alice, bob, proxy } = stage({}, false);
    const ladder = rig.run(1_000, () => alice.call('sip:bob@lab.test'));
    assert.deepEqual(ladder.filter((line) => line.startsWith('proxy>alice')), ['proxy>alice 180 INVITE']);
    bob.lastCall.reject(486);
    rig.run(100);
    assert.ok(rig.ladder.includes('proxy>alice 486 INVITE'));
    assert.ok(rig.ladder.includes('proxy>bob ACK'), 'a refusal is acknowledged hop by hop');
    assert.equal((rig.find('proxy>bob ACK') as SipRequest).vias.length, 1);
    end({ rig, proxy });
  });

  it('passes the CANCEL of the caller on as one of its own', () => {
    const { rig, alice, bob, proxy } = stage({}, false);
    const session = alice.call('sip:bob@lab.test');
    rig.run(100);
    const ladder = rig.run(100, () => session.hangUp());
    assert.deepEqual([...ladder].sort(), [
      'alice>proxy ACK',
      'alice>proxy CANCEL',
      'bob>proxy 200 CANCEL',
      'bob>proxy 487 INVITE',
      'proxy>alice 200 CANCEL',
      'proxy>alice 487 INVITE',
      'proxy>bob ACK',
      'proxy>bob CANCEL',
    ]);
    const cancel = rig.find('proxy>bob CANCEL') as SipRequest;
    assert.equal(cancel.vias.length, 1);
    assert.equal(cancel.topVia.branch, (rig.find('proxy>bob INVITE') as SipRequest).topVia.branch);
    assert.equal(bob.lastCall.state, 'ended');
    end({ rig, proxy });
  });

  it('carries an attended transfer, whose Replaces finds its dialog', () => {
    const { rig, alice, bob, proxy } = stage();
    const charlie = rig.add('charlie', { routes: [proxy.route], addressOfRecord: 'sip:charlie@lab.test', answers: true });
    proxy.bind('charlie', charlie.uri);
    const [aliceToBob] = [alice.call('sip:bob@lab.test')];
    rig.run(100);
    const consultation = bob.call('sip:charlie@lab.test');
    rig.run(100);
    const bobToAlice = bob.lastCall;
    const transfer = bob.transfer(bobToAlice, charlie.uri, consultation);
    rig.run(1_000);
    assert.equal(transfer.verdict, 'done 200');
    assert.equal(aliceToBob.state, 'ended');
    assert.equal(charlie.lastCall.state, 'connected');
    const referred = rig.passed.filter(({ message }) => message.kind === 'request' && message.method === 'INVITE' && message.header('replaces') !== undefined);
    assert.deepEqual(referred.map(({ from, to }) => `${from}>${to}`), ['alice>proxy', 'proxy>charlie']);
    end({ rig, proxy });
  });

  it('holds out when three in ten messages are lost', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const rig = new AgentRig(seed);
      const proxy = RigProxy.join(rig);
      const alice = rig.add('alice', { routes: [proxy.route] });
      const bob = rig.add('bob', { answers: true });
      proxy.bind('bob', bob.uri);
      rig.drop = () => rig.random.fraction() < 0.3;
      const session = alice.call('sip:bob@lab.test');
      rig.run(40_000);
      if (session.state === 'connected') assert.equal(bob.lastCall.state, 'connected', `seed ${String(seed)}`);
      rig.drop = () => false;
      end({ rig, proxy });
    }
  });
});

describe('a forked call', () => {
  it('rings everybody at once, and the first answer silences the rest', () => {
    const { rig, proxy, alice, phones } = forked();
    const [first, second] = phones as [ScriptedPeer, ScriptedPeer];
    const session = alice.call('sip:bob@lab.test');
    rig.run(50);
    for (const phone of phones) phone.respond(phone.last('INVITE'), 180);
    rig.run(50);
    assert.deepEqual(rig.ladder.filter((line) => line === 'proxy>alice 180 INVITE').length, 2, 'both ring back');
    second.onMessage = () => undefined;
    first.onMessage = () => undefined;
    first.answer();
    rig.run(50);
    assert.equal(session.state, 'connected');
    const cancel = second.last('CANCEL');
    assert.match(cancel.header('Reason') ?? '', /cause=200;text="Call completed elsewhere"/u);
    second.respond(cancel, 200, { headers: [] });
    second.respond(second.last('INVITE'), 487, { headers: [] });
    rig.run(50);
    assert.equal(second.last('ACK').cseq.sequence, second.last('INVITE').cseq.sequence);
    assert.equal(rig.ladder.includes('proxy>alice 487 INVITE'), false);
    first.onMessage = answersBye(first);
    end({ rig, proxy });
  });

  it('passes back every answer, and the caller hangs up all but the first', () => {
    const { rig, proxy, alice, phones } = forked();
    const session = alice.call('sip:bob@lab.test');
    rig.run(50);
    for (const phone of phones) {
      phone.onMessage = answersBye(phone);
      phone.answer();
    }
    rig.run(200);
    assert.equal(rig.ladder.filter((line) => line === 'proxy>alice 200 INVITE').length, 2);
    for (const phone of phones) assert.equal(phone.count('ACK'), 1);
    assert.deepEqual(phones.map((phone) => phone.count('BYE')), [0, 1]);
    assert.equal(session.state, 'connected');
    end({ rig, proxy });
  });

  it('gives the caller the best of several refusals, with all challenges', () => {
    const { rig, proxy, alice, phones } = forked({}, 3);
    const peer = rig.addPeer('caller');
    const invite = peer.initial('INVITE', { uri: `sip:bob@127.0.0.1:${String(proxy.port)}` }, { body: plainSdp() });
    rig.run(50);
    const [one, two, three] = phones as [ScriptedPeer, ScriptedPeer, ScriptedPeer];
    one.respond(one.last('INVITE'), 486);
    two.respond(two.last('INVITE'), 407, { headers: [['Proxy-Authenticate', 'Digest realm="two", nonce="2"']] });
    three.respond(three.last('INVITE'), 401, { headers: [['WWW-Authenticate', 'Digest realm="three", nonce="3"']] });
    rig.run(50);
    const best = peer.lastResponse('INVITE');
    assert.ok(best.status === 401 || best.status === 407, String(best.status));
    assert.equal(best.headerValues('Proxy-Authenticate').length, 1);
    assert.equal(best.headerValues('WWW-Authenticate').length, 1);
    peer.sameBranch('ACK', invite, best.toTag);
    assert.equal(alice.agent.sessions.length, 0);
    end({ rig, proxy });
  });

  it('stops everybody at a 6xx', () => {
    const { rig, proxy, alice, phones } = forked();
    const [first, second] = phones as [ScriptedPeer, ScriptedPeer];
    const session = alice.call('sip:bob@lab.test');
    rig.run(50);
    for (const phone of phones) phone.respond(phone.last('INVITE'), 180);
    rig.run(50);
    first.respond(first.last('INVITE'), 603);
    rig.run(50);
    assert.ok(!rig.ladder.includes('proxy>alice 603 INVITE'), 'the caller is told when all branches are over');
    second.respond(second.last('CANCEL'), 200, { headers: [] });
    second.respond(second.last('INVITE'), 487, { headers: [] });
    rig.run(50);
    assert.equal(session.endCause?.status, 603);
    end({ rig, proxy });
  });

  it('tries one after the other by q, and goes on when one does not answer', () => {
    const { rig, proxy, alice, phones } = forked({ forking: 'serial', q: [0.2, 0.9], ringLimit: 5_000 });
    const [second, first] = phones as [ScriptedPeer, ScriptedPeer];
    const session = alice.call('sip:bob@lab.test');
    rig.run(50);
    assert.deepEqual([first.count('INVITE'), second.count('INVITE')], [1, 0]);
    first.respond(first.last('INVITE'), 180);
    first.onMessage = (message) => {
      if (message.kind !== 'request' || message.method !== 'CANCEL') return;
      first.respond(message, 200, { headers: [] });
      first.respond(first.last('INVITE'), 487, { headers: [] });
    };
    rig.run(5_200);
    assert.deepEqual([first.count('CANCEL'), second.count('INVITE')], [1, 1]);
    second.onMessage = answersBye(second);
    second.answer();
    rig.run(50);
    assert.equal(session.state, 'connected');
    end({ rig, proxy });
  });

  it('rings those of equal q together, and the next group only after them', () => {
    const { rig, proxy, alice, phones } = forked({ q: [0.5, 1, 1] }, 3);
    const session = alice.call('sip:bob@lab.test');
    rig.run(50);
    assert.deepEqual(phones.map((phone) => phone.count('INVITE')), [0, 1, 1]);
    for (const phone of phones.slice(1)) phone.respond(phone.last('INVITE'), 486);
    rig.run(50);
    assert.deepEqual(phones.map((phone) => phone.count('INVITE')), [1, 1, 1]);
    phones[0]?.respond(phones[0].last('INVITE'), 480);
    rig.run(50);
    assert.equal(session.endCause?.status, 486);
    end({ rig, proxy });
  });

  it('cancels all that ring when the caller gives up, and tries nobody else', () => {
    const { rig, proxy, alice, phones } = forked({ forking: 'serial', q: [1, 0.5] });
    const session = alice.call('sip:bob@lab.test');
    rig.run(50);
    const [first, second] = phones as [ScriptedPeer, ScriptedPeer];
    first.respond(first.last('INVITE'), 180);
    rig.run(50);
    session.hangUp();
    rig.run(50);
    first.respond(first.last('CANCEL'), 200, { headers: [] });
    first.respond(first.last('INVITE'), 487, { headers: [] });
    rig.run(50);
    assert.equal(second.count('INVITE'), 0);
    assert.equal(session.endCause?.status, 487);
    end({ rig, proxy });
  });

  it('gives up after timer C on one that rings for ever', () => {
    const { rig, proxy, phones } = forked({}, 1);
    const peer = rig.addPeer('caller');
    const invite = peer.initial('INVITE', { uri: `sip:bob@127.0.0.1:${String(proxy.port)}` }, { body: plainSdp() });
    rig.run(50);
    const [phone] = phones as [ScriptedPeer];
    phone.respond(phone.last('INVITE'), 180);
    rig.run(180_500);
    assert.equal(phone.count('CANCEL'), 0);
    rig.run(1_000);
    assert.equal(phone.count('CANCEL') > 0, true);
    rig.run(33_000); // and the phone says nothing more
    assert.equal(peer.lastResponse('INVITE').status, 408);
    peer.sameBranch('ACK', invite, peer.lastResponse('INVITE').toTag);
    end({ rig, proxy });
  });

  it('divides Max-Breadth among the copies, tries in turns what it does not suffice for, and refuses none', () => {
    const { rig, proxy, phones } = forked({}, 3);
    const peer = rig.addPeer('caller');
    const target = { uri: `sip:bob@127.0.0.1:${String(proxy.port)}` };
    peer.initial('INVITE', target, { body: plainSdp(), headers: [peer.contact, ['Max-Breadth', '2']] });
    rig.run(50);
    assert.deepEqual(phones.map((phone) => phone.count('INVITE')), [1, 1, 0]);
    assert.equal(phones[0]?.last('INVITE').header('Max-Breadth'), '1');
    for (const phone of phones.slice(0, 2)) phone.respond(phone.last('INVITE'), 486);
    rig.run(50);
    const third = phones[2]!;
    assert.equal(third.count('INVITE'), 1);
    third.respond(third.last('INVITE'), 486);
    rig.run(50);
    const refused = peer.initial('INVITE', target, { body: plainSdp(), headers: [peer.contact, ['Max-Breadth', '0']] });
    rig.run(50);
    assert.equal(peer.lastResponse('INVITE').status, 440);
    peer.sameBranch('ACK', refused, peer.lastResponse('INVITE').toTag);
    end({ rig, proxy });
  });
});

describe('what the proxy refuses', () => {
  const cases: readonly { name: string; status: number; uri?: string; headers?: readonly (readonly [string, string])[]; says?: readonly [string, string] }[] = [
    { name: 'who is not registered', status: 404, uri: 'sip:nobody@lab.test' },
    { name: 'its own name without a user', status: 404, uri: 'sip:lab.test' },
    { name: 'a scheme it cannot route', status: 416, uri: 'tel:123' },
    { name: 'what demands an extension of proxies', status: 420, headers: [['Proxy-Require', 'privacy, x']], says: ['Unsupported', 'privacy, x'] },
    { name: 'a Route that cannot be read', status: 400, headers: [['Route', '<sip:x']] },
    { name: 'to send beyond this machine', status: 403, uri: 'sip:x@192.0.2.1' },
  ];
  for (const { name, status, uri = 'sip:bob@lab.test', headers = [], says } of cases) {
    it(name, () => {
      const { rig, proxy } = stage();
      const peer = rig.addPeer('caller');
      const request = scripted(peer, proxy, uri, headers);
      rig.run(50);
      const response = peer.lastResponse('INVITE');
      assert.equal(response.status, status);
      if (says !== undefined) assert.equal(response.header(says[0]), says[1]);
      peer.sameBranch('ACK', request, response.toTag);
      end({ rig, proxy });
    });
  }

  it('a request whose hops are used up, with 483', () => {
    const { rig, proxy } = stage();
    const peer = rig.addPeer('caller');
    const request = scripted(peer, proxy, 'sip:bob@lab.test', [['Max-Forwards', '0']]);
    rig.run(50);
    assert.equal(peer.lastResponse('INVITE').status, 483);
    peer.sameBranch('ACK', request, peer.lastResponse('INVITE').toTag);
    end({ rig, proxy });
  });

  it('a loop, with 482: a contact that is the address of record itself', () => {
    const { rig, proxy, alice } = stage();
    proxy.bind('eve', `sip:eve@127.0.0.1:${String(proxy.port)}`);
    const session = alice.call(`sip:eve@127.0.0.1:${String(proxy.port)}`);
    rig.run(1_000);
    assert.equal(session.endCause?.status, 482);
    assert.ok(rig.ladder.filter((line) => line === 'proxy>proxy INVITE').length <= 2);
    end({ rig, proxy });
  });

  it('but not a spiral: one name that leads to another', () => {
    const { rig, proxy, alice, bob } = stage();
    proxy.bind('boss', 'sip:bob@lab.test'.replace('lab.test', `127.0.0.1:${String(proxy.port)}`));
    const session = alice.call('sip:boss@lab.test');
    rig.run(1_000);
    assert.equal(session.state, 'connected');
    assert.equal(bob.lastCall.state, 'connected');
    end({ rig, proxy });
  });

  it('more than it can keep track of, with 503', () => {
    const { rig, proxy, alice, bob } = stage({ mostRequests: 1 }, false);
    alice.call('sip:bob@lab.test');
    rig.run(50);
    const second = alice.call('sip:bob@lab.test');
    rig.run(50);
    assert.equal(second.endCause?.status, 503);
    assert.equal(bob.incoming.length, 1);
    end({ rig, proxy });
  });

  it('tells the same of an unknown user and of one who is not registered, where passwords guard the names', () => {
    const { rig, proxy, alice } = stage({ users: { bob: 'hidden', charlie: 'hidden' } });
    const calls = ['sip:charlie@lab.test', 'sip:nobody@lab.test'].map((uri) => alice.call(uri));
    rig.run(100);
    assert.deepEqual(calls.map((call) => call.endCause?.status), [480, 480]);
    end({ rig, proxy });
  });

  it('lets nobody call who does not say who they are, when told so', () => {
    const { rig, proxy, alice, bob } = stage({ users: { alice: 'secret' }, challengesCalls: true });
    const call = alice.call('sip:bob@lab.test');
    rig.run(100);
    assert.ok(rig.ladder.includes('proxy>alice 407 INVITE'));
    assert.equal(call.state, 'connected');
    const stranger = bob.call('sip:alice@lab.test');
    rig.run(100);
    assert.equal(stranger.endCause?.status, 407);
    end({ rig, proxy });
  });

  it('answers a CANCEL for nothing with 481, OPTIONS for itself with 200', () => {
    const { rig, proxy } = stage();
    const peer = rig.addPeer('caller');
    peer.initial('CANCEL', { uri: `sip:bob@127.0.0.1:${String(proxy.port)}` }, { headers: [] });
    peer.initial('OPTIONS', { uri: `sip:127.0.0.1:${String(proxy.port)}` }, { headers: [] });
    rig.run(50);
    assert.deepEqual(peer.statuses('CANCEL'), [481]);
    assert.deepEqual(peer.statuses('OPTIONS'), [200]);
    end({ rig, proxy });
  });

  it('is silent, and says no 408, when nobody answers what is no INVITE', () => {
    const { rig, proxy } = stage();
    const peer = rig.addPeer('caller');
    const mute = rig.addPeer('mute');
    proxy.bind('mute', mute.uri);
    peer.initial('MESSAGE', { uri: `sip:mute@127.0.0.1:${String(proxy.port)}` }, { headers: [] });
    rig.run(40_000);
    assert.deepEqual(peer.statuses('MESSAGE'), []);
    assert.equal(mute.count('MESSAGE') > 1, true);
    end({ rig, proxy });
  });
});

describe('the ways through the proxy', () => {
  it('serves strict routers on either side', () => {
    const { rig, proxy } = stage();
    const peer = rig.addPeer('strict');
    const phone = rig.addPeer('phone');
    // From a strict router: our Record-Route in the Request-URI, the target last.
    const from = scripted(peer, proxy, `sip:127.0.0.1:${String(proxy.port)};lr`, [['Route', `<${phone.uri}>`]]);
    rig.run(50);
    assert.equal(phone.last('INVITE').requestUri, phone.uri);
    assert.equal(phone.last('INVITE').header('Route'), undefined);
    phone.respond(phone.last('INVITE'), 486);
    rig.run(50);
    peer.sameBranch('ACK', from, peer.lastResponse('INVITE').toTag);
    // To a strict router: it finds itself in the Request-URI, and the target last.
    const to = scripted(peer, proxy, 'sip:x@127.0.0.1:9', [['Route', `${proxy.route}, <${phone.uri}>`]]);
    rig.run(50);
    assert.equal(phone.last('INVITE').requestUri, phone.uri);
    assert.equal(phone.last('INVITE').header('Route'), '<sip:x@127.0.0.1:9>');
    phone.respond(phone.last('INVITE'), 486);
    rig.run(50);
    peer.sameBranch('ACK', to, peer.lastResponse('INVITE').toTag);
    end({ rig, proxy });
  });

  it('leads over the Path of a registration', () => {
    const { rig, proxy, alice } = stage();
    const edge = rig.addPeer('edge');
    proxy.bind('bob', { uri: 'sip:bob@127.0.0.1:9', path: [`<${edge.uri};lr>`] });
    const session = alice.call('sip:bob@lab.test');
    rig.run(50);
    assert.equal(edge.last('INVITE').requestUri, 'sip:bob@127.0.0.1:9');
    assert.equal(edge.last('INVITE').header('Route'), `<${edge.uri};lr>`);
    edge.respond(edge.last('INVITE'), 486);
    rig.run(50);
    assert.equal(session.endCause?.status, 486);
    end({ rig, proxy });
  });

  it('puts itself into the Path of who registers elsewhere through it, and is found by it', () => {
    const rig = new AgentRig();
    const edge = RigProxy.join(rig, 'edge', { domain: 'edge.test' });
    const home = RigProxy.join(rig, 'home');
    const alice = rig.add('alice', { answers: true });
    const registration = new Registration(
      {
        registrar: `sip:127.0.0.1:${String(home.port)}`,
        addressOfRecord: 'sip:alice@lab.test',
        contacts: () => [{ uri: alice.uri }],
        expires: 3_600,
        routes: [edge.route],
        onChange: () => undefined,
      },
      alice.agent.services,
    );
    rig.run(100, () => registration.register());
    assert.equal(registration.state, 'registered');
    assert.deepEqual(home.location.bindings.map(({ path }) => path), [[edge.route]]);
    const bob = rig.add('bob', { routes: [home.route] });
    const session = bob.call('sip:alice@lab.test');
    rig.run(100);
    assert.equal(session.state, 'connected');
    assert.deepEqual(rig.ladder.filter((line) => line.endsWith(' INVITE') && !line.includes('200')), [
      'bob>home INVITE',
      'home>edge INVITE',
      'edge>alice INVITE',
    ]);
    rig.run(100, () => registration.unregister());
    assert.deepEqual(home.location.bindings, []);
    edge.end();
    end({ rig, proxy: home });
  });

  it('passes a body and headers that nobody knows on as they are', () => {
    const { rig, proxy } = stage();
    const peer = rig.addPeer('caller');
    const phone = rig.addPeer('phone');
    proxy.bind('phone', phone.uri);
    const body = 'é\0"<>';
    const request = scripted(peer, proxy, 'sip:phone@lab.test', [['X-Odd', 'a,b ;c="é"'], ['k', 'x'], ['Content-Type', 'text/plain']], body);
    rig.run(50);
    const passed = phone.last('INVITE');
    assert.equal(passed.header('X-Odd'), 'a,b ;c="é"');
    assert.deepEqual(passed.supported, ['x']);
    assert.equal(Buffer.from(passed.body).toString(), body);
    phone.respond(passed, 486);
    rig.run(50);
    peer.sameBranch('ACK', request, peer.lastResponse('INVITE').toTag);
    end({ rig, proxy });
  });

  it('survives octets that are no SIP, and answers with no usable Via', () => {
    const { proxy } = stage();
    const source = { transport: 'udp', host: '127.0.0.1', port: 9 } as const;
    for (const text of ['', '\0', 'INVITE', 'INVITE sip:x SIP/2.0\r\n\r\n', 'SIP/2.0 200 OK\r\n\r\n', 'ACK sip:x SIP/2.0\r\nVia: x\r\n\r\n']) {
      proxy.receive(Buffer.from(text), source);
    }
    proxy.end();
  });
});

/** An INVITE of any shape, sent to the proxy. */
function scripted(
  peer: ScriptedPeer,
  proxy: RigProxy,
  uri: string,
  headers: readonly (readonly [string, string])[] = [],
  body = plainSdp(),
): SipRequest {
  return peer.sendTo(proxy.port, uri, headers, body);
}

function answersBye(phone: ScriptedPeer): (message: SipRequest | SipResponse) => void {
  return (message) => {
    if (message.kind === 'request' && message.method === 'BYE') phone.respond(message, 200, { headers: [] });
    if (message.kind === 'request' && message.method === 'CANCEL') phone.respond(message, 200, { headers: [] });
  };
}
