import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CallLabError,
  type Clock,
  type Disposable,
  type Milliseconds,
  SeededRandom,
  VirtualClock,
} from '../../../src/core';
import { type AudioFormat, AudioSession, buildRtp, HOLD_TONE, RtpPacket, toneFrame, voiceOf } from '../../../src/media';

const mu: AudioFormat = { law: 'pcmu', payloadType: 0, dtmfPayloadType: 101 };
const candidates = [350, 500, 650];

interface Sent {
  readonly at: Milliseconds;
  readonly packet: RtpPacket;
}

/** A session, what it sent and when, and what it told. */
function phone(clock: Clock, tone = 350, forward: (bytes: Uint8Array) => void = () => {}) {
  const sent: Sent[] = [];
  const heard: string[] = [];
  const digits: string[] = [];
  const session = new AudioSession({
    clock,
    random: new SeededRandom(tone),
    tone,
    candidates,
    send: (bytes) => {
      const packet = RtpPacket.parse(bytes);
      assert.ok(packet !== undefined);
      sent.push({ at: clock.now(), packet });
      forward(bytes);
    },
    onHears: ({ tones, hold }) =>
      heard.push(`${clock.now()} ${[...tones, ...(hold ? ['hold'] : [])].join('+') || 'nobody'}`),
    onDigit: (digit) => digits.push(digit),
  });
  return { session, sent, heard, digits };
}

/** Two sessions joined by a network that loses what `lose` says. */
function call(lose: () => boolean = () => false, format: AudioFormat = mu) {
  const clock = new VirtualClock();
  const alice = phone(clock, 350, (bytes) => {
    if (!lose()) bob.session.receive(bytes);
  });
  const bob = phone(clock, 500, (bytes) => {
    if (!lose()) alice.session.receive(bytes);
  });
  alice.session.configure(format);
  bob.session.configure(format);
  return { clock, alice, bob };
}

async function refusal(promise: Promise<void>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof CallLabError);
    return error.code;
  }
  return 'none';
}

