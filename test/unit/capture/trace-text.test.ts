import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { followTrace, formatTrace, parseTrace, readTrace, TraceText } from '../../../src/capture';
import { TraceModel, type TracePacket } from '../../../src/trace';
import { assertGolden } from '../../support/golden';
import { CallScript } from '../trace/call-script';
import { blindTransfer, failedBlindTransfer } from '../trace/transfers';

const startedAt = new Date('2026-05-04T10:00:00.000Z');
const alice = { host: '127.0.0.11', port: 5060 };
const bob = { host: '::1', port: 5061 };

/** A message of any octets, written as text and read back. */
function roundTrip(octets: Uint8Array): Uint8Array {
  const out = new TraceText(startedAt);
  out.addMessage(messageOf(octets), '', '');
  const parsed = parseTrace(out.text);
  assert.deepEqual(parsed.faults, []);
  assert.equal(parsed.messages.length, 1);
  return parsed.messages[0]?.bytes ?? new Uint8Array();
}

function messageOf(octets: Uint8Array, at = 1): TraceModel['messages'][number] {
  const model = new TraceModel();
  model.feed({
    kind: 'packet',
    seq: 0,
    at,
    owner: 'x',
    direction: 'sent',
    protocol: 'sip',
    transport: 'udp',
    source: alice,
    destination: bob,
    bytes: octets,
  });
  const message = model.messages[0];
  assert.ok(message !== undefined);
  return message;
}

/** Octets with much of what the format itself means something by. */
const hostileOctets = fc.oneof(
  fc.uint8Array({ minLength: 5, maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '#',
        '== ',
        '== m1 0.0 udp',
        '\\',
        '\\x41',
        '\t',
        ' ',
        '\u0000',
        '\u2028',
        '\u202e',
        'é',
        '😀',
        'INVITE',
        '\u001b[31m',
        '\ufeff',
      ),
      {
        minLength: 5,
        maxLength: 40,
      },
    )
    .map((parts) => Buffer.from(parts.join(''), 'utf8')),
);

test('gives every octet back', () => {
  fc.assert(
    fc.property(hostileOctets, (octets) => {
      fc.pre(octets.some((octet) => octet !== 0x0d && octet !== 0x0a && octet !== 0));
      assert.deepEqual(Buffer.from(roundTrip(octets)), Buffer.from(octets));
    }),
    { numRuns: 500 },
  );
});

test('writes nothing that an editor shows as something else', () => {
  fc.assert(
    fc.property(hostileOctets, (octets) => {
      fc.pre(octets.length > 4);
      const out = new TraceText();
      out.addMessage(messageOf(octets), '', '');
      assert.doesNotMatch(out.text.replaceAll('\n', ''), /\p{Cc}|\p{Cf}|\p{Cs}|[\u2028\u2029]/u);
    }),
  );
});

test('keeps number, time, transport, addresses, names and flags in the header line', () => {
  const out = new TraceText(startedAt);
  out.addMessage(messageOf(Buffer.from('BYE sip:x SIP/2.0\r\n\r\n'), 1_234.567), 'Alice A.', 'bob', true);
  assert.equal(
    out.text,
    '# trace 1 started 2026-05-04T10:00:00.000Z\n\n== m1 1.234567 udp 127.0.0.11:5060 -> [::1]:5061 ("Alice A." -> bob) lost\nBYE sip:x SIP/2.0\n\n\n',
  );
  const [read] = parseTrace(out.text).messages;
  assert.deepEqual(
    { ...read, bytes: Buffer.from(read?.bytes ?? []).toString() },
    {
      id: 'm1',
      at: 1_234.567,
      transport: 'udp',
      source: alice,
      destination: bob,
      sender: 'Alice A.',
      receiver: 'bob',
      lost: true,
      lines: { start: 2, end: 5 },
      bytes: 'BYE sip:x SIP/2.0\r\n\r\n',
    },
  );
});

test('says in which lines each message stands', () => {
  const model = blindTransfer().captured();
  const { text, lines } = formatTrace(model, { startedAt });
  const all = text.split('\n');
  for (const message of model.messages) {
    const range = lines.get(message.id);
    assert.ok(range !== undefined);
    assert.ok(all[range.start]?.startsWith(`== ${message.id} `), `${message.id} begins at ${range.start}`);
    assert.equal(all[range.start + 1], Buffer.from(message.bytes).toString().split('\r\n')[0]);
    assert.equal(all[range.end], '');
  }
});

