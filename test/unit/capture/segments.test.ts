import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { followTrace, formatTrace, parseTrace, readTrace, type TraceSegment, traceSegments, TraceText } from '../../../src/capture';
import { TraceModel } from '../../../src/trace';
import { longTrace } from '../../support/long-trace';
import { attendedTransfer } from '../trace/transfers';

function segmentsOf(model: TraceModel, options: Parameters<typeof traceSegments>[1]): readonly TraceSegment[] {
  return [...traceSegments(model, options)].filter((segment) => segment !== undefined);
}

function commentsOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^# \d/u.test(line));
}

describe('segments of a trace', () => {
  it('read back to the very messages, with their numbers, and what stands between them once', async () => {
    const entries = await longTrace(7, 3);
    const model = new TraceModel();
    for (const entry of entries) model.feed(entry);
    model.finish();
    const { text: wholeText } = formatTrace(model, { entries });
    const whole = parseTrace(wholeText);
    const bytes: (readonly [string, string])[] = [];
    const comments: string[] = [];
    const all = model.endIndex;
    let since = 0;
    // As the trace is forgotten in two steps.
    for (const before of [Math.floor(all / 2), all]) {
      const until = model.messageAt(before)?.at ?? Number.POSITIVE_INFINITY;
      const segments = segmentsOf(model, { entries, before, since, enough: 20_000 });
      assert.ok(segments.length > 1);
      for (const { text, first, end } of segments) {
        assert.ok(text.length < 40_000);
        const parsed = parseTrace(text);
        assert.deepEqual(parsed.faults, []);
        assert.deepEqual(parsed.messages.map(({ id }) => id), Array.from({ length: end - first }, (_, index) => `m${first + index + 1}`));
        assert.deepEqual(readTrace(parsed).messages.map(({ id }) => id), parsed.messages.map(({ id }) => id));
        bytes.push(...parsed.messages.map((message) => [message.id, Buffer.from(message.bytes).toString('hex')] as const));
        comments.push(...commentsOf(text));
      }
      model.forget(before);
      since = until;
    }
    assert.deepEqual(bytes, whole.messages.map((message) => [message.id, Buffer.from(message.bytes).toString('hex')]));
    assert.deepEqual(comments, commentsOf(wholeText));
  });

  it('take part in nothing else: who writes them may pause', async () => {
    const model = new TraceModel();
    for (const entry of await longTrace(3, 4)) model.feed(entry);
    assert.ok([...traceSegments(model, { before: model.endIndex, since: 0 })].includes(undefined));
  });
});

describe('the text of a live trace that has lost its beginning', () => {
  it('says so, begins with a message that is kept, and knows where each stands', () => {
    const script = attendedTransfer();
    const model = new TraceModel();
    const out = new TraceText(new Date('2026-01-01T00:00:00Z'));
    const following = followTrace(model, script.journal, out, () => undefined);
    const entries = [...script.journal.entries];
    for (const entry of entries.slice(0, 30)) model.feed(entry);
    model.forget(10);
    out.forgetBefore('m11', 'the 10 messages before these are in a file');
    for (const entry of entries.slice(30)) model.feed(entry);
    following.dispose();
    const lines = out.text.split('\n');
    assert.deepEqual(lines.slice(0, 3), ['# trace 1 started 2026-01-01T00:00:00.000Z', '# the 10 messages before these are in a file', '']);
    assert.equal(out.length, out.text.length);
    assert.equal(out.lines.has('m10'), false);
    const parsed = parseTrace(out.text);
    assert.deepEqual(parsed.messages.map(({ id }) => id), model.messages.map(({ id }) => id));
    for (const { id, lines: range } of parsed.messages) assert.deepEqual(out.lines.get(id), range, id);
  });
});
