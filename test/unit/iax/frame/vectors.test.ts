import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildCommand, buildFullFrame, buildMini, buildTrunk, decodeFrame, type ElementValues, type FullFrame, frameTypes, IaxFrameError, type TrunkFrame } from '../../../../src/iax';

/*
 * Single frames of real peers, octet for octet, and what they say. Each is read, and written anew from what was read.
 */

interface Expected {
  readonly hex: string;
  readonly title: string;
  /** Source call, destination call, timestamp, outgoing and incoming sequence. */
  readonly header: readonly [number, number, number, number, number];
  readonly elements?: ElementValues;
  readonly repeated?: true;
}

const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value));
const here = { host: '127.0.0.3', port: 4569 };

const vectors: readonly Expected[] = [
  {
    hex: '87d1000000000001000006010b02000201033130310904000000040804000000040605616c6963653600',
    title: 'NEW',
    header: [2001, 0, 1, 0, 0],
    elements: { version: 2, calledNumber: '101', format: 4, capability: 4, username: 'alice', callToken: new Uint8Array(0) },
  },
  {
    hex: '800107d100000001000106283633313739353232323832343f36346136633835643639353037313262323962613432353935376162323538613863366162316133',
    title: 'CALLTOKEN',
    header: [1, 2001, 1, 0, 1],
    elements: { callToken: text('1795222824?64a6c85d6950712b29ba425957ab258a8c6ab1a3') },
  },
  { hex: '945807d10000000f000106080e0200020f093139383433343033380605616c696365', title: 'AUTHREQ', header: [5208, 2001, 15, 0, 1], elements: { authMethods: 2, challenge: '198434038', username: 'alice' } },
  { hex: '87d11458000000010101060910203164646563393463313836656364663634633836376266313964623531373861', title: 'AUTHREP', header: [2001, 5208, 1, 1, 1], elements: { md5Result: '1ddec94c186ecdf64c867bf19db5178a' } },
  { hex: '945807d100000012010206070904000000043809000000000000000004', title: 'ACCEPT', header: [5208, 2001, 18, 1, 2], elements: { format: 4, format2: { version: 0, mask: 4n } } },
  { hex: '87d114580000001202020604', title: 'ACK', header: [2001, 5208, 18, 2, 2], elements: {} },
  { hex: '945807d10000001502020403', title: 'CONTROL RINGING', header: [5208, 2001, 21, 2, 2] },
  { hex: '945807d1000007e803020404', title: 'CONTROL ANSWER', header: [5208, 2001, 2024, 3, 2] },
  { hex: '945807d1000007eb040204ff', title: 'CONTROL STOP SOUNDS', header: [5208, 2001, 2027, 4, 2] },
  { hex: '87d11458000007da020502047f7f7f7f', title: 'VOICE PCMU', header: [2001, 5208, 2010, 2, 5] },
  { hex: '87d11458000007da0205028c7f7f7f7f', title: 'VOICE G.722', header: [2001, 5208, 2010, 2, 5] },
  { hex: '87d1145800000c2b05080c35', title: 'DTMF BEGIN 5', header: [2001, 5208, 3115, 5, 8] },
  { hex: '87d1145800000c9206090135', title: 'DTMF 5', header: [2001, 5208, 3218, 6, 9] },
  {
    hex: '945807d1000009cf060406032e04000000002f040000000030040000000131020028320400000000330400000000',
    title: 'PONG',
    header: [5208, 2001, 2511, 6, 4],
    elements: { receivedJitter: 0, receivedLoss: { percent: 0, count: 0 }, receivedPackets: 1, receivedDelay: 40, receivedDropped: 0, receivedOutOfOrder: 0 },
  },
  { hex: '87d114580000198c0b0a0410', title: 'CONTROL HOLD', header: [2001, 5208, 6540, 11, 10] },
  { hex: '945807d10000227212120612', title: 'VNAK', header: [5208, 2001, 8818, 18, 18], elements: {} },
  { hex: '945807d100001b890a0e062117012c', title: 'UNSUPPORT', header: [5208, 2001, 7049, 10, 14], elements: { iaxUnknown: 44 } },
  { hex: '87d1145800002a0f1310060516036279652a0110', title: 'HANGUP', header: [2001, 5208, 10_767, 19, 16], elements: { cause: 'bye', causeCode: 16 } },
  { hex: '9bd8005d0000000e0001060616194e6f207375636820636f6e746578742f657874656e73696f6e2a0103', title: 'REJECT', header: [7128, 93, 14, 0, 1], elements: { cause: 'No such context/extension', causeCode: 3 } },
  { hex: '945807d1000000000000060a', title: 'INVAL', header: [5208, 2001, 0, 0, 0], elements: {} },
  { hex: '83ee0000000000010000061e', title: 'POKE', header: [1006, 0, 1, 0, 0], elements: {} },
  {
    hex: 'af7403e9000000120102060f0605616c6963651f043575076e1302003c1210020011d97f0000050000000000000000',
    title: 'REGACK',
    header: [12_148, 1001, 18, 1, 2],
    elements: {
      username: 'alice',
      dateTime: { year: 2026, month: 11, day: 21, hour: 0, minute: 59, second: 28 },
      refresh: 60,
      apparentAddress: { host: '127.0.0.5', port: 4569 },
    },
  },
  { hex: '8bb90a5e000002090402061c1a00', title: 'QUELCH', header: [3001, 2654, 521, 4, 2], elements: { musicOnHold: '' } },
  { hex: '8bb90a5e00000e32050206161210020011d97f0000030000000000000000150224b41b0400001234', title: 'TXREQ', header: [3001, 2654, 3634, 5, 2], elements: { apparentAddress: here, callNumber: 9396, transferId: 0x1234 } },
  { hex: 'a4b40a5e00000a45000006171b0400001234', title: 'TXCNT', header: [9396, 2654, 2629, 0, 0], elements: { transferId: 0x1234 } },
  { hex: '8a5e24b400000e4900000618', title: 'TXACC', header: [2654, 9396, 3657, 0, 0], elements: {} },
  { hex: 'a4b40bba00000a4b05030619150224b4', title: 'TXREADY', header: [9396, 3002, 2635, 5, 3], elements: { callNumber: 9396 } },
  { hex: '8bb90a5e00000e330603061d', title: 'UNQUELCH', header: [3001, 2654, 3635, 6, 3], elements: {} },
  { hex: '8bb90a5e00000e680703061a150224b4', title: 'TXREL', header: [3001, 2654, 3688, 7, 3], elements: { callNumber: 9396 } },
  { hex: '990605ac000007ec0702062615020073', title: 'TXMEDIA', header: [6406, 1452, 2028, 7, 2], elements: { callNumber: 115 } },
  { hex: '8fa100b3000000010402061b1b04322c8e61', title: 'TXREJ', header: [4001, 179, 1, 4, 2], elements: { transferId: 0x322c_8e61 } },
  { hex: '84c98fa100010000000606171b041e5112f5', title: 'TXCNT', header: [1225, 4001, 65_536, 0, 6], elements: { transferId: 0x1e51_12f5 }, repeated: true },
  { hex: '8fa1157500000ba9040206220103313031050573616c6573', title: 'TRANSFER', header: [4001, 5493, 2985, 4, 2], elements: { calledNumber: '101', calledContext: 'sales' } },
];