describe('what a session sends', () => {
  test('a packet of 20 ms every 20 ms, the marker on the first', () => {
    const clock = new VirtualClock(77.3);
    const { session, sent } = phone(clock);
    session.configure(mu);
    session.sendTone('voice');
    clock.advance(1000);
    assert.equal(sent.length, 51);
    const [first] = sent;
    assert.ok(first !== undefined);
    for (const [index, { at, packet }] of sent.entries()) {
      assert.ok(Math.abs(at - (77.3 + 20 * index)) < 0.01);
      assert.equal(packet.sequence, (first.packet.sequence + index) & 0xffff);
      assert.equal(packet.timestamp, (first.packet.timestamp + 160 * index) >>> 0);
      assert.equal(packet.ssrc, session.ssrc);
      assert.equal(packet.payloadType, 0);
      assert.equal(packet.marker, index === 0);
      assert.deepEqual(packet.payload, toneFrame(voiceOf(350), 'pcmu'));
    }
    assert.deepEqual(session.statistics.sent, { packets: 51, octets: 51 * 160 });
  });

  test('nothing before both a format and a sound are known', () => {
    const clock = new VirtualClock();
    const { session, sent } = phone(clock);
    session.sendTone('voice');
    clock.advance(100);
    assert.equal(sent.length + clock.pendingTimers, 0);
    session.configure(mu);
    clock.advance(100);
    assert.equal(sent.length, 6);
  });

  test('silence is no packets and no timer; its time shows in the timestamps, its end by the marker', () => {
    const clock = new VirtualClock();
    const { session, sent } = phone(clock);
    session.configure(mu);
    session.sendTone('voice');
    clock.advance(90);
    session.sendTone('none');
    clock.advance(1);
    assert.equal(sent.length, 5);
    clock.advance(500);
    assert.equal(clock.pendingTimers, 0);
    session.sendTone('hold');
    clock.advance(100);
    const [last, next] = [sent[4]?.packet, sent[5]?.packet];
    assert.ok(last !== undefined && next !== undefined);
    assert.equal(sent[5]?.at, 600, 'in its slot, counted from the first packet');
    assert.equal((next.timestamp - last.timestamp) >>> 0, (520 / 20) * 160);
    assert.equal(next.sequence, (last.sequence + 1) & 0xffff);
    assert.equal(next.marker, true);
    assert.deepEqual(next.payload, toneFrame(HOLD_TONE, 'pcmu'));
  });

  test('a pause within a slot sends no slot twice', () => {
    const clock = new VirtualClock();
    const { session, sent } = phone(clock);
    session.configure(mu);
    session.sendTone('voice');
    clock.advance(0);
    for (const sound of ['none', 'voice', 'none', 'voice'] as const) session.sendTone(sound);
    clock.advance(20);
    assert.deepEqual(
      sent.map(({ at, packet }) => [at, packet.marker]),
      [
        [0, true],
        [20, false],
      ],
    );
  });

  test('another law: from the next packet on, all else goes on', () => {
    const clock = new VirtualClock();
    const { session, sent } = phone(clock);
    session.configure(mu);
    session.sendTone('voice');
    clock.advance(50);
    session.configure({ law: 'pcma', payloadType: 8 });
    session.configure({ law: 'pcma', payloadType: 8 });
    clock.advance(50);
    assert.deepEqual(
      sent.map(({ packet }) => packet.payloadType),
      [0, 0, 0, 8, 8, 8],
    );
    assert.deepEqual(sent[3]?.packet.payload, toneFrame(voiceOf(350), 'pcma'));
    const [first] = sent;
    assert.ok(first !== undefined);
    assert.ok(sent.every(({ packet }, index) => packet.timestamp === (first.packet.timestamp + 160 * index) >>> 0));
    assert.deepEqual(
      sent.map(({ packet }) => packet.marker),
      [true, false, false, false, false, false],
    );
    assert.equal(clock.pendingTimers, 1);
  });

  test('two sessions differ in source, sequence and timestamp', () => {
    const clock = new VirtualClock();
    const all = [phone(clock, 350), phone(clock, 500)].map(({ session, sent }) => {
      session.configure(mu);
      session.sendTone('voice');
      clock.advance(0);
      return sent[0]?.packet;
    });
    const [one, other] = all;
    assert.ok(one !== undefined && other !== undefined);
    assert.notEqual(one.ssrc, other.ssrc);
    assert.notEqual(one.sequence, other.sequence);
    assert.notEqual(one.timestamp, other.timestamp);
  });

  /** A clock whose timers come late, as those of a busy machine do. */
  class LateClock implements Clock {
    readonly virtual = new VirtualClock();
    lateness: () => Milliseconds = () => 0;

    now(): Milliseconds {
      return this.virtual.now();
    }

    setTimer(delay: Milliseconds, callback: () => void): Disposable {
      return this.virtual.setTimer(Math.max(0, delay) + this.lateness(), callback);
    }

    get pendingTimers(): number {
      return this.virtual.pendingTimers;
    }
  }

  test('timers that come late delay only themselves: no drift', () => {
    const clock = new LateClock();
    const random = new SeededRandom(8);
    clock.lateness = () => random.fraction() * 19;
    const { session, sent } = phone(clock);
    session.configure(mu);
    session.sendTone('voice');
    clock.virtual.advance(100_019);
    assert.equal(sent.length, 5001);
    const [first] = sent;
    assert.ok(first !== undefined);
    for (const [index, { at, packet }] of sent.entries()) {
      assert.equal(packet.timestamp, (first.packet.timestamp + 160 * index) >>> 0);
      assert.ok(at >= 20 * index && at < 20 * index + 19, `packet ${index} at ${at}`);
    }
  });

  test('a short standstill is made up for; a long one is a gap in the timestamps with a marker after it', () => {
    const clock = new LateClock();
    const { session, sent } = phone(clock);
    session.configure(mu);
    session.sendTone('voice');
    clock.virtual.advance(10);
    clock.lateness = () => 70;
    clock.virtual.advance(20);
    clock.lateness = () => 0;
    assert.equal(sent.length, 2);
    clock.virtual.advance(80);
    assert.deepEqual(
      sent.slice(2).map(({ at }) => at),
      [110, 110, 110, 110],
    );
    clock.lateness = () => 1000;
    clock.virtual.advance(20);
    clock.lateness = () => 0;
    clock.virtual.advance(1030);
    const steps = sent
      .slice(1)
      .map(({ packet }, index) => ((packet.timestamp - (sent[index]?.packet.timestamp ?? 0)) >>> 0) / 160);
    const markers = sent.flatMap(({ packet }, index) => (packet.marker ? [index] : []));
    assert.deepEqual(steps, [1, 1, 1, 1, 1, 1, 51, 1]);
    assert.deepEqual(markers, [0, 7]);
  });
});

