import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFrame } from '../../../../src/iax';
import type { CallInfo, LabOptions, PhoneOptions } from '../../../../src/lab';
import type { NetworkConditions } from '../../../../src/net';
import { type LabRig, startLab } from '../../../support/lab-rig';

type Some = Readonly<Record<string, Partial<PhoneOptions>>>;

/** alice, bob and charlie speak IAX2, dave speaks SIP. */
function iaxLab(phones: Some = {}, options: Partial<LabOptions> = {}, conditions: Partial<NetworkConditions> = {}): Promise<LabRig> {
  const iax = Object.fromEntries(['alice', 'bob', 'charlie'].map((name) => [name, { protocol: 'iax2' as const, ...phones[name] }]));
  return startLab({ ...phones, ...iax }, options, conditions);
}

/** Waits until the call of that number of a phone has ended; says how. */
async function ended(rig: LabRig, phone: string, index = 0): Promise<CallInfo['end']> {
  await rig.until(() => rig.lab.phone(phone).calls[index]?.state === 'ended', `call ${String(index)} of ${phone} has ended`);
  return rig.lab.phone(phone).calls[index]?.end;
}

/** The commands and controls that a phone has sent, in their order, without those that keep the call alive. */
function sent(rig: LabRig, owner: string): readonly string[] {
  return rig.lab.journal.entries.flatMap((entry) => {
    if (entry.kind !== 'packet' || entry.owner !== owner || entry.direction !== 'sent' || entry.protocol !== 'iax2') return [];
    const frame = decodeFrame(entry.bytes);
    assert.equal(frame.kind, 'full');
    return frame.isRetransmission || ['ACK', 'PING', 'PONG', 'LAGRQ', 'LAGRP'].includes(frame.command ?? '') ? [] : [frame.title];
  });
}

