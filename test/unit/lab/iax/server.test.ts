import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCommand, decodeFrame } from '../../../../src/iax';
import type { CallInfo, PhoneOptions, ServerOptions } from '../../../../src/lab';
import type { NetworkConditions } from '../../../../src/net';
import { type LabRig, startLab } from '../../../support/lab-rig';

const names = ['alice', 'bob', 'charlie'];
const users = names.map((name) => ({ username: name, password: `${name}-secret` }));
const extensions = new Map([
  ['101', 'alice'],
  ['102', 'bob'],
  ['103', 'charlie'],
  ['104', '102'],
  ['900', '901'],
  ['901', '900'],
]);
const pbx: ServerOptions = { name: 'pbx', kind: 'iax2', registrar: { users, challengeCalls: true }, extensions };

/** alice, bob and charlie speak IAX2 and register at a server. */
async function served(
  phones: Readonly<Record<string, Partial<PhoneOptions>>> = {},
  server: Partial<ServerOptions> = {},
  conditions: Partial<NetworkConditions> = {},
): Promise<LabRig> {
  const iax = Object.fromEntries(
    users.map(({ username, password }): [string, Partial<PhoneOptions>] => [
      username,
      { protocol: 'iax2', register: { registrar: 'pbx', password }, ...phones[username] },
    ]),
  );
  const rig = await startLab({ ...phones, ...iax }, { servers: [{ ...pbx, ...server }] }, conditions);
  return rig;
}

function registered(rig: LabRig, ...phones: readonly string[]): Promise<void> {
  return rig.until(() => phones.every((name) => rig.lab.phone(name).registration?.state === 'registered'), `${phones.join()} are registered`);
}

async function ended(rig: LabRig, phone: string, index = 0): Promise<CallInfo['end']> {
  await rig.until(() => rig.lab.phone(phone).calls[index]?.state === 'ended', `call ${String(index)} of ${phone} has ended`);
  return rig.lab.phone(phone).calls[index]?.end;
}

