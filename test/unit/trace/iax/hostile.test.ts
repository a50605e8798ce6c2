import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { formatTrace, frameLines, packetsOfJournal, parseTrace, readCapture, readTrace, writePcap, writePcapng } from '../../../../src/capture';
import { VirtualClock } from '../../../../src/core';
import { buildLadder, toMermaid } from '../../../../src/ladder';
import { Journal, TraceModel, type TracePacket } from '../../../../src/trace';
import { hoverAt } from '../../../../src/vscode/trace-editor/iax-hover';
import { understand } from '../../ladder/mermaid-check';
import { Secretary } from './frame-script';

const folder = path.join(__dirname, '../../../fixtures/iax2');
const captures = readdirSync(folder)
  .filter((name) => name.endsWith('.pcap'))
  // Of media a few frames are enough.
  .map((name) => readCapture(readFileSync(path.join(folder, name))).packets.filter(({ bytes }, index) => ((bytes[0] ?? 0) & 0x80) !== 0 || index % 50 === 0));

/** A capture as it would be if a stranger had tampered with it: octets changed, frames dropped, doubled, swapped, and sent from elsewhere. */
const tampered: fc.Arbitrary<TracePacket[]> = fc
  .record({
    capture: fc.nat(captures.length - 1),
    changes: fc.array(fc.record({ packet: fc.nat(150), at: fc.nat(60), octets: fc.uint8Array({ maxLength: 4 }), cut: fc.boolean() }), { maxLength: 8 }),
    dropped: fc.array(fc.nat(150), { maxLength: 8 }),
    doubled: fc.array(fc.nat(150), { maxLength: 4 }),
    swapped: fc.array(fc.nat(150), { maxLength: 8 }),
    moved: fc.array(fc.nat(150), { maxLength: 4 }),
  })
  .map(({ capture, changes, dropped, doubled, swapped, moved }) => {
    const packets: TracePacket[] = (captures[capture] ?? []).map((packet) => ({ ...packet }));
    for (const { packet, at, octets, cut } of changes) {
      const target = packets[packet];
      if (target === undefined) continue;
      const bytes = Buffer.concat([target.bytes.subarray(0, at), octets, target.bytes.subarray(at + (cut ? 2 * octets.length : octets.length))]);
      packets[packet] = { ...target, bytes };
    }
    for (const index of moved) {
      const target = packets[index];
      if (target !== undefined) packets[index] = { ...target, source: { host: '127.0.0.99', port: 4569 } };
    }
    for (const index of swapped) {
      const [a, b] = [packets[index], packets[index + 1]];
      if (a !== undefined && b !== undefined) [packets[index], packets[index + 1]] = [{ ...b, at: a.at }, { ...a, at: b.at }];
    }
    const gone = new Set(dropped);
    return packets.flatMap((packet, index) => (gone.has(index) ? [] : doubled.includes(index) ? [packet, { ...packet, at: packet.at + 20 }] : [packet]));
  });

suite('IAX2 from strangers', () => {
  test('whatever is in a capture, it becomes a model, a text and hovers, and every transfer gets a verdict', () => {
    fc.assert(
      fc.property(tampered, (packets) => {
        const model = TraceModel.from(packets);
        assert.ok(model.transfers.every(({ verdict, reason }) => verdict !== 'pending' && reason.endsWith('.') && !reason.includes('undefined')));
        model.advance(model.now + 120_000);
        for (const { text, message, range } of model.lints) {
          assert.ok(text.endsWith('.') && !text.includes('undefined'), text);
          assert.ok(range.start >= 0 && range.start < range.end && range.end <= message.bytes.length, text);
        }
        const parsed = parseTrace(formatTrace(model).text);
        assert.deepEqual(parsed.faults, []);
        assert.deepEqual(parsed.messages.map(({ bytes }) => Buffer.from(bytes)), model.messages.map(({ bytes }) => Buffer.from(bytes)));
        assert.equal(readTrace(parsed).messages.length, model.messages.length);
        for (const message of model.messages.slice(0, 30)) {
          frameLines(message.bytes).forEach(({ text }, line) => {
            for (const column of [0, 5, 20, text.length - 2]) hoverAt(message, { line, column });
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('its ladder is Mermaid, whatever the elements say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (text) => {
        const calls = new Secretary();
        calls.boss.say('boss', 'TRANSFER', { calledNumber: text }).text('secretary', text).say('secretary', 'HANGUP', { cause: text.slice(0, 30), causeCode: 3 });
        const ladder = buildLadder(calls.script.model());
        const { signals } = await understand(toMermaid(ladder));
        assert.equal(signals.length, ladder.rows.length);
      }),
      { numRuns: 12 },
    );
  });

  test('a flood of openings from forged sources costs one leg each, and no call is lost to it', () => {
    const { script } = new Secretary().request().probe().ready().resume().release().talk();
    const before = script.model();
    const [first] = script.packets;
    assert.ok(first !== undefined);
    for (let index = 0; index < 2_000; index += 1) script.packets.push({ ...first, at: script.now, source: { host: `10.0.${index >> 8}.${index & 255}`, port: 4569 } });
    const after = script.model();
    assert.deepEqual(after.transfers.map(({ verdict, reason }) => [verdict, reason]), before.transfers.map(({ verdict, reason }) => [verdict, reason]));
    assert.equal(after.legs.length, before.legs.length + 2_000);
    assert.equal(after.calls[2]?.state, 'up');
  });
});

suite('IAX2 of a journal', () => {
  test('a capture of it, and the trace of that, say the same as the journal', () => {
    const { packets } = new Secretary().request().probe().ready().resume().release().talk().script;
    const clock = new VirtualClock();
    const journal = new Journal({ clock, startedAt: new Date('2026-11-26T12:00:00.000Z') });
    for (const { at, source, destination, bytes, from, to } of packets) {
      clock.advance(Math.max(0, at - journal.now()));
      for (const direction of ['sent', 'received'] as const) {
        journal.append({ kind: 'packet', owner: direction === 'sent' ? from : to, direction, protocol: 'iax2', transport: 'iax2', source, destination, bytes });
      }
    }
    assert.equal(journal.media.length, 4, 'two mini frames, sent and received, in the lane of the media');
    const captured = packetsOfJournal(journal);
    assert.equal(captured.length, packets.length);
    for (const file of [writePcap(captured), writePcapng(captured)]) {
      const model = TraceModel.from(readCapture(file).packets);
      assert.deepEqual(model.messages.map(({ iax }) => iax?.title), TraceModel.read(journal).messages.map(({ iax }) => iax?.title));
      assert.deepEqual(model.transfers.map(({ verdict }) => verdict), ['success']);
    }
  });
});