describe('an IAX2 phone', () => {
  it('calls another one, which answers, and both hear each other', async () => {
    const rig = await iaxLab();
    await rig.connect('alice', 'bob');
    await rig.hears('bob', 'alice');
    const [call] = rig.lab.phone('bob').calls;
    assert.deepEqual([call?.peer, call?.direction, call?.state], ['alice', 'incoming', 'connected']);
    await rig.do('alice hangup');
    assert.deepEqual(await ended(rig, 'bob'), { by: 'peer', status: 16, text: 'Normal clearing' });
    assert.deepEqual(rig.lab.phone('bob').hears, { phones: [], hold: false });
    await rig.end();
  });

  it('writes every frame into the journal as iax2, its voice among the media', async () => {
    const rig = await iaxLab();
    await rig.connect('alice', 'bob');
    const packets = rig.lab.journal.entries.filter((entry) => entry.kind === 'packet');
    assert.ok(packets.length >= 10);
    assert.ok(packets.every((entry) => entry.protocol === 'iax2' && entry.transport === 'iax2'));
    assert.ok(rig.lab.journal.media.some(({ protocol, owner }) => protocol === 'iax2' && owner === 'alice'));
    await rig.end();
  });

  it('holds by QUELCH and plays the hold tone itself; the other side falls silent', async () => {
    const rig = await iaxLab();
    await rig.connect('alice', 'bob');
    await rig.do('bob hold');
    await rig.hearsHoldTone('alice');
    await rig.hears('bob');
    assert.deepEqual([rig.lab.phone('bob').calls[0]?.holding, rig.lab.phone('alice').calls[0]?.held], [true, true]);
    assert.ok(rig.lab.can('resume', 'bob') && !rig.lab.can('hold', 'bob'));
    await rig.do('bob resume');
    await rig.hears('alice', 'bob');
    await rig.hears('bob', 'alice');
    await rig.fails('bob hold c0', 'CL3004', /c0 is a way of SIP/u);
    await rig.end();
  });

  it('talks to one of two callers at a time, and swaps', async () => {
    const rig = await iaxLab();
    await rig.connect('alice', 'bob');
    await rig.do('bob consult charlie', 'charlie answer');
    await rig.hears('charlie', 'bob');
    await rig.hearsHoldTone('alice');
    await rig.hears('bob', 'charlie');
    await rig.do('bob swap');
    await rig.hears('alice', 'bob');
    await rig.hears('bob', 'alice');
    await rig.end();
  });

  it('sends keys, each once, though much is lost', async () => {
    const rig = await iaxLab({}, {}, { loss: 0.3 });
    await rig.connect('alice', 'bob');
    await rig.do('alice dtmf 123#AD');
    await rig.until(() => rig.lab.phone('bob').digits.length >= 6, 'the keys arrive');
    await rig.world.pass(30_000);
    assert.equal(rig.lab.phone('bob').digits, '123#AD');
    await rig.end();
  });

  it('lets the caller know why there is no call: cause and text', async () => {
    const rig = await iaxLab({ bob: { behaviour: { kind: 'busy' } }, charlie: { behaviour: { kind: 'ignore' }, ringLimit: 3_000 } });
    await rig.do('alice place bob');
    assert.deepEqual(await ended(rig, 'alice'), { by: 'peer', status: 17, text: 'Busy' });
    await rig.do('alice place charlie');
    assert.deepEqual(await ended(rig, 'alice', 1), { by: 'peer', status: 19, text: 'No answer' });
    await rig.do('alice place charlie', 'charlie reject');
    assert.equal((await ended(rig, 'alice', 2))?.status, 21);
    await rig.do('alice place charlie', 'charlie reject 486');
    assert.equal((await ended(rig, 'alice', 3))?.status, 17);
    await rig.end();
  });

  it('asks callers who they are, and refuses a wrong secret and an unknown user alike', async () => {
    const requires = { realm: 'x', users: [{ username: 'alice', password: 's3cret' }] };
    const rig = await iaxLab({
      bob: { requires },
      alice: { credentials: { username: 'alice', password: 's3cret' } },
      charlie: { credentials: { username: 'alice', password: 'wrong' } },
    });
    await rig.connect('alice', 'bob');
    await rig.do('alice hangup');
    await rig.do('charlie place bob');
    assert.deepEqual(await ended(rig, 'charlie'), { by: 'peer', status: 50, text: 'No authority found' });
    assert.equal(rig.lab.phone('bob').calls.length, 1, 'bob never heard of it');
    await rig.end();
  });

  it('says that nobody answered in the end', async () => {
    const rig = await iaxLab();
    await rig.do('alice place iax2:127.0.0.1:9/bob');
    assert.deepEqual(await ended(rig, 'alice'), { by: 'network', status: 27, text: 'The other side does not answer any more' });
    await rig.end();
  });

  it('says in one sentence what IAX2 lacks', async () => {
    const rig = await iaxLab();
    await rig.do('alice place bob');
    await rig.fails('bob redirect to charlie', 'CL3003', /speaks IAX2, which has no redirection/u);
    await rig.fails('charlie pick-up bob', 'CL3003', /cannot take a call that rings elsewhere/u);
    await rig.fails('charlie watch bob', 'CL3003', /cannot watch others/u);
    await rig.fails('charlie unwatch bob', 'CL3003', /cannot watch others/u);
    for (const verb of ['redirect', 'pick-up', 'watch', 'unwatch'] as const) assert.equal(rig.lab.can(verb, 'bob'), false, verb);
    await rig.end();
  });

  it('and a SIP phone cannot call each other, and both say so', async () => {
    const rig = await iaxLab();
    await rig.fails('alice place dave', 'CL2002', 'dave speaks SIP, and alice IAX2: they cannot call each other');
    await rig.fails('dave place alice', 'CL2002', 'alice speaks IAX2, and only SIP can be called from here');
    await rig.fails('alice place alice', 'CL3003', 'alice cannot call itself');
    await rig.fails('alice place nobody', 'CL2002', /neither a phone \(alice, bob, charlie\) nor an IAX2 URI/u);
    await rig.fails('alice place iax2:192.0.2.1/5', 'CL1002', /not on this machine/u);
    await rig.fails('alice place iax2:pbx.example/5', 'CL1002', /look no names up/u);
    await rig.end();
  });

  it('crashes without a word, and comes back at the same port', async () => {
    const rig = await iaxLab();
    await rig.connect('alice', 'bob');
    const { uri } = rig.lab.phone('bob');
    await rig.do('bob crash');
    assert.equal(rig.lab.can('place', 'bob'), false);
    await rig.hears('alice');
    await rig.do('bob restart');
    assert.equal(rig.lab.phone('bob').uri, uri);
    await rig.do('alice hangup');
    await rig.connect('alice', 'bob');
    await rig.end();
  });

  it('hangs up when the lab stops, whatever it was doing', async () => {
    const rig = await iaxLab();
    await rig.connect('alice', 'bob');
    await rig.do('bob consult charlie');
    await rig.begin('bob dtmf 123456789');
    await rig.end();
    assert.ok(sent(rig, 'bob').includes('HANGUP'));
  });

  for (let seed = 1; seed <= 5; seed += 1) {
    it(`calls, holds and hangs up although three of ten frames are lost (seed ${String(seed)})`, async () => {
      const rig = await iaxLab({}, {}, { loss: 0.3, duplicate: 0.05, reorder: 0.1 });
      await rig.connect('alice', 'bob');
      await rig.do('alice hold');
      await rig.hearsHoldTone('bob');
      await rig.do('alice resume');
      await rig.hears('bob', 'alice');
      await rig.hears('alice', 'bob');
      await rig.do('bob hangup');
      await ended(rig, 'alice');
      await rig.end();
    });
  }
});