function full(hex: string): FullFrame {
  const frame = decodeFrame(Buffer.from(hex, 'hex'));
  assert.equal(frame.kind, 'full');
  return frame;
}

function valuesOf(frame: FullFrame): Record<string, unknown> {
  // Node's strict comparison tells a Buffer from another Uint8Array; what counts is what is in them.
  const plain = (value: unknown): unknown => (value instanceof Uint8Array ? Uint8Array.from(value) : value);
  return Object.fromEntries(frame.elements.map(({ name, id, value }) => [name ?? String(id), plain(value)]));
}

suite('frames of real peers', () => {
  for (const { hex, title, header, elements, repeated = false } of vectors) {
    test(`${title} ${hex.slice(0, 24)}`, () => {
      const frame = full(hex);
      assert.equal(frame.title, title);
      const { sourceCall, destinationCall, timestamp, outgoingSequence, incomingSequence, isRetransmission } = frame;
      assert.deepEqual([sourceCall, destinationCall, timestamp, outgoingSequence, incomingSequence], header);
      assert.equal(isRetransmission, repeated);
      assert.equal(frame.fault, undefined);
      if (elements === undefined) return;
      assert.deepEqual(valuesOf(frame), elements);
      const written = buildCommand({ sourceCall, destinationCall, timestamp, outgoingSequence, incomingSequence, isRetransmission }, frame.command ?? assert.fail(), elements);
      assert.equal(Buffer.from(written.bytes).toString('hex'), hex);
    });
  }

  test('an element points at its octets', () => {
    const found = full('87d1145800002a0f1310060516036279652a0110').find('cause');
    assert.deepEqual([found?.range, found?.dataRange], [{ start: 12, end: 17 }, { start: 14, end: 17 }]);
  });

  test('a mini frame, and one made like it', () => {
    const frame = decodeFrame(Buffer.from('07d107ee7f7f7f7f', 'hex'));
    assert.ok(frame.kind === 'mini');
    assert.deepEqual([frame.sourceCall, frame.timestamp, frame.data.length], [2001, 2030, 4]);
    assert.deepEqual(buildMini(2001, 65_536 + 2030, frame.data).bytes, new Uint8Array(frame.bytes));
  });

  test('trunks, with and without times of their own', () => {
    const timed = decodeFrame(Buffer.from('00000101000004d2000407d107ee7f7f7f7f', 'hex')) as TrunkFrame;
    assert.deepEqual(timed.entries.map(({ sourceCall, timestamp, data }) => [sourceCall, timestamp, data.length]), [[2001, 2030, 4]]);
    assert.deepEqual(buildTrunk(timed.timestamp, [{ sourceCall: 2001, timestamp: 2030, data: Buffer.from('7f7f7f7f', 'hex') }]).bytes, new Uint8Array(timed.bytes));
    const shared = decodeFrame(Buffer.from('00000100000004d207d100047f7f7f7f07d200047e7e7e7e', 'hex')) as TrunkFrame;
    assert.deepEqual(shared.entries.map(({ sourceCall, timestamp, range }) => [sourceCall, timestamp, range]), [
      [2001, undefined, { start: 8, end: 16 }],
      [2002, undefined, { start: 16, end: 24 }],
    ]);
  });

  test('a trunk whose last entry is cut keeps those before it, and says where the rest is', () => {
    const trunk = decodeFrame(Buffer.from('00000100000004d207d100047f7f7f7f07d200047e7e', 'hex')) as TrunkFrame;
    assert.equal(trunk.entries.length, 1);
    assert.deepEqual(trunk.rest, { start: 16, end: 22 });
  });

  test('mini video', () => {
    const frame = decodeFrame(Buffer.from('000087d1806401020304', 'hex'));
    assert.ok(frame.kind === 'mini-video');
    assert.deepEqual([frame.sourceCall, frame.mark, frame.timestamp, [...frame.data]], [2001, true, 100, [1, 2, 3, 4]]);
  });
});

