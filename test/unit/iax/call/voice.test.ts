import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rebuild, VoiceReceiver, VoiceSender } from '../../../../src/iax/call/voice';

const piece = new Uint8Array(160);

describe('the sender of voice', () => {
  it('sends a full frame first, for another codec, for another upper half of the time, and after a move', () => {
    const sender = new VoiceSender();
    assert.deepEqual(sender.next('PCMU', piece, 65_480), { isFull: true, timestamp: 65_480 });
    assert.deepEqual(sender.next('PCMU', piece, 65_500), { isFull: false, timestamp: 65_500 });
    assert.deepEqual(sender.next('PCMU', piece, 65_520), { isFull: false, timestamp: 65_520 });
    assert.deepEqual(sender.next('PCMU', piece, 65_540), { isFull: true, timestamp: 65_540 });
    assert.deepEqual(sender.next('PCMA', piece, 65_560), { isFull: true, timestamp: 65_560 });
    sender.reset();
    assert.deepEqual(sender.next('PCMA', piece, 12), { isFull: true, timestamp: 12 });
  });

  it('counts the time of the octets, not that of late timers, until they are too far apart', () => {
    const sender = new VoiceSender();
    const times = [0, 23, 39, 61, 400, 421].map((now) => sender.next('PCMU', piece, now).timestamp);
    assert.deepEqual(times, [0, 20, 40, 60, 400, 420]);
  });
});

describe('the receiver of voice', () => {
  it('makes whole times of halves, over the border and back', () => {
    assert.equal(rebuild(65_500, 65_520), 65_520);
    assert.equal(rebuild(65_520, 4), 65_540);
    assert.equal(rebuild(65_540, 65_530), 65_530);
    assert.equal(rebuild(3 * 65_536 - 6, 14), 3 * 65_536 + 14);
    assert.equal(rebuild(10, 65_530), 65_530);
  });

  it('has nothing to say to a mini frame before any full one', () => {
    const receiver = new VoiceReceiver();
    assert.equal(receiver.onMini(20, piece, 0), undefined);
    receiver.onFull('PCMU', 40, piece, 0);
    assert.deepEqual(receiver.onMini(60, piece, 0), { codec: 'PCMU', timestamp: 60, payload: piece });
    receiver.reset();
    assert.equal(receiver.onMini(80, piece, 0), undefined);
    assert.equal(receiver.packets, 2);
  });

  it('does not go back in time for a full frame that was repeated', () => {
    const receiver = new VoiceReceiver();
    receiver.onFull('PCMU', 65_540, piece, 0);
    receiver.onMini(100, piece, 0);
    receiver.onFull('PCMU', 10, piece, 0);
    assert.equal(receiver.onMini(120, piece, 0)?.timestamp, 65_656);
  });

  it('knows how unevenly voice comes, and what came too late', () => {
    const receiver = new VoiceReceiver();
    receiver.onFull('PCMU', 0, piece, 1_000);
    for (let index = 1; index < 20; index += 1) receiver.onMini(20 * index, piece, 1_000 + 20 * index);
    assert.deepEqual([receiver.jitter, receiver.outOfOrder, receiver.packets], [0, 0, 20]);
    receiver.onMini(420, piece, 1_436);
    receiver.onMini(400, piece, 1_437);
    assert.ok(receiver.jitter > 1 && receiver.jitter < 4);
    assert.deepEqual([receiver.outOfOrder, receiver.packets], [1, 22]);
  });
});
