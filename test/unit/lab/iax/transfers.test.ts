import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneOptions, ServerOptions } from '../../../../src/lab';
import type { NetworkConditions } from '../../../../src/net';
import { type LabRig, startLab } from '../../../support/lab-rig';

/** alice is the customer, bob the secretary, charlie the boss; all three speak IAX2. */
function office(phones: Readonly<Record<string, Partial<PhoneOptions>>> = {}, conditions: Partial<NetworkConditions> = {}): Promise<LabRig> {
  const iax = Object.fromEntries(['alice', 'bob', 'charlie', 'dave'].map((name) => [name, { protocol: 'iax2' as const, ...phones[name] }]));
  return startLab(iax, {}, conditions);
}

async function consulted(rig: LabRig): Promise<void> {
  await rig.connect('alice', 'bob');
  await rig.do('bob consult charlie');
  await rig.reaches('charlie', 'incoming');
  await rig.do('charlie answer');
  await rig.hears('bob', 'charlie');
}

async function connected(rig: LabRig): Promise<void> {
  await rig.hears('alice', 'charlie');
  await rig.hears('charlie', 'alice');
  assert.equal(rig.calls('bob').length, 0, 'bob has left');
}

describe('a phone in the middle of a native transfer', () => {
  it('connects customer and boss, and leaves both calls without a HANGUP', async () => {
    const rig = await office();
    await consulted(rig);
    assert.deepEqual(await rig.perform('bob attended-transfer alice to charlie'), { ok: true, text: 'alice is connected to charlie; this phone has left both calls' });
    await connected(rig);
    const [customer] = rig.calls('alice');
    assert.deepEqual([customer?.peer, customer?.transferredBy, customer?.held], ['charlie', 'bob', false]);
    assert.equal(rig.lab.phone('bob').calls[0]?.end?.text, 'Transferred: the other two talk to each other');
    await rig.do('alice hangup');
    await rig.until(() => rig.calls('charlie').length === 0, 'the boss hears that she has hung up');
    await rig.end();
  });

  it('swaps first, and consults by itself where nobody is consulted yet', async () => {
    const rig = await office({ charlie: { behaviour: { kind: 'answer', after: 100 } } });
    await consulted(rig);
    await rig.do('bob swap');
    await rig.hears('bob', 'alice');
    await rig.do('bob swap');
    await rig.hears('bob', 'charlie');
    await rig.do('bob hangup charlie', 'bob resume');
    await rig.hears('alice', 'bob');
    await rig.do('bob attended-transfer to charlie');
    await connected(rig);
    await rig.end();
  });

  it('while the boss still rings: the answer goes straight to the customer', async () => {
    const rig = await office();
    await rig.connect('alice', 'bob');
    await rig.do('bob consult charlie');
    await rig.reaches('charlie', 'incoming');
    await rig.do('bob blonde-transfer alice to charlie');
    assert.equal(rig.calls('bob').length, 0);
    await rig.world.pass(2_000);
    await rig.do('charlie answer');
    await connected(rig);
    await rig.end();
  });

  it('keeps both calls where the boss refuses, at the phone or in the protocol', async () => {
    const rig = await office({ charlie: { refer: 'refuse' } });
    await consulted(rig);
    await rig.fails('bob attended-transfer alice to charlie', 'CL3005', /alice was not transferred to charlie: One end refused \(TXREJ\)/u);
    await rig.hears('bob', 'charlie');
    await rig.do('charlie hangup');
    await rig.until(() => rig.calls('bob').length === 1, 'the boss has gone');
    await rig.do('bob resume');
    await rig.hears('alice', 'bob');
    await rig.fails('bob attended-transfer alice to bob', 'CL3003', /in a call already/u);
    await rig.end();
  });

  it('asks the person who is to be transferred, where the phone is set so', async () => {
    for (const word of ['allow', 'refuse'] as const) {
      const rig = await office({ alice: { refer: 'ask' } });
      await consulted(rig);
      const transfer = rig.begin('bob attended-transfer alice to charlie');
      await rig.until(() => rig.lab.phone('alice').asks.length > 0, 'alice is asked');
      assert.deepEqual(rig.lab.phone('alice').asks.map(({ by, target }) => [by, target]), [['bob', 'charlie']]);
      await rig.do(`alice ${word}-transfer bob`);
      const outcome = await rig.world.drive(transfer);
      assert.equal(outcome.ok, word === 'allow', outcome.text);
      if (word === 'allow') await connected(rig);
      else assert.equal(rig.calls('bob').length, 2);
      await rig.end();
    }
  });

  it('with media only stays in both calls and passes on what is signalled', async () => {
    const rig = await office({ bob: { transfer: { media: true } } });
    await consulted(rig);
    await rig.do('bob attended-transfer alice to charlie');
    await rig.hears('alice', 'charlie');
    await rig.hears('charlie', 'alice');
    await rig.hears('bob');
    assert.equal(rig.calls('bob').length, 2);
    await rig.do('alice dtmf 5');
    await rig.until(() => rig.lab.phone('charlie').digits === '5', 'the key goes through bob');
    await rig.do('charlie hangup');
    await rig.until(() => rig.calls().length === 0, 'all is over');
    await rig.end();
  });

  it('hands a call over by TRANSFER: the customer’s own phone calls the boss', async () => {
    const rig = await office();
    await rig.connect('alice', 'bob');
    const outcome = await rig.perform('bob transfer alice to charlie');
    assert.deepEqual(outcome, { ok: true, text: 'alice was handed over to charlie; nobody will say whether they are connected' });
    await rig.reaches('charlie', 'incoming');
    await rig.do('charlie answer');
    await connected(rig);
    assert.equal(rig.calls('alice')[0]?.transferredBy, 'bob');
    await rig.end();
  });

  it('is told when the customer does not take TRANSFER', async () => {
    const rig = await office({ alice: { refer: 'refuse' } });
    await rig.connect('alice', 'bob');
    await rig.fails('bob transfer alice to charlie', 'CL3005', /cannot do it \(UNSUPPORT\)/u);
    await rig.fails('bob transfer alice to alice', 'CL3003', /cannot be transferred to alice/u);
    await rig.hears('alice', 'bob');
    await rig.end();
  });

  it('asks the person before TRANSFER is obeyed, where the phone is set so', async () => {
    const rig = await office({ alice: { refer: 'ask' } });
    await rig.connect('alice', 'bob');
    const transfer = rig.begin('bob transfer alice to charlie');
    await rig.until(() => rig.lab.phone('alice').asks.length > 0, 'alice is asked');
    await rig.do('alice allow-transfer');
    assert.ok((await rig.world.drive(transfer)).ok);
    await rig.do('charlie answer');
    await connected(rig);
    await rig.end();
  });

  it('crashes in the middle of it, and the lab still leaves nothing', async () => {
    const rig = await office({}, { delay: { min: 40, max: 60 } });
    await consulted(rig);
    const transfer = rig.begin('bob attended-transfer alice to charlie');
    await rig.world.pass(100);
    await rig.do('bob crash');
    assert.equal((await rig.world.drive(transfer)).ok, false);
    await rig.end();
  });

  for (let seed = 1; seed <= 5; seed += 1) {
    it(`connects them although three of ten frames are lost (seed ${String(seed)})`, async () => {
      const rig = await office({ bob: { transfer: { attempts: 12 } } }, { loss: 0.3 });
      await consulted(rig);
      await rig.do('bob attended-transfer alice to charlie');
      await connected(rig);
      await rig.end();
    });
  }
});

