import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { followTrace, formatTrace, TraceText } from '../../../src/capture';
import { lintRules, TraceModel } from '../../../src/trace';
import { type Mark, marksIn, placeFindings } from '../../../src/vscode/trace-editor/marks';
import { TraceIndex } from '../../../src/vscode/trace-editor/trace-index';
import { CallScript, escapeReplaces, simple } from '../trace/call-script';
import { attendedTransfer, blindTransfer, heldCall } from '../trace/transfers';

const all = new Set(lintRules.map(({ id }) => id));

/** Bob's REFER names its own dialog: T3. */
function ownDialog(): CallScript {
  const script = new CallScript();
  const first = heldCall(script);
  const referTo = `<sip:charlie@127.0.0.13?Replaces=${escapeReplaces(first.replaces('alice'))}>`;
  simple(first, 'bob', 'REFER', { headers: [['Refer-To', referTo], ['Referred-By', '<sip:bob@127.0.0.12>']] });
  return script;
}

function marked(text: string, { start, end }: Mark): string {
  assert.equal(start.line, end.line);
  return text.split('\n')[start.line]?.slice(start.column, end.column) ?? '';
}

describe('marks in the text of a trace', () => {
  it('stand on the octets that show the failure, and say what to do', () => {
    const script = ownDialog();
    const { text } = formatTrace(script.live(), { entries: script.journal.entries });
    const marks = marksIn(TraceIndex.of(text), all);
    assert.deepEqual(marks.map(({ id }) => id), ['T3']);
    const [mark] = marks;
    assert(mark);
    assert.equal(marked(text, mark), 'Replaces=d1%3Bto-tag%3Da-d1%3Bfrom-tag%3Db-d1');
    assert.match(mark.text, /^Bob asks to replace the very call that is being transferred\. Name the consultation call/u);
    assert.match(mark.rule, /^RFC 3891 section 3/u);
  });

  it('point at the other messages of the story', () => {
    const { text } = formatTrace(attendedTransfer(({ callId }) => `${callId};to-tag=b-d2;from-tag=c-d2`).live());
    const [mark] = marksIn(TraceIndex.of(text), all);
    assert(mark);
    const lines = text.split('\n');
    assert.deepEqual(mark.related.map(({ line, text: name }) => [lines[line]?.split(' ', 2).join(' '), name.replace(/^m\d+: /u, '')]), [
      ['INVITE sip:charlie@127.0.0.13', 'INVITE'],
      ['SIP/2.0 481', '481 Call/Transaction Does Not Exist'],
    ]);
  });

  it('are none in a good trace, none that are switched off, and none in what is no trace', () => {
    const bad = formatTrace(ownDialog().live()).text;
    assert.deepEqual(marksIn(TraceIndex.of(formatTrace(blindTransfer().live()).text), all), []);
    assert.deepEqual(marksIn(TraceIndex.of(bad), new Set(['T4'])), []);
    assert.deepEqual(marksIn(TraceIndex.of(bad), new Set()), []);
    assert.deepEqual(marksIn(TraceIndex.of('== m1 broken\n\0\n'), all), []);
  });

  it('stand in the live trace where its text says', () => {
    const script = ownDialog();
    const model = TraceModel.read(script.journal);
    const out = new TraceText();
    followTrace(model, script.journal, out, () => undefined);
    const [mark] = placeFindings(model.lints, ({ id }) => out.lines.get(id), all);
    assert(mark);
    assert.equal(marked(out.text, mark), 'Replaces=d1%3Bto-tag%3Da-d1%3Bfrom-tag%3Db-d1');
  });
});
