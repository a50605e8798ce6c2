import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatTrace, parseTrace, readTrace } from '../../../src/capture';
import { buildLadder, toMermaid } from '../../../src/ladder';
import { TraceModel, type TracePacket } from '../../../src/trace';
import { understand } from '../ladder/mermaid-check';
import { attendedTransfer, blindTransfer, failedBlindTransfer } from './transfers';

/** Pieces that mean something somewhere. */
const pieces = [
  '',
  '\r\n\r\n',
  ';',
  '"',
  '<',
  '>',
  'sip:',
  'tel:+1',
  ';tag=',
  'Replaces: x',
  'Event: refer;id=99',
  'CSeq: 99999999999 INVITE',
  'Via: x',
  'Contact: *',
  'Refer-To: <sip:@>',
  '\u0000',
  '%%{',
  '#35;',
  'é',
  'v=0',
  'a=sendonly',
];

/**
 * A transfer as it would be if a stranger had tampered with it: octets changed, packets dropped, doubled and swapped.
 */
const tampered: fc.Arbitrary<TracePacket[]> = fc
  .record({
    script: fc.constantFrom(
      blindTransfer,
      () => attendedTransfer(),
      () => failedBlindTransfer(486, 'Busy Here'),
    ),
    changes: fc.array(
      fc.record({ packet: fc.nat(40), at: fc.nat(700), length: fc.nat(30), piece: fc.constantFrom(...pieces) }),
      { maxLength: 6 },
    ),
    dropped: fc.array(fc.nat(40), { maxLength: 5 }),
    doubled: fc.array(fc.nat(40), { maxLength: 5 }),
    swapped: fc.array(fc.nat(40), { maxLength: 5 }),
  })
  .map(({ script, changes, dropped, doubled, swapped }) => {
    const packets: TracePacket[] = script().packets.map(({ at, transport, source, destination, bytes }) => ({
      at,
      transport,
      source,
      destination,
      bytes,
    }));
    for (const { packet, at, length, piece } of changes) {
      const target = packets[packet];
      if (target === undefined) continue;
      const text = Buffer.from(target.bytes).toString('latin1');
      packets[packet] = {
        ...target,
        bytes: Buffer.from(text.slice(0, at) + piece + text.slice(at + length), 'latin1'),
      };
    }
    for (const index of swapped) packets.splice(index, 2, ...packets.slice(index, index + 2).reverse());
    for (const index of doubled) packets.splice(index, 0, ...packets.slice(index, index + 1));
    for (const index of dropped) packets.splice(index, 1);
    return packets;
  });

test('whatever is in a capture, it becomes a model, a ladder and a text, and every transfer gets a verdict', async () => {
  await fc.assert(
    fc.asyncProperty(tampered, async (packets) => {
      const model = TraceModel.from(packets);
      for (const { verdict, reason, messages } of model.transfers) {
        assert.notEqual(verdict, 'pending');
        assert.match(reason, /^[^a-z].*\.$/s);
        assert.equal(new Set(messages).size, messages.length);
        for (const id of messages) assert.ok(model.message(id) !== undefined);
      }
      const ladder = buildLadder(model);
      const text = formatTrace(model).text;
      assert.equal(readTrace(parseTrace(text)).messages.length, model.messages.length);
      if (ladder.lanes.length > 0) {
        assert.equal((await understand(toMermaid(ladder))).signals.length, ladder.rows.length);
      }
    }),
    { numRuns: 150 },
  );
});