describe('an IAX2 server in the middle of a native transfer', () => {
  const users = ['alice', 'bob', 'charlie'].map((name) => ({ username: name, password: `${name}-secret` }));

  async function served(transfer: ServerOptions['transfer'], conditions: Partial<NetworkConditions> = {}): Promise<LabRig> {
    const phones = Object.fromEntries(
      users.map(({ username, password }): [string, Partial<PhoneOptions>] => [username, { protocol: 'iax2', register: { registrar: 'pbx', password } }]),
    );
    const pbx: ServerOptions = { name: 'pbx', kind: 'iax2', registrar: { users, challengeCalls: true }, ...(transfer !== undefined && { transfer }) };
    const rig = await startLab(phones, { servers: [pbx] }, conditions);
    await rig.until(() => ['alice', 'bob', 'charlie'].every((name) => rig.lab.phone(name).registration?.state === 'registered'), 'all are registered');
    return rig;
  }

  /** How many voice frames the server has received from now on, in a second. */
  async function voiceAtServer(rig: LabRig): Promise<number> {
    const count = (): number => rig.lab.journal.media.filter(({ owner, direction }) => owner === 'pbx' && direction === 'received').length;
    const before = count();
    await rig.world.pass(1_000);
    return count() - before;
  }

  it('relays all unless set otherwise', async () => {
    const rig = await served(undefined);
    await rig.connect('alice', 'bob');
    assert.ok((await voiceAtServer(rig)) >= 90);
    await rig.end();
  });

  it('leaves its two phones to each other', async () => {
    const rig = await served('native');
    await rig.connect('alice', 'bob');
    await rig.until(() => rig.calls('bob')[0]?.peerUri.includes(rig.lab.phone('alice').uri.split('/')[0]!.slice(5)) === true, 'bob talks to alice directly');
    await rig.world.pass(200);
    assert.equal(await voiceAtServer(rig), 0);
    await rig.hears('alice', 'bob');
    await rig.hears('bob', 'alice');
    await rig.do('bob hangup');
    await rig.until(() => rig.calls().length === 0, 'both are over');
    await rig.end();
  });

  it('lets only their voice pass it by', async () => {
    const rig = await served('media');
    await rig.connect('alice', 'bob');
    await rig.world.pass(500);
    assert.equal(await voiceAtServer(rig), 0);
    await rig.hears('alice', 'bob');
    await rig.hears('bob', 'alice');
    await rig.do('alice dtmf 9');
    await rig.until(() => rig.lab.phone('bob').digits === '9', 'the key is passed on');
    await rig.do('bob hangup');
    await rig.until(() => rig.calls().length === 0, 'both are over');
    await rig.end();
  });

  it('connects natively whoever TRANSFER has put together', async () => {
    const rig = await served('native');
    await rig.connect('alice', 'bob');
    await rig.world.pass(1_000);
    await rig.do('bob transfer alice to charlie', 'charlie answer');
    await rig.hears('alice', 'charlie');
    await rig.hears('charlie', 'alice');
    await rig.end();
  });
});
