import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { formatTrace } from '../../../src/capture';
import { TraceModel, type TracePacket } from '../../../src/trace';
import { messageAtLine, readOutline } from '../../../src/vscode/trace-editor/outline';

const invite = [
  'INVITE sip:bob@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1',
  'From: <sip:alice@127.0.0.1>;tag=1',
  'To: <sip:bob@127.0.0.1>',
  'Call-ID: c1',
  'CSeq: 1 INVITE',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');
const busy = invite
  .replace('INVITE sip:bob@127.0.0.1 SIP/2.0', 'SIP/2.0 486 Busy Here')
  .replace('<sip:bob@127.0.0.1>\r\n', '<sip:bob@127.0.0.1>;tag=2\r\n');

function packet(text: string, at: number, isBack: boolean): TracePacket {
  const [a, b] = [
    { host: '127.0.0.1', port: 5070 },
    { host: '127.0.0.1', port: 5071 },
  ] as const;
  const names = isBack ? { sender: 'bob', receiver: 'alice' } : { sender: 'alice', receiver: 'bob' };
  return {
    at,
    transport: 'udp',
    source: isBack ? b : a,
    destination: isBack ? a : b,
    bytes: Buffer.from(text),
    ...names,
  };
}

const written = formatTrace(TraceModel.from([packet(invite, 0, false), packet(busy, 34, true)]));
const lines = written.text.split('\n');
const outline = readOutline(lines);

test('each message is named by its method, or by its status and the method that it answers', () => {
  assert.deepEqual(
    outline.messages.map(({ id, name, detail, kind }) => [id, name, detail, kind]),
    [
      ['m1', 'INVITE', 'alice to bob, 0.000 s', 'request'],
      ['m2', '486 Busy Here (INVITE)', 'bob to alice, 0.034 s', 'response'],
    ],
  );
});

test('a message reaches from its header to its last line that has something on it', () => {
  for (const { id, start, end } of outline.messages) {
    const own = written.lines.get(id);
    assert.equal(start, own?.start);
    assert.ok(end < (own?.end ?? 0), id);
    assert.match(lines[start] ?? '', new RegExp(`^== ${id} `));
    assert.equal(lines[end], 'Content-Length: 0');
  }
});

test('a line is in the message that it belongs to, or in none', () => {
  const [first, second] = outline.messages;
  assert.equal(messageAtLine(outline, (first?.start ?? 0) + 3)?.id, 'm1');
  assert.equal(messageAtLine(outline, second?.start ?? 0)?.id, 'm2');
  assert.equal(messageAtLine(outline, 0), undefined);
});

test('runs of comments fold, single ones do not', () => {
  assert.deepEqual(readOutline(['# a', '', '# b', '# c', '# d', '', 'x']).comments, [{ start: 2, end: 4 }]);
});

test('what is no SIP has an entry all the same; names may be quoted', () => {
  const { messages } = readOutline(['== m7 1.000000 udp 127.0.0.1:1 -> [::1]:2 ("a b" -> bob) lost', '\\x00\\x01']);
  assert.deepEqual(messages, [
    { id: 'm7', name: 'not SIP', detail: '"a b" to bob, 1.000 s', kind: 'other', start: 0, end: 1 },
  ]);
});

test('any text has an outline', () => {
  assert.deepEqual(readOutline(['']), { messages: [], comments: [] });
  assert.deepEqual(readOutline(['== ', '==']).messages.length, 1);
});

interface Grammar {
  readonly repository: Readonly<
    Record<string, { readonly match?: string; readonly patterns?: readonly { readonly match?: string }[] }>
  >;
}

const grammar = JSON.parse(
  readFileSync(path.resolve(__dirname, '../../../syntaxes/sip-trace.tmLanguage.json'), 'utf8'),
) as Grammar;

/** The grammar's own rules are simple enough to mean the same to JavaScript. */
function rule(name: string): RegExp {
  return new RegExp(grammar.repository[name]?.match ?? '(?!)');
}

test('the grammar takes every line of a trace for what it is', () => {
  const kinds = lines
    .filter((line) => line !== '')
    .map(
      (line) =>
        ['block-header', 'status-line', 'request-line', 'header'].find((name) => rule(name).test(line)) ??
        (line.startsWith('#') ? 'comment' : 'other'),
    );
  assert.equal(kinds.filter((kind) => kind === 'block-header').length, 2);
  assert.equal(kinds.filter((kind) => kind === 'status-line').length, 1);
  assert.equal(kinds.filter((kind) => kind === 'request-line').length, 1);
  assert.equal(kinds.filter((kind) => kind === 'header').length, 12);
  assert.ok(!kinds.includes('other'), kinds.join());
});

test('every pattern of the grammar is a regular expression', () => {
  for (const [name, { match, patterns = [] }] of Object.entries(grammar.repository)) {
    for (const source of [match, ...patterns.map((pattern) => pattern.match)]) {
      // An option at the beginning is how these grammars say `i`.
      if (source !== undefined) assert.doesNotThrow(() => new RegExp(source.replace('(?i:', '(?:')), name);
    }
  }
});
