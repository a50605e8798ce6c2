import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeMermaid } from '../../../src/ladder';
import { understand } from './mermaid-check';

/** SIP as a hostile stranger writes it, with all that means something to Mermaid, HTML or a terminal. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 12, unit: 'binary' }),
      fc.constantFrom(
        ';',
        '#',
        '#35;',
        '#quot;',
        '<',
        '>',
        '</text>',
        '<script>',
        '&amp;',
        '&#35;',
        '$$',
        '$$x$$',
        '%%',
        '%%{init: {}}%%',
        '%%{',
        '}%%',
        'end',
        'END',
        'wrap:',
        'nowrap:',
        ':',
        'style a:#1;',
        'classDef b:#2;',
        'p0->>p1: x',
        '-->>',
        '-x',
        '\n',
        '\r\n',
        '\t',
        '\u0000',
        '\u001b[0m',
        '\u2028',
        '\u202e',
        '\ud800',
        '\ufeff',
        '"',
        "'",
        '`',
        '\\n',
        '<br/>',
        'alt',
        'loop',
        'Note over p0: x',
        'participant p9',
        '@{',
        '{',
        '}',
        'ﬂ°°35¶ß',
        '¶ß',
        ' ',
        '  ',
        'sip:a%40b;lr@h?Replaces=1%3Bto-tag%3D2',
        'x'.repeat(300),
        'title',
        'accDescr {',
        '---',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

function diagram(label: string): string {
  return `sequenceDiagram\n  participant p0 as ${label || 'x'}\n  participant p1 as y\n  p0->>p1: ${label}\n  Note over p0,p1: ${label}\n  p1-->>p0: after\n`;
}

/** Without the blanks that were put in for breaking lines, or were there before. */
function solid(text: string): string {
  return text.replaceAll(/\s+/gu, '');
}

test('no text can change a diagram: the real parser finds the same lanes, arrows and notes whatever the text', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const { actors, signals } = await understand(diagram(escapeMermaid(text)));
      assert.deepEqual(
        actors.map(([id]) => id),
        ['p0', 'p1'],
      );
      assert.deepEqual(
        signals.map(({ from, to }) => [from, to]),
        [
          ['p0', 'p1'],
          ['p0', 'p1'],
          ['p1', 'p0'],
        ],
      );
      assert.equal(signals[2]?.text, 'after');
      assert.equal(signals[0]?.text, signals[1]?.text);
    }),
    { numRuns: 400 },
  );
});

test('what can be shown is shown as it was', async () => {
  const printable = hostile.filter(
    (text) => !/[^\P{C}]|[\u2028\u2029\u200b-\u200f]/u.test(text) && text.length <= 200 && solid(text) !== '',
  );
  await fc.assert(
    fc.asyncProperty(printable, async (text) => {
      const { actors, signals } = await understand(diagram(escapeMermaid(text)));
      assert.equal(solid(signals[0]?.text ?? ''), solid(text));
      assert.equal(solid(actors[0]?.[1] ?? ''), solid(text));
    }),
    { numRuns: 400 },
  );
});

test('nothing invisible or of HTML is left, no word is wide and no text is long', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const escaped = escapeMermaid(text);
      assert.doesNotMatch(escaped, /[^\P{C}]|[<>&"`\n\r]/u);
      const shown = escaped.replaceAll(/#\w+;/g, '?');
      assert.ok(
        shown.split(' ').every((word) => Array.from(word).length <= 26),
        shown,
      );
      assert.ok(Array.from(shown).length <= 230, `${shown.length}`);
    }),
  );
});

test('control characters become their pictures, others their code points', () => {
  assert.equal(escapeMermaid('a\r\nb\u0000\u007f'), 'a␍␊b␀␡');
  assert.equal(escapeMermaid('a\u202eb'), 'aU+202Eb');
});

test('long words get blanks behind a separator where they have one', () => {
  assert.equal(
    escapeMermaid('sip:charlie@127.0.0.13:5060;transport=udp'),
    'sip:charlie@127.0.0.13: 5060#59;transport=udp',
  );
  assert.equal(escapeMermaid('x'.repeat(60)), `${'x'.repeat(26)} ${'x'.repeat(26)} ${'x'.repeat(8)}`);
});
