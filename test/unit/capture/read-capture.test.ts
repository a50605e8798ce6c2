import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type CapturedPacket, readCapture, writePcap, writePcapng } from '../../../src/capture';
import { alice, asksTshark, assortment, bob, fixture, octets, textOf, tsharkFields } from './support';

interface Frame {
  readonly seconds: number;
  readonly fraction: number;
  readonly bytes: Uint8Array;
}

/** A pcap file as any system might write it. */
function pcap(frames: readonly Frame[], { linkType = 101, littleEndian = true, nanoseconds = false } = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const words = (...values: readonly number[]): void => {
    const view = new DataView(new ArrayBuffer(values.length * 4));
    values.forEach((value, index) => view.setUint32(index * 4, value, littleEndian));
    parts.push(new Uint8Array(view.buffer));
  };
  const version = littleEndian ? 0x0004_0002 : 0x0002_0004;
  words(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, version, 0, 0, 65_535, linkType);
  for (const { seconds, fraction, bytes } of frames) {
    words(seconds, fraction, bytes.length, bytes.length);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** The IP packets that a file of our own writer holds. */
function ipPackets(packets: readonly CapturedPacket[]): Uint8Array[] {
  const file = Buffer.from(writePcap(packets));
  const found: Uint8Array[] = [];
  for (let at = 24; at < file.length; at += 16 + file.readUInt32LE(at + 8)) found.push(file.subarray(at + 16, at + 16 + file.readUInt32LE(at + 8)));
  return found;
}

function frame(bytes: Uint8Array): Frame {
  return { seconds: 1, fraction: 0, bytes };
}

function hello(text = 'hello'): CapturedPacket {
  return { at: 0, transport: 'udp', source: alice, destination: bob, bytes: octets(text) };
}

function bytesOf(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Uint8Array.from(part)));
}

