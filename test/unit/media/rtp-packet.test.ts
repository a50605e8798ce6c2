import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { buildRtp, findRtpProblem, RtpPacket, type RtpParts } from '../../../src/media';

function parsed(bytes: Uint8Array): RtpPacket {
  const packet = RtpPacket.parse(bytes);
  assert.ok(packet !== undefined, findRtpProblem(bytes)?.text);
  return packet;
}

const word = fc.nat(0xffff_ffff);
const parts: fc.Arbitrary<RtpParts> = fc.record(
  {
    payloadType: fc.nat(127),
    sequence: fc.nat(0xffff),
    timestamp: word,
    ssrc: word,
    payload: fc.uint8Array({ maxLength: 200 }),
    marker: fc.boolean(),
    csrcs: fc.array(word, { maxLength: 15 }),
    extension: fc.record({
      profile: fc.nat(0xffff),
      data: fc.nat(5).chain((words) => fc.uint8Array({ minLength: 4 * words, maxLength: 4 * words })),
    }),
    padding: fc.nat(255),
  },
  { requiredKeys: ['payloadType', 'sequence', 'timestamp', 'ssrc', 'payload'] },
);

describe('RTP', () => {
  test('writes the header of RFC 3550 section 5.1', () => {
    const bytes = buildRtp({
      payloadType: 8,
      sequence: 0x1234,
      timestamp: 0x89abcdef,
      ssrc: 0xfedcba98,
      marker: true,
      csrcs: [1, 0xffff_ffff],
      extension: { profile: 0xbede, data: Uint8Array.of(1, 2, 3, 4) },
      payload: Uint8Array.of(0xd5, 0x55),
      padding: 2,
    });
    const expected = 'b2 88 1234 89abcdef fedcba98 00000001 ffffffff bede0001 01020304 d555 0002';
    assert.equal(Buffer.from(bytes).toString('hex'), expected.replaceAll(' ', ''));
  });

  test('gives the ranges of what it read', () => {
    const packet = parsed(
      buildRtp({
        payloadType: 0,
        sequence: 1,
        timestamp: 2,
        ssrc: 3,
        csrcs: [9],
        extension: { profile: 7, data: new Uint8Array(8) },
        payload: new Uint8Array(5),
        padding: 3,
      }),
    );
    assert.deepEqual(packet.headerRange, { start: 0, end: 28 });
    assert.deepEqual(packet.extension?.range, { start: 16, end: 28 });
    assert.deepEqual(packet.payloadRange, { start: 28, end: 33 });
    assert.deepEqual(packet.paddingRange, { start: 33, end: 36 });
  });

  test('reads back all that it wrote', () => {
    fc.assert(
      fc.property(parts, (written) => {
        const packet = parsed(buildRtp(written));
        assert.equal(packet.payloadType, written.payloadType);
        assert.equal(packet.sequence, written.sequence);
        assert.equal(packet.timestamp, written.timestamp);
        assert.equal(packet.ssrc, written.ssrc);
        assert.equal(packet.marker, written.marker ?? false);
        assert.deepEqual(packet.csrcs, written.csrcs ?? []);
        assert.equal(packet.extension?.profile, written.extension?.profile);
        assert.deepEqual(packet.extension?.data, written.extension?.data);
        assert.deepEqual(packet.payload, written.payload);
        assert.equal(packet.paddingRange.end - packet.paddingRange.start, written.padding ?? 0);
      }),
    );
  });

  test('numbers beyond their fields wrap', () => {
    const packet = parsed(
      buildRtp({ payloadType: 0, sequence: 0x1_0001, timestamp: 0x1_0000_0002, ssrc: 0, payload: new Uint8Array() }),
    );
    assert.deepEqual([packet.sequence, packet.timestamp], [1, 2]);
  });

  const good = buildRtp({ payloadType: 0, sequence: 1, timestamp: 2, ssrc: 3, payload: new Uint8Array(4) });
  const changed = (change: (bytes: Uint8Array) => void, length = good.length): Uint8Array => {
    const bytes = good.slice(0, length);
    change(bytes);
    return bytes;
  };
  const refused: readonly [string, Uint8Array, string, number, number][] = [
    ['nothing', new Uint8Array(), 'rtp-short', 0, 0],
    ['eleven octets', good.slice(0, 11), 'rtp-short', 0, 11],
    ['version 1', changed((bytes) => (bytes[0] = 0x40)), 'rtp-version', 0, 1],
    ['two sources where one fits', changed((bytes) => (bytes[0] = 0x82)), 'rtp-csrc', 12, 16],
    ['an extension without its length', changed((bytes) => (bytes[0] = 0x91)), 'rtp-extension', 16, 16],
    [
      'an extension longer than the packet',
      changed((bytes) => ((bytes[0] = 0x90), (bytes[15] = 1))),
      'rtp-extension',
      12,
      16,
    ],
    ['padding of none', changed((bytes) => (bytes[0] = 0xa0)), 'rtp-padding', 12, 16],
    [
      'padding longer than the payload',
      changed((bytes) => ((bytes[0] = 0xa0), (bytes[15] = 5))),
      'rtp-padding',
      12,
      16,
    ],
    ['padding without a payload', changed((bytes) => (bytes[0] = 0xa0), 12), 'rtp-padding', 11, 12],
  ];
  for (const [name, bytes, code, start, end] of refused) {
    test(`refuses ${name}, and says where`, () => {
      assert.equal(RtpPacket.parse(bytes), undefined);
      const problem = findRtpProblem(bytes);
      assert.equal(problem?.code, code);
      assert.deepEqual(problem.range, { start, end });
    });
  }

  test('padding may be all there is', () => {
    const packet = parsed(changed((bytes) => ((bytes[0] = 0xa0), (bytes[15] = 4))));
    assert.equal(packet.payload.length, 0);
    assert.equal(findRtpProblem(packet.bytes), undefined);
  });

  test('never throws, and what it accepts lies within the octets', () => {
    const almost = fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.nat(255)).map(([bytes, first]) => {
      if (bytes.length > 0) bytes[0] = 0x80 | (first & 0x3f);
      return bytes;
    });
    fc.assert(
      fc.property(almost, (bytes) => {
        const packet = RtpPacket.parse(bytes);
        assert.equal(packet === undefined, findRtpProblem(bytes) !== undefined);
        if (packet === undefined) return;
        assert.ok(packet.headerRange.end <= packet.payloadRange.end && packet.payloadRange.end <= bytes.length);
        assert.equal(packet.payload.length, packet.payloadRange.end - packet.payloadRange.start);
        assert.ok(packet.csrcs.length <= 15);
        assert.ok((packet.extension?.data.length ?? 0) % 4 === 0);
      }),
    );
  });
});
