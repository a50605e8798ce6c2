import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, VirtualClock } from '../../../../src/core';
import { buildCommand, buildFullFrame, type CommandName, commands, decodeFrame, type ElementValues, frameTypes, FullFrame, type IaxAddress } from '../../../../src/iax';
import { Leg, type LegHost, type LegPath, type LegUser } from '../../../../src/iax/leg';
import { unobserved } from '../../../../src/iax/observer';

const peer: LegPath = { address: { host: '127.0.0.2', port: 4569 }, number: 5208 };
const other: LegPath = { address: { host: '127.0.0.3', port: 4569 }, number: 9396 };

/** A leg by itself, with everything that it sent and told. */
class LegRig implements LegHost {
  readonly clock = new VirtualClock(1_000);
  readonly random = new SeededRandom(1);
  readonly observer = unobserved;
  readonly sent: { readonly to: IaxAddress; readonly frame: FullFrame }[] = [];
  readonly told: string[] = [];
  readonly problems: string[] = [];
  readonly leg: Leg;
  /** What the user of the leg does with a frame. */
  serve: (frame: FullFrame) => void = () => undefined;
  #sequence = 0;

  constructor(path: LegPath = peer, user: Partial<LegUser> = {}) {
    this.leg = new Leg(
      this,
      {
        onFrame: (frame) => {
          this.told.push(frame.title);
          this.serve(frame);
        },
        onReply: (frame) => this.told.push(`reply ${frame.title}`),
        onDead: ({ code }) => this.told.push(`dead ${code}`),
        onMoved: () => this.told.push('moved'),
        onAllAcknowledged: () => this.told.push('all acknowledged'),
        ...user,
      },
      2001,
      path,
    );
  }

