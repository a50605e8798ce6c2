import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { readCapture } from '../../../../src/capture';
import { buildFullFrame, buildMini, decodeFrame, type FullFrame, IaxFrameError, rewriteElement, writeElement } from '../../../../src/iax';

const folder = path.join(__dirname, '../../../fixtures/iax2');

/** What a scripted client sent on purpose that is no frame, or whose elements are cut, by capture: how many. */
const unreadable: Readonly<Record<string, number>> = { 'call_md5_features.pcap': 2, 'malformed_replies.pcap': 8 };

/** A full frame written anew from its fields and the values of its elements. */
function rewrite(frame: FullFrame): Uint8Array {
  const data =
    frame.elements.length === 0
      ? frame.data
      : Buffer.concat(frame.elements.map((element) => rewriteElement(element) ?? writeElement(element.id, frame.bytes.subarray(element.dataRange.start, element.dataRange.end))));
  return buildFullFrame(frame, frame.type, frame.subclass, data).bytes;
}

suite('captures of real IAX2', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.pcap'))) {
    test(`${file}: every frame is read, and written back to the same octets`, () => {
      const { packets } = readCapture(readFileSync(path.join(folder, file)));
      let frames = 0;
      let faults = 0;
      for (const { bytes, transport } of packets) {
        assert.equal(transport, 'udp');
        try {
          const frame = decodeFrame(bytes);
          if (frame.kind === 'full') {
            if (frame.fault === undefined) assert.deepEqual(Buffer.from(rewrite(frame)), Buffer.from(bytes));
            else faults += 1;
          } else if (frame.kind === 'mini') {
            assert.deepEqual(Buffer.from(buildMini(frame.sourceCall, frame.timestamp, frame.data).bytes), Buffer.from(bytes));
          }
          frames += 1;
        } catch (error) {
          if (!(error instanceof IaxFrameError)) throw error;
          faults += 1;
        }
      }
      assert.ok(frames > 0);
      assert.equal(faults, unreadable[file] ?? 0);
    });
  }
});
