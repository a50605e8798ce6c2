import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HoldStyle } from '../../../src/sip';
import { startLab } from '../../support/lab-rig';

const hello = { behaviour: { kind: 'answer', after: 50 } } as const;

describe('a phone that nobody touches', () => {
  it('rings, and answers after its time', async () => {
    const rig = await startLab({ bob: { behaviour: { kind: 'answer', after: 700 } } });
    const before = rig.world.clock.now();
    await rig.do('alice place bob');
    await rig.reaches('alice', 'ringing');
    await rig.reaches('alice', 'connected');
    assert.ok(rig.world.clock.now() - before >= 700);
    await rig.hears('alice', 'bob');
    await rig.end();
  });

  const refusals = [
    ['busy', 486, 'Busy Here'],
    ['decline', 603, 'Decline'],
  ] as const;
  for (const [kind, status, text] of refusals) {
    it(`refuses with ${status} when told to be ${kind}`, async () => {
      const rig = await startLab({ bob: { behaviour: { kind } } });
      await rig.do('alice place bob');
      await rig.until(() => rig.calls('alice').length === 0);
      assert.deepEqual(rig.lab.phone('alice').calls[0]?.end, { by: 'peer', status, text });
      assert.ok(!rig.messages('bob', 'sent').includes('180 INVITE'), 'it does not even ring');
      await rig.end();
    });
  }

  it('rings for ever when told to ignore the call; the caller gives up at its limit', async () => {
    const rig = await startLab({ alice: { ringLimit: 30_000 }, bob: { behaviour: { kind: 'ignore' } } });
    await rig.do('alice place bob');
    await rig.world.pass(29_000);
    assert.equal(rig.state('alice'), 'bob ringing');
    await rig.until(() => rig.calls().length === 0);
    assert.equal(rig.lab.phone('alice').calls[0]?.end?.status, 487);
    assert.ok(rig.messages('alice', 'sent').includes('CANCEL'));
    await rig.end();
  });

  it('sends the caller on when told to redirect', async () => {
    const rig = await startLab({ bob: { behaviour: { kind: 'redirect', to: ['charlie'] } }, charlie: hello });
    await rig.do('alice place bob');
    await rig.reaches('alice', 'connected');
    await rig.hears('alice', 'charlie');
    assert.deepEqual(rig.messages('bob', 'sent'), ['302 INVITE']);
    await rig.end();
  });

  it('refuses with 480, and tells why, when its redirection leads nowhere', async () => {
    const rig = await startLab({ bob: { behaviour: { kind: 'redirect', to: ['nobody'] } } });
    await rig.do('alice place bob');
    await rig.until(() => rig.calls('alice').length === 0);
    assert.equal(rig.lab.phone('alice').calls[0]?.end?.status, 480);
    assert.match(rig.problems('bob').join(), /^CL2002 bob cannot redirect: CL2002: "nobody" is neither a phone/u);
    await rig.end();
  });
});

describe('a person', () => {
  it('rejects with the status they like, and redirects by hand', async () => {
    const rig = await startLab({ charlie: hello });
    await rig.do('alice place bob');
    await rig.reaches('bob', 'incoming');
    await rig.do('bob reject 404');
    await rig.until(() => rig.calls('alice').length === 0);
    assert.equal(rig.lab.phone('alice').calls[0]?.end?.status, 404);
    await rig.do('alice place bob');
    await rig.reaches('bob', 'incoming');
    await rig.do('bob redirect to charlie');
    await rig.hears('alice', 'charlie');
    await rig.end();
  });

  for (const style of ['sendonly', 'inactive', 'c0'] as const satisfies readonly HoldStyle[]) {
    it(`holds with ${style}, and resumes: who hears whom follows`, async () => {
      const rig = await startLab();
      await rig.connect('alice', 'bob');
      await rig.do(`bob hold ${style}`);
      assert.equal(rig.state('bob'), 'alice connected holding');
      assert.equal(rig.state('alice'), 'bob connected held');
      if (style !== 'inactive') await rig.hearsHoldTone('alice');
      else await rig.hears('alice');
      await rig.hears('bob');
      await rig.do('bob resume');
      await rig.hears('alice', 'bob');
      await rig.hears('bob', 'alice');
      await rig.end();
    });
  }

  it('has one mouth: a second call, and call waiting, put the first on hold; swap changes places', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    await rig.do('charlie place bob');
    await rig.reaches('bob', 'incoming', 'charlie');
    await rig.hears('bob', 'alice');
    await rig.do('bob answer charlie');
    await rig.hearsHoldTone('alice');
    await rig.hears('bob', 'charlie');
    assert.equal(rig.state('bob'), 'alice connected holding, charlie connected');
    await rig.do('bob swap');
    await rig.hears('alice', 'bob');
    await rig.hearsHoldTone('charlie');
    await rig.hears('bob', 'alice');
    await rig.do('bob swap', 'bob hangup');
    assert.equal(rig.state('bob'), 'alice connected holding', 'the call that was active is hung up');
    await rig.end();
  });

  it('presses keys, which the other phone reads', async () => {
    const rig = await startLab();
    const heard: string[] = [];
    rig.lab.on('digit', (phone, digit) => heard.push(`${phone} ${digit}`));
    await rig.connect('alice', 'bob');
    await rig.do('alice dtmf 12*#D');
    await rig.until(() => rig.lab.phone('bob').digits === '12*#D');
    assert.deepEqual(heard, ['bob 1', 'bob 2', 'bob *', 'bob #', 'bob D']);
    await rig.end();
  });
});