  transmit(to: IaxAddress, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame instanceof FullFrame) this.sent.push({ to, frame });
  }

  onPathChanged(): void {}

  onOver(): void {
    this.told.push('over');
  }

  onForgotten(): void {
    this.told.push('forgotten');
  }

  onProblem(text: string): void {
    this.problems.push(text);
  }

  /** A numbered frame of the peer's: the next one, unless `o` says otherwise. */
  receive(command: CommandName, { o = this.#sequence, i = this.leg.numbers.outgoing, elements = {}, ts = 77 }: { o?: number; i?: number; elements?: ElementValues; ts?: number } = {}): void {
    this.leg.receive(buildCommand(this.#header(o, i, ts), command, elements));
    if (o === this.#sequence && commands[command] !== commands.ACK && command !== 'VNAK') this.#sequence = (o + 1) % 256;
  }

  receiveBare(type: number, subclass: number): void {
    this.leg.receive(buildFullFrame(this.#header(this.#sequence, this.leg.numbers.outgoing, 5), type, subclass));
    this.#sequence += 1;
  }

  #header(o: number, i: number, timestamp: number): Parameters<typeof buildCommand>[0] {
    return { sourceCall: 5208, destinationCall: 2001, timestamp, outgoingSequence: o, incomingSequence: i };
  }

  /** `ACK o1 i2 t77`, and forgets what was sent. */
  take(): string[] {
    return this.sent.splice(0).map(({ frame }) => `${frame.title}${frame.isRetransmission ? '*' : ''} o${frame.outgoingSequence} i${frame.incomingSequence}`);
  }
}

describe('a leg, rule by rule of section 3', () => {
  it('3.1: counts what it sends, and starts at 0', () => {
    const rig = new LegRig();
    rig.leg.command('QUELCH');
    rig.leg.control('RINGING');
    rig.leg.send({ type: frameTypes.text, subclass: 0, data: Buffer.from('x') });
    assert.deepEqual(rig.take(), ['QUELCH o0 i0', 'CONTROL RINGING o1 i0', 'TEXT o2 i0']);
  });

  it('3.1: ACK, VNAK, TXCNT and TXACC consume no number', () => {
    const rig = new LegRig();
    rig.receive('QUELCH');
    rig.leg.complain();
    rig.leg.sendOutside(other, 'TXCNT', { transferId: 1 });
    rig.leg.sendOutside(other, 'TXACC');
    rig.leg.command('QUELCH');
    assert.deepEqual(rig.take(), ['ACK o0 i1', 'VNAK o1 i1', 'TXCNT o0 i0', 'TXACC o0 i0', 'QUELCH o0 i1']);
  });

  it('3.1: ACK has the ISeqno and the time of what it acknowledges', () => {
    const rig = new LegRig();
    rig.leg.command('QUELCH');
    rig.receive('UNQUELCH', { i: 1, ts: 4_711 });
    const [, ack] = rig.sent;
    assert.deepEqual([ack!.frame.outgoingSequence, ack!.frame.incomingSequence, ack!.frame.timestamp], [1, 1, 4_711]);
  });

  it('3.1 step 1: any full frame acknowledges, and what is acknowledged is not repeated', () => {
    const rig = new LegRig();
    rig.leg.command('QUELCH');
    rig.leg.command('UNQUELCH');
    rig.receive('QUELCH', { i: 1 });
    rig.take();
    rig.clock.advance(1_000);
    assert.deepEqual(rig.take(), ['UNQUELCH* o1 i1']);
    rig.receive('ACK', { i: 2 });
    rig.clock.advance(30_000);
    assert.deepEqual(rig.take(), []);
    assert.deepEqual(rig.told, ['QUELCH', 'all acknowledged']);
  });

  it('3.1 step 1 and 7.2: a frame that acknowledges what was never sent is dropped, whatever it says', () => {
    const rig = new LegRig();
    rig.leg.command('QUELCH');
    rig.take();
    rig.receive('HANGUP', { i: 9 });
    assert.deepEqual([rig.take(), rig.told, rig.leg.unacknowledged], [[], [], 1]);
    assert.match(rig.problems[0]!, /never sent/u);
  });

  it('3.1 step 1: an old acknowledgement that was overtaken undoes nothing', () => {
    const rig = new LegRig();
    rig.leg.command('QUELCH');
    rig.receive('ACK', { i: 1 });
    rig.receive('UNQUELCH', { i: 0 });
    assert.deepEqual(rig.told, ['all acknowledged', 'UNQUELCH']);
  });

  it('3.1 steps 3 and 6: serves the next frame, and acknowledges it unless something sent meanwhile did', () => {
    const rig = new LegRig();
    rig.serve = () => rig.leg.command('UNQUELCH');
    rig.receive('QUELCH');
    assert.deepEqual(rig.take(), ['UNQUELCH o0 i1']);
    rig.serve = () => undefined;
    rig.receive('QUELCH', { i: 0 });
    assert.deepEqual(rig.take(), ['ACK o0 i2']);
  });

  it('3.1 step 4: acknowledges a repeat, and serves it only once', () => {
    const rig = new LegRig();
    rig.receive('QUELCH');
    rig.receive('QUELCH', { o: 0, i: 0 });
    assert.deepEqual([rig.told, rig.take()], [['QUELCH'], ['ACK o0 i1', 'ACK o0 i1']]);
  });

  it('3.1 step 5: complains about a gap, and serves nothing out of order', () => {
    const rig = new LegRig();
    rig.receive('QUELCH', { o: 1 });
    assert.deepEqual([rig.told, rig.take()], [[], ['VNAK o0 i0']]);
    rig.receive('QUELCH', { o: 0 });
    rig.receive('UNQUELCH');
    assert.deepEqual(rig.told, ['QUELCH', 'UNQUELCH']);
  });

  it('3.1: on VNAK sends again at once all from its number on', () => {
    const rig = new LegRig();
    for (const command of ['QUELCH', 'UNQUELCH', 'QUELCH'] as const) rig.leg.command(command);
    rig.take();
    rig.receive('VNAK', { o: 0, i: 1 });
    assert.deepEqual(rig.take(), ['UNQUELCH* o1 i0', 'QUELCH* o2 i0']);
  });

  it('3.1: wraps after 256 frames, both ways', () => {
    const rig = new LegRig();
    for (let frame = 0; frame < 600; frame += 1) {
      rig.leg.command('QUELCH');
      rig.receive('UNQUELCH');
    }
    assert.equal(rig.told.filter((title) => title === 'UNQUELCH').length, 600);
    assert.deepEqual([rig.leg.numbers.outgoing, rig.leg.numbers.incoming, rig.leg.unacknowledged], [600 % 256, 600 % 256, 0]);
  });

  it('3.1: has no more than 64 frames on their way, and sends the others when there is room', () => {
    const rig = new LegRig();
    for (let frame = 0; frame < 100; frame += 1) rig.leg.command('QUELCH');
    assert.deepEqual([rig.take().length, rig.leg.unacknowledged], [64, 100]);
    rig.receive('ACK', { i: 10 });
    assert.deepEqual([rig.take().length, rig.leg.unacknowledged], [10, 90]);
  });

  it('3.2: PING gets PONG and LAGRQ gets LAGRP, with the time of the question; the replies are repeated until acknowledged', () => {
    const rig = new LegRig();
    rig.receive('PING', { ts: 12_345 });
    rig.receive('LAGRQ', { ts: 999, i: 1 });
    assert.deepEqual(rig.sent.map(({ frame }) => [frame.title, frame.timestamp]), [['PONG', 12_345], ['LAGRP', 999]]);
    rig.take();
    rig.clock.advance(1_000);
    assert.deepEqual(rig.take(), ['LAGRP* o1 i2']);
  });

  it('3.2: PONG and LAGRP are acknowledged; ACK, INVAL and VNAK never', () => {
    const rig = new LegRig();
    rig.receive('PONG');
    rig.receive('LAGRP');
    assert.deepEqual(rig.take(), ['ACK o0 i1', 'ACK o0 i2']);
    rig.receive('ACK');
    rig.receive('VNAK');
    assert.deepEqual(rig.take(), []);
  });

  it('3.2: a peer that asks and acknowledges nothing gets no more answers than there is room for', () => {
    const rig = new LegRig();
    for (let question = 0; question < 200; question += 1) rig.receive('PING', { i: 0 });
    assert.equal(rig.sent.filter(({ frame }) => frame.title === 'PONG').length, 64);
    assert.equal(rig.leg.unacknowledged, 64);
  });

  it('keeps no more than a thousand answers for a peer that acknowledges nothing, but always the last frame', () => {
    const rig = new LegRig();
    let givenUp = 0;
    for (let frame = 0; frame < 2_000; frame += 1) rig.leg.command('UNSUPPORT', { iaxUnknown: 44 }, { onGivenUp: () => (givenUp += 1) });
    assert.deepEqual([rig.leg.unacknowledged, givenUp], [1_064, 936]);
    rig.leg.command('HANGUP', {}, { isFinal: true });
    assert.equal(rig.leg.unacknowledged, 1_065);
  });

  it('3.2: ACKs a HANGUP before it forgets the leg, and its repeats for ten seconds', () => {
    const rig = new LegRig();
    rig.serve = () => rig.leg.end();
    rig.receive('HANGUP');
    assert.deepEqual(rig.take(), ['ACK o0 i1']);
    rig.clock.advance(9_000);
    rig.receive('HANGUP', { o: 0, i: 0 });
    assert.deepEqual([rig.take(), rig.told], [['ACK o0 i1'], ['HANGUP', 'over']]);
    rig.receive('QUELCH', { o: 9 });
    assert.deepEqual(rig.take(), []);
    rig.clock.advance(1_000);
    assert.deepEqual([rig.told.at(-1), rig.clock.pendingTimers], ['forgotten', 0]);
  });

  it('3.3: repeats with the same octets, the R bit, and what it expects by now', () => {
    const rig = new LegRig();
    rig.leg.command('TXREJ', { transferId: 7 });
    rig.receive('QUELCH', { i: 0 });
    rig.clock.advance(1_000);
    const first = rig.sent[0]!.frame.bytes;
    const again = rig.sent.at(-1)!.frame.bytes;
    const expected = Uint8Array.from(first);
    expected[2]! |= 0x80;
    expected[9] = 1;
    assert.deepEqual(again, expected);
  });

  it('3.3: gives up after eleven sendings in 39 s: the leg is dead with cause 27, and sends no more', () => {
    const rig = new LegRig();
    rig.leg.command('QUELCH');
    rig.clock.advance(38_999);
    assert.deepEqual([rig.take().length, rig.told], [11, []]);
    rig.clock.advance(1);
    assert.deepEqual([rig.take(), rig.told, rig.clock.pendingTimers], [[], ['forgotten', 'dead 27'], 0]);
    rig.leg.command('QUELCH');
    assert.deepEqual(rig.take(), []);
  });

  it('3.3: a last frame that nobody acknowledges is just forgotten', () => {
    const rig = new LegRig();
    rig.leg.command('HANGUP', {}, { isFinal: true });
    rig.clock.advance(60_000);
    assert.deepEqual([rig.told, rig.clock.pendingTimers], [['forgotten'], 0]);
  });

  it('3.3: a frame whose sender asks to be told is given up alone; the peer gets it again by VNAK', () => {
    const rig = new LegRig();
    rig.leg.command('TXREQ', {}, { onGivenUp: () => rig.told.push('given up'), transmissions: 3 });
    rig.clock.advance(60_000);
    assert.deepEqual([rig.told, rig.leg.state], [['given up'], 'open']);
    rig.take();
    rig.receive('VNAK', { i: 0 });
    assert.deepEqual(rig.take(), ['TXREQ* o0 i0']);
  });

  it('3.3: measures the round trip by PONG, and repeats sooner for it', () => {
    const rig = new LegRig();
    rig.leg.keepAlive();
    rig.clock.advance(20_000);
    assert.deepEqual(rig.take(), ['PING o0 i0']);
    rig.clock.advance(150);
    rig.receive('PONG', { i: 1, ts: 20_000 });
    assert.equal(rig.leg.roundTrip, 150);
    rig.take();
    rig.leg.command('QUELCH');
    rig.clock.advance(300);
    assert.deepEqual(rig.take(), ['QUELCH o1 i1', 'QUELCH* o1 i1']);
  });

  it('3.3: does not believe in a PONG that echoes a time to come', () => {
    const rig = new LegRig();
    rig.receive('PONG', { ts: 4_000_000_000 });
    assert.equal(rig.leg.roundTrip, 500);
  });

  it('7.1: INVAL ends the leg at once, without an ACK', () => {
    const rig = new LegRig();
    rig.leg.command('QUELCH');
    rig.take();
    rig.receive('INVAL', { i: 0 });
    assert.deepEqual([rig.told, rig.take(), rig.clock.pendingTimers], [['forgotten', 'dead 81'], [], 0]);
  });

  it('7.1: a frame whose elements are cut off is not acknowledged and not served', () => {
    const rig = new LegRig();
    const whole = buildCommand({ sourceCall: 5208, destinationCall: 2001, timestamp: 1, outgoingSequence: 0, incomingSequence: 0 }, 'HANGUP', { cause: 'bye' });
    rig.leg.receive(new FullFrame(whole.bytes.subarray(0, -1)));
    assert.deepEqual([rig.take(), rig.told, rig.problems.length], [[], [], 1]);
    rig.leg.receive(whole);
    assert.deepEqual(rig.told, ['HANGUP']);
  });

  it('acknowledges the HANGUP of a peer that left at the same time', () => {
    const rig = new LegRig();
    rig.leg.command('HANGUP', {}, { isFinal: true });
    rig.receive('HANGUP', { i: 0 });
    assert.deepEqual([rig.take(), rig.leg.state], [['HANGUP o0 i0', 'ACK o0 i1'], 'lingering']);
    const crossed = new LegRig();
    crossed.leg.command('HANGUP', {}, { isFinal: true });
    crossed.receive('HANGUP', { i: 1 });
    assert.deepEqual([crossed.take(), crossed.leg.state], [['HANGUP o0 i0', 'ACK o1 i1'], 'forgotten']);
  });
});

describe('a leg that moves to another peer (6.3)', () => {
  it('begins everything anew there, and drops what was on its way', () => {
    const rig = new LegRig();
    rig.leg.keepAlive();
    rig.clock.advance(10);
    rig.receive('PONG', { ts: 0 });
    assert.equal(rig.leg.roundTrip, 10);
    rig.leg.mediaAddress = { host: '127.0.0.9', port: 4569 };
    rig.receive('QUELCH');
    rig.leg.command('QUELCH');
    rig.clock.advance(490);
    rig.serve = (frame) => {
      rig.leg.acknowledge(frame);
      rig.leg.move(other);
    };
    rig.take();
    rig.receive('TXREL', { i: 0 });
    // Only the ACK to the old peer; nothing of this frame reaches the new one.
    assert.deepEqual([rig.sent.map(({ to }) => to.host), rig.take()], [['127.0.0.2'], ['ACK o0 i3']]);
    assert.deepEqual([rig.leg.time, rig.leg.roundTrip, rig.leg.mediaAddress], [0, 500, undefined]);
    assert.equal(rig.told.at(-1), 'moved');
    rig.leg.command('QUELCH');
    const { to, frame } = rig.sent[0]!;
    assert.deepEqual([to, frame.sourceCall, frame.destinationCall, frame.outgoingSequence, frame.incomingSequence, frame.timestamp], [other.address, 2001, 9396, 0, 0, 0]);
    rig.clock.advance(600);
    assert.equal(rig.sent.length, 1);
    rig.take();
    rig.clock.advance(19_399);
    assert.ok(!rig.take().includes('PING o1 i0'));
    rig.clock.advance(1);
    assert.ok(rig.take().includes('PING o1 i0'));
  });

  it('acknowledges the repeats of its former peer for forty seconds, and nothing else of it', () => {
    const rig = new LegRig();
    rig.serve = (frame) => {
      rig.leg.acknowledge(frame);
      rig.leg.move(other);
    };
    rig.receive('TXREL', { ts: 3_688 });
    rig.take();
    const header = { sourceCall: 5208, destinationCall: 2001, timestamp: 3_688, outgoingSequence: 0, incomingSequence: 0 };
    const again = buildCommand({ ...header, isRetransmission: true }, 'TXREL', { callNumber: 9396 });
    assert.deepEqual(rig.leg.formerPath?.address, peer.address);
    rig.leg.receiveFormer(again);
    rig.leg.receiveFormer(buildCommand({ ...header, outgoingSequence: 1 }, 'HANGUP'));
    assert.deepEqual(rig.sent.map(({ to, frame }) => [to.host, frame.title, frame.destinationCall, frame.incomingSequence, frame.timestamp]), [['127.0.0.2', 'ACK', 5208, 1, 3_688]]);
    rig.take();
    rig.clock.advance(40_000);
    assert.equal(rig.leg.formerPath, undefined);
    rig.leg.receiveFormer(again);
    assert.deepEqual(rig.take(), []);
  });

  it('6.4: the middle is freed without a word, and stays silent whatever comes', () => {
    const rig = new LegRig();
    rig.leg.command('QUELCH');
    rig.take();
    rig.leg.free();
    rig.receive('HANGUP');
    rig.receive('INVAL');
    rig.clock.advance(9_999);
    assert.deepEqual([rig.take(), rig.told], [[], ['over']]);
    rig.clock.advance(1);
    assert.deepEqual([rig.told.at(-1), rig.clock.pendingTimers], ['forgotten', 0]);
  });
});
