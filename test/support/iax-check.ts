import assert from 'node:assert/strict';
import type { ByteRange } from '../../src/core';
import { buildFullFrame, buildMini, buildTrunk, decodeFrame, FullFrame, type IaxFrame, IaxFrameError, rewriteElement, writeElement } from '../../src/iax';

/** Checks what must hold for any octets. Returns what they are: a kind of frame, a title, or the code of a fault. */
export function checkFrame(bytes: Uint8Array): string {
  let frame: IaxFrame;
  try {
    frame = decodeFrame(bytes);
  } catch (error) {
    if (!(error instanceof IaxFrameError)) throw error;
    checkRange(error.fault.range, bytes);
    return error.fault.code;
  }
  switch (frame.kind) {
    case 'full':
      return checkFull(frame);
    case 'mini':
      checkSame(buildMini(frame.sourceCall, frame.timestamp, frame.data).bytes, bytes);
      return 'mini';
    case 'mini-video':
      checkRange(frame.dataRange, bytes);
      assert.ok(frame.sourceCall < 0x8000 && frame.timestamp < 0x8000);
      return frame.kind;
    case 'trunk': {
      let end = 8;
      for (const { range, data, sourceCall } of frame.entries) {
        assert.equal(range.start, end);
        assert.ok(sourceCall < 0x8000 && data.length <= range.end - range.start);
        ({ end } = range);
      }
      assert.equal(frame.rest?.start ?? bytes.length, end);
      const timed = frame.entries.flatMap(({ sourceCall, timestamp, data }) => (timestamp === undefined ? [] : [{ sourceCall, timestamp, data }]));
      if (timed.length > 0) assert.equal(buildTrunk(frame.timestamp, timed).entries.length, timed.length);
      return frame.kind;
    }
  }
}

function checkFull(frame: FullFrame): string {
  const { bytes } = frame;
  assert.ok(frame.sourceCall < 0x8000 && frame.destinationCall < 0x8000);
  for (const element of frame.elements) {
    checkRange(element.range, bytes);
    checkRange(element.dataRange, bytes);
    if (element.fault !== undefined) checkRange(element.fault.range, bytes);
    // What has been read can be written, and is read alike again.
    const again = isWellFormed(element.value) ? rewriteElement(element) : undefined;
    if (again === undefined || element.name === undefined) continue;
    const read = new FullFrame(Buffer.concat([bytes.subarray(0, 12), again])).find(element.name);
    if (read?.value !== element.value) assert.deepEqual(read?.value, element.value);
  }
  if (frame.fault !== undefined) {
    checkRange(frame.fault.range, bytes);
    return frame.fault.code;
  }
  // All elements, one after the other, are the whole data.
  const data = frame.elements.map(({ id, dataRange }) => writeElement(id, bytes.subarray(dataRange.start, dataRange.end)));
  if (data.length > 0) checkSame(Buffer.concat(data), frame.data);
  checkHeader(frame);
  return frame.title;
}

/** The header written anew is the same, as far as its subclass can be written, which a video frame's mark cannot. */
function checkHeader(frame: FullFrame): void {
  if (frame.type === 3 || !canBeWritten(frame.subclass)) return;
  checkSame(buildFullFrame(frame, frame.type, frame.subclass, frame.data).bytes.subarray(0, 11), frame.bytes.subarray(0, 11));
}

function canBeWritten(subclass: number): boolean {
  return subclass < 0x80 || Math.log2(subclass) <= 0x3e;
}

/** Text that is no UTF-8 is read with marks in it, which are longer. */
function isWellFormed(value: unknown): boolean {
  return typeof value !== 'string' || !value.includes('\ufffd');
}

function checkSame(a: Uint8Array, b: Uint8Array): void {
  if (Buffer.compare(a, b) !== 0) assert.deepEqual(Buffer.from(a), Buffer.from(b));
}

function checkRange({ start, end }: ByteRange, bytes: Uint8Array): void {
  assert.ok(start >= 0 && start <= end && end <= bytes.length, `range ${start}..${end} of ${bytes.length}`);
}
