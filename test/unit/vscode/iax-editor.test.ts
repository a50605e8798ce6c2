import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { formatTrace, frameLines, readCapture } from '../../../src/capture';
import { buildCommand, buildFullFrame, commands, controls, elementTable, frameTypes, type ElementName } from '../../../src/iax';
import { lintRules, TraceModel } from '../../../src/trace';
import { hoverAt } from '../../../src/vscode/trace-editor/iax-hover';
import { commandHelp, elementHelp, fieldHelp } from '../../../src/vscode/trace-editor/iax-help';
import { marksIn } from '../../../src/vscode/trace-editor/marks';
import { readOutline } from '../../../src/vscode/trace-editor/outline';
import { definitionOf, relativesOf, TraceIndex } from '../../../src/vscode/trace-editor/trace-index';
import { Secretary } from '../trace/iax/frame-script';

const header = { sourceCall: 3001, destinationCall: 2654, timestamp: 3634, outgoingSequence: 5, incomingSequence: 2 };
const txreq = buildCommand(header, 'TXREQ', { apparentAddress: { host: '127.0.0.3', port: 4569 }, callNumber: 9396, transferId: 0x1234 });

function traceOf(secretary: Secretary): string {
  return formatTrace(secretary.script.model()).text;
}

suite('hovers on a frame', () => {
  const hover = (line: number, column: number): ReturnType<typeof hoverAt> => hoverAt({ iax: txreq, bytes: txreq.bytes }, { line, column });

  test('each element says its value, what it is for and where that is written', () => {
    assert.deepEqual(hover(2, 4), {
      title: 'CALLNO (21)',
      value: '9396',
      text: elementHelp('callNumber').text,
      rule: 'RFC 5456 section 8.6; IAX2 reference 6.2',
      startColumn: 0,
      endColumn: frameLines(txreq.bytes)[2]?.text.length,
    });
    assert.equal(hover(1, 60)?.title, 'APPARENT ADDR (18)');
    assert.equal(hover(9, 0), undefined);
  });

  test('each octet of the header, and each word of it, is a field', () => {
    const text = frameLines(txreq.bytes)[0]?.text ?? '';
    const hex = text.indexOf('|') + 2;
    const titles = Array.from({ length: 12 }, (_, octet) => hover(0, hex + 3 * octet)?.title);
    const { sourceCall, destinationCall, timestamp, outgoingSequence, incomingSequence } = fieldHelp;
    assert.deepEqual(titles, [
      ...Array.from({ length: 2 }, () => sourceCall.title),
      ...Array.from({ length: 2 }, () => destinationCall.title),
      ...Array.from({ length: 4 }, () => timestamp.title),
      outgoingSequence.title,
      incomingSequence.title,
      'TXREQ',
      'TXREQ',
    ]);
    for (const [word, title, value] of [['3001', sourceCall.title, '3001'], ['2654', destinationCall.title, '2654'], ['3634 ms', timestamp.title, '3634 ms'], ['o5', outgoingSequence.title, '5'], ['i2', incomingSequence.title, '2']] as const) {
      const found = hover(0, text.indexOf(word));
      assert.deepEqual([found?.title, found?.value], [title, value]);
      assert.equal(text.slice(found?.startColumn, found?.endColumn).length, 3 * (word === '3634 ms' ? 4 : word.length === 2 ? 1 : 2) - 1);
    }
    assert.equal(hover(0, 2)?.text, commandHelp.TXREQ.text);
  });

  test('there is help for all that there is', () => {
    for (const command of Object.keys(commands) as (keyof typeof commands)[]) assert.match(commandHelp[command].rule, /RFC 5456|IAX2 reference/u);
    for (const name of Object.keys(elementTable) as ElementName[]) assert.ok(elementHelp(name).text.endsWith('.'), name);
    for (const subclass of [controls.RINGING, controls.WINK, 99]) {
      const frame = buildFullFrame(header, frameTypes.control, subclass);
      assert.ok((hoverAt({ iax: frame, bytes: frame.bytes }, { line: 0, column: 0 })?.text ?? '') !== '');
    }
  });
});

