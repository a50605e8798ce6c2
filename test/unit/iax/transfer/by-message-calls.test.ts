import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CallRelay, commands, HandingOver, type IaxCall, TakingOver, type TakingOverState } from '../../../../src/iax';
import { IaxRig, listenTo, type RigEndpoint } from '../../../support/iax-rig';

/*
 * TRANSFER between our endpoints: a customer (1) has called a secretary (5) through a server (2), which joins the two; the secretary
 * hands the customer over to somebody at 3.
 */

const services = { observer: { stateChanged: () => undefined, timer: () => undefined } };

class Switchboard {
  readonly rig = new IaxRig();
  readonly customer: RigEndpoint;
  readonly server: RigEndpoint;
  readonly secretary: RigEndpoint;
  readonly target: RigEndpoint;
  readonly ofCustomer: IaxCall;
  readonly withCustomer: IaxCall;
  readonly withSecretary: IaxCall;
  readonly ofSecretary: IaxCall;
  readonly relay: CallRelay;
  readonly texts: string[] = [];
  readonly states: string[] = [];
  taking: TakingOver | undefined;
  handing: HandingOver | undefined;

  constructor() {
    const { rig } = this;
    [this.customer, this.server, this.target, this.secretary] = [rig.endpoint(1), rig.endpoint(2), rig.endpoint(3), rig.endpoint(5)];
    this.ofCustomer = this.customer.call(this.server);
    rig.run(20);
    this.withCustomer = this.server.lastCall;
    this.withCustomer.answer();
    this.withSecretary = this.server.call(this.secretary);
    rig.run(20);
    this.ofSecretary = this.secretary.lastCall;
    this.ofSecretary.answer();
    rig.run(20);
    this.relay = new CallRelay(this.withCustomer, this.withSecretary);
    this.ofSecretary.on('text', (text) => this.texts.push(text));
  }

  /** The server obeys TRANSFER: extension 101 is at 3. */
  obey(): void {
    this.withSecretary.on('transferAsked', (number) => {
      const dial = number === '101' ? () => this.server.call(this.target, { number }) : undefined;
      this.taking = new TakingOver(services, { transferor: this.withSecretary, far: this.withCustomer, relay: this.relay, number, dial });
      this.taking.start();
    });
  }

  handOver(number: string): HandingOver {
    const { clock, random } = this.rig;
    const handing = new HandingOver({ clock, random, transmit: () => undefined, ...services }, this.ofSecretary, number);
    handing.on('state', (_, to) => this.states.push(to));
    handing.start();
    this.handing = handing;
    this.rig.run(50);
    return handing;
  }

  /** Whether `from` is heard by `to`, and the other way. */
  talk(from: IaxCall, to: IaxCall): readonly [boolean, boolean] {
    const [there, back] = [listenTo(to), listenTo(from)];
    for (let piece = 0; piece < 5; piece += 1) {
      from.sendVoice('PCMU', new Uint8Array(160).fill(1));
      to.sendVoice('PCMU', new Uint8Array(160).fill(2));
      this.rig.run(20);
    }
    return [there.length > 0, back.length > 0];
  }

  isUnharmed(): void {
    assert.deepEqual(this.talk(this.ofCustomer, this.ofSecretary), [true, true]);
    this.close();
  }

  close(): void {
    for (const { endpoint } of [this.customer, this.server, this.secretary, this.target]) for (const call of endpoint.calls) call.hangUp();
    this.rig.run(60_000);
    assert.equal(this.rig.close(), 0);
  }
}

