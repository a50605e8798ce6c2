import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseVerb } from '../../../src/lab';
import { startLab } from '../../support/lab-rig';

describe('early media', () => {
  it('is heard before anybody answers, and the answer keeps the port', async () => {
    const rig = await startLab({ bob: { earlyMedia: true } });
    await rig.do('alice place bob');
    await rig.reaches('alice', 'ringing');
    await rig.hears('alice', 'bob');
    assert.equal(rig.state('bob'), 'alice incoming');
    assert.ok(!rig.messages('bob', 'sent').includes('180 INVITE'), 'the 183 says it all');
    await rig.do('bob answer');
    await rig.reaches('alice', 'connected');
    await rig.hears('bob', 'alice');
    await rig.end();
  });

  it('can be held by the caller, and comes back', async () => {
    const rig = await startLab({ bob: { earlyMedia: true } });
    await rig.do('alice place bob');
    await rig.hears('alice', 'bob');
    await rig.do('alice hold inactive');
    await rig.hears('alice');
    assert.equal(rig.state('bob'), 'alice incoming held', 'nobody has answered, and yet it is held');
    await rig.do('alice resume');
    await rig.hears('alice', 'bob');
    await rig.do('bob answer');
    await rig.reaches('alice', 'connected');
    await rig.end();
  });

  it('a redirection that crosses a hold ends neither the call nor the hold of anybody', async () => {
    const rig = await startLab({ bob: {}, charlie: { earlyMedia: true }, alice: {} });
    await rig.do('bob place charlie');
    await rig.reaches('charlie', 'incoming');
    await rig.world.pass(200);
    void rig.lab.perform(parseVerb('charlie redirect bob to alice'));
    void rig.lab.perform(parseVerb('bob hold charlie'));
    await rig.reaches('alice', 'incoming');
    await rig.do('alice answer');
    await rig.world.pass(500);
    assert.equal(rig.state('bob'), 'alice connected');
    await rig.end();
  });

  it('the caller gives up while it plays', async () => {
    const rig = await startLab({ bob: { earlyMedia: true } });
    await rig.do('alice place bob');
    await rig.hears('alice', 'bob');
    await rig.do('alice hangup');
    await rig.until(() => rig.calls().length === 0);
    await rig.hears('alice');
    await rig.end();
  });

  it('with a phone that answers at once: the 200 waits for the PRACK', async () => {
    const rig = await startLab({ bob: { earlyMedia: true, behaviour: { kind: 'answer', after: 0 } } });
    await rig.do('alice place bob');
    await rig.reaches('alice', 'connected');
    const sent = rig.messages('bob', 'sent');
    assert.ok(sent.indexOf('200 PRACK') < sent.indexOf('200 INVITE'), sent.join());
    await rig.end();
  });
});

describe('keys by INFO', () => {
  it('end with the phone that sends them, should it crash', async () => {
    const rig = await startLab({ alice: { dtmf: 'info' }, bob: { behaviour: { kind: 'answer', after: 0 } } });
    await rig.do('alice place bob');
    await rig.reaches('alice', 'connected');
    const keys = rig.lab.perform(parseVerb('alice dtmf 12#'));
    await rig.lab.perform(parseVerb('alice crash'));
    await rig.world.pass(40_000);
    const outcome = await Promise.race([keys, Promise.resolve('nothing came of it')]);
    assert.notEqual(outcome, 'nothing came of it');
    await rig.end();
  });

  it('arrive one after the other, also while the call is on hold', async () => {
    const rig = await startLab({ alice: { dtmf: 'info' }, bob: { behaviour: { kind: 'answer', after: 0 } } });
    await rig.do('alice place bob');
    await rig.reaches('bob', 'connected');
    await rig.do('bob hold');
    await rig.do('alice dtmf 12#');
    assert.equal(rig.lab.phone('bob').digits, '12#');
    assert.equal(rig.messages('alice', 'sent').filter((label) => label === 'INFO').length, 3);
    await rig.end();
  });
});

describe('connected identity', () => {
  it('a caller who was sent on sees whom it has reached; with it, the one who answers says so too', async () => {
    for (const connectedIdentity of [true, false]) {
      const rig = await startLab({
        bob: { behaviour: { kind: 'redirect', to: ['charlie'] } },
        charlie: { connectedIdentity, behaviour: { kind: 'answer', after: 0 } },
      });
      await rig.do('alice place bob');
      await rig.reaches('alice', 'connected');
      await rig.world.pass(100);
      assert.equal(rig.state('alice'), 'charlie connected');
      const told = rig.lab.trace.messages.filter(({ sip }) => sip?.kind === 'request' && sip.method === 'UPDATE' && sip.from.uri.user === 'charlie');
      assert.equal(told.length > 0, connectedIdentity);
      await rig.end();
    }
  });
});

describe('session timer', () => {
  it('a phone that lost its power is found out, by whoever refreshes', async () => {
    for (const refresher of ['uac', 'uas'] as const) {
      const rig = await startLab({ alice: { sessionTimer: { expires: 90_000, refresher } }, bob: { behaviour: { kind: 'answer', after: 0 } } });
      await rig.do('alice place bob');
      await rig.reaches('alice', 'connected');
      await rig.world.pass(300_000);
      assert.equal(rig.state('alice'), 'bob connected', 'it is refreshed as long as both are there');
      await rig.do('bob crash');
      await rig.world.pass(100_000);
      assert.equal(rig.calls('alice').length, 0);
      assert.equal(rig.lab.phone('alice').calls[0]?.end?.status, 408);
      await rig.end();
    }
  });
});