suite('a trace of IAX2 in the editor', () => {
  test('outline: each frame by its title', () => {
    const { messages } = readOutline(traceOf(new Secretary().request()).split('\n'));
    assert.deepEqual(
      messages.slice(0, 4).map(({ id, name, kind }) => [id, name, kind]),
      [['m1', 'NEW', 'request'], ['m2', 'ACCEPT', 'response'], ['m3', 'ACK', 'response'], ['m4', 'CONTROL RINGING', 'request']],
    );
    assert.deepEqual(messages.map(({ name }) => name).filter((name) => name === 'TXREQ').length, 2);
  });

  test('definition and references: an ACK leads to its frame, a TXREL to its TXREQ, and a leg is all its frames', () => {
    const index = TraceIndex.of(traceOf(new Secretary().request().probe().ready().resume().release().talk()));
    assert.ok(index !== undefined);
    const { messages } = index.model;
    const titleOf = (title: string): string | undefined => {
      const message = messages.findLast(({ iax }) => iax?.title === title);
      return message === undefined ? undefined : definitionOf(message)?.iax?.title;
    };
    assert.deepEqual(['TXREL', 'TXREADY', 'TXACC', 'TXCNT', 'UNQUELCH', 'ACCEPT', 'ACK'].map(titleOf), ['TXREQ', 'TXREQ', 'TXCNT', 'TXREQ', 'QUELCH', 'NEW', 'VOICE PCMU']);
    for (const message of messages) {
      const lines = index.linesOf(message);
      assert.ok(lines !== undefined);
      assert.equal(index.messageAt(lines.start)?.id, message.id);
      assert.equal(index.messageAt(lines.end - 1)?.id, message.id);
      assert.equal(index.messageAt(lines.end), undefined, 'the blank line behind it');
      const relatives = relativesOf(message, index.model);
      assert.ok(relatives.includes(message) && relatives.every(({ leg }) => leg === message.leg));
    }
  });

  test('marks: a finding stands on its octets', () => {
    const text = traceOf(new Secretary().request().probe().ready().release());
    const [mark] = marksIn(TraceIndex.of(text), new Set(lintRules.map(({ id }) => id)));
    assert.equal(mark?.id, 'iax-no-unquelch');
    const line = text.split('\n')[mark.start.line] ?? '';
    assert.match(line, /^TXREL /u);
    assert.equal(line.slice(mark.start.column, mark.end.column), '06 1a');
    assert.match(mark.related[0]?.text ?? '', /: QUELCH$/u);
  });

  test('the grammar knows every line of every capture', () => {
    const grammar = JSON.parse(readFileSync(path.resolve(__dirname, '../../../syntaxes/sip-trace.tmLanguage.json'), 'utf8')) as { repository: Record<string, { match: string }> };
    const rule = (name: string): RegExp => new RegExp(grammar.repository[name]?.match ?? '(?!)');
    const [frame, element, octets, block] = ['frame-line', 'element-line', 'octets-line', 'block-header'].map(rule);
    const folder = path.join(__dirname, '../../fixtures/iax2');
    const kinds = new Map<string, number>();
    const count = (kind: string): void => void kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.pcap'))) {
      const { text } = formatTrace(TraceModel.from(readCapture(readFileSync(path.join(folder, file))).packets));
      for (const line of text.split('\n')) {
        if (line === '' || line.startsWith('#')) continue;
        if (block?.test(line) === true) count('block');
        else if (frame?.test(line) === true) count('frame');
        else if (element?.test(line) === true) count('element');
        else if (octets?.test(line) === true) count('octets');
        else assert.fail(line);
      }
    }
    assert.equal(kinds.get('block'), (kinds.get('frame') ?? 0) + 8, 'eight of the scripted datagrams are no full frames');
    assert.ok((kinds.get('element') ?? 0) > 1_000);
    const value = element?.exec('  CALLNO 9396                                    | 15 02 24 b4');
    assert.deepEqual([value?.[1], value?.[3]], ['CALLNO', '9396']);
  });
});
