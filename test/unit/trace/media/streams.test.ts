import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { readCapture } from '../../../../src/capture';
import { SeededRandom } from '../../../../src/core';
import { buildRtp } from '../../../../src/media';
import { formatAddress } from '../../../../src/net';
import { type MediaStream, TraceModel, type TracePacket } from '../../../../src/trace';
import { addresses, answeredCall, CallScript, reinvite, simple } from '../call-script';
import { capturedWith, mediaOf, silence, tone, voice, voiceBetween } from './voice-script';

const fixtures = path.join(__dirname, '../../../fixtures');

function streamsOf(file: string): readonly MediaStream[] {
  return TraceModel.from(readCapture(readFileSync(path.join(fixtures, file))).packets).streams;
}

function sayings(streams: readonly MediaStream[]): string[] {
  return streams.map(({ speaker, listener, packets, lost, codec, isSilent, isEncrypted }) =>
    [`${speaker.name} to ${listener.name}`, packets, lost ?? '-', codec, ...(isSilent ? ['silence'] : []), ...(isEncrypted ? ['encrypted'] : [])].join(', '),
  );
}

suite('the streams of real captures', () => {
  test('two legs of a call through Asterisk, of phones without a microphone', () => {
    assert.deepEqual(sayings(streamsOf('captures/sip-pbx-call-with-rtp.pcap')), [
      'bob to 101, 78, 0, G.711 u-law, silence',
      '102 to alice, 78, 0, G.711 u-law, silence',
      'alice to 102, 77, 0, G.711 u-law, silence',
      '101 to bob, 77, 0, G.711 u-law, silence',
    ]);
  });

  test('baresip, which sends from another address than it has announced', () => {
    const streams = streamsOf('captures/baresip-blind.pcap');
    assert.deepEqual(sayings(streams), [
      'bob to alice, 76, 0, G.711 u-law',
      'alice to bob, 76, 0, G.711 u-law',
      'charlie to alice, 186, 0, G.711 u-law',
      'alice to charlie, 185, 0, G.711 u-law',
    ]);
    assert.deepEqual(new Set(streams.map(({ source }) => source.host)), new Set(['127.0.0.1']));
  });

  test('SRTP is counted and not looked into', () => {
    assert.deepEqual(sayings(streamsOf('captures/baresip-blind-srtp.pcap')), [
      'bob to alice, 76, 0, G.711 u-law, encrypted',
      'alice to bob, 76, 0, G.711 u-law, encrypted',
      'charlie to alice, 101, 0, G.711 u-law, encrypted',
      'alice to charlie, 100, 0, G.711 u-law, encrypted',
    ]);
  });

  test('hold ends a time without a pause, and the stream goes on', () => {
    const streams = streamsOf('captures/baresip-hold.pcap');
    assert.deepEqual(streams.map(({ packets, spells }) => [packets, spells.map((spell) => spell.packets)]), [[110, [60, 50]], [111, [60, 51]]]);
  });

  test('voice of IAX2 with a hold by QUELCH', () => {
    const streams = streamsOf('iax2/asterisk-quelch.pcap');
    assert.deepEqual(sayings(streams), [
      'secretary to 300, 451, -, G.711 u-law',
      '127.0.0.1:4569 to 300, 401, -, G.711 u-law',
      '300 to 127.0.0.1:4569, 401, -, G.711 u-law',
      '300 to secretary, 225, -, G.711 u-law',
    ]);
    assert.deepEqual(streams.at(-1)?.spells.map(({ packets }) => packets), [75, 75, 75]);
  });

  test('a call moved by TXREL has streams of its own', () => {
    assert.deepEqual(sayings(streamsOf('iax2/asterisk-native-transfer.pcap')), ['alice to 300, 679, -, G.711 u-law', '300 to alice, 679, -, G.711 u-law']);
  });
});

