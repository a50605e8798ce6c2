import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { defaultPolicy, parseMessage, type Refusal, type SipRequest, type SipResponse, type UasPolicy, validateRequest, validateResponse } from '../../../../src/sip/message';

/** A request nobody could object to, with lines replaced (`name: value`), removed (`-name`) or added (`+name: value`). */
function request(method: string, ...changes: readonly string[]): SipRequest {
  const lines = new Map(
    [
      'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1',
      'Max-Forwards: 70',
      'From: <sip:a@127.0.0.1>;tag=1',
      'To: <sip:b@127.0.0.1>',
      'Call-ID: 1@127.0.0.1',
      `CSeq: 1 ${method}`,
      'Contact: <sip:a@127.0.0.1>',
      'Content-Length: 0',
    ].map((line) => [line.split(':')[0] ?? '', line]),
  );
  let uri = 'sip:b@127.0.0.1';
  for (const change of changes) {
    const name = change.split(':')[0] ?? '';
    if (name === 'uri') uri = change.slice(4);
    else if (change.startsWith('-')) lines.delete(change.slice(1));
    else lines.set(name, change.replace(/^\+/, ''));
  }
  return parseMessage(Buffer.from(`${method} ${uri} SIP/2.0\r\n${[...lines.values()].join('\r\n')}\r\n\r\n`)) as SipRequest;
}

function status(method: string, ...changes: readonly string[]): number | undefined {
  return validateRequest(request(method, ...changes))?.status;
}

function withBody(method: string, ...headers: readonly string[]): SipRequest {
  const head = Buffer.from(request(method, ...headers, 'Content-Length: 3').bytes);
  return parseMessage(Buffer.concat([head, Buffer.from('abc')])) as SipRequest;
}

