import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildCommand, type CommandName, type ElementValues, type FullFrame, type IaxAddress } from '../../../../src/iax';
import { nothingLeft, type StageOptions, TransferStage } from '../../../support/iax-transfer-stage';

/*
 * Our end with a middle that keeps no rules: the secretary's frames are written here, one by one, and her endpoint knows nothing of
 * a transfer. Each row of the table in IAX2 reference 7.1 that concerns transfers, the limits of 7.3, and what an end does for a
 * middle that behaves like Asterisk 11.
 */

const rejected = 'C>S TXREJ';

class Middle {
  readonly stage: TransferStage;
  #seen: number;

  constructor(options: StageOptions = {}) {
    this.stage = new TransferStage(options);
    assert.ok(this.stage.setUp());
    this.#seen = this.stage.rig.sent.length;
  }

  /** To the customer, in its turn. */
  send(command: CommandName, elements: ElementValues = {}): void {
    this.stage.withCustomer.leg.command(command, elements);
    this.stage.rig.run(10);
  }

  sendBoss(command: CommandName, elements: ElementValues = {}): void {
    this.stage.withBoss.leg.command(command, elements);
    this.stage.rig.run(10);
  }

  /** TXREQ to the customer, for the boss; `changes` as a stranger would. */
  request(changes: Partial<{ apparentAddress: IaxAddress; callNumber: number; transferId: number }> = {}): void {
    this.send('TXREQ', { apparentAddress: this.stage.boss.address, callNumber: this.stage.ofBoss.leg.localNumber, transferId: 1, ...changes });
  }

  /** The same for the boss. */
  requestBoss(transferId = 1): void {
    this.sendBoss('TXREQ', { apparentAddress: this.stage.customer.address, callNumber: this.stage.ofCustomer.leg.localNumber, transferId });
  }

  release(): void {
    this.send('TXREL', { callNumber: this.stage.ofBoss.leg.localNumber });
    this.sendBoss('TXREL', { callNumber: this.stage.ofCustomer.leg.localNumber });
  }

