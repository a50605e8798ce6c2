import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatNameAddr, type NameAddr, parseMessage, parseUri, SipHeaderError } from '../../../../src/sip/message';

function decode(text: string): NameAddr {
  return parseMessage(Buffer.from(`BYE sip:a@b SIP/2.0\r\nFrom: ${text}\r\n\r\n`)).from;
}

const offset = 'BYE sip:a@b SIP/2.0\r\nFrom: '.length;

interface Row {
  readonly name?: string;
  readonly uri: string;
  readonly params?: readonly (readonly [string, string | undefined])[];
}

suite('name-addr', () => {
  const rows: Readonly<Record<string, Row>> = {
    'sip:a@b': { uri: 'sip:a@b' },
    'sip:a@b;tag=1;x': { uri: 'sip:a@b', params: [['tag', '1'], ['x', undefined]] },
    'sip:a@b ; tag = 1': { uri: 'sip:a@b', params: [['tag', '1']] },
    '<sip:a@b;lr>': { uri: 'sip:a@b;lr' },
    '<sip:a@b>;tag=1': { uri: 'sip:a@b', params: [['tag', '1']] },
    '<sip:a@b>;TAG=1': { uri: 'sip:a@b', params: [['tag', '1']] },
    '<sip:a@b>;q=0.3;tag=1': { uri: 'sip:a@b', params: [['q', '0.3'], ['tag', '1']] },
    'Bob <sip:a@b>': { name: 'Bob', uri: 'sip:a@b' },
    'Bob  B.   <sip:a@b>': { name: 'Bob  B.', uri: 'sip:a@b' },
    "Bob O'Brien (office) <sip:a@b>": { name: "Bob O'Brien (office)", uri: 'sip:a@b' },
    '"Bob"<sip:a@b>': { name: 'Bob', uri: 'sip:a@b' },
    '"" <sip:a@b>': { name: '', uri: 'sip:a@b' },
    '"a \\"b\\" <c>, \\\\" <sip:a@b>': { name: 'a "b" <c>, \\', uri: 'sip:a@b' },
    '"a;b" <sip:a@b>;x="c;d\\"e"': { name: 'a;b', uri: 'sip:a@b', params: [['x', 'c;d"e']] },
    'sip:a@b;x="<>"': { uri: 'sip:a@b', params: [['x', '<>']] },
    '<tel:+123>;tag=1': { uri: 'tel:+123', params: [['tag', '1']] },
    '"two\r\n lines" <sip:a@b>;\r\n tag=1': { name: 'two lines', uri: 'sip:a@b', params: [['tag', '1']] },
  };
  for (const [text, row] of Object.entries(rows)) {
    test(JSON.stringify(text), () => {
      const value = decode(text);
      assert.deepEqual([value.displayName, value.uriText, [...value.params]], [row.name, row.uri, row.params ?? []]);
      assert.equal(value.tag, row.params?.find(([name]) => name === 'tag')?.[1]);
      assert.deepEqual(value.range, { start: offset, end: offset + text.length });
      assert.equal(value.uri.toString(), row.uri);
    });
  }

  const malformed: readonly (readonly [text: string, code: string, at: string])[] = [
    ['"Bob <sip:a@b>', 'quote', '"Bob <sip:a@b>'],
    ['"Bob" sip:a@b', 'name-addr', '" sip:a@b'],
    ['<sip:a@b', 'name-addr', '<sip:a@b'],
    ['<sip:a@b>x', 'parameters', 'x'],
    ['<sip:a@b>;;', 'parameter-name', ';'],
    ['<sip:a@b>;=1', 'parameter-name', ';=1'],
    ['<sip:a@b>;x="1', 'quote', '"1'],
    ['<sip:a@b>;x="1"2', 'parameter-value', '"1"2'],
    ['<sip:a@b>;x"y', 'quote', '"y'],
    ['<sip:a@b>;x=y"z', 'quote', '"z'],
    ['<sip:a@b>;x"y;z"', 'parameter-name', ';x"y;z"'],
    ['<sip:a@b>;tag=a b', 'parameter-value', 'a b'],
    ['<sip:a@b>;tag=a\r\n Via:x', 'parameter-value', 'a\r\n Via:x'],
    ['Bell, Alexander <sip:a@b>', 'display-name', ','],
    ['Bob "B" <sip:a@b>', 'display-name', '"'],
    ['< sip:a@b>', 'uri', ' '],
    ['<sip:a@b >', 'host', 'b '],
    ['sip:a@b?x=y', 'name-addr', '?x=y'],
    ['sip:a@b,c', 'name-addr', ',c'],
    ['Bob', 'uri', 'Bob'],
  ];
  for (const [text, code, at] of malformed) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => decode(text),
        (error: unknown) => {
          assert.ok(error instanceof SipHeaderError);
          const { start, end } = error.range;
          assert.deepEqual([error.code, error.header, text.slice(start - offset, end - offset)], [code, 'from', at]);
          return true;
        },
      );
    });
  }
});

suite('formatNameAddr', () => {
  test('quotes and escapes', () => {
    const uri = parseUri('sip:bob@example.com;lr');
    assert.equal(formatNameAddr({ uri }), '<sip:bob@example.com;lr>');
    assert.equal(
      formatNameAddr({ displayName: 'Bob "B" \\', uri, tag: 'x1', params: new Map([['tag', 'old'], ['q', '0.5'], ['t', 'a b'], ['flag', undefined]]) }),
      '"Bob \\"B\\" \\\\" <sip:bob@example.com;lr>;tag=x1;q=0.5;t="a b";flag',
    );
  });

  test('what it writes is read back', () => {
    const text = formatNameAddr({ displayName: 'Zoë, "Z"', uri: 'sip:z@example.com', params: new Map([['note', 'a;b "c"']]) });
    const value = decode(text);
    assert.deepEqual([value.displayName, value.uriText, value.params.get('note')], ['Zoë, "Z"', 'sip:z@example.com', 'a;b "c"']);
  });
});
