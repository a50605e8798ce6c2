import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildRequest, type FramedItem, StreamFramer, type StreamLimits } from '../../../../src/sip/message';
import { sipSamples } from '../../../support/sip-samples';

/** What a framer gives for the pieces, as short words: message texts, `ping`, and error codes. */
function frame(pieces: readonly string[], limits?: StreamLimits): string[] {
  const framer = new StreamFramer(limits);
  return pieces.flatMap((piece) => framer.push(Buffer.from(piece, 'latin1'))).map(word);
}

function word(item: FramedItem): string {
  if (item.kind === 'message') return Buffer.from(item.bytes).toString('latin1');
  return item.kind === 'ping' ? 'ping' : `error ${item.code}`;
}

const message = (body: string): string => `OPTIONS sip:a@b SIP/2.0\r\nl: ${body.length}\r\n\r\n${body}`;

suite('StreamFramer', () => {
  test('cuts messages that come in one piece', () => {
    assert.deepEqual(frame([message('') + message('abc') + message('\r\n\r\n')]), [message(''), message('abc'), message('\r\n\r\n')]);
  });

  test('puts together what comes octet by octet', () => {
    const stream = `\r\n${message('abc')}\r\n\r\n\r\n${message('')}`;
    assert.deepEqual(frame(Array.from(stream)), [message('abc'), 'ping', message('')]);
  });

  test('gives the same for every split of a whole call', () => {
    const texts = Object.values(sipSamples);
    const stream = Buffer.from(`\r\n\r\n${texts.join('\r\n\r\n')}\r\n`, 'latin1');
    const expected = texts.flatMap((text) => ['ping', text]);
    for (let at = 0; at <= stream.length; at += 1) {
      const framer = new StreamFramer();
      const items = [...framer.push(stream.subarray(0, at)), ...framer.push(stream.subarray(at))];
      assert.deepEqual(items.map(word), expected, `split at ${at}`);
    }
  });

  const pings: readonly (readonly [pieces: readonly string[], expected: readonly string[]])[] = [
    [['\r\n\r\n'], ['ping']],
    [['\r\n', '\r\n'], ['ping']],
    [['\r', '\n\r', '\n'], ['ping']],
    [['\r\n\r\n\r\n\r\n'], ['ping', 'ping']],
    [['\r\n'], []],
    [['\r\n', message('')], [message('')]],
    [['\n\n\r\r\n', message('')], [message('')]],
    [['\r\n\r', message('')], [message('')]],
    [[message(''), '\r\n\r\n', message('')], [message(''), 'ping', message('')]],
  ];
  for (const [pieces, expected] of pings) {
    test(`${JSON.stringify(pieces)}: ${expected.length} items`, () => {
      assert.deepEqual(frame(pieces), expected);
    });
  }

  test('reads messages whose lines end in LF alone', () => {
    const text = 'OPTIONS sip:a@b SIP/2.0\nl: 1\n\nx';
    assert.deepEqual(frame([text + text]), [text, text]);
  });

  const errors: readonly (readonly [stream: string, code: string, at: string])[] = [
    ['OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\n', 'no-content-length', 'OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\n'],
    ['OPTIONS sip:a@b SIP/2.0\r\nl: -1\r\n\r\n', 'bad-content-length', '-1'],
    ['OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n', 'two-content-lengths', '2'],
    ['OPTIONS sip:a@b SIP/2.0\r\nl: 1001\r\n\r\n', 'body-too-long', '1001'],
    [`OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\nX: ${'x'.repeat(1000)}\r\n\r\n`, 'headers-too-long', 'OPTIONS'],
    ['x'.repeat(1001), 'headers-too-long', 'x'],
  ];
  for (const [stream, code, at] of errors) {
    test(`${code}: ${JSON.stringify(stream.slice(0, 50))}`, () => {
      const framer = new StreamFramer({ headers: 1000, body: 1000 });
      const items = framer.push(Buffer.from(message('') + stream));
      assert.deepEqual(items.map(({ kind }) => kind), ['message', 'error']);
      const [, error] = items;
      assert.ok(error?.kind === 'error');
      assert.equal(error.code, code);
      const octets = Buffer.from(error.bytes).toString('latin1');
      assert.ok(octets.slice(error.range.start, error.range.end).startsWith(at), 'the range is within the octets of the error');
      assert.ok(stream.startsWith(octets));
      assert.deepEqual(framer.push(Buffer.from(message(''))), [], 'nothing can be read after an error');
    });
  }

  test('a limit is the last length that is taken', () => {
    const head = 'OPTIONS sip:a@b SIP/2.0\r\nl: 1000\r\n\r\n';
    const full = head + 'x'.repeat(1000);
    assert.deepEqual(frame([full], { headers: head.length, body: 1000 }), [full]);
    assert.deepEqual(frame([full], { headers: head.length - 1, body: 1000 }), ['error headers-too-long']);
    assert.deepEqual(frame([full], { headers: head.length, body: 999 }), ['error body-too-long']);
  });

  test('says how much of an unfinished message it holds', () => {
    const framer = new StreamFramer();
    assert.equal(framer.pending, 0);
    framer.push(Buffer.from(message('abc').slice(0, -1)));
    assert.equal(framer.pending, message('abc').length - 1);
    framer.push(Buffer.from('c'));
    assert.equal(framer.pending, 0);
  });

  test('gives every message octets of its own', () => {
    const { bytes } = buildRequest({ method: 'BYE', uri: 'sip:a@b', headers: [] });
    const input = Buffer.from(bytes);
    const framer = new StreamFramer();
    const [first] = framer.push(input);
    input.fill(0);
    framer.push(bytes);
    assert.ok(first?.kind === 'message');
    assert.deepEqual(Buffer.from(first.bytes), Buffer.from(bytes));
  });
});
