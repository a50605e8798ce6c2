import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startLab } from '../../support/lab-rig';

describe('a phone that crashes', () => {
  it('tells nobody: its peer learns of it when it acts, and it can do nothing itself', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    await rig.do('bob crash');
    const { length: said } = rig.messages('bob', 'sent');
    assert.equal(rig.state('alice'), 'bob connected');
    assert.equal(rig.state('bob'), '');
    assert.equal(rig.lab.can('place', 'bob'), false);
    await rig.fails('bob place alice', 'CL3003', 'bob does not work: it has crashed; "bob restart" brings it back');
    await rig.fails('bob crash', 'CL3003', /^bob does not work/u);
    await rig.fails('alice hold', 'CL3004', /408/u);
    assert.equal(rig.state('alice'), '');
    assert.equal(rig.messages('bob', 'sent').length, said);
    await rig.end();
  });

  it('ends what its person had asked for', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    const transfer = rig.begin('bob transfer alice to charlie');
    await rig.reaches('charlie', 'incoming');
    await rig.do('bob crash');
    assert.equal((await rig.world.drive(transfer)).ok, false);
    await rig.do('charlie answer');
    await rig.hears('alice', 'charlie');
    await rig.end();
  });

  it('comes back at the same address and remembers nothing: what was a call is no call any more', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    const { uri } = rig.lab.phone('bob');
    await rig.do('bob restart');
    assert.equal(rig.lab.phone('bob').uri, uri);
    assert.deepEqual(rig.lab.phone('bob').calls, []);
    assert.equal(rig.state('alice'), 'bob connected');
    // RFC 3261 section 12.2.1.2: a 481 to a request within the dialog ends it.
    await rig.fails('alice hold', 'CL3004', /481/u);
    assert.equal(rig.state('alice'), '');
    await rig.connect('alice', 'bob');
    await rig.end();
  });

  it('can crash and be restarted in any order, also all at once and while the lab stops', async () => {
    const rig = await startLab();
    const lines = ['bob restart', 'bob crash', 'bob restart', 'alice restart', 'bob restart', 'charlie crash', 'charlie restart', 'dave crash'];
    const outcomes = lines.map((line) => rig.begin(line));
    for (const outcome of outcomes) assert.ok((await rig.world.drive(outcome)).ok);
    await rig.connect('alice', 'bob');
    await rig.connect('charlie', 'alice');
    const last = rig.begin('bob restart');
    const unborn = rig.begin('alice restart');
    // The first of them has begun, the other has not.
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
    await rig.end();
    assert.ok((await last).ok);
    assert.equal((await unborn).code, 'CL3007');
  });

  it('does nothing any more, also while a connection that nobody answers keeps its ports', async () => {
    const rig = await startLab({ bob: { host: '127.0.0.12', transport: 'tcp' } });
    rig.world.network.partition('127.0.0.12', '*');
    const call = rig.begin('bob place alice');
    await rig.world.pass(100);
    const crash = rig.begin('bob crash');
    await rig.world.pass(100);
    assert.equal(rig.lab.can('watch', 'bob'), false);
    await rig.fails('bob watch alice', 'CL3003', /^bob does not work: it has crashed/u);
    rig.world.network.heal();
    assert.ok((await rig.world.drive(crash)).ok);
    await rig.world.drive(call);
    await rig.end();
  });
});