test('reads a trace back to the same transfers, with the same verdict', () => {
  for (const script of [blindTransfer(), failedBlindTransfer(486, 'Busy Here')]) {
    const model = script.captured();
    // Its text does not say that the trace is a capture.
    const again = readTrace(parseTrace(formatTrace(model).text), { isCapture: true });
    assert.deepEqual(
      again.transfers.map(({ kind, verdict, reason, decidedBy, messages }) => ({
        kind,
        verdict,
        reason,
        decidedBy,
        messages,
      })),
      model.transfers.map(({ kind, verdict, reason, decidedBy, messages }) => ({
        kind,
        verdict,
        reason,
        decidedBy,
        messages,
      })),
    );
  }
});

test('golden text: a live blind transfer to a busy target', () => {
  const script = failedBlindTransfer(486, 'Busy Here');
  script.hears('alice', 'bob');
  const model = script.live();
  model.finish();
  assertGolden(
    join(__dirname, 'blind-busy.siptrace'),
    formatTrace(model, { startedAt, entries: script.journal.entries }).text,
  );
});

test('keeps what was measured and what was lost, so that a live trace keeps its verdict', () => {
  const script = blindTransfer((early) => early.hears('alice', 'bob'));
  script.sendAgain(true);
  script.hears('alice', 'charlie');
  script.hears('charlie', 'alice');
  script.hears('bob');
  script.wait(5_000);
  const model = script.live();
  model.finish();
  const parsed = parseTrace(formatTrace(model, { startedAt, entries: script.journal.entries }).text);
  assert.equal(parsed.startedAt?.toISOString(), startedAt.toISOString());
  const again = readTrace(parsed);
  assert.equal(again.transfers[0]?.reason, 'Alice talks to Charlie; Bob has left.');
  assert.equal(again.transfers[0].reason, model.transfers[0]?.reason);
  assert.deepEqual(
    again.messages.map((message) => again.isLost(message)),
    model.messages.map((message) => model.isLost(message)),
  );
  assert.equal(again.messages.filter((message) => again.isLost(message)).length, 1);
});

test('grows at its end only while a lab runs, and reads back at any moment', () => {
  const script = new CallScript();
  const model = TraceModel.read(script.journal);
  const out = new TraceText(startedAt);
  let text = out.text;
  const following = followTrace(model, script.journal, out, (piece) => {
    text += piece;
    assert.deepEqual(parseTrace(text).faults, []);
  });
  const dialog = script.dialog('alice', 'bob', 'd1');
  const invite = dialog.request('alice', 'INVITE', { sdp: 'sendrecv', lost: true });
  script.wait(500);
  script.sendAgain();
  dialog.respond(invite, 486, 'Busy Here');
  script.journal.append({
    kind: 'state',
    owner: 'alice',
    machine: 'call',
    id: 'c1',
    from: 'calling',
    to: 'failed',
    why: '486\nBusy Here',
  });
  script.wait(2_000);
  script.hears('bob');
  following.dispose();
  model.dispose();
  assert.equal(text, out.text);
  assert.match(text, /^# \d\.\d{6} state alice call c1: calling -> failed \(486\\nBusy Here\)$/m);
  assert.match(text, /^== m2 .* again=m1$/m);
  assert.match(text, /^# \d\.\d{6} lost m1$/m);
  const { messages } = parseTrace(text);
  assert.deepEqual(
    messages.map(({ id, lost }) => [id, lost === true]),
    [
      ['m1', true],
      ['m2', false],
      ['m3', false],
    ],
  );
});

test('names the lines it cannot read, and reads on', () => {
  const text = [
    'hello',
    '== m1 x udp a -> b',
    'INVITE',
    '',
    '== m2 0.5 udp 127.0.0.11:5060 -> [::1]:5061',
    'BYE sip:x SIP/2.0',
    '',
    '',
  ].join('\n');
  const parsed = parseTrace(text);
  assert.deepEqual(
    parsed.faults.map(({ line }) => line),
    [0, 1],
  );
  assert.equal(parsed.messages.length, 1);
  assert.equal(Buffer.from(parsed.messages[0]?.bytes ?? []).toString(), 'BYE sip:x SIP/2.0\r\n');
});

test('never throws, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.constantFrom('== m1 0.1 udp 1.2.3.4:5 -> 1.2.3.4:6', '# 0.1 hears a: b', '', '\\', '== '),
        ),
        { maxLength: 12 },
      ),
      (lines) => {
        const { messages } = parseTrace(lines.join('\n'));
        const packets: readonly TracePacket[] = messages;
        assert.ok(packets.length <= lines.length);
      },
    ),
  );
});
