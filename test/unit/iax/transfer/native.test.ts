import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { nothingLeft, TransferStage } from '../../../support/iax-transfer-stage';

/*
 * Native transfers between our own endpoints, on a path without faults: who sends what in which order, and who hears whom.
 */

suite('a native transfer, all ours', () => {
  test('customer and boss talk to each other, and the secretary is out without a HANGUP', () => {
    const stage = new TransferStage({ isHeld: true });
    assert.ok(stage.setUp());
    assert.equal(stage.hearing(), 'C: S:B B:S');
    const before = stage.rig.sent.length;
    stage.connect();
    stage.carry(1_000);
    assert.deepEqual(stage.outcomes.map(({ is }) => is), ['done']);
    assert.equal(stage.hearing(), 'C:B S: B:C');
    const flow = stage.rig.sent.slice(before).map(stage.brief).filter((line) => !line.endsWith('mini') && !line.includes('ACK'));
    assert.deepEqual(flow.slice(0, 15), [
      'S>C TXREQ',
      'S>B TXREQ',
      'C>B TXCNT',
      'B>C TXCNT',
      'B>C TXACC',
      'C>B TXACC',
      'C>S TXREADY',
      'B>S TXREADY',
      'S>C UNQUELCH',
      'S>C TXREL',
      'S>B TXREL',
      'C>B VOICE PCMU',
      'B>C VOICE PCMU',
    ]);
    assert.equal(stage.withCustomer.state, 'ended');
    assert.equal(stage.withBoss.endedBy, 'us');
    assert.deepEqual(stage.ofCustomer.peer, stage.boss.address);
    assert.deepEqual(stage.ofBoss.peer, stage.customer.address);
    stage.ofBoss.hangUp();
    stage.carry(100);
    assert.equal(stage.ofCustomer.endedBy, 'peer');
    assert.ok(!stage.rig.titles(stage.secretary).includes('HANGUP'));
    assert.deepEqual(stage.strike(), nothingLeft);
  });
});
