import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { formatTrace, frameLines, octetAtPlace, parseTrace, placesInBlock, readCapture, readTrace } from '../../../src/capture';
import { buildCommand, buildFullFrame, frameTypes } from '../../../src/iax';
import { TraceModel } from '../../../src/trace';
import { assertGolden } from '../../support/golden';
import { Secretary } from '../trace/iax/frame-script';


const folder = path.join(__dirname, '../../fixtures/iax2');
const startedAt = new Date('2026-11-26T12:00:00.000Z');
const header = { sourceCall: 3001, destinationCall: 2654, timestamp: 3634, outgoingSequence: 5, incomingSequence: 2 };

suite('IAX2 frames as text', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.pcap'))) {
    test(`${file}: read back to the same octets, and to the same transfers`, () => {
      const model = TraceModel.from(readCapture(readFileSync(path.join(folder, file))).packets);
      const { text } = formatTrace(model, { startedAt });
      const parsed = parseTrace(text);
      assert.deepEqual(parsed.faults, []);
      assert.deepEqual(
        parsed.messages.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
        model.messages.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      );
      const again = readTrace(parsed);
      assert.deepEqual(again.transfers.map(({ verdict, kind }) => [kind, verdict]), model.transfers.map(({ verdict, kind }) => [kind, verdict]));
    });
  }

  test('any octets are read back, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.boolean(), (octets, isFrame) => {
        const bytes = isFrame ? buildFullFrame(header, frameTypes.iax, (octets[0] ?? 0) & 0x3f, octets).bytes : Uint8Array.of(0x80, ...octets);
        const model = TraceModel.from([{ at: 0, transport: 'iax2', source: { host: '127.0.0.1', port: 1 }, destination: { host: '127.0.0.2', port: 2 }, bytes }]);
        const parsed = parseTrace(formatTrace(model).text);
        assert.deepEqual(Buffer.from(parsed.messages[0]?.bytes ?? []), Buffer.from(bytes));
      }),
    );
  });

  test('each octet has its place, and each place its octet', () => {
    const { bytes } = buildCommand(header, 'TXREQ', { apparentAddress: { host: '127.0.0.3', port: 4569 }, callNumber: 9396, transferId: 0x1234, callToken: new Uint8Array(90).fill(7) });
    const lines = frameLines(bytes);
    for (let octet = 0; octet < bytes.length; octet += 1) {
      const { start, end } = placesInBlock({ transport: 'iax2', bytes }, { start: octet, end: octet + 1 });
      assert.equal(lines[start.line]?.text.slice(start.column, end.column), bytes[octet]?.toString(16).padStart(2, '0'));
      assert.equal(octetAtPlace(lines, start), octet);
    }
    assert.equal(octetAtPlace(lines, { line: 0, column: 3 }), undefined);
  });

  test('text of a stranger cannot leave its line, nor pass for octets', () => {
    const { bytes } = buildCommand(header, 'NEW', { calledNumber: 'a | 41 42\n== m2 0.0 udp', cause: '\u202e | ff', callingName: '\u0007' });
    const lines = frameLines(bytes);
    assert.equal(lines.length, 4);
    for (const { text } of lines) assert.doesNotMatch(text, /[\n\u202e\u0007]/u);
    assert.match(lines[1]?.text ?? '', /CALLED NUMBER "a \| 41 42\\n== m2 0\.0 udp" +\| 01/u);
  });

  test('a transfer, as a golden file', () => {
    const model = new Secretary().request().probe().ready().resume().release().talk().script.model();
    assertGolden(path.join(__dirname, 'iax-native.siptrace'), formatTrace(model, { startedAt }).text);
  });
});
