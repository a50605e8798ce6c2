import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildRequest, canonicalName, parseMessage, SipHeaderError, SipParseError, type SipMessage, type SipRequest } from '../../../../src/sip/message';

function parse(text: string): SipMessage {
  return parseMessage(Buffer.from(text, 'utf8'));
}

function parseRequest(...headers: readonly string[]): SipRequest {
  const message = parse(['OPTIONS sip:bob@example.com SIP/2.0', ...headers, '', ''].join('\r\n'));
  assert.ok(message.kind === 'request');
  return message;
}

function textAt(message: SipMessage, range: { start: number; end: number } | undefined): string | undefined {
  return range && Buffer.from(message.bytes).toString('utf8', range.start, range.end);
}

function noteCodes(message: SipMessage): string[] {
  return message.notes.map(({ code }) => code);
}

suite('start line', () => {
  test('of a request', () => {
    const message = parse('INVITE sip:bob@example.com;x=y SIP/2.0\r\nContent-Length: 0\r\n\r\n');
    assert.ok(message.kind === 'request');
    assert.equal(message.method, 'INVITE');
    assert.equal(message.requestUri, 'sip:bob@example.com;x=y');
    assert.equal(textAt(message, message.requestUriRange), 'sip:bob@example.com;x=y');
    assert.equal(message.version, 'SIP/2.0');
    assert.equal(textAt(message, message.startLineRange), 'INVITE sip:bob@example.com;x=y SIP/2.0');
    assert.deepEqual(message.notes, []);
  });

  const responses: readonly (readonly [line: string, status: number, reason: string])[] = [
    ['SIP/2.0 200 OK', 200, 'OK'],
    ['SIP/2.0 180 Es läutet', 180, 'Es läutet'],
    ['SIP/2.0 100 ', 100, ''],
    ['SIP/2.0 100', 100, ''],
    ['sip/2.0 699 Last of all', 699, 'Last of all'],
  ];
  for (const [line, status, reason] of responses) {
    test(`"${line}"`, () => {
      const message = parse(`${line}\r\nContent-Length: 0\r\n\r\n`);
      assert.ok(message.kind === 'response');
      assert.deepEqual([message.status, message.reason], [status, reason]);
    });
  }

  test('keeps a version it does not know, for a 505', () => {
    assert.equal(parse('INVITE sip:a@b SIP/3.1\r\n\r\n').version, 'SIP/3.1');
  });

  const rejected: readonly (readonly [text: string, code: string, at: string])[] = [
    ['', 'empty', ''],
    ['\r\n\r\n', 'empty', '\r\n\r\n'],
    ['\0\0\0\0', 'start-line', '\0\0\0\0'],
    ['hello', 'start-line', 'hello'],
    ['INVITE sip:a@b\r\n\r\n', 'start-line', 'INVITE sip:a@b'],
    ['INVITE SIP/2.0\r\n\r\n', 'start-line', 'INVITE SIP/2.0'],
    ['INVITE  SIP/2.0\r\n\r\n', 'start-line', 'INVITE  SIP/2.0'],
    ['GET / HTTP/1.1\r\n\r\n', 'start-line', 'GET / HTTP/1.1'],
    ['IN"VITE sip:a@b SIP/2.0\r\n\r\n', 'method', 'IN"VITE'],
    ['SIP/2.0 99 Low\r\n\r\n', 'status-code', '99'],
    ['SIP/2.0 700 High\r\n\r\n', 'status-code', '700'],
    ['SIP/2.0 2x0 OK\r\n\r\n', 'status-code', '2x0'],
    ['SIP/2.0 0200 OK\r\n\r\n', 'status-code', '0200'],
  ];
  for (const [text, code, at] of rejected) {
    test(`rejects ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parse(text),
        (error: unknown) => {
          assert.ok(error instanceof SipParseError);
          assert.equal(error.code, code);
          assert.equal(text.slice(error.range.start, error.range.end), at);
          return true;
        },
      );
    });
  }
});

suite('headers', () => {
  test('are found by any spelling, in the order they came', () => {
    const message = parseRequest('v: SIP/2.0/UDP one', 'VIA: SIP/2.0/UDP two, SIP/2.0/UDP three', 'sUBJECT: x', 'X-Own: a, b');
    assert.deepEqual(message.headers.map(({ name, canonical }) => [name, canonical]), [
      ['v', 'via'],
      ['VIA', 'via'],
      ['sUBJECT', 'subject'],
      ['X-Own', 'x-own'],
    ]);
    assert.deepEqual(message.headerValues('via'), ['SIP/2.0/UDP one', 'SIP/2.0/UDP two', 'SIP/2.0/UDP three']);
    assert.equal(message.header('V'), 'SIP/2.0/UDP one');
    assert.equal(message.header('s'), 'x');
    assert.equal(message.header('x-OWN'), 'a, b');
    assert.deepEqual(message.headerValues('x-own'), ['a, b'], 'an unknown header is no list');
    assert.equal(message.header('to'), undefined);
    assert.deepEqual(message.headerValues('to'), []);
  });

  test('have ranges for name, value and field', () => {
    const message = parseRequest('Subject  :   two words  ', 'Subject: again');
    const [first] = message.headers;
    assert.equal(textAt(message, first?.nameRange), 'Subject');
    assert.equal(textAt(message, first?.valueRange), 'two words');
    assert.equal(textAt(message, first?.range), 'Subject  :   two words');
    assert.equal(textAt(message, message.headerRange('subject', 1)), 'Subject: again');
    assert.equal(message.headerRange('subject', 2), undefined);
  });

  test('may be folded: the value is one line, the range has them all', () => {
    const message = parseRequest('Subject: one\r\n two \r\n\t  three', 'Supported:\r\n replaces');
    assert.equal(message.header('subject'), 'one two three');
    assert.equal(textAt(message, message.headers[0]?.valueRange), 'one\r\n two \r\n\t  three');
    assert.equal(message.header('supported'), 'replaces');
    assert.deepEqual(noteCodes(message), ['folded-header', 'folded-header', 'no-content-length']);
  });

  test('are UTF-8, decoded when asked for', () => {
    const message = parseRequest('Subject: Grüße, Ελένη', 'From: Zoë <sip:zoe@example.com>;tag=1', 'To: "Zoë \\"Z\\"" <sip:z@example.com>');
    assert.equal(message.header('subject'), 'Grüße, Ελένη');
    assert.equal(message.from.displayName, 'Zoë');
    assert.equal(message.to.displayName, 'Zoë "Z"');
    assert.equal(textAt(message, message.to.range), '"Zoë \\"Z\\"" <sip:z@example.com>');
  });

  test('keep UTF-8 where the grammar has no place for it, so that it can be written again', () => {
    const message = parse('BYE sip:zoë@example.com SIP/2.0\r\nCall-ID: ë1\r\nTo: <sip:ë@x>;tag=ë\r\nReplaces: ë;to-tag=ë;from-tag=b\r\nl: 0\r\n\r\n');
    assert.ok(message.kind === 'request');
    assert.deepEqual([message.requestUri, message.uri.user, message.uri.toString()], ['sip:zoë@example.com', 'zoë', 'sip:zoë@example.com']);
    assert.equal(textAt(message, message.requestUriRange), 'sip:zoë@example.com');
    assert.deepEqual([message.callId, message.to.uriText, message.toTag, message.replaces?.callId], ['ë1', 'sip:ë@x', 'ë', 'ë']);
    const again = buildRequest({ method: 'BYE', uri: message.requestUri, headers: [['Call-ID', message.callId], ['To', `<${message.to.uriText}>`]] });
    assert.equal(Buffer.from(again.bytes).toString(), 'BYE sip:zoë@example.com SIP/2.0\r\nCall-ID: ë1\r\nTo: <sip:ë@x>\r\nContent-Length: 0\r\n\r\n');
  });

  test('end at the blank line, even when lines end in LF alone', () => {
    const message = parse('OPTIONS sip:a@b SIP/2.0\nSubject: x\nl: 2\n\nab\r\n\r\n');
    assert.equal(message.header('subject'), 'x');
    assert.equal(Buffer.from(message.body).toString(), 'ab');
    assert.deepEqual(noteCodes(message), ['bare-line-feed', 'trailing-octets']);
  });

  const oddities: readonly (readonly [line: string, note: string, at: string])[] = [
    ['no colon here', 'no-colon', 'no colon here'],
    ['two words: x', 'header-name', 'two words'],
    [': nameless', 'header-name', ''],
  ];
  for (const [line, code, at] of oddities) {
    test(`"${line}" is noted and does not hide the rest`, () => {
      const message = parseRequest(line, 'Subject: x', 'l: 0');
      assert.deepEqual(message.notes.map((note) => [note.code, textAt(message, note.range)]), [[code, at]]);
      assert.equal(message.header('subject'), 'x');
    });
  }

  test('without a blank line behind them are noted', () => {
    const message = parse('OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\nSubject: cut o');
    assert.deepEqual(noteCodes(message), ['no-blank-line']);
    assert.equal(message.header('subject'), 'cut o');
  });

  test('may be missing altogether', () => {
    const message = parse('OPTIONS sip:a@b SIP/2.0');
    assert.deepEqual(noteCodes(message), ['no-blank-line', 'no-content-length']);
    assert.deepEqual(message.headers, []);
  });

  test('line ends before the message are skipped and noted', () => {
    const message = parse('\r\n\r\nOPTIONS sip:a@b SIP/2.0\r\nl: 0\r\n\r\n');
    assert.deepEqual(message.notes.map(({ code, range }) => [code, range]), [['leading-line-end', { start: 0, end: 4 }]]);
    assert.equal(textAt(message, message.startLineRange), 'OPTIONS sip:a@b SIP/2.0');
  });
});

suite('compact names', () => {
  const forms = {
    a: 'accept-contact', b: 'referred-by', c: 'content-type', d: 'request-disposition', e: 'content-encoding', f: 'from', i: 'call-id',
    j: 'reject-contact', k: 'supported', l: 'content-length', m: 'contact', n: 'identity-info', o: 'event', r: 'refer-to', s: 'subject',
    t: 'to', u: 'allow-events', v: 'via', x: 'session-expires', y: 'identity',
  };
  for (const [compact, long] of Object.entries(forms)) {
    test(`${compact} is ${long}`, () => {
      assert.equal(canonicalName(compact), long);
      assert.equal(canonicalName(compact.toUpperCase()), long);
      assert.equal(canonicalName(long.toUpperCase()), long);
    });
  }
});

suite('body', () => {
  const framings: readonly (readonly [headers: string, octets: string, body: string, notes: string[]])[] = [
    ['Content-Length: 3\r\n', 'abc', 'abc', []],
    ['Content-Length: 2\r\n', 'abc', 'ab', ['trailing-octets']],
    ['Content-Length: 4\r\n', 'abc', 'abc', ['body-too-short']],
    ['', 'abc', 'abc', ['no-content-length']],
    ['Content-Length: -1\r\n', 'abc', 'abc', ['bad-content-length']],
    ['Content-Length: 3 octets\r\n', 'abc', 'abc', ['bad-content-length']],
    ['Content-Length:\r\n', 'abc', 'abc', ['bad-content-length']],
    ['Content-Length: 3\r\nl: 2\r\n', 'abc', 'abc', ['two-content-lengths']],
    ['Content-Length: 3\r\nl: 003\r\n', 'abc', 'abc', []],
    [`Content-Length: 1${'0'.repeat(400)}\r\n`, 'abc', 'abc', ['bad-content-length']],
  ];
  for (const [headers, octets, body, notes] of framings) {
    test(JSON.stringify(headers).slice(0, 60), () => {
      const message = parse(`OPTIONS sip:a@b SIP/2.0\r\n${headers}\r\n${octets}`);
      assert.equal(Buffer.from(message.body).toString(), body);
      assert.equal(textAt(message, message.bodyRange), body);
      assert.deepEqual(noteCodes(message), notes);
    });
  }

  test('is a view of the octets', () => {
    const bytes = Buffer.from('OPTIONS sip:a@b SIP/2.0\r\nl: 3\r\n\r\nabc');
    assert.equal(parseMessage(bytes).body.buffer, bytes.buffer);
  });

  test('can be megabytes', () => {
    const bytes = Buffer.concat([Buffer.from('OPTIONS sip:a@b SIP/2.0\r\nl: 2000000\r\n\r\n'), Buffer.alloc(2_000_000, 'x')]);
    assert.equal(parseMessage(bytes).body.length, 2_000_000);
  });
});

/** What a request decodes when it is asked. */
type Getter = Exclude<keyof SipRequest, 'header' | 'headerValues' | 'headerRange'>;

suite('typed headers', () => {
  const message = parseRequest(
    'CSeq: 0042   OPTIONS',
    'Call-ID: a84b4c76e66710@pc33.example.com',
    'Max-Forwards: 70',
    'Event: refer;id=93',
    'Subscription-State: Terminated;reason=NoResource;retry-after=5;expires=0',
    'Refer-To: sip:c@example.com',
    'b: <sip:b@example.com>;cid="x@y"',
    'Replaces: 98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff;early-only',
    'Expires: 4294967295',
    'Retry-After: 120 (in a meeting);duration=3600',
    'Supported: replaces,, 100rel',
    'k: timer',
    'Require:',
    'Allow: INVITE, ACK',
    'Content-Type: Application / SDP;charset=utf-8',
    'Contact: *',
  );

  const values: readonly (readonly [getter: Getter, value: unknown])[] = [
    ['cseq', { sequence: 42, method: 'OPTIONS' }],
    ['callId', 'a84b4c76e66710@pc33.example.com'],
    ['maxForwards', 70],
    ['event', { package: 'refer', id: '93' }],
    ['subscriptionState', { state: 'terminated', reason: 'noresource', retryAfter: 5, expires: 0 }],
    ['replaces', { callId: '98732@sip.example.com', toTag: 'ff87ff', fromTag: 'r33th4x0r', earlyOnly: true }],
    ['expires', 4294967295],
    ['retryAfter', 120],
    ['supported', ['replaces', '100rel', 'timer']],
    ['require', []],
    ['proxyRequire', []],
    ['unsupported', []],
    ['allow', ['INVITE', 'ACK']],
    ['contentType', 'application/sdp'],
    ['contacts', ['*']],
    ['contact', undefined],
    ['contentLength', undefined],
    ['routes', []],
  ];
  for (const [getter, value] of values) {
    test(getter, () => {
      assert.deepEqual(message[getter], value);
    });
  }

  test('referTo and referredBy', () => {
    assert.equal(message.referTo?.uriText, 'sip:c@example.com');
    assert.equal(message.referredBy?.params.get('cid'), 'x@y');
  });

  test('are decoded once', () => {
    const decoded = parseRequest('From: <sip:a@b>;tag=1', 'Via: SIP/2.0/UDP a');
    assert.equal(decoded.from, decoded.from);
    assert.equal(decoded.vias, decoded.vias);
  });

  test('are undefined when they are absent', () => {
    const bare = parseRequest();
    for (const getter of ['maxForwards', 'contentType', 'event', 'subscriptionState', 'referTo', 'referredBy', 'replaces', 'expires', 'retryAfter'] as const) {
      assert.equal(bare[getter], undefined, getter);
    }
  });

  for (const [getter, header] of [['callId', 'call-id'], ['cseq', 'cseq'], ['from', 'from'], ['to', 'to'], ['topVia', 'via'], ['fromTag', 'from']] as const) {
    test(`${getter} must be there`, () => {
      assert.throws(
        () => parseRequest()[getter],
        (error: unknown) => error instanceof SipHeaderError && error.code === 'missing' && error.header === header,
      );
    });
  }

  const malformed: readonly (readonly [line: string, getter: Getter, code: string, at: string])[] = [
    ['CSeq: 2147483648 INVITE', 'cseq', 'cseq', '2147483648 INVITE'],
    ['CSeq: 1', 'cseq', 'cseq', '1'],
    ['CSeq: INVITE', 'cseq', 'cseq', 'INVITE'],
    ['CSeq: 1 IN VITE', 'cseq', 'cseq', 'IN VITE'],
    ['Call-ID: two words', 'callId', 'call-id', 'two words'],
    ['Call-ID:', 'callId', 'call-id', ''],
    ['Max-Forwards: 256', 'maxForwards', 'number', '256'],
    ['Max-Forwards: -1', 'maxForwards', 'number', '-1'],
    ['Expires: 4294967296', 'expires', 'number', '4294967296'],
    ['Expires: 1e3', 'expires', 'number', '1e3'],
    ['Retry-After: soon', 'retryAfter', 'number', 'soon'],
    ['Content-Type: text', 'contentType', 'media-type', 'text'],
    ['Event: ;id=1', 'event', 'token', ''],
    ['Subscription-State: active;expires=x', 'subscriptionState', 'number', 'active;expires=x'],
    ['Supported: a b', 'supported', 'token', 'a b'],
    ['Replaces: id;to-tag=1', 'replaces', 'replaces', 'id;to-tag=1'],
    ['Contact: <sip:a@b>, sip:', 'contacts', 'host', ''],
  ];
  for (const [line, getter, code, at] of malformed) {
    test(`${line} throws`, () => {
      const bad = parseRequest(line);
      assert.throws(
        () => bad[getter],
        (error: unknown) => {
          assert.ok(error instanceof SipHeaderError);
          assert.deepEqual([error.code, error.header, textAt(bad, error.range)], [code, canonicalName(line.split(':')[0] ?? ''), at]);
          return true;
        },
      );
    });
  }
});