suite('what is counted', () => {
  /** A call from 0 ms on, answered at 30 ms. */
  function call(): CallScript {
    const script = new CallScript();
    answeredCall(script, 'alice', 'bob', 'd1');
    return script;
  }

  for (const seed of [1, 2, 3, 4, 5]) {
    test(`packets out of order, doubled and lost, over the end of the sequence numbers: seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const sent = voiceBetween('alice', 'bob', 100, 100 + 20 * 400, { firstSequence: 65_536 - 200 + Math.floor(random.fraction() * 100) });
      // The first and the last of a stream are known to have been sent because they came.
      const came = sent.filter((_, index) => index < 5 || index > 390 || random.fraction() > 0.1);
      const lost = sent.length - came.length;
      const doubled = came.filter((_, index) => index > 5 && index < 380 && random.fraction() < 0.05);
      const reordered = [...came, ...doubled]
        .map((packet, index) => ({ packet, order: packet.at + (index < 3 || packet.at > 7_900 ? 0 : random.fraction() * 90) }))
        .sort((a, b) => a.order - b.order)
        .map(({ packet, order }) => ({ ...packet, at: order }));
      const [stream, ...others] = capturedWith(call(), reordered).streams;
      assert.deepEqual(others, []);
      assert.deepEqual([stream?.packets, stream?.lost], [came.length + doubled.length, lost]);
      assert.ok(lost > 10 && doubled.length > 5);
    });
  }

  test('from the first packet on, though it comes before any SDP says that it may', () => {
    const script = new CallScript();
    const dialog = script.dialog('alice', 'bob', 'd1');
    const invite = dialog.request('alice', 'INVITE');
    dialog.respond(invite, 180, 'Ringing');
    script.wait(1_000);
    dialog.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
    const { streams } = capturedWith(script, voiceBetween('bob', 'alice', 40, 600));
    assert.deepEqual(sayings(streams), ['bob to alice, 28, 0, G.711 u-law']);
    assert.equal(streams[0]?.spells[0]?.after, 1);
  });

  test('what had stopped before its address was announced is somebody else’s', () => {
    const script = new CallScript();
    const dialog = script.dialog('alice', 'bob', 'd1');
    const invite = dialog.request('alice', 'INVITE');
    script.wait(5_000);
    dialog.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
    assert.deepEqual(capturedWith(script, voiceBetween('bob', 'alice', 40, 600)).streams, []);
  });

  test('a later call with the same ports has streams of its own, even from the same source', () => {
    const script = new CallScript();
    const first = answeredCall(script, 'alice', 'bob', 'd1');
    script.wait(1_000);
    simple(first, 'bob', 'BYE');
    script.wait(1_000);
    answeredCall(script, 'alice', 'bob', 'd2');
    const { streams, calls } = capturedWith(script, [...voiceBetween('alice', 'bob', 100, 1_000), ...voiceBetween('alice', 'bob', 2_200, 2_400)]);
    assert.deepEqual(streams.map(({ packets, roles }) => [packets, roles.map((role) => role.call.id)]), [[45, ['c1']], [10, ['c2']]]);
    assert.equal(calls.length, 2);
  });

  test('who goes on sending when the port is given to another call is still heard as who it is', () => {
    const script = call();
    script.wait(1_000);
    // Alice has one port for both of her calls, and Bob sends from where he has not said.
    const nat = { host: '127.0.0.99', port: 5_555 };
    answeredCall(script, 'alice', 'charlie', 'd2');
    const { streams } = capturedWith(script, [...voice({ source: nat, destination: mediaOf('alice'), since: 100, until: 2_000 }), ...voiceBetween('charlie', 'alice', 1_200, 2_000)]);
    assert.deepEqual(sayings(streams), ['bob to alice, 95, 0, G.711 u-law', 'charlie to alice, 40, 0, G.711 u-law']);
  });

  test('RTP between addresses that nobody announced is nobody’s; nor is RTCP, STUN or what else comes there', () => {
    const strangers = voice({ source: { host: '127.0.0.50', port: 4_002 }, destination: { host: '127.0.0.51', port: 4_004 }, since: 100, until: 900 });
    const at = (bytes: Uint8Array, index: number): TracePacket => ({ at: 200 + index, transport: 'udp', source: mediaOf('alice'), destination: mediaOf('bob'), bytes });
    const rtcp = Uint8Array.from([0x80, 200, 0, 6, ...new Array<number>(24).fill(1)]);
    const stun = Uint8Array.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Array<number>(12).fill(7)]);
    const dtls = Uint8Array.from([22, 254, 253, ...new Array<number>(30).fill(0)]);
    const cut = Uint8Array.from([0x80, 0, 0, 1]);
    const wrong = Uint8Array.from([0x8f, 0, 0, 1, ...new Array<number>(12).fill(0)]);
    assert.deepEqual(capturedWith(call(), [...strangers, ...[rtcp, stun, dtls, cut, wrong].map(at)]).streams, []);
  });

  test('hosts that a NAT has changed are known by both ports of one call, and by no other', () => {
    const source = { host: '10.0.0.1', port: 4_000 };
    const destination = { host: '192.168.3.3', port: 4_000 };
    const ports = voice({ source, destination, since: 100, until: 1_000 });
    assert.equal(capturedWith(call(), ports).streams[0]?.packets, 45);
    assert.deepEqual(capturedWith(call(), ports.map((packet) => ({ ...packet, source: { ...source, port: 4_001 } }))).streams, []);
  });

  test('silence is told from voice, and comfort noise is silence', () => {
    const { streams } = capturedWith(call(), [
      ...voiceBetween('alice', 'bob', 100, 1_000, { payload: silence }),
      ...voiceBetween('bob', 'alice', 100, 500),
      ...voiceBetween('bob', 'alice', 500, 600, { firstSequence: 120, payload: Uint8Array.of(70), payloadType: 13 }),
      ...voiceBetween('alice', 'bob', 100, 600, { ssrc: 77, payload: Uint8Array.of(70), payloadType: 13 }),
    ]);
    assert.deepEqual(sayings(streams), ['alice to bob, 45, 0, G.711 u-law, silence', 'bob to alice, 25, 0, G.711 u-law', 'alice to bob, 25, 0, comfort noise, silence']);
    assert.deepEqual(streams[1]?.payloadTypes, [0, 13]);
  });

  test('hold makes two times of it, and a short pause without one does not', () => {
    const script = new CallScript();
    const dialog = answeredCall(script, 'alice', 'bob', 'd1');
    script.wait(1_000);
    reinvite(dialog, 'bob', 'sendonly', 'recvonly');
    script.wait(2_000);
    reinvite(dialog, 'bob', 'sendrecv', 'sendrecv');
    const { streams } = capturedWith(script, [
      ...voiceBetween('alice', 'bob', 100, 1_000),
      ...voiceBetween('alice', 'bob', 3_200, 4_000, { firstSequence: 145 }),
      ...voiceBetween('alice', 'bob', 6_000, 7_000, { firstSequence: 185 }),
    ]);
    assert.deepEqual(streams.map(({ spells }) => spells.map(({ packets, after }) => [packets, after])), [[[45, 3], [90, 9]]]);
  });

  test('one who makes up sources costs no memory', () => {
    const flood = Array.from({ length: 3_000 }, (_, index) => voiceBetween('alice', 'bob', 100 + index / 10, 101 + index / 10, { ssrc: index })).flat();
    const scan = Array.from({ length: 3_000 }, (_, index) => voice({ source: { host: '127.0.0.50', port: 10_000 + index }, destination: { host: '127.0.0.51', port: 20_000 + index }, since: 500, until: 501 })).flat();
    const { streams } = capturedWith(call(), [...flood, ...scan]);
    assert.equal(streams.length, 64);
  });

  test('any octets to an announced address', () => {
    const random = new SeededRandom(7);
    const packets = Array.from({ length: 2_000 }, (_, index): TracePacket => {
      const bytes = Uint8Array.from({ length: Math.floor(random.fraction() * 60) }, () => Math.floor(random.fraction() * 256));
      if (index % 2 === 0 && bytes.length > 0) bytes[0] = 0x80 | (bytes[0] ?? 0);
      return { at: 100 + index, transport: 'udp', source: mediaOf('alice'), destination: mediaOf('bob'), bytes };
    });
    for (const { packets: count, spells } of capturedWith(call(), packets).streams) assert.equal(spells.reduce((sum, spell) => sum + spell.packets, 0), count);
  });
});

test('a server between: each address is in the lane of who announced it', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'bob', 'd1');
  const relay = { host: '127.0.0.12', port: 30_000 };
  const moved = script.packets.map((packet) => ({ ...packet, bytes: Buffer.from(Buffer.from(packet.bytes).toString('latin1').replace(/m=audio 4000/, packet.from === 'bob' ? 'm=audio 30000' : 'm=audio 4000').replace(/c=IN IP4 127\.0\.0\.12/, 'c=IN IP4 127.0.0.99'), 'latin1') }));
  script.packets.splice(0, script.packets.length, ...moved);
  const model = capturedWith(script, voice({ source: mediaOf('alice'), destination: { ...relay, host: '127.0.0.99' }, since: 100, until: 500 }));
  const [stream] = model.streams;
  assert.equal(stream?.listener.name, 'bob');
  assert.equal(formatAddress(stream.listenerAt), formatAddress(addresses.bob));
});

test('a stream keeps numbers and no packets', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'bob', 'd1');
  const bytes = buildRtp({ payloadType: 0, sequence: 1, timestamp: 0, ssrc: 9, payload: tone });
  const model = capturedWith(script, [{ at: 100, transport: 'udp', source: mediaOf('alice'), destination: mediaOf('bob'), bytes }]);
  assert.equal(model.messages.length, 4);
  assert.equal(model.streams.length, 1);
});