suite('validateRequest', () => {
  test('lets a good request pass', () => {
    for (const method of defaultPolicy.methods) {
      assert.equal(status(method, ...(method === 'REFER' ? ['Refer-To: <sip:c@127.0.0.1>'] : [])), undefined, method);
    }
  });

  const rows: readonly (readonly [expected: number | undefined, method: string, ...changes: string[]])[] = [
    [400, 'INVITE', '-Via'],
    [400, 'INVITE', '-From'],
    [400, 'INVITE', '-To'],
    [400, 'INVITE', '-Call-ID'],
    [400, 'INVITE', '-CSeq'],
    [undefined, 'INVITE', '-Max-Forwards'],
    [undefined, 'INVITE', '-Content-Length'],
    [undefined, 'INVITE', '-Contact'],
    [400, 'INVITE', '+To: <sip:c@d>', '+t: <sip:c@d>'],
    [400, 'INVITE', '+i: 2'],
    [400, 'INVITE', 'Contact: <sip:a@'],
    [400, 'INVITE', 'Route: x'],
    [400, 'INVITE', 'Expires: soon'],
    [400, 'INVITE', 'Content-Length: x'],
    [400, 'INVITE', 'Content-Length: 1'],
    [400, 'INVITE', 'CSeq: 1 BYE'],
    [501, 'WINK', 'CSeq: 1 BYE'],
    [501, 'WINK'],
    [501, 'invite'],
    [416, 'INVITE', 'uri:tel:+123'],
    [416, 'WINK', 'uri:tel:+123'],
    [400, 'INVITE', 'uri:sip:b@127.0.0.1:x'],
    [400, 'INVITE', 'uri:sip:b@127.0.0.1?Route=x'],
    [420, 'INVITE', 'Require: replaces, teleport'],
    [undefined, 'INVITE', 'Require: Replaces, 100rel'],
    [undefined, 'ACK', 'Require: teleport'],
    [undefined, 'CANCEL', 'Require: teleport'],
    [undefined, 'INVITE', 'Proxy-Require: teleport'],
    [400, 'REFER'],
    [400, 'REFER', 'Refer-To: <sip:c@d>', '+r: <sip:e@f>'],
    [undefined, 'REFER', 'Refer-To: <tel:+123>'],
    [undefined, 'INVITE', 'Replaces: 1;to-tag=1;from-tag=2'],
    [400, 'INVITE', 'Replaces: 1;to-tag=1'],
    [400, 'INVITE', 'Replaces: 1;to-tag=1;from-tag=2', '+replaces: 2;to-tag=1;from-tag=2'],
    [400, 'BYE', 'Replaces: 1;to-tag=1;from-tag=2'],
    [400, 'INVITE', 'Replaces: 1;to-tag=1;from-tag=2', 'Join: 2;to-tag=1;from-tag=2'],
    [400, 'REGISTER', 'To: <tel:+123>'],
    [undefined, 'INVITE', 'To: <tel:+123>'],
    [undefined, 'INVITE', 'Accept: text/plain, application/*;q=0.5'],
    [undefined, 'INVITE', 'Accept: */*'],
    [undefined, 'OPTIONS', 'Accept: text/plain'],
    [406, 'INVITE', 'Accept: text/plain'],
    [406, 'INVITE', 'Accept:'],
  ];
  for (const [expected, method, ...changes] of rows) {
    test(`${[method, ...changes].join(' | ')} -> ${expected ?? 'served'}`, () => {
      assert.equal(status(method, ...changes), expected);
    });
  }

  test('the version comes before all else', () => {
    const message = parseMessage(Buffer.from('INVITE nonsense SIP/7.0\r\nno colon\r\n\r\n')) as SipRequest;
    assert.equal(validateRequest(message)?.status, 505);
  });

  const bodies: readonly (readonly [expected: number | undefined, method: string, ...headers: string[]])[] = [
    [undefined, 'INVITE', 'Content-Type: application/sdp'],
    [415, 'INVITE', 'Content-Type: text/plain'],
    [415, 'INVITE'],
    [undefined, 'INVITE', 'Content-Type: text/plain', 'Content-Disposition: render ; handling=Optional'],
    [415, 'UPDATE', 'Content-Type: text/plain'],
    [undefined, 'MESSAGE', 'Content-Type: text/plain'],
    [415, 'INVITE', 'Content-Type: application/sdp', 'Content-Encoding: gzip'],
    [undefined, 'INVITE', 'Content-Type: application/sdp', 'Content-Encoding: Identity'],
  ];
  for (const [expected, method, ...headers] of bodies) {
    test(`a body: ${[method, ...headers].join(' | ')} -> ${expected ?? 'served'}`, () => {
      assert.equal(validateRequest(withBody(method, ...headers))?.status, expected);
    });
  }

  test('says what the response must carry', () => {
    const headers = (refusal: Refusal | undefined): unknown => refusal?.headers;
    const policy: UasPolicy = { methods: ['INVITE', 'ACK', 'WINK'], extensions: [], sessionTypes: ['application/sdp', 'x/y'] };
    assert.equal(validateRequest(request('WINK'), policy), undefined);
    const notAllowed = validateRequest(request('BYE'), policy);
    assert.deepEqual([notAllowed?.status, headers(notAllowed)], [405, [['Allow', 'INVITE, ACK, WINK']]]);
    assert.deepEqual(headers(validateRequest(request('INVITE', 'Require: Timer, 100rel'), policy)), [['Unsupported', 'Timer, 100rel']]);
    assert.deepEqual(headers(validateRequest(withBody('INVITE', 'Content-Type: a/b'), policy)), [['Accept', 'application/sdp, x/y']]);
    assert.deepEqual(headers(validateRequest(withBody('INVITE', 'Content-Encoding: gzip'), policy)), [['Accept-Encoding', 'identity']]);
  });
});

suite('validateResponse', () => {
  const good = [
    'SIP/2.0 200 OK',
    'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1',
    'From: <sip:a@127.0.0.1>;tag=1',
    'To: <sip:b@127.0.0.1>;tag=2',
    'Call-ID: 1@127.0.0.1',
    'CSeq: 1 INVITE',
    'Content-Length: 0',
  ] as const;

  function rule(...lines: readonly string[]): string | undefined {
    return validateResponse(parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)) as SipResponse)?.rule;
  }

  test('lets a good response pass', () => {
    assert.equal(rule(...good), undefined);
  });

  const rows: readonly (readonly [what: string, lines: readonly string[], expected: RegExp])[] = [
    ['a version of its own', ['SIP/3.0 200 OK', ...good.slice(1)], /SIP\/2\.0/],
    ['two Vias', [...good, 'Via: SIP/2.0/UDP other'], /one Via/],
    ['no Via', good.filter((line) => !line.startsWith('Via')), /via header is missing/],
    ['no CSeq', good.filter((line) => !line.startsWith('CSeq')), /cseq header is missing/],
    ['a body that is too short', good.map((line) => line.replace('Length: 0', 'Length: 9')), /as long as/],
    ['a bad Contact', [...good, 'Contact: <'], /contact/],
  ];
  for (const [what, lines, expected] of rows) {
    test(`drops one with ${what}`, () => {
      assert.match(rule(...lines) ?? 'served', expected);
    });
  }
});