  /** What was sent since the last look, without ACKs and voice. */
  flow(): string[] {
    const lines = this.stage.rig.sent.slice(this.#seen).map(this.stage.brief);
    this.#seen = this.stage.rig.sent.length;
    return lines.filter((line) => !/ACK$|mini$|VOICE/u.test(line));
  }

  /** What the customer and the boss sent since the last look. */
  answers(): string[] {
    return this.flow().filter((line) => !line.startsWith('S>'));
  }

  /** The customer still talks to the secretary, and everything was acknowledged. */
  isUnharmed(): void {
    this.stage.rig.run(500);
    assert.equal(this.stage.withCustomer.leg.unacknowledged, 0);
    assert.deepEqual(this.stage.ofCustomer.peer, this.stage.secretary.address);
    assert.equal(this.stage.hearing(), 'C:S S:BC B:S');
    assert.deepEqual(this.stage.strike(), nothingLeft);
  }
}

suite('our end with a foreign middle', () => {
  test('the normal case: TXREADY with our number and the id, then the switch', () => {
    const middle = new Middle();
    middle.request();
    middle.requestBoss();
    middle.stage.rig.run(100);
    const [ready] = middle.stage.framesBetween(middle.stage.customer, middle.stage.secretary).filter(({ title }) => title === 'TXREADY');
    assert.equal(ready?.element('callNumber'), middle.stage.ofCustomer.leg.localNumber);
    assert.equal(ready.element('transferId'), 1);
    const moved: IaxAddress[] = [];
    middle.stage.ofCustomer.on('moved', (peer) => moved.push(peer));
    middle.release();
    assert.deepEqual(moved, [middle.stage.boss.address]);
    assert.equal(middle.stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(middle.stage.strike(), nothingLeft);
  });

  test('the TXCNT of the other end comes before our TXREQ: answered as soon as that comes', () => {
    const middle = new Middle();
    middle.requestBoss();
    middle.stage.rig.run(500);
    assert.deepEqual(middle.answers(), ['B>C TXCNT']);
    middle.request();
    assert.deepEqual(middle.answers().sort(), ['B>C TXACC', 'B>S TXREADY', 'C>B TXACC', 'C>B TXCNT', 'C>S TXREADY'].sort());
    middle.stage.strike();
  });

  test('TXREQ again under a new id, at once: the newest wins, and ends that were ready say so again', () => {
    const middle = new Middle();
    for (const id of [1, 2, 3]) {
      middle.request({ transferId: id });
      middle.requestBoss(id);
    }
    middle.stage.rig.run(100);
    const ids = middle.stage.framesBetween(middle.stage.customer, middle.stage.secretary).filter(({ title }) => title === 'TXREADY').map((frame) => frame.element('transferId'));
    assert.equal(ids.at(-1), 3);
    middle.release();
    assert.equal(middle.stage.hearing(), 'C:B S: B:C');
    assert.deepEqual(middle.stage.strike(), nothingLeft);
  });

  for (const [name, elements] of [
    ['CALLNO', { apparentAddress: { host: '127.0.0.3', port: 4569 }, transferId: 1 }],
    ['APPARENT ADDR', { callNumber: 5, transferId: 1 }],
  ] as const) {
    test(`TXREQ without ${name}: TXREJ`, () => {
      const middle = new Middle();
      middle.send('TXREQ', elements);
      assert.deepEqual(middle.answers(), [rejected]);
      middle.isUnharmed();
    });
  }

  test('TXREQ to where nobody may be sent to: TXREJ, and not one datagram there', () => {
    const middle = new Middle();
    for (const host of ['192.0.2.1', '224.0.0.1', '0.0.0.0', '255.255.255.255', '127.255.255.255']) middle.request({ apparentAddress: { host, port: 4569 } });
    middle.request({ apparentAddress: { host: '127.0.0.3', port: 53 } });
    assert.deepEqual(middle.answers(), Array.from({ length: 6 }, () => rejected));
    middle.isUnharmed();
  });

  test('TXREQ before ACCEPT: TXREJ', () => {
    const middle = new Middle();
    const early = middle.stage.customer.call(middle.stage.secretary);
    middle.stage.rig.run(50);
    const incoming = middle.stage.secretary.lastCall;
    assert.equal(early.isAccepted, false);
    incoming.leg.command('TXREQ', { apparentAddress: middle.stage.boss.address, callNumber: 5, transferId: 1 });
    middle.stage.rig.run(50);
    assert.ok(middle.answers().includes(rejected));
    early.hangUp();
    middle.isUnharmed();
  });

  test('TXREL, TXMEDIA, TXREADY and TXREJ out of state are acknowledged and passed over', () => {
    const middle = new Middle();
    middle.send('TXREL', { callNumber: 5 });
    middle.send('TXREL');
    middle.send('TXMEDIA', { callNumber: 5 });
    middle.send('TXREADY', { callNumber: 5 });
    middle.send('TXREJ');
    assert.deepEqual(middle.answers(), []);
    middle.isUnharmed();
  });

  test('TXREL and TXMEDIA before the ends are ready, or for another number, do not move the leg', () => {
    const middle = new Middle();
    middle.request();
    middle.send('TXREL', { callNumber: middle.stage.ofBoss.leg.localNumber });
    middle.send('TXMEDIA', { callNumber: middle.stage.ofBoss.leg.localNumber });
    middle.requestBoss();
    middle.stage.rig.run(3_000);
    for (const command of ['TXREL', 'TXMEDIA'] as const) {
      middle.send(command, { callNumber: 7 });
      middle.send(command);
    }
    assert.deepEqual(middle.stage.ofCustomer.peer, middle.stage.secretary.address);
    middle.send('TXREJ');
    middle.sendBoss('TXREJ');
    middle.isUnharmed();
  });

  test('TXREL in media-only does not move the leg; TXREJ brings voice back to one path', () => {
    const middle = new Middle();
    middle.request();
    middle.requestBoss();
    middle.send('TXMEDIA', { callNumber: middle.stage.ofBoss.leg.localNumber });
    middle.sendBoss('TXMEDIA', { callNumber: middle.stage.ofCustomer.leg.localNumber });
    // Her voice tells each the codec: this middle passes no full frame on.
    middle.stage.carry(200);
    middle.stage.s.isSpeaking = false;
    middle.stage.carry(100);
    assert.equal(middle.stage.hearing(), 'C:B S: B:C');
    middle.stage.s.isSpeaking = true;
    middle.release();
    assert.deepEqual(middle.stage.ofCustomer.peer, middle.stage.secretary.address);
    middle.send('TXREJ');
    middle.sendBoss('TXREJ');
    middle.isUnharmed();
  });

  test('another TXREQ in media-only: refused, and back to one path', () => {
    const middle = new Middle();
    middle.request();
    middle.requestBoss();
    middle.send('TXMEDIA', { callNumber: middle.stage.ofBoss.leg.localNumber });
    middle.sendBoss('TXMEDIA', { callNumber: middle.stage.ofCustomer.leg.localNumber });
    middle.request({ transferId: 2 });
    assert.ok(middle.answers().includes(rejected));
    middle.sendBoss('TXREJ');
    middle.isUnharmed();
  });

  test('a flood of TXREQ: one address in two seconds, and five TXCNT for it', () => {
    const middle = new Middle();
    const nowhere = { host: '127.0.0.9', port: 4569 };
    for (let times = 0; times < 40; times += 1) middle.request({ apparentAddress: nowhere, transferId: times });
    assert.equal(middle.answers().filter((line) => line.includes('TXCNT')).length, 5);
    for (let port = 5_000; port < 5_040; port += 1) middle.request({ apparentAddress: { host: '127.0.0.9', port } });
    const later = middle.flow();
    assert.equal(later.filter((line) => line.includes('TXCNT')).length, 0, 'another port is another address');
    assert.ok(later.filter((line) => line === rejected).length >= 40);
    middle.stage.carry(6_000);
    middle.isUnharmed();
  });

  test('TXREJ that comes on the new path, as from libiax2: dropped, and the middle is told', () => {
    const middle = new Middle();
    middle.stage.rig.filter = (datagram) => !middle.stage.brief(datagram).startsWith('B>C TXACC');
    middle.request();
    middle.requestBoss();
    const { customer, boss, ofCustomer, ofBoss } = middle.stage;
    const header = { sourceCall: ofBoss.leg.localNumber, destinationCall: ofCustomer.leg.localNumber, timestamp: 0, outgoingSequence: 0, incomingSequence: 0 };
    customer.endpoint.receive(boss.address, buildCommand(header, 'TXREJ', { transferId: 1 }).bytes);
    assert.ok(middle.answers().includes(rejected));
    middle.stage.rig.filter = () => true;
    middle.sendBoss('TXREJ');
    middle.isUnharmed();
  });

  test('TXCNT, TXACC and voice from elsewhere with all the right numbers do nothing', () => {
    const middle = new Middle();
    middle.stage.rig.filter = (datagram) => !/^[CB]>[CB] /u.test(middle.stage.brief(datagram));
    middle.request();
    middle.answers();
    const { customer, ofCustomer, ofBoss } = middle.stage;
    const header = { sourceCall: ofBoss.leg.localNumber, destinationCall: ofCustomer.leg.localNumber, timestamp: 0, outgoingSequence: 0, incomingSequence: 0 };
    const frames: FullFrame[] = [buildCommand(header, 'TXCNT', { transferId: 1 }), buildCommand(header, 'TXACC', { transferId: 1 }), buildCommand(header, 'HANGUP'), buildCommand(header, 'TXREL')];
    for (const frame of frames) customer.endpoint.receive({ host: '127.0.0.66', port: 4569 }, frame.bytes);
    const { boss } = middle.stage;
    customer.endpoint.receive({ ...boss.address, port: 4570 }, frames[1]!.bytes);
    customer.endpoint.receive(boss.address, buildCommand(header, 'TXACC', { transferId: 2 }).bytes);
    customer.endpoint.receive(boss.address, buildCommand({ ...header, sourceCall: header.sourceCall ^ 1 }, 'TXACC').bytes);
    customer.endpoint.receive(boss.address, frames[2]!.bytes);
    middle.stage.rig.run(10);
    assert.deepEqual(middle.answers(), []);
    middle.send('TXREJ');
    middle.isUnharmed();
  });

  test('the middle falls silent in mid-transfer: the leg ends, and nothing is left', () => {
    const middle = new Middle();
    middle.request();
    middle.requestBoss();
    middle.stage.rig.filter = ({ from, to }) => from.host !== middle.stage.secretary.address.host && to.host !== middle.stage.secretary.address.host;
    middle.stage.rig.run(120_000);
    assert.deepEqual([middle.stage.ofCustomer.endedBy, middle.stage.ofBoss.endedBy], ['network', 'network']);
    assert.deepEqual(middle.stage.strike(), nothingLeft);
  });

  test('two middles side by side transfer each other at once: both fall back', () => {
    // C - S - B: while S connects C with B, B connects S with a fourth.
    const stage = new TransferStage();
    assert.ok(stage.setUp());
    const third = stage.b.take(stage.boss.call(stage.customer));
    stage.carry(100);
    stage.c.take(stage.customer.lastCall).answer();
    stage.carry(100);
    stage.connect();
    const other = stage.boss.endpoint.connect(stage.ofBoss, third);
    stage.carry(1_000);
    assert.deepEqual([stage.outcomes[0]?.is, other.outcome?.is], ['rejected', 'rejected']);
    for (const call of [stage.ofCustomer, stage.withCustomer, stage.withBoss, stage.ofBoss, third]) assert.equal(call.state, 'up');
    third.hangUp();
    assert.deepEqual(stage.strike(), nothingLeft);
  });
});
