import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneOptions, ServerOptions } from '../../../src/lab';
import { type LabRig, LabWorld } from '../../support/lab-rig';

const users = [
  { username: 'alice', password: 'secret' },
  { username: 'bob', password: 'hidden' },
];

const proxy: ServerOptions = { name: 'proxy', kind: 'proxy', registrar: { users } };

function registering(name: string, password: string, more: Partial<PhoneOptions> = {}): PhoneOptions {
  return { name, register: { registrar: 'proxy', password }, ...more };
}

const alice = registering('alice', 'secret');
const bob = registering('bob', 'hidden');

function lab(phones: readonly PhoneOptions[], servers: readonly ServerOptions[] = [proxy], world = new LabWorld()): Promise<LabRig> {
  return world.lab(phones, { servers });
}

function stateOf(rig: LabRig, phone: string): string | undefined {
  return rig.lab.phone(phone).registration?.state;
}

/** The statuses with which the phone's calls have ended, so many of them at the least. */
async function endings(rig: LabRig, phone: string, count = 1): Promise<readonly (number | undefined)[]> {
  const ended = (): readonly (number | undefined)[] => rig.lab.phone(phone).calls.filter(({ state }) => state === 'ended').map((call) => call.end?.status);
  await rig.until(() => ended().length >= count, `${String(count)} calls of ${phone} have ended`);
  return ended();
}

async function end(rig: LabRig): Promise<void> {
  assert.deepEqual(await rig.world.drive(rig.lab.stop()), { sockets: 0, timers: 0, calls: 0 });
}