describe('what a session hears', () => {
  test('the other phone, then its hold tone, then nobody', () => {
    const { clock, alice, bob } = call();
    alice.session.sendTone('voice');
    bob.session.sendTone('voice');
    clock.advance(1000);
    bob.session.sendTone('hold');
    clock.advance(1000);
    bob.session.sendTone('none');
    clock.advance(1000);
    // A tone is forgotten 300 ms after its last packet, which left at 1000 and at 2000.
    assert.deepEqual(alice.heard, ['40 500', '1060 500+hold', '1300 hold', '2300 nobody']);
    assert.deepEqual(bob.heard, ['40 350']);
    assert.deepEqual([...bob.session.heard.tones], [350]);
  });

  test('the same through a change of law and of numbers', () => {
    const { clock, alice, bob } = call();
    alice.session.sendTone('voice');
    for (const format of [
      mu,
      { law: 'pcma', payloadType: 8 },
      { law: 'pcmu', payloadType: 97 },
      { law: 'pcma', payloadType: 96 },
    ] as const) {
      bob.session.configure(format);
      alice.session.configure(format);
      clock.advance(500);
    }
    assert.deepEqual(bob.heard, ['40 350']);
  });

  test('both static numbers are understood whatever was agreed, others are not', () => {
    const clock = new VirtualClock();
    const { session, heard } = phone(clock);
    session.configure(mu);
    const speak = (payloadType: number, law: 'pcmu' | 'pcma', start: number): void => {
      for (let index = 0; index < 5; index += 1) {
        const sequence = start + index;
        session.receive(
          buildRtp({
            payloadType,
            sequence,
            timestamp: 160 * sequence,
            ssrc: 1,
            payload: toneFrame(voiceOf(650), law),
          }),
        );
        clock.advance(20);
      }
    };
    speak(96, 'pcma', 0);
    assert.deepEqual(heard, []);
    assert.equal(session.statistics.received.unknown, 5);
    speak(8, 'pcma', 5);
    assert.deepEqual(heard, ['140 650']);
  });

  test('copies of one packet are one packet', () => {
    const clock = new VirtualClock();
    const { session, heard } = phone(clock);
    session.configure(mu);
    const packet = buildRtp({
      payloadType: 0,
      sequence: 7,
      timestamp: 0,
      ssrc: 1,
      payload: toneFrame(voiceOf(650), 'pcmu'),
    });
    for (let copy = 0; copy < 10; copy += 1) session.receive(packet);
    assert.deepEqual(heard, []);
    assert.equal(session.statistics.received.duplicates, 9);
  });

  test('packets of 10 ms are joined where they follow on each other, and only there', () => {
    const halfPackets = (kept: (index: number) => boolean): string[] => {
      const clock = new VirtualClock();
      const { session, heard } = phone(clock);
      session.configure(mu);
      const frame = toneFrame(voiceOf(500), 'pcmu');
      for (let index = 0; index < 40; index += 1) {
        const payload = frame.subarray(80 * (index % 2), 80 * (index % 2) + 80);
        const packet = buildRtp({ payloadType: 0, sequence: index, timestamp: 80 * index, ssrc: 1, payload });
        if (kept(index)) session.receive(packet);
        clock.advance(10);
      }
      return heard;
    };
    assert.deepEqual(
      halfPackets(() => true),
      ['50 500'],
    );
    assert.deepEqual(
      halfPackets((index) => index % 2 === 0),
      [],
    );
  });

  test('two parties that send to one port, as around a transfer, are both heard', () => {
    const clock = new VirtualClock();
    const charlie = phone(clock, 650);
    const feed = (bytes: Uint8Array): void => {
      charlie.session.receive(bytes);
    };
    const alice = phone(clock, 350, feed);
    const bob = phone(clock, 500, feed);
    for (const { session } of [charlie, alice, bob]) session.configure(mu);
    alice.session.sendTone('voice');
    bob.session.sendTone('voice');
    clock.advance(500);
    bob.session.dispose();
    clock.advance(500);
    assert.deepEqual(charlie.heard, ['40 350', '40 350+500', '800 350']);
    assert.equal(charlie.session.statistics.received.lost, 0);
  });

  test('counts loss, lateness and rubbish', () => {
    let count = 0;
    const { clock, alice, bob } = call(() => (count += 1) % 5 === 0);
    alice.session.sendTone('voice');
    clock.advance(2000 - 20);
    bob.session.receive(Uint8Array.of(1, 2, 3));
    const { sent } = alice.session.statistics;
    const { received } = bob.session.statistics;
    assert.equal(sent.packets, 100);
    assert.deepEqual(
      { ...received, jitter: 0 },
      { packets: 80, octets: 80 * 160, lost: 19, duplicates: 0, late: 0, malformed: 1, unknown: 0, jitter: 0 },
    );
    assert.ok(received.jitter < 0.01, 'the network of this test has none');
  });

  test('measures jitter in milliseconds', () => {
    const clock = new VirtualClock();
    const { session } = phone(clock);
    session.configure(mu);
    for (let index = 0; index < 400; index += 1) {
      session.receive(
        buildRtp({ payloadType: 0, sequence: index, timestamp: 160 * index, ssrc: 1, payload: new Uint8Array(160) }),
      );
      clock.advance(index % 2 === 0 ? 30 : 10);
    }
    assert.ok(Math.abs(session.statistics.received.jitter - 10) < 0.1);
  });

  test('whatever arrives, it does not throw', () => {
    const clock = new VirtualClock();
    const { session } = phone(clock);
    session.configure(mu);
    const random = new SeededRandom(6);
    for (let index = 0; index < 3000; index += 1) {
      const bytes = random.bytes(Math.floor(random.fraction() * 400));
      if (bytes.length > 1) {
        bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f);
        bytes[1] = [0, 8, 101, 13][index % 4] ?? 0;
      }
      session.receive(bytes);
      clock.advance(7);
    }
    session.dispose();
    assert.equal(clock.pendingTimers, 0);
  });
});

