import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type StreamPiece, TcpReassembly } from '../../../src/capture/tcp-reassembly';
import { octets, textOf } from './support';

function segment(sequence: number, text: string, length = text.length): { frame: number; sequence: number; payload: { bytes: Uint8Array; length: number } } {
  return { frame: 1, sequence: sequence >>> 0, payload: { bytes: octets(text), length } };
}

function text(pieces: readonly StreamPiece[]): string {
  return pieces.map(({ bytes, missing }) => `${missing > 0 ? `[${missing}]` : ''}${textOf(bytes)}`).join('|');
}

test('what is in order passes at once, from wherever the capture begins', () => {
  const stream = new TcpReassembly();
  assert.equal(text(stream.segment(segment(1000, 'abc'))), 'abc');
  assert.equal(text(stream.segment(segment(1003, ''))), '');
  assert.equal(text(stream.segment(segment(1003, 'de'))), 'de');
  assert.equal(text(stream.finish()), '');
});

test('what was sent twice is given once, also when the second time overlaps', () => {
  const stream = new TcpReassembly();
  stream.begin(99);
  assert.equal(text(stream.segment(segment(100, 'abc'))), 'abc');
  assert.equal(text(stream.segment(segment(100, 'abc'))), '');
  assert.equal(text(stream.segment(segment(99, 'x'))), '', 'a keep-alive');
  assert.equal(text(stream.segment(segment(101, 'bcdef'))), 'def');
});

test('what comes early waits for what is missing, across the end of the sequence numbers', () => {
  const stream = new TcpReassembly();
  stream.begin(0xffff_fffd);
  assert.equal(text(stream.segment(segment(0x1_0000_0002, 'ef'))), '');
  assert.equal(text(stream.segment(segment(0x1_0000_0000, 'cd'))), '');
  assert.equal(text(stream.segment(segment(0xffff_fffe, 'ab'))), 'ab|cd|ef');
});

test('a gap the receiver does not have is the network\'s: the repetition fills it', () => {
  const stream = new TcpReassembly();
  stream.begin(0);
  stream.segment(segment(1, 'ab'));
  stream.segment(segment(5, 'ef'));
  assert.equal(text(stream.acknowledged(3)), '');
  assert.equal(text(stream.segment(segment(3, 'cd'))), 'cd|ef');
});

test('a gap the receiver has acknowledged is the capture\'s: it is skipped and its size told', () => {
  const stream = new TcpReassembly();
  stream.begin(0);
  stream.segment(segment(1, 'ab'));
  stream.segment(segment(7, 'gh'));
  assert.equal(text(stream.acknowledged(9)), '[4]gh');
  assert.equal(text(stream.segment(segment(9, 'i'))), 'i');
});

test('octets that the capture cut off count as passed', () => {
  const stream = new TcpReassembly();
  assert.equal(text(stream.segment(segment(1, 'ab', 10))), 'ab');
  assert.equal(text(stream.segment(segment(11, 'c'))), 'c');
});

test('a new connection on the same ports begins anew; the end gives up every gap', () => {
  const stream = new TcpReassembly();
  stream.begin(0);
  stream.segment(segment(5, 'late'));
  assert.equal(text(stream.begin(5000)), '[4]late');
  stream.segment(segment(5003, 'b'));
  stream.segment(segment(5006, 'c'));
  assert.equal(text(stream.finish()), '[2]b|[2]c');
});

test('waiting is bounded', () => {
  const stream = new TcpReassembly();
  stream.begin(0);
  const pieces: StreamPiece[] = [];
  for (let index = 0; index < 30; index += 1) pieces.push(...stream.segment(segment(2 + index * 60_000, 'x'.repeat(60_000))));
  assert.ok(pieces.length >= 17);
  assert.equal(pieces[0]?.missing, 1);
});

test('any order and any repetition of segments gives the stream back', () => {
  const shuffled = fc.tuple(fc.array(fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 12 }), fc.nat(0xffff_ffff)).chain(([pieces, start]) => {
    const segments = pieces.map((piece, index) => segment(start + 1 + pieces.slice(0, index).join('').length, piece));
    return fc.tuple(fc.constant({ whole: pieces.join(''), start }), fc.shuffledSubarray([...segments, ...segments], { minLength: segments.length * 2 }));
  });
  fc.assert(
    fc.property(shuffled, ([{ whole, start }, segments]) => {
      const stream = new TcpReassembly();
      stream.begin(start);
      const pieces = segments.flatMap((each) => stream.segment(each));
      assert.equal(pieces.map(({ bytes }) => textOf(bytes)).join(''), whole);
      assert.ok(pieces.every(({ missing }) => missing === 0));
    }),
  );
});
