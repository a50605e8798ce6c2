import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseVerb, type TransferAsk } from '../../../src/lab';
import { startLab } from '../../support/lab-rig';

describe('consent to a transfer', () => {
  it('is asked for with who and whither, and given by a verb', async () => {
    const rig = await startLab({ alice: { refer: 'ask' }, charlie: { behaviour: { kind: 'answer', after: 0 } } });
    const asked: TransferAsk[] = [];
    rig.lab.on('asked', (ask) => asked.push(ask));
    await rig.connect('alice', 'bob');
    const transfer = rig.begin('bob transfer alice to charlie');
    await rig.until(() => asked.length > 0, 'alice is asked');
    assert.deepEqual(asked.map(({ phone, by, target }) => ({ phone, by, target })), [{ phone: 'alice', by: 'bob', target: 'charlie' }]);
    assert.deepEqual(rig.lab.phone('alice').asks, asked);
    assert.ok(rig.lab.can('allow-transfer', 'alice', 'bob'));
    assert.ok(!rig.lab.can('allow-transfer', 'bob'));
    assert.equal(rig.calls('charlie').length, 0);
    await rig.fails('alice allow-transfer charlie', 'CL3003', /charlie does not ask/u);
    await rig.do('alice allow-transfer bob');
    assert.ok((await rig.world.drive(transfer)).ok);
    assert.deepEqual(rig.lab.phone('alice').asks, []);
    await rig.fails('alice allow-transfer', 'CL3003', /Nobody asks/u);
    await rig.end();
  });

  it('is refused when the person hangs up on whoever asks', async () => {
    const rig = await startLab({ alice: { refer: 'ask' } });
    await rig.connect('alice', 'bob');
    const transfer = rig.begin('bob transfer alice to charlie');
    await rig.until(() => rig.lab.phone('alice').asks.length > 0, 'alice is asked');
    await rig.do('alice hangup bob');
    assert.ok(!(await rig.world.drive(transfer)).ok);
    assert.deepEqual(rig.lab.phone('alice').asks, []);
    assert.equal(rig.calls('charlie').length, 0);
    await rig.end();
  });

  it('leaves nothing behind when the lab stops while it is asked for', async () => {
    const rig = await startLab({ alice: { refer: 'ask' } });
    await rig.connect('alice', 'bob');
    const transfer = rig.begin('bob transfer alice to charlie');
    await rig.until(() => rig.lab.phone('alice').asks.length > 0, 'alice is asked');
    await rig.end();
    assert.ok(!(await transfer).ok);
  });
});

describe('a blonde transfer', () => {
  it('says what it is doing while it waits', async () => {
    const rig = await startLab({ bob: { transfer: { blonde: 'replaces' } } });
    const notices: string[] = [];
    rig.lab.on('notice', (phone, text) => notices.push(`${phone}: ${text}`));
    await rig.connect('alice', 'bob');
    await rig.do('bob consult charlie');
    await rig.reaches('charlie', 'incoming', 'bob');
    const transfer = rig.begin('bob blonde-transfer alice to charlie');
    await rig.until(() => notices.length >= 3, 'the phone has said that it waits');
    assert.deepEqual(notices, [
      'bob: asking for the ringing call to be replaced',
      'bob: the target cannot replace a call that still rings (481)',
      'bob: the transfer will be completed when the target answers',
    ]);
    await rig.do('charlie answer bob');
    assert.ok((await rig.world.drive(transfer)).ok);
    await rig.hears('alice', 'charlie');
    await rig.end();
  });
});

describe('a redirection to several targets', () => {
  it('goes to the first that answers', async () => {
    const rig = await startLab({ charlie: { behaviour: { kind: 'busy' } } });
    await rig.do('alice place bob');
    await rig.reaches('bob', 'incoming');
    assert.deepEqual(parseVerb('bob redirect alice to charlie dave'), { verb: 'redirect', phone: 'bob', call: 'alice', targets: ['charlie', 'dave'] });
    await rig.do('bob redirect alice to charlie dave');
    await rig.reaches('dave', 'incoming', 'alice');
    await rig.end();
  });
});