describe('a server of the lab', () => {
  it('registers the phones that start, and shows who is where', async () => {
    const rig = await lab([alice, bob]);
    await rig.until(() => stateOf(rig, 'alice') === 'registered' && stateOf(rig, 'bob') === 'registered');
    const [server] = rig.lab.servers;
    assert.equal(server?.domain, 'lab.test');
    assert.equal(server.isRegistrar, true);
    assert.deepEqual(
      server.bindings.map(({ addressOfRecord, contact, q }) => ({ addressOfRecord, contact, q })),
      [
        { addressOfRecord: 'sip:alice@lab.test', contact: rig.lab.phone('alice').uri, q: 1 },
        { addressOfRecord: 'sip:bob@lab.test', contact: rig.lab.phone('bob').uri, q: 1 },
      ],
    );
    const info = rig.lab.phone('alice').registration;
    assert.equal(info?.addressOfRecord, 'sip:alice@lab.test');
    assert.equal(info.registrar, 'proxy');
    assert.equal(info.expires, 3_600);
    assert.equal(server.bindings[0]?.until, 3_600_000, 'an hour after the start, in the time of the journal');
    await end(rig);
    assert.deepEqual(rig.lab.servers[0]?.bindings, [], 'the phones have released what they had');
  });

  it('is called through by name, and has entries of its own in the journal', async () => {
    const rig = await lab([alice, bob]);
    await rig.until(() => rig.lab.servers[0]?.bindings.length === 2);
    await rig.connect('alice', 'bob');
    assert.equal(rig.calls('alice')[0]?.peerUri, 'sip:bob@lab.test');
    assert.equal(rig.calls('bob')[0]?.peer, 'alice');
    const owners = new Set(rig.lab.journal.entries.flatMap((entry) => (entry.kind === 'packet' && entry.protocol === 'sip' ? [entry.owner] : [])));
    assert.deepEqual([...owners].sort(), ['alice', 'bob', 'proxy']);
    await end(rig);
  });

  it('ends the verbs of a phone that crashes before the registrar has answered', async () => {
    const rig = await lab([alice, bob]);
    await rig.until(() => stateOf(rig, 'alice') === 'registered' && stateOf(rig, 'bob') === 'registered');
    for (const verb of ['register', 'unregister']) {
      const outcome = rig.begin(`alice ${verb}`);
      const crash = rig.begin('alice crash');
      // The registrar's answer may come, and finds nobody.
      await rig.world.drive(crash);
      assert.equal((await rig.world.drive(outcome)).code, 'CL3003');
      await rig.do('alice restart');
      await rig.until(() => stateOf(rig, 'alice') === 'registered');
    }
    await end(rig);
  });

  it('lets verbs release and register, and tells why it refuses', async () => {
    const rig = await lab([alice, registering('bob', 'wrong'), { name: 'charlie' }]);
    await rig.until(() => stateOf(rig, 'alice') === 'registered' && stateOf(rig, 'bob') === 'failed');
    await rig.do('alice unregister');
    assert.deepEqual(rig.lab.servers[0]?.bindings, []);
    assert.equal(rig.lab.can('unregister', 'alice'), false);
    assert.equal(rig.lab.can('register', 'alice'), true);
    assert.equal(rig.lab.can('register', 'charlie'), false);
    const outcome = await rig.perform('alice register');
    assert.equal(outcome.text, 'registered at proxy as sip:alice@lab.test for 3600 s');
    await rig.fails('bob register', 'CL3010', 'bob is not registered at proxy: 401 Unauthorized');
    await rig.fails('charlie register', 'CL3003', /no registrar/u);
    await end(rig);
  });

  it('says 480 for one who is not registered, and knows whom it calls itself by', async () => {
    const rig = await lab([alice, bob]);
    await rig.until(() => rig.lab.servers[0]?.bindings.length === 2);
    await rig.do('bob unregister');
    await rig.do('alice place bob');
    assert.deepEqual(await endings(rig, 'alice'), [480]);
    await rig.fails('alice place alice', 'CL3003', 'alice cannot call itself');
    await rig.fails('alice place sip:alice@lab.test', 'CL3003', 'alice cannot call itself');
    await end(rig);
  });

  it('registers a phone again that has come back', async () => {
    const rig = await lab([alice, bob]);
    await rig.until(() => rig.lab.servers[0]?.bindings.length === 2);
    await rig.do('bob restart');
    await rig.until(() => stateOf(rig, 'bob') === 'registered');
    await rig.connect('alice', 'bob');
    await end(rig);
  });

  it('carries phones of every transport, each by its own', async () => {
    const tcp = registering('alice', 'secret', { transport: 'tcp' });
    const rig = await lab([tcp, bob]);
    await rig.until(() => rig.lab.servers[0]?.bindings.length === 2);
    await rig.connect('alice', 'bob');
    await rig.do('bob hangup');
    await rig.until(() => rig.calls('alice').length === 0);
    await rig.connect('bob', 'alice');
    await end(rig);
  });

  it('is no registrar unless it is told to be one', async () => {
    const rig = await lab([alice], [{ name: 'proxy', kind: 'proxy' }]);
    await rig.until(() => stateOf(rig, 'alice') === 'failed');
    assert.match(rig.lab.phone('alice').registration?.problem ?? '', /405/u);
    await end(rig);
  });

  it('asks callers for their password where it is told to', async () => {
    const open: PhoneOptions = { name: 'mallory', outboundProxy: 'proxy' };
    const rig = await lab([alice, bob, open], [{ ...proxy, registrar: { users, challengeCalls: true } }]);
    await rig.until(() => rig.lab.servers[0]?.bindings.length === 2);
    await rig.connect('alice', 'bob');
    await rig.do('mallory place sip:bob@lab.test');
    assert.deepEqual(await endings(rig, 'mallory'), [407]);
    await end(rig);
  });

  it('leads nowhere beyond this machine', async () => {
    const rig = await lab([alice]);
    await rig.until(() => stateOf(rig, 'alice') === 'registered');
    await rig.do('alice place sip:x@192.0.2.1');
    await rig.do('alice place sip:x@example.org');
    assert.deepEqual(await endings(rig, 'alice', 2), [403, 403]);
    await end(rig);
  });

  it('and a phone say what is wrong with their options, and the rest works', async () => {
    const world = new LabWorld();
    const rig = await lab([{ name: 'alice', port: 5_060 }, { name: 'bob', outboundProxy: 'prxy' }, { name: 'charlie' }], [{ name: 'proxy', kind: 'proxy', host: '127.0.0.1', port: 5_060 }], world);
    assert.match(rig.lab.phone('alice').problem ?? '', /5060/u);
    assert.match(rig.lab.phone('bob').problem ?? '', /"prxy": it is neither a server of this lab nor a sip: URI/u);
    assert.equal(rig.lab.phone('charlie').problem, undefined);
    await end(rig);
  });

  it('stops cleanly while phones still ask in vain for a registrar that is gone', async () => {
    const rig = await lab([{ name: 'alice', register: { registrar: 'sip:127.0.0.1:9' } }]);
    await rig.world.pass(100);
    assert.equal(stateOf(rig, 'alice'), 'registering');
    await end(rig);
  });
});
