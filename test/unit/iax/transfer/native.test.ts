import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { nothingLeft, TransferStage } from '../../../support/iax-transfer-stage';

/*
 * Native transfers between our own endpoints, on a path without faults: who sends what in which order, and who hears whom.
 */

function signalling(stage: TransferStage, from: number): string[] {
  return stage.rig.sent
    .slice(from)
    .map(stage.brief)
    .filter((line) => !line.endsWith('mini') && !line.endsWith('ACK'));
}

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
    assert.deepEqual(signalling(stage, before), [
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

  test('numbers and times begin anew, full voice first, and the moved leg pings its new peer', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    stage.carry(1_000);
    stage.connect();
    stage.carry(200);
    const direct = stage.framesBetween(stage.customer, stage.boss).filter(({ title }) => title !== 'TXCNT' && title !== 'TXACC');
    const [first] = direct;
    assert.equal(first?.title, 'VOICE PCMU');
    assert.deepEqual([first.outgoingSequence, first.incomingSequence], [0, 0]);
    assert.ok(first.timestamp < 100, 'the time is that since the switch');
    stage.carry(45_000);
    for (const [from, to] of [[stage.customer, stage.boss], [stage.boss, stage.customer]] as const) {
      assert.equal(stage.framesBetween(from, to).filter(({ title }) => title === 'PING').length, 2);
    }
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('media only: mini frames straight, full frames through the secretary, HANGUP for both', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    stage.s.isSpeaking = false;
    stage.connect({ media: true });
    stage.carry(500);
    assert.deepEqual(stage.outcomes.map(({ is }) => is), ['media']);
    const before = stage.rig.sent.length;
    assert.equal(stage.hearing(), 'C:B S: B:C');
    stage.ofCustomer.sendDigit('7');
    const keys: string[] = [];
    stage.ofBoss.on('digit', (digit) => keys.push(digit));
    stage.carry(500);
    assert.deepEqual(keys, ['7']);
    const lines = stage.rig.sent.slice(before).map(stage.brief);
    assert.ok(lines.includes('C>B mini') && lines.includes('B>C mini'));
    assert.ok(!lines.includes('C>S mini') && !lines.includes('S>B mini') && !lines.some((line) => /^[CB]>[CB] (?!mini)/.test(line)), 'full frames pass through S');
    stage.ofBoss.hangUp();
    stage.carry(100);
    assert.deepEqual([stage.ofCustomer.state, stage.withCustomer.state, stage.withBoss.state], ['ended', 'ended', 'ended']);
    assert.deepEqual(stage.outcomes.map(({ is }) => is), ['media']);
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('voice refreshed by a full frame in media-only still arrives, through the secretary', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    stage.s.isSpeaking = false;
    stage.connect({ media: true });
    stage.carry(70_000);
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.ok(stage.framesBetween(stage.customer, stage.secretary).filter(({ title }) => title === 'VOICE PCMU').length >= 2);
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('blonde: the customer hears that it rings, and the ANSWER of the boss goes straight to him', () => {
    const stage = new TransferStage({ isBlonde: true, isHeld: true });
    assert.ok(stage.setUp());
    const reports: string[] = [];
    stage.ofCustomer.on('report', (report) => reports.push(report));
    const before = stage.rig.sent.length;
    stage.connect();
    stage.carry(1_000);
    assert.deepEqual(stage.outcomes.map(({ is }) => is), ['done']);
    assert.deepEqual(reports, ['ringing']);
    const flow = signalling(stage, before);
    assert.deepEqual(flow.slice(flow.indexOf('S>C UNQUELCH'), flow.indexOf('S>B TXREL') + 1), ['S>C UNQUELCH', 'S>C CONTROL RINGING', 'S>C TXREL', 'S>B TXREL']);
    stage.ofBoss.answer();
    stage.carry(100);
    assert.ok(signalling(stage, before).includes('B>C CONTROL ANSWER'));
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('the boss answers just when he is released: the customer is told again', () => {
    const stage = new TransferStage({ isBlonde: true });
    assert.ok(stage.setUp());
    stage.connect();
    // The secretary has sent TXREL, and the ANSWER passes it on the way.
    assert.ok(stage.runUntil(() => stage.transfer?.state === 'releasing'));
    stage.ofBoss.answer();
    stage.carry(1_000);
    assert.equal(stage.outcomes[0]?.is, 'done');
    assert.ok(stage.rig.sent.map(stage.brief).includes('B>C CONTROL ANSWER'));
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('switching back and forth before it: only who is held is let go', () => {
    const stage = new TransferStage({ isHeld: true });
    assert.ok(stage.setUp());
    stage.withBoss.hold();
    stage.withCustomer.resume();
    stage.carry(100);
    assert.equal(stage.hearing(), 'C:S S:C B:');
    stage.withCustomer.hold();
    stage.withBoss.resume();
    stage.carry(100);
    assert.equal(stage.hearing(), 'C: S:B B:S');
    stage.withBoss.hold();
    const before = stage.rig.sent.length;
    stage.connect();
    stage.carry(500);
    assert.deepEqual(signalling(stage, before).filter((line) => line.endsWith('UNQUELCH')), ['S>C UNQUELCH', 'S>B UNQUELCH']);
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('while it is tried a secretary who relays passes voice on until the second TXREADY', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    stage.s.isSpeaking = false;
    stage.rig.filter = ({ to, bytes }) => !(stage.briefTitle(bytes) === 'TXREADY' && to === stage.secretary.address && stage.rig.clock.now() < 3_000);
    stage.connect({ relay: true });
    assert.equal(stage.hearing(), 'C:B S:BC B:C');
    stage.carry(8_000);
    assert.equal(stage.outcomes[0]?.is, 'done');
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('customer and boss on one host: TXCNT and voice go to their own socket', () => {
    const stage = new TransferStage({ isOneHost: true });
    assert.ok(stage.setUp());
    stage.connect();
    stage.carry(500);
    assert.equal(stage.outcomes[0]?.is, 'done');
    assert.equal(stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(stage.ofCustomer.peer, stage.customer.address);
    assert.deepEqual(stage.strike(), nothingLeft);
  });

  test('who was transferred can transfer: a chain of three', () => {
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    stage.connect();
    stage.carry(2_500);
    // The boss calls the secretary again, and connects the customer with her.
    const consultation = stage.b.take(stage.boss.call(stage.secretary));
    stage.carry(100);
    const ofSecretary = stage.s.take(stage.secretary.lastCall);
    ofSecretary.answer();
    stage.carry(100);
    const transfer = stage.boss.endpoint.connect(stage.ofBoss, consultation);
    stage.carry(500);
    assert.equal(transfer.outcome?.is, 'done');
    assert.equal(stage.hearing(), 'C:S S:C B:');
    ofSecretary.hangUp();
    assert.deepEqual(stage.strike(), nothingLeft);
  });
});