describe('keys', () => {
  test('arrive once each, in order, while the tone goes on being heard', async () => {
    const { clock, alice, bob } = call();
    alice.session.sendTone('voice');
    clock.advance(200);
    const done = alice.session.sendDigits('0123456789*#abcd');
    clock.advance(10_000);
    await done;
    assert.equal(bob.digits.join(''), '0123456789*#ABCD');
    assert.deepEqual(bob.heard, ['40 350']);
  });

  test('arrive under 30 % loss, and the tone is still not lost', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = new SeededRandom(seed);
      const { clock, alice, bob } = call(() => random.fraction() < 0.3);
      alice.session.sendTone('voice');
      clock.advance(400);
      const done = alice.session.sendDigits('8675309');
      clock.advance(5000);
      await done;
      assert.equal(bob.digits.join(''), '8675309', `seed ${seed}`);
    }
  });

  test('are sent without any tone too, and leave no timer', async () => {
    const { clock, alice, bob } = call();
    const done = alice.session.sendDigits('12');
    clock.advance(5000);
    await done;
    assert.deepEqual(bob.digits, ['1', '2']);
    assert.equal(alice.sent.length, 14);
    assert.equal(clock.pendingTimers, 0);
  });

  test('keep their RTP: one sequence with the audio, the number agreed on, the timestamp of their beginning', () => {
    const { clock, alice } = call();
    alice.session.sendTone('voice');
    clock.advance(30);
    void alice.session.sendDigits('1');
    clock.advance(300);
    const sequences = alice.sent.map(({ packet }) => packet.sequence);
    assert.ok(
      sequences.every((sequence, index) => index === 0 || sequence === (((sequences[index - 1] ?? 0) + 1) & 0xffff)),
    );
    const events = alice.sent.filter(({ packet }) => packet.payloadType === 101);
    assert.equal(events.length, 7);
    assert.equal(new Set(events.map(({ packet }) => packet.timestamp)).size, 1);
    const afterwards = alice.sent[sequences.indexOf(((events.at(-1)?.packet.sequence ?? 0) + 1) & 0xffff)]?.packet;
    assert.equal(afterwards?.payloadType, 0);
    assert.equal(afterwards.marker, true, 'audio begins anew after the key');
    assert.equal((afterwards.timestamp - (events[0]?.packet.timestamp ?? 0)) >>> 0, 7 * 160);
  });

  test('survive a change of law and numbers in the middle', async () => {
    const { clock, alice, bob } = call();
    alice.session.sendTone('voice');
    const done = alice.session.sendDigits('1234');
    clock.advance(290);
    const format: AudioFormat = { law: 'pcma', payloadType: 8, dtmfPayloadType: 96 };
    bob.session.configure(format);
    clock.advance(50);
    alice.session.configure(format);
    clock.advance(5000);
    await done;
    assert.equal(bob.digits.join(''), '1234');
  });

  test('may have a number for each direction', async () => {
    const { clock, alice, bob } = call();
    alice.session.configure({ ...mu, dtmfPayloadType: 120, dtmfReceivePayloadType: 101 });
    bob.session.configure({ ...mu, dtmfPayloadType: 101, dtmfReceivePayloadType: 120 });
    const both = Promise.all([alice.session.sendDigits('1'), bob.session.sendDigits('2')]);
    clock.advance(1000);
    await both;
    assert.deepEqual([alice.digits, bob.digits], [['2'], ['1']]);
  });

  test('wait for those before them', async () => {
    const { clock, alice, bob } = call();
    const order: string[] = [];
    const first = alice.session.sendDigits('12').then(() => order.push('12'));
    const second = alice.session.sendDigits('3').then(() => order.push('3'));
    clock.advance(5000);
    await Promise.all([first, second]);
    assert.deepEqual(order, ['12', '3']);
    assert.equal(bob.digits.join(''), '123');
  });

  test('that are none are refused', async () => {
    const { alice } = call();
    assert.equal(await refusal(alice.session.sendDigits('12+3')), 'CL3009');
    assert.equal(await refusal(alice.session.sendDigits('')), 'none');
  });

  test('are refused where the peer takes none, and when it stops taking them', async () => {
    const { clock, alice } = call(undefined, { law: 'pcmu', payloadType: 0 });
    assert.equal(await refusal(alice.session.sendDigits('1')), 'CL3003');
    alice.session.configure(mu);
    const waiting = refusal(alice.session.sendDigits('1'));
    clock.advance(50);
    alice.session.configure({ law: 'pcmu', payloadType: 0, dtmfPayloadType: undefined });
    assert.equal(await waiting, 'CL3003');
    clock.advance(100);
    assert.equal(clock.pendingTimers, 0);
  });
});

