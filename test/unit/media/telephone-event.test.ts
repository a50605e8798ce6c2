import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  areKeys,
  buildTelephoneEvent,
  DtmfReceiver,
  type DtmfPacket,
  DtmfSender,
  eventOfKey,
  keyOfEvent,
  parseTelephoneEvent,
} from '../../../src/media';

const keys = '0123456789*#ABCD';

/** All that a sender puts out for `digits`, a slot of 160 samples each; `undefined` is a slot left to audio. */
function slotsFor(digits: string, start = 0): { slots: (DtmfPacket | undefined)[]; sentAt: number } {
  const sender = new DtmfSender();
  const slots: (DtmfPacket | undefined)[] = [];
  let sentAt = -1;
  sender.enqueue(digits, () => (sentAt = slots.length));
  while (sender.isBusy) slots.push(sender.next((start + 160 * slots.length) >>> 0));
  return { slots, sentAt };
}

function receive(packets: readonly DtmfPacket[]): string {
  const receiver = new DtmfReceiver();
  return packets.map(({ timestamp, payload }) => receiver.accept(timestamp, payload) ?? '').join('');
}

describe('the payload (RFC 4733 section 2.3)', () => {
  test('is four octets', () => {
    const octets = buildTelephoneEvent({ event: 11, end: true, volume: 10, duration: 0x1234 });
    assert.equal(Buffer.from(octets).toString('hex'), '0b8a1234');
    assert.deepEqual(parseTelephoneEvent(octets), { event: 11, end: true, volume: 10, duration: 0x1234 });
  });

  test('may be followed by older events, and may not be shorter', () => {
    assert.equal(parseTelephoneEvent(Uint8Array.of(1, 0x0a, 0, 160, 5, 0x8a, 3, 32))?.event, 1);
    assert.equal(parseTelephoneEvent(Uint8Array.of(1, 0x0a, 0)), undefined);
  });

  test('names sixteen keys', () => {
    assert.deepEqual(
      Array.from(keys, eventOfKey),
      Array.from({ length: 16 }, (_, event) => event),
    );
    assert.equal(Array.from({ length: 17 }, (_, event) => keyOfEvent(event) ?? '?').join(''), `${keys}?`);
    assert.equal(eventOfKey('d'), 15);
    assert.deepEqual([eventOfKey(''), eventOfKey('12'), eventOfKey('x')], [undefined, undefined, undefined]);
    assert.deepEqual([areKeys('0a*#D'), areKeys(''), areKeys('1 2'), areKeys('+49')], [true, true, false, false]);
  });
});

describe('DtmfSender', () => {
  test('reports a key seven times: growing, then its end three times over (RFC 4733 section 2.5.1.4)', () => {
    const { slots, sentAt } = slotsFor('5', 1000);
    const events = slots.map((packet) => packet && parseTelephoneEvent(packet.payload));
    assert.deepEqual(
      events.map((event) => event && `${event.event} ${event.duration}${event.end ? ' end' : ''}`),
      [
        '5 160',
        '5 320',
        '5 480',
        '5 640',
        '5 800 end',
        '5 800 end',
        '5 800 end',
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
      ],
    );
    assert.deepEqual(
      slots.slice(0, 7).map((packet) => packet?.timestamp),
      new Array(7).fill(1000),
    );
    assert.deepEqual(
      slots.slice(0, 7).map((packet) => packet?.marker),
      [true, false, false, false, false, false, false],
    );
    assert.equal(sentAt, 6, 'done with the last packet, not after the pause');
  });

  test('gives every key a timestamp of its own, a pause after the one before', () => {
    const timestamps = slotsFor('11', 0xffff_ff00).slots.flatMap((packet) =>
      packet?.marker === true ? [packet.timestamp] : [],
    );
    assert.deepEqual(timestamps, [0xffff_ff00, (0xffff_ff00 + 12 * 160) % 2 ** 32]);
  });

  test('takes more keys while it is busy', () => {
    const sender = new DtmfSender();
    const done: string[] = [];
    sender.enqueue('1', () => done.push('1'));
    const packets: DtmfPacket[] = [];
    for (let slot = 0; sender.isBusy || slot === 3; slot += 1) {
      if (slot === 3) sender.enqueue('23', () => done.push('23'));
      const packet = sender.next(160 * slot);
      if (packet !== undefined) packets.push(packet);
    }
    assert.equal(receive(packets), '123');
    assert.deepEqual(done, ['1', '23']);
  });

  test('is done at once with nothing, and quiet after clear', () => {
    const sender = new DtmfSender();
    let done = 0;
    sender.enqueue('', () => (done += 1));
    sender.enqueue('x', () => (done += 1));
    assert.equal(done, 2);
    assert.equal(sender.isBusy, false);
    sender.enqueue('12', () => (done += 1));
    sender.next(0);
    sender.clear();
    assert.equal(sender.isBusy, false);
    assert.equal(sender.next(160), undefined);
    assert.equal(done, 2);
  });
});

describe('DtmfReceiver', () => {
  const packetsFor = (digits: string, start = 0): DtmfPacket[] =>
    slotsFor(digits, start).slots.filter((packet) => packet !== undefined);

  test('reports each key once', () => {
    assert.equal(receive(packetsFor(keys)), keys);
    assert.equal(receive(packetsFor('1111')), '1111');
  });

  test('over the wrap of the timestamps too', () => {
    assert.equal(receive(packetsFor('1234', 0xffff_fb00)), '1234');
  });

  test('from any single packet of a key', () => {
    for (let only = 0; only < 7; only += 1) {
      const packet = packetsFor('9')[only];
      assert.ok(packet !== undefined);
      assert.equal(receive([packet]), '9');
    }
  });

  test('whatever is lost, doubled or late within a key, as long as one of its packets arrives', () => {
    const digits = fc.string({ unit: fc.constantFrom(...keys.split('')), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(digits, fc.infiniteStream(fc.nat(9)), fc.nat(0xffff_ffff), (typed, chances, start) => {
        const arrived: DtmfPacket[] = [];
        const packets = packetsFor(typed, start);
        for (let first = 0; first < packets.length; first += 7) {
          const key = packets.slice(first, first + 7);
          const kept = key.filter(() => Number(chances.next().value) >= 4);
          const doubled = (kept.length === 0 ? key.slice(-1) : kept).flatMap((packet) =>
            Number(chances.next().value) < 3 ? [packet, packet] : [packet],
          );
          arrived.push(...(Number(chances.next().value) < 3 ? doubled.reverse() : doubled));
        }
        assert.equal(receive(arrived), typed);
      }),
    );
  });

  test('a straggler of the key before the last is no key', () => {
    const [one, two] = [packetsFor('1'), packetsFor('2', 2000)];
    assert.equal(receive([...one.slice(0, 6), ...two.slice(0, 2), ...one.slice(6), ...two.slice(2)]), '12');
  });

  test('what is no key, or no event, is nothing', () => {
    const receiver = new DtmfReceiver();
    assert.equal(
      receiver.accept(0, buildTelephoneEvent({ event: 16, end: false, volume: 10, duration: 160 })),
      undefined,
    );
    assert.equal(receiver.accept(5000, Uint8Array.of(1)), undefined);
    assert.equal(receiver.accept(5000, buildTelephoneEvent({ event: 1, end: false, volume: 10, duration: 160 })), '1');
  });
});