suite('TRANSFER between endpoints', () => {
  test('the number takes the call: HANGUP 16 to who asked, ringing and then the new party for the customer', () => {
    const board = new Switchboard();
    board.obey();
    const reports: string[] = [];
    board.ofCustomer.on('report', (report) => reports.push(report));
    board.handOver('101');
    const asked = board.target.lastCall;
    assert.equal(board.ofSecretary.state, 'up', 'nobody is cut off before somebody takes the call');
    asked.ring();
    board.rig.run(50);
    assert.deepEqual([board.ofSecretary.endedBy, board.ofSecretary.cause?.code], ['peer', 16]);
    assert.deepEqual(board.states, ['asked', 'handed-over']);
    assert.deepEqual(reports, ['ringing']);
    asked.answer();
    board.rig.run(50);
    assert.equal(board.taking?.state, 'connected');
    assert.deepEqual(board.talk(board.ofCustomer, asked), [true, true]);
    asked.hangUp();
    board.rig.run(50);
    assert.equal(board.ofCustomer.endedBy, 'peer');
    board.close();
  });

  test('there is no such number: both legs stay, and a TEXT says so', () => {
    const board = new Switchboard();
    board.obey();
    board.handOver('999');
    assert.deepEqual(board.texts, ['Not transferred: there is no extension 999.']);
    assert.equal(board.taking?.state, 'refused');
    board.rig.run(11_000);
    assert.deepEqual(board.states, ['asked', 'ignored']);
    board.isUnharmed();
  });

  test('the number refuses: both legs stay, and a TEXT says why', () => {
    const board = new Switchboard();
    board.obey();
    board.handOver('101');
    board.target.lastCall.reject({ code: 17, text: 'in a meeting' });
    board.rig.run(50);
    assert.deepEqual(board.texts, ['Not transferred to 101: in a meeting.']);
    board.isUnharmed();
  });

  test('nobody answers after it was handed over: the customer hears why', () => {
    const board = new Switchboard();
    board.obey();
    board.handOver('101');
    board.target.lastCall.ring();
    board.rig.run(50);
    board.target.lastCall.reject({ code: 19, text: 'nobody home' });
    board.rig.run(50);
    assert.deepEqual(board.ofCustomer.cause, { code: 19, text: 'nobody home' });
    board.close();
  });

  test('the customer hangs up while it is dialled, or rings: nobody is left ringing', () => {
    for (const rings of [false, true]) {
      const board = new Switchboard();
      board.obey();
      board.handOver('101');
      const asked = board.target.lastCall;
      if (rings) asked.ring();
      board.rig.run(50);
      board.ofCustomer.hangUp();
      board.rig.run(50);
      assert.equal(asked.state, 'ended');
      assert.equal(board.taking?.state satisfies TakingOverState | undefined, 'failed');
      board.close();
    }
  });

  test('a peer that cannot do it says UNSUPPORT, and the call goes on', () => {
    const board = new Switchboard();
    board.handOver('101');
    assert.deepEqual(board.states, ['asked', 'refused']);
    board.isUnharmed();
  });

  test('a server with nobody behind the leg refuses', () => {
    const board = new Switchboard();
    board.withSecretary.on('transferAsked', (number) => {
      board.taking = new TakingOver(services, { transferor: board.withSecretary, far: undefined, relay: undefined, number, dial: undefined });
      board.taking.start();
    });
    board.handOver('101');
    assert.deepEqual(board.states, ['asked', 'refused']);
    board.isUnharmed();
  });

  test('TRANSFER without CALLED NUMBER is acknowledged, passed over and reported', () => {
    const board = new Switchboard();
    board.obey();
    board.ofSecretary.leg.send({ type: 6, subclass: commands.TRANSFER });
    board.rig.run(50);
    assert.equal(board.ofSecretary.leg.unacknowledged, 0);
    assert.equal(board.taking, undefined);
    assert.ok(board.server.problems.some((text) => text.includes('TRANSFER without CALLED NUMBER')));
    board.isUnharmed();
  });

  test('a call that dies says nothing of the transfer', () => {
    const board = new Switchboard();
    board.rig.filter = () => false;
    board.handOver('101');
    board.rig.run(120_000);
    assert.equal(board.states.at(-1), 'lost');
    board.rig.filter = () => true;
    board.close();
  });

  test('keys, texts and hold pass through a server that joins two calls', () => {
    const board = new Switchboard();
    const heard: string[] = [];
    board.ofSecretary.on('digit', (digit) => heard.push(`key ${digit}`));
    board.ofSecretary.on('held', ({ by }) => heard.push(`held by ${by}`));
    board.ofSecretary.on('resumed', (by) => heard.push(`resumed by ${by}`));
    board.ofCustomer.sendDigit('5');
    board.ofCustomer.sendText('hello');
    board.ofCustomer.hold();
    board.rig.run(500);
    board.ofCustomer.resume();
    board.rig.run(500);
    assert.deepEqual(heard.sort(), ['held by hold', 'key 5', 'resumed by hold']);
    assert.deepEqual(board.texts, ['hello']);
    board.ofCustomer.hangUp({ code: 17, text: 'bye' });
    board.rig.run(50);
    assert.deepEqual(board.ofSecretary.cause, { code: 17, text: 'bye' });
    board.close();
  });
});