describe('dispose', () => {
  test('leaves no timer, sends nothing more, hears nobody and fails what waits', async () => {
    const { clock, alice, bob } = call();
    alice.session.sendTone('voice');
    bob.session.sendTone('voice');
    clock.advance(500);
    const waiting = refusal(alice.session.sendDigits('123'));
    clock.advance(100);
    const before = alice.sent.length;
    alice.session.dispose();
    alice.session.dispose();
    assert.equal(await waiting, 'CL3003');
    assert.deepEqual(alice.heard, ['40 500', '600 nobody']);
    bob.session.dispose();
    assert.equal(clock.pendingTimers, 0);
    alice.session.configure(mu);
    alice.session.sendTone('voice');
    alice.session.lookFor([350]);
    const [packet] = bob.sent;
    assert.ok(packet !== undefined);
    alice.session.receive(packet.packet.bytes);
    assert.equal(await refusal(alice.session.sendDigits('1')), 'CL3003');
    clock.advance(1000);
    assert.equal(alice.sent.length, before);
    assert.equal(clock.pendingTimers, 0);
  });

  test('within its own sending', () => {
    const clock = new VirtualClock();
    const { session, sent } = phone(clock, 350, () => {
      session.dispose();
    });
    session.configure(mu);
    session.sendTone('voice');
    clock.advance(100);
    assert.equal(sent.length, 1);
    assert.equal(clock.pendingTimers, 0);
  });

  test('another sound within its own sending', () => {
    const clock = new VirtualClock();
    const { session, sent } = phone(clock, 350, () => {
      session.sendTone(sent.length < 3 ? 'hold' : 'none');
    });
    session.configure(mu);
    session.sendTone('voice');
    clock.advance(100);
    assert.equal(sent.length, 3);
    assert.deepEqual(sent[1]?.packet.payload, toneFrame(HOLD_TONE, 'pcmu'));
    assert.equal(clock.pendingTimers, 0);
  });
});