describe('an IAX2 server of the lab', () => {
  it('registers its users with their secrets, refreshes them, and lets them go', async () => {
    const rig = await served();
    await registered(rig, ...names);
    const [server] = rig.lab.servers;
    assert.deepEqual(server?.bindings.map(({ addressOfRecord }) => addressOfRecord.split('/').at(-1)).sort(), names);
    await rig.world.pass(300_000);
    await registered(rig, ...names);
    assert.equal(rig.lab.servers[0]!.bindings.length, 3, 'they have been refreshed');
    await rig.do('bob unregister');
    assert.deepEqual(rig.lab.servers[0]!.bindings.map(({ contact }) => contact.split('/').at(-1)).sort(), ['alice', 'charlie']);
    await rig.do('bob register');
    await rig.end();
    assert.deepEqual(rig.lab.servers[0]!.bindings, []);
  });

  it('refuses a wrong secret and an unknown user, and says the cause', async () => {
    const rig = await served({ bob: { register: { registrar: 'pbx', password: 'wrong' } }, charlie: { register: { registrar: 'pbx', username: 'eve', password: 'x' } } });
    for (const name of ['bob', 'charlie']) {
      await rig.until(() => rig.lab.phone(name).registration?.state === 'failed', `${name} fails`);
      assert.match(rig.lab.phone(name).registration?.problem ?? '', /Registration Refused \(cause 29\)/u);
      await rig.fails(`${name} register`, 'CL3010', /Registration Refused \(cause 29\)/u);
    }
    await rig.end();
  });

  it('takes no call of a user who cannot prove who he is', async () => {
    const rig = await served({ bob: { register: { registrar: 'pbx', password: 'wrong' } } });
    await registered(rig, 'alice');
    await rig.do('bob place alice');
    assert.equal((await ended(rig, 'bob'))?.status, 50);
    await rig.end();
  });

  for (const target of ['bob', '102', '104']) {
    it(`calls bob for alice, who dials ${target}, and relays what they say`, async () => {
      const rig = await served();
      await registered(rig, 'alice', 'bob');
      await rig.do(`alice place ${target}`);
      await rig.reaches('alice', 'ringing');
      await rig.do('bob answer');
      await rig.hears('alice', 'bob');
      await rig.hears('bob', 'alice');
      assert.equal(rig.lab.phone('bob').calls[0]?.peer, 'alice');
      await rig.do('alice dtmf 42', 'bob dtmf 7');
      await rig.until(() => rig.lab.phone('bob').digits === '42' && rig.lab.phone('alice').digits === '7', 'the keys are passed on');
      await rig.do('alice hangup');
      assert.deepEqual(await ended(rig, 'bob'), { by: 'peer', status: 16, text: 'Normal clearing' });
      await rig.end();
    });
  }

  it('plays music to whoever is held, and lets nothing through meanwhile', async () => {
    const rig = await served({ bob: { holdTone: false } });
    await registered(rig, 'alice', 'bob');
    await rig.connect('alice', 'bob');
    await rig.do('bob hold');
    await rig.hearsHoldTone('alice');
    await rig.hears('bob');
    await rig.until(() => rig.lab.phone('alice').calls[0]?.held === true, 'alice knows');
    await rig.do('bob resume');
    await rig.hears('alice', 'bob');
    await rig.hears('bob', 'alice');
    assert.equal(rig.lab.phone('alice').calls[0]?.held, false);
    await rig.end();
  });

  it('passes on why a call failed', async () => {
    const rig = await served({ bob: { behaviour: { kind: 'busy' } }, charlie: { behaviour: { kind: 'ignore' } } }, { ringFor: 4_000 });
    await registered(rig, ...names);
    await rig.do('alice place bob');
    assert.equal((await ended(rig, 'alice'))?.status, 17);
    await rig.do('alice place charlie');
    assert.deepEqual(await ended(rig, 'alice', 1), { by: 'peer', status: 19, text: 'No answer' });
    await rig.do('charlie unregister', 'alice place charlie');
    assert.equal((await ended(rig, 'alice', 2))?.status, 20);
    await rig.do('alice place 555');
    assert.deepEqual(await ended(rig, 'alice', 3), { by: 'peer', status: 3, text: 'No such extension' });
    await rig.do('alice place 900');
    assert.match((await ended(rig, 'alice', 4))?.text ?? '', /leads in a circle/u);
    await rig.end();
  });

  it('ends the call of a caller who gives up, and of one who vanishes', async () => {
    const rig = await served();
    await registered(rig, 'alice', 'bob');
    await rig.do('alice place bob');
    await rig.reaches('bob', 'incoming');
    await rig.do('alice hangup');
    await ended(rig, 'bob');
    await rig.connect('alice', 'bob');
    await rig.do('alice crash');
    await rig.until(() => rig.lab.phone('bob').calls[1]?.state === 'ended', 'bob is told');
    assert.equal(rig.lab.phone('bob').calls[1]?.end?.status, 27);
    await rig.end();
  });

  it('connects whoever is left with another number when one asks by TRANSFER', async () => {
    const rig = await served();
    await registered(rig, ...names);
    await rig.connect('alice', 'bob');
    const transfer = rig.begin('bob transfer alice to 103');
    await rig.reaches('charlie', 'incoming');
    await rig.do('charlie answer');
    await rig.hears('alice', 'charlie');
    await rig.hears('charlie', 'alice');
    assert.deepEqual(await transfer, { ok: true, text: 'alice was handed over to 103; nobody will say whether they are connected' });
    assert.equal(rig.calls('bob').length, 0);
    assert.match(rig.lab.phone('bob').calls[0]?.end?.text ?? '', /^handed over to 103/u);
    await rig.end();
  });

  it('keeps the call where TRANSFER asks for a number that there is not, or nobody who can be had', async () => {
    const rig = await served({ charlie: { behaviour: { kind: 'busy' } } });
    await registered(rig, ...names);
    await rig.connect('alice', 'bob');
    await rig.fails('bob transfer alice to 555', 'CL3005', /alice was not transferred to 555: Not transferred: there is no extension 555/u);
    await rig.fails('bob transfer alice to 103', 'CL3005', /not transferred to 103: .*Busy/u);
    await rig.hears('alice', 'bob');
    await rig.hears('bob', 'alice');
    await rig.end();
  });

  it('lets old clients in without a call token where it is told so, and forgets at its stop who never proved who he is', async () => {
    const old = { username: 'old', password: 'x', token: 'optional' as const };
    const rig = await served({}, { registrar: { users: [...users, old] } });
    const [, port] = /:(\d+)$/u.exec(rig.lab.servers[0]!.uri)!;
    const answers: string[] = [];
    const socket = await rig.world.network.bindUdp({
      host: '127.0.0.1',
      port: 0,
      tap: () => undefined,
      onPacket: (bytes) => {
        const frame = decodeFrame(bytes);
        answers.push(frame.kind === 'full' ? (frame.command ?? frame.title) : frame.kind);
      },
      onError: () => undefined,
    });
    const ask = (username: string): void => {
      const header = { sourceCall: 100, destinationCall: 0, timestamp: 0, outgoingSequence: 0, incomingSequence: 0 };
      socket.send(buildCommand(header, 'REGREQ', { username, refresh: 60 }).bytes, { host: '127.0.0.1', port: Number(port) });
    };
    ask('alice');
    await rig.until(() => answers.length === 1, 'an answer to alice');
    assert.deepEqual(answers, ['REGREJ'], 'a user who needs a token');
    ask('old');
    await rig.until(() => answers.length === 2, 'an answer to the old one');
    assert.equal(answers[1], 'REGAUTH');
    await socket.close();
    await rig.end();
  });

  for (let seed = 1; seed <= 5; seed += 1) {
    it(`relays a call and obeys TRANSFER although three of ten frames are lost (seed ${String(seed)})`, async () => {
      const rig = await served({}, {}, { loss: 0.3 });
      await registered(rig, ...names);
      await rig.do('alice place bob');
      await rig.reaches('bob', 'incoming');
      await rig.do('bob answer');
      await rig.hears('alice', 'bob');
      const transfer = rig.begin('bob transfer to charlie');
      await rig.reaches('charlie', 'incoming');
      await rig.do('charlie answer');
      await rig.hears('alice', 'charlie');
      await rig.hears('charlie', 'alice');
      assert.match((await transfer).text, /was handed over to charlie/u);
      await rig.end();
    });
  }
});