describe('a transfer', () => {
  it('blind: alice hears charlie, and bob is out of it', async () => {
    const rig = await startLab({ charlie: hello });
    await rig.connect('alice', 'bob');
    await rig.do('bob transfer to charlie');
    await rig.hears('alice', 'charlie');
    await rig.hears('charlie', 'alice');
    await rig.hears('bob');
    assert.equal(rig.state('bob'), '');
    assert.equal(rig.calls('charlie')[0]?.transferredBy, 'bob');
    assert.deepEqual(rig.lab.trace.transfers.map(({ kind, verdict }) => [kind, verdict]), [['blind', 'success']]);
    await rig.end();
  });

  it('attended, with the consultation call that is up already, named by party or by id', async () => {
    for (const target of ['charlie', 'bob/2']) {
      const rig = await startLab({ charlie: hello });
      await rig.connect('alice', 'bob');
      await rig.do('bob consult charlie');
      await rig.hears('bob', 'charlie');
      await rig.hearsHoldTone('alice');
      const invites = rig.messages('bob', 'sent').filter((message) => message === 'INVITE').length;
      await rig.do(`bob attended-transfer alice to ${target}`);
      await rig.hears('alice', 'charlie');
      await rig.hears('charlie', 'alice');
      await rig.until(() => rig.calls('bob').length === 0);
      const holds = 1;
      assert.ok(rig.messages('bob', 'sent').filter((message) => message === 'INVITE').length <= invites + holds, 'no second consultation');
      await rig.end();
    }
  });

  it('attended, without one: it is placed first, and waits for its answer', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    const transfer = rig.begin('bob attended-transfer alice to charlie');
    await rig.reaches('charlie', 'incoming');
    await rig.hearsHoldTone('alice');
    await rig.do('charlie answer');
    const { ok, text } = await rig.world.drive(transfer);
    assert.ok(ok, text);
    assert.equal(text, 'alice transferred to charlie');
    await rig.hears('alice', 'charlie');
    assert.deepEqual(rig.lab.trace.transfers.map(({ kind }) => kind), ['attended']);
    await rig.end();
  });

  it('attended, to somebody who refuses: the first call stays on hold, and can be taken back', async () => {
    const rig = await startLab({ charlie: { behaviour: { kind: 'decline' } } });
    await rig.connect('alice', 'bob');
    await rig.fails('bob attended-transfer alice to charlie', 'CL3004', /^The call with charlie ended: 603/u);
    await rig.do('bob resume');
    await rig.hears('alice', 'bob');
    await rig.end();
  });

  it('of a call that is hung up meanwhile fails with a sentence', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    const transfer = rig.begin('bob attended-transfer alice to charlie');
    await rig.reaches('charlie', 'incoming');
    await rig.do('alice hangup');
    const { ok, code } = await rig.world.drive(transfer);
    assert.deepEqual([ok, code], [false, 'CL3004']);
    await rig.end();
  });
});

describe('finished calls', () => {
  it('are remembered up to a number, and their ports are used again', async () => {
    const rig = await startLab({ bob: { behaviour: { kind: 'busy' } } }, { entryLimit: 500 });
    for (let call = 0; call < 60; call += 1) {
      await rig.do('alice place bob');
      await rig.until(() => rig.calls().length === 0);
    }
    assert.equal(rig.lab.phone('alice').calls.length, 60);
    assert.ok(rig.world.network.openSockets <= 4 * 2 + 1, `${rig.world.network.openSockets} sockets for one call at a time`);
    assert.ok(rig.lab.journal.entries.length <= 625);
    assert.ok(rig.lab.journal.droppedEntries > 0);
    await rig.end();
  });
});