suite('what cannot be read', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['87d1', 'iax-short'],
    ['87d1145800', 'iax-short'],
    ['00007f00', 'iax-meta-command'],
    ['0000010000', 'iax-short'],
    ['000087d180', 'iax-short'],
  ];
  for (const [hex, code] of refused) {
    test(`${hex} is no frame`, () => {
      assert.throws(() => decodeFrame(Buffer.from(hex, 'hex')), (error) => error instanceof IaxFrameError && error.fault.code === code);
    });
  }

  test('an element beyond the end, and a lonely octet, make a frame that nobody acts on', () => {
    const overrun = full('87d114580000255b120f060201094142');
    assert.deepEqual([overrun.fault?.code, overrun.fault?.range], ['iax-element-cut', { start: 12, end: 16 }]);
    assert.deepEqual(full('87d1145800002687120f060201').fault?.range, { start: 12, end: 13 });
  });

  test('an element of the wrong length has no value, and the others have theirs', () => {
    const frame = full('87d1145800002a0f13100605' + '2a020010' + '1603627965');
    assert.equal(frame.fault, undefined);
    assert.deepEqual([frame.elements[0]?.value, frame.elements[0]?.fault?.code], [undefined, 'iax-element-length']);
    assert.equal(frame.element('cause'), 'bye');
    assert.equal(frame.element('causeCode'), undefined);
  });

  test('of an element that comes twice the last counts', () => {
    assert.equal(full('87d1145800002a0f13100605' + '2a0110' + '2a0111').element('causeCode'), 17);
  });

  test('an IPv6 address is not taken for another one', () => {
    const frame = full('8bb90a5e00000e3205020616121c0a0011d90000000020010db800000000000000000000000300000000150224b41b0400001234');
    assert.equal(frame.element('apparentAddress'), undefined);
    assert.equal(frame.element('callNumber'), 9396);
  });

  test('addresses of other machines are read', () => {
    for (const family of ['0200', '0002', '1002']) {
      assert.deepEqual(full(`8bb90a5e00000e32050206161210${family}11d97f0000030000000000000000`).element('apparentAddress'), here);
    }
  });

  test('what does not fit is not written', () => {
    const header = { sourceCall: 1, destinationCall: 0, timestamp: 0, outgoingSequence: 0, incomingSequence: 0 };
    assert.throws(() => buildCommand(header, 'NEW', { calledNumber: 'x'.repeat(256) }), RangeError);
    assert.throws(() => buildCommand(header, 'HANGUP', { causeCode: 256 }), RangeError);
    assert.throws(() => buildCommand(header, 'TXREQ', { apparentAddress: { host: '::1', port: 4569 } }), RangeError);
    assert.throws(() => buildFullFrame(header, frameTypes.voice, 200), RangeError);
  });
});