describe('captures of other programs', () => {
  for (const name of ['sip-direct-302.pcap', 'iax2-hold.pcap', 'options-sll-nanoseconds.pcap', 'options-sll2.pcap', 'options-ethernet.pcapng']) {
    test(`${name}: the same packets as tshark reads`, asksTshark, () => {
      const file = fixture(name);
      const fields = ['frame.number', 'frame.time_epoch', 'ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'udp.srcport', 'udp.dstport', 'tcp.srcport', 'tcp.dstport', 'udp.payload', 'tcp.payload'];
      const expected = tsharkFields(file, fields, ['-n', '-Y', 'udp || tcp.len > 0']).map((values) => {
        const [number, time, ip, ipTo, ip6, ip6To, udp, udpTo, tcp, tcpTo, udpPayload, tcpPayload] = values;
        return [number, Number(time).toFixed(6), ip || ip6, ipTo || ip6To, udp || tcp, udpTo || tcpTo, udp ? 'udp' : 'tcp', udpPayload || tcpPayload];
      });
      assert.ok(expected.length > 0);
      const { packets, notes } = readCapture(file);
      const read = packets.map((packet) => [
        String(packet.frame),
        (packet.at / 1000).toFixed(6),
        packet.source.host,
        packet.destination.host,
        String(packet.source.port),
        String(packet.destination.port),
        packet.transport,
        Buffer.from(packet.bytes).toString('hex'),
      ]);
      assert.deepEqual(read, expected);
      assert.deepEqual(notes, []);
    });
  }

  test('a redirected call: who says what to whom, and when', () => {
    const { packets, frames, otherFrames } = readCapture(fixture('sip-direct-302.pcap'));
    const start = packets[0]?.at ?? 0;
    const ladder = packets.map(({ at, source, destination, bytes }) => `${((at - start) / 1000).toFixed(3)} ${source.host} > ${destination.host} ${textOf(bytes).split(/\r\n| SIP/, 1)[0]}`);
    assert.deepEqual(ladder, [
      '0.000 127.0.0.11 > 127.0.0.12 INVITE sip:bob@127.0.0.12',
      '0.000 127.0.0.12 > 127.0.0.11 SIP/2.0 100 Trying',
      '0.100 127.0.0.12 > 127.0.0.11 SIP/2.0 180 Ringing',
      '1.251 127.0.0.12 > 127.0.0.11 SIP/2.0 302 Moved Temporarily',
      '1.251 127.0.0.11 > 127.0.0.12 ACK sip:bob@127.0.0.12',
      '1.251 127.0.0.11 > 127.0.0.13 INVITE sip:charlie@127.0.0.13',
      '1.251 127.0.0.13 > 127.0.0.11 SIP/2.0 100 Trying',
      '1.351 127.0.0.13 > 127.0.0.11 SIP/2.0 180 Ringing',
      '2.452 127.0.0.13 > 127.0.0.11 SIP/2.0 200 OK',
      '2.452 127.0.0.11 > 127.0.0.13 ACK sip:charlie@127.0.0.13:5060',
      '5.502 127.0.0.11 > 127.0.0.13 BYE sip:charlie@127.0.0.13:5060',
      '5.502 127.0.0.13 > 127.0.0.11 SIP/2.0 200 OK',
    ]);
    assert.deepEqual([frames, otherFrames], [12, 0]);
  });

  test('one run captured in three formats reads the same', () => {
    const runs = ['options-sll-nanoseconds.pcap', 'options-sll2.pcap', 'options-ethernet.pcapng'].map((name) => readCapture(fixture(name)));
    const shape = runs.map(({ packets, frames }) => ({ frames, packets: packets.map(({ frame: number, at, bytes, ...rest }) => ({ number, microsecond: Math.floor(at * 1000), text: textOf(bytes), ...rest })) }));
    const [first] = shape;
    assert.ok(first !== undefined);
    assert.deepEqual(first.packets.map(({ number, transport }) => [number, transport]), [[1, 'udp'], [5, 'tcp'], [7, 'tcp']]);
    assert.equal(first.frames, 11);
    const withoutTime = shape.map(({ packets }) => packets.map(({ microsecond: _, ...rest }) => rest));
    assert.deepEqual(withoutTime[1], withoutTime[0]);
    assert.deepEqual(withoutTime[2], withoutTime[0]);
    // The first file has nanoseconds where the others were cut to microseconds.
    for (const { packets } of shape) packets.forEach(({ microsecond }, index) => assert.ok(Math.abs(microsecond - (first.packets[index]?.microsecond ?? 0)) <= 1));
  });
});

describe('pcap', () => {
  test('either octet order, micro- and nanoseconds', () => {
    const [ip = new Uint8Array()] = ipPackets([hello()]);
    for (const littleEndian of [true, false]) {
      for (const nanoseconds of [true, false]) {
        const file = pcap([{ seconds: 1_700_000_000, fraction: nanoseconds ? 250_500_000 : 250_500, bytes: ip }], { littleEndian, nanoseconds });
        const { packets } = readCapture(file);
        assert.deepEqual(packets, [{ frame: 1, ...hello(), at: 1_700_000_000_250.5 }]);
      }
    }
  });

  test('every link type, and what is not IP is counted', () => {
    const [ip = new Uint8Array(), ip6 = new Uint8Array()] = ipPackets([hello(), { ...hello(), source: { host: '::1', port: 1 }, destination: { host: '::1', port: 2 } }]);
    const mac = new Uint8Array(12);
    const links: readonly (readonly [number, Uint8Array, Uint8Array, Uint8Array])[] = [
      [0, bytesOf([2, 0, 0, 0], ip), bytesOf([0, 0, 0, 30], ip6), bytesOf([7, 0, 0, 0, 1, 2, 3])],
      [1, bytesOf(mac, [0x08, 0x00], ip), bytesOf(mac, [0x81, 0, 0, 5, 0x86, 0xdd], ip6), bytesOf(mac, [0x08, 0x06], new Uint8Array(28))],
      [101, ip, ip6, Uint8Array.of(0x55, 1, 2)],
      [108, bytesOf([0, 0, 0, 2], ip), bytesOf([0, 0, 0, 24], ip6), new Uint8Array(0)],
      [113, bytesOf(new Uint8Array(14), [0x08, 0x00], ip), bytesOf(new Uint8Array(14), [0x86, 0xdd], ip6), bytesOf(new Uint8Array(14), [0x08, 0x06])],
      [228, ip, ip, new Uint8Array(3)],
      [229, ip6, ip6, new Uint8Array(3)],
      [276, bytesOf([0x08, 0x00], new Uint8Array(18), ip), bytesOf([0x86, 0xdd], new Uint8Array(18), ip6), bytesOf([0x08, 0x06], new Uint8Array(30))],
    ];
    for (const [linkType, first, second, alien] of links) {
      const { packets, frames, otherFrames, notes } = readCapture(pcap([first, alien, second].map(frame), { linkType }));
      assert.deepEqual(packets.map(({ frame: number, bytes }) => [number, textOf(bytes)]), [[1, 'hello'], [3, 'hello']], `link type ${linkType}`);
      assert.deepEqual([frames, otherFrames, notes], [3, 1, []]);
    }
  });

  test('padding of short Ethernet frames is no payload', () => {
    const [ip = new Uint8Array()] = ipPackets([hello('hi')]);
    const { packets } = readCapture(pcap([frame(bytesOf(new Uint8Array(12), [0x08, 0x00], ip, new Uint8Array(16)))], { linkType: 1 }));
    assert.equal(textOf(packets[0]?.bytes ?? new Uint8Array()), 'hi');
  });

  test('octets of IP behind the end of UDP are no payload', () => {
    const [ip = new Uint8Array()] = ipPackets([hello()]);
    const withTail = bytesOf(ip.subarray(0, 3), [(ip[3] ?? 0) + 4], ip.subarray(4), [1, 2, 3, 4]);
    assert.deepEqual(readCapture(pcap([frame(withTail)])).packets.map(({ bytes }) => textOf(bytes)), ['hello']);
  });

  test('options of IPv4 and extension headers of IPv6 are passed over', () => {
    const [ip = new Uint8Array(), ip6 = new Uint8Array()] = ipPackets([hello(), { ...hello(), source: { host: '::1', port: 1 }, destination: { host: '::1', port: 2 } }]);
    const withOptions = bytesOf([0x46], ip.subarray(1, 3), [(ip[3] ?? 0) + 4], ip.subarray(4, 20), [1, 1, 1, 0], ip.subarray(20));
    const extensions = [44, 0, 1, 4, 0, 0, 0, 0, /* an atomic fragment */ 17, 0, 0, 0, 1, 2, 3, 4];
    const withExtensions = bytesOf(ip6.subarray(0, 5), [(ip6[5] ?? 0) + 16, 0], ip6.subarray(7, 40), extensions, ip6.subarray(40));
    const { packets, notes } = readCapture(pcap([withOptions, withExtensions].map(frame)));
    assert.deepEqual(packets.map(({ bytes }) => textOf(bytes)), ['hello', 'hello']);
    assert.deepEqual(notes, []);
  });

  test('fragments and packets cut short by the capturing program are noted', () => {
    const [ip = new Uint8Array()] = ipPackets([hello()]);
    const firstFragment = bytesOf(ip.subarray(0, 6), [0x20, 0], ip.subarray(8));
    const laterFragment = bytesOf(ip.subarray(0, 6), [0x00, 0x05], ip.subarray(8));
    const { packets, notes } = readCapture(pcap([firstFragment, laterFragment, ip.subarray(0, 30)].map(frame)));
    assert.deepEqual(packets.map(({ bytes }) => textOf(bytes)), ['he']);
    assert.deepEqual(notes.map(({ frame: number }) => number), [1, 2, 3]);
    assert.match(notes[0]?.text ?? '', /fragment/);
    assert.match(notes[2]?.text ?? '', /only 2 of the 5 octets/);
  });

  test('a file that ends inside a frame gives what is before it', () => {
    const file = writePcap([hello('one'), hello('two')]);
    for (const missing of [1, 20, 31 + 15]) {
      const { packets, notes } = readCapture(file.subarray(0, file.length - missing));
      assert.deepEqual(packets.map(({ bytes }) => textOf(bytes)), ['one']);
      assert.deepEqual(notes.map(({ frame: number }) => number), [2]);
    }
  });

  test('what is no capture is CL5001 and says why', () => {
    assert.throws(() => readCapture(octets('INVITE sip:bob@127.0.0.12 SIP/2.0')), { code: 'CL5001', message: /does not begin/ });
    assert.throws(() => readCapture(new Uint8Array(0)), { code: 'CL5001' });
    assert.throws(() => readCapture(Uint8Array.of(0x1f, 0x8b, 8, 0)), { code: 'CL5001', message: /compressed/ });
    assert.throws(() => readCapture(pcap([]).subarray(0, 23)), { code: 'CL5001', message: /inside its header/ });
    assert.throws(() => readCapture(pcap([], { linkType: 127 })), { code: 'CL5001', message: /link type 127/ });
  });
});

describe('pcapng', () => {
  function block(type: number, body: Uint8Array, littleEndian = true): Uint8Array {
    const view = new DataView(new ArrayBuffer(12 + body.length));
    view.setUint32(0, type, littleEndian);
    view.setUint32(4, 12 + body.length, littleEndian);
    new Uint8Array(view.buffer).set(body, 8);
    view.setUint32(8 + body.length, 12 + body.length, littleEndian);
    return new Uint8Array(view.buffer);
  }
  const numbers = (littleEndian: boolean, ...values: readonly number[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(values.length * 4));
    values.forEach((value, index) => view.setUint32(index * 4, value, littleEndian));
    return new Uint8Array(view.buffer);
  };
  const section = (littleEndian = true): Uint8Array => block(0x0a0d0d0a, numbers(littleEndian, 0x1a2b3c4d, littleEndian ? 1 : 0x10000, 0xffffffff, 0xffffffff), littleEndian);
  const padded = (bytes: Uint8Array): Uint8Array => bytesOf(bytes, new Uint8Array(-bytes.length & 3));
  const [ip = new Uint8Array()] = ipPackets([hello()]);

  test('sections of either order, several interfaces, any time resolution, and offsets', () => {
    const raw = (...options: readonly number[]): Uint8Array => block(1, bytesOf([101, 0, 0, 0, 0, 0, 0, 0], options));
    const packet = (from: number, units: bigint): Uint8Array => block(6, bytesOf(numbers(true, from, Number(units >> 32n), Number(units & 0xffffffffn), ip.length, ip.length), padded(ip)));
    const file = bytesOf(
      section(),
      raw(9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0), // nanoseconds
      raw(9, 0, 1, 0, 0x8a, 0, 0, 0, 14, 0, 8, 0, 100, 0, 0, 0, 0, 0, 0, 0), // 1024ths of a second, 100 s later
      block(0x0bad, numbers(true, 1, 2, 3)),
      packet(0, 1_700_000_000_250_500_000n),
      packet(1, 1536n),
      section(false),
      block(1, bytesOf([0, 101, 0, 0, 0, 0, 0, 0]), false),
      block(6, bytesOf(numbers(false, 0, 0, 2_000_001, ip.length, ip.length), padded(ip)), false),
      block(3, bytesOf(numbers(false, ip.length), padded(ip)), false),
    );
    const { packets, notes } = readCapture(file);
    assert.deepEqual(packets.map(({ frame: number, at }) => [number, at]), [[1, 1_700_000_000_250.5], [2, 101_500], [3, 2000.001], [4, 2000.001]]);
    assert.deepEqual(notes, []);
  });

  test('an interface that is not read is noted, and its frames are counted', () => {
    const file = bytesOf(section(), block(1, bytesOf([127, 0, 0, 0, 0, 0, 0, 0])), block(6, bytesOf(numbers(true, 0, 0, 0, ip.length, ip.length), padded(ip))), block(6, numbers(true, 5, 0, 0, 0, 0)));
    const { packets, notes, frames, otherFrames } = readCapture(file);
    assert.deepEqual([packets.length, frames, otherFrames], [0, 1, 1]);
    assert.match(notes[0]?.text ?? '', /link type 127/);
    assert.equal(notes[1]?.frame, 2);
  });

  test('a damaged file gives what is before the damage', () => {
    const file = writePcapng([hello('one'), hello('two')]);
    const { packets, notes } = readCapture(file.subarray(0, file.length - 4));
    assert.deepEqual(packets.map(({ bytes }) => textOf(bytes)), ['one']);
    assert.match(notes[0]?.text ?? '', /cut off or damaged at octet \d+/);
    const noOrder = Uint8Array.from(file);
    noOrder.fill(0, 8, 12);
    assert.throws(() => readCapture(noOrder), { code: 'CL5001' });
  });
});

test('no octets at all make the readers fail in another way than CL5001', () => {
  const files = [writePcap(assortment()), writePcapng(assortment(), { names: new Map([['::1', 'carol']]) }), ...['options-sll2.pcap', 'options-ethernet.pcapng'].map(fixture)];
  const damaged = fc.record({
    file: fc.constantFrom(...files),
    changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
    cut: fc.nat({ max: 200 }),
  });
  fc.assert(
    fc.property(damaged, ({ file, changes, cut }) => {
      const bytes = Uint8Array.from(file.subarray(0, Math.max(0, file.length - cut)));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        readCapture(bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'CL5001');
      }
    }),
    { numRuns: 2_000 },
  );
});
