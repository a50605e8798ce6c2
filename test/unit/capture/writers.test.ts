import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CapturedPacket, readCapture, writePcap, writePcapng } from '../../../src/capture';
import { alice, asksTshark, assortment, bob, octets, rtpPacket, sipMessage, tsharkFields } from './support';

const checkEverything = ['ip', 'udp', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
const asRtp = ['-d', 'udp.port==4000,rtp'];

/** What tshark finds wrong with a file: malformed packets, wrong checksums, holes in streams. */
function complaints(file: Uint8Array, options: readonly string[] = []): string[][] {
  const wrong = ['_ws.malformed', 'ip.checksum.status == "Bad"', 'udp.checksum.status == "Bad"', 'tcp.checksum.status == "Bad"', 'tcp.analysis.flags', '_ws.expert.severity >= "Warning"'];
  return tsharkFields(file, ['frame.number', '_ws.expert.message'], [...checkEverything, ...options, '-Y', wrong.join(' || ')]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

for (const [name, write] of [['writePcap', writePcap], ['writePcapng', writePcapng]] as const) {
  describe(name, () => {
    test('tshark reads every packet as it was written', asksTshark, () => {
      const packets = assortment();
      const fields = ['frame.time_epoch', 'ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'udp.srcport', 'udp.dstport', 'tcp.srcport', 'tcp.dstport', 'udp.payload', 'tcp.payload'];
      const expected = packets.map(({ at, transport, source, destination, bytes }) => {
        const isV6 = source.host.includes(':');
        const [isUdp, time] = [transport === 'udp', `${Math.floor(at / 1000)}.${String(Math.round((at % 1000) * 1000)).padStart(6, '0')}000`];
        const hosts = [source.host, destination.host];
        const ports = [String(source.port), String(destination.port)];
        const none = ['', ''];
        return [time, ...(isV6 ? none : hosts), ...(isV6 ? hosts : none), ...(isUdp ? ports : none), ...(isUdp ? none : ports), isUdp ? hex(bytes) : '', isUdp ? '' : hex(bytes)];
      });
      assert.deepEqual(tsharkFields(write(packets), fields), expected);
    });

    test('tshark decodes SIP, reassembled where it came in pieces, and RTP', asksTshark, () => {
      const fields = ['frame.number', 'sip.Method', 'sip.Status-Code', 'sip.Call-ID', 'rtp.seq', 'rtp.timestamp', 'rtp.ssrc'];
      assert.deepEqual(tsharkFields(write(assortment()), fields, [...asRtp, '-Y', 'sip || rtp']), [
        ['1', 'INVITE', '', 'udp-v4', '', '', ''],
        ['2', 'BYE', '', 'udp-v6', '', '', ''],
        ['3', '', '486', 'udp-v4', '', '', ''],
        ['4', '', '', '', '65535', '160', '0xdeadbeef'],
        ['5', '', '', '', '0', '320', '0xdeadbeef'],
        ['7', 'OPTIONS', '', 'tcp-in-two', '', '', ''],
        ['8', '', '200', 'tcp-in-two', '', '', ''],
        ['9', 'OPTIONS', '', 'tcp-again', '', '', ''],
        ['10', 'OPTIONS', '', 'tcp-v6', '', '', ''],
      ]);
    });

    test('tshark has no complaint: nothing malformed, every checksum right, every stream whole', asksTshark, () => {
      const file = write(assortment());
      assert.deepEqual(complaints(file, asRtp), []);
      const statuses = tsharkFields(file, ['ip.checksum.status', 'udp.checksum.status', 'tcp.checksum.status'], checkEverything);
      assert.equal(statuses.length, assortment().length);
      // 1 is "Good"; IPv6 has no checksum of its own.
      for (const [ip, udp, tcp] of statuses) assert.ok((ip === '1' || ip === '') && `${udp}${tcp}` === '1');
    });

    test('checksums hold for every length and for the value that would be zero', asksTshark, () => {
      const packets: CapturedPacket[] = [];
      for (let length = 0; length < 40; length += 1) packets.push({ at: length, transport: 'udp', source: alice, destination: bob, bytes: new Uint8Array(length).fill(0xff - length) });
      // The word that makes up the sum to 0xffff gives a checksum of zero, which UDP must write as 0xffff.
      const sum = 0x7f00 + 11 + 0x7f00 + 12 + 17 + 2 * 10 + 5060 + 5060;
      const word = 0xffff - ((sum & 0xffff) + (sum >> 16));
      packets.push({ at: 50, transport: 'udp', source: alice, destination: bob, bytes: Uint8Array.of(word >> 8, word & 0xff) });
      const checksums = tsharkFields(write(packets), ['udp.checksum', 'udp.checksum.status'], ['-o', 'udp.check_checksum:TRUE', '-d', 'udp.port==5060,data']);
      assert.deepEqual(checksums.map(([, status]) => status), packets.map(() => '1'));
      assert.equal(checksums.at(-1)?.[0], '0xffff');
    });

    test('the largest datagram is one frame, a long TCP piece several of one stream', asksTshark, () => {
      const client = { host: alice.host, port: 40_001 };
      const long = new Uint8Array(150_000).map((_, index) => index & 0xff);
      const file = write([
        { at: 0, transport: 'udp', source: { ...alice, port: 9_000 }, destination: { ...bob, port: 9_000 }, bytes: new Uint8Array(65_507) },
        { at: 1, transport: 'tcp', source: client, destination: { ...bob, port: 9_001 }, bytes: long },
        { at: 2, transport: 'tcp', source: { ...bob, port: 9_001 }, destination: client, bytes: octets('thanks') },
      ]);
      const [datagram, ...segments] = tsharkFields(file, ['udp.length', 'tcp.len', 'tcp.seq_raw', 'tcp.ack_raw']);
      assert.deepEqual(datagram, ['65515', '', '', '']);
      assert.deepEqual(segments, [
        ['', '65495', '1', '1'],
        ['', '65495', '65496', '1'],
        ['', '19010', '130991', '1'],
        ['', '6', '1', '150001'],
      ]);
      assert.deepEqual(complaints(file), []);
      assert.deepEqual(Buffer.concat(readCapture(file).packets.slice(1, 4).map(({ bytes }) => bytes)), Buffer.from(long));
    });

    test('tshark finds SIP and RTP on other ports in the ways the comment names', asksTshark, () => {
      const on = (port: number, bytes: Uint8Array): CapturedPacket => ({ at: 0, transport: 'udp', source: { ...alice, port }, destination: { ...bob, port }, bytes });
      const options = sipMessage('OPTIONS sip:bob@127.0.0.12 SIP/2.0', 'elsewhere', '1 OPTIONS');
      const ownPort = write([on(40_123, options), { ...on(40_124, options), transport: 'tcp' }]);
      const strangePort = write([on(5072, options)]);
      const media = write([on(4000, rtpPacket(1, 2, 3))]);
      const callIds = (file: Uint8Array, args: string[]): string[][] => tsharkFields(file, ['sip.Call-ID'], args);
      assert.deepEqual(callIds(ownPort, []), [['elsewhere'], ['elsewhere']]);
      assert.deepEqual(callIds(strangePort, ['-o', 'udp.try_heuristic_first:TRUE']), [['elsewhere']]);
      assert.deepEqual(callIds(strangePort, ['-d', 'udp.port==5072,sip']), [['elsewhere']]);
      assert.deepEqual(tsharkFields(media, ['rtp.seq'], ['--enable-heuristic', 'rtp_udp']), [['1']]);
    });

    test('what was written reads back the same', () => {
      const packets = assortment();
      const { packets: back, notes, frames, otherFrames } = readCapture(write(packets));
      assert.deepEqual(back.map(({ frame: _, ...packet }) => packet), packets);
      assert.deepEqual(back.map(({ frame }) => frame), packets.map((_, index) => index + 1));
      assert.deepEqual([notes, frames, otherFrames], [[], packets.length, 0]);
    });

    test('a packet that IP cannot carry is CL5002', () => {
      const between = (source: string, destination: string, length = 1): CapturedPacket => ({ at: 0, transport: 'udp', source: { host: source, port: 1 }, destination: { host: destination, port: 2 }, bytes: new Uint8Array(length) });
      assert.throws(() => write([between('127.0.0.1', '::1')]), { code: 'CL5002', message: /127\.0\.0\.1:1 to \[::1\]:2/ });
      assert.throws(() => write([between('pbx.example.com', '127.0.0.1')]), { code: 'CL5002' });
      assert.throws(() => write([between('127.0.0.1', '127.0.0.1', 65_508)]), { code: 'CL5002' });
      assert.throws(() => write([between('::1', '::1', 65_528)]), { code: 'CL5002' });
      assert.equal(readCapture(write([between('::1', '::1', 65_527)])).packets[0]?.bytes.length, 65_527);
    });
  });
}

test('writePcapng states names of hosts and a remark, which tshark shows', asksTshark, () => {
  const names = new Map([['127.0.0.11', 'alice'], ['::1', 'carol'], ['not-an-address', 'nobody']]);
  const file = writePcapng(assortment().slice(0, 2), { names, comment: 'Blind transfer, refused' });
  const shown = tsharkFields(file, ['ip.src_host', 'ip.dst_host', 'ipv6.src_host'], ['-N', 'n']);
  assert.deepEqual(shown, [['alice', '127.0.0.12', ''], ['', '', 'carol']]);
  assert.deepEqual(readCapture(file).names, new Map([['127.0.0.11', 'alice'], ['::1', 'carol']]));
  assert.ok(Buffer.from(file).includes('Blind transfer, refused'));
});
