import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseMessage, respond, type SipRequest, type SipResponse } from '../../../../src/sip/message';

function request(...headers: readonly string[]): SipRequest {
  const method = /CSeq: \d+ (\w+)/.exec(headers.join('\n'))?.[1] ?? 'INVITE';
  return parseMessage(Buffer.from([`${method} sip:bob@example.com SIP/2.0`, ...headers, 'Content-Length: 0', '', ''].join('\r\n'))) as SipRequest;
}

const invite = [
  'v: SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bK2, SIP/2.0/TCP upstream.example.com',
  'Record-Route: <sip:p2.example.com;lr>',
  'Via:   SIP/2.0/UDP\r\n first.example.com;branch=z9hG4bK1',
  'Record-Route: <sip:p1.example.com;lr>',
  'f: "Alice" <sip:alice@example.com>;tag=a1',
  'To: <sip:bob@example.com>',
  'Call-ID: c1@example.com',
  'CSeq: 7 INVITE',
  'Timestamp: 54.2',
  'Contact: <sip:alice@10.0.0.1:5070>',
] as const;

function text(response: SipResponse): string[] {
  return Buffer.from(response.bytes).toString().split('\r\n').slice(0, -2);
}

suite('respond', () => {
  test('copies what RFC 3261 section 8.2.6.2 asks for, in order', () => {
    const response = respond(request(...invite), 200, { toTag: 'b1', headers: [['Contact', '<sip:bob@127.0.0.1>']], body: 'x' });
    assert.deepEqual(text(response).slice(0, -1), [
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bK2, SIP/2.0/TCP upstream.example.com',
      'Via: SIP/2.0/UDP first.example.com;branch=z9hG4bK1',
      'Record-Route: <sip:p2.example.com;lr>',
      'Record-Route: <sip:p1.example.com;lr>',
      'From: "Alice" <sip:alice@example.com>;tag=a1',
      'To: <sip:bob@example.com>;tag=b1',
      'Call-ID: c1@example.com',
      'CSeq: 7 INVITE',
      'Contact: <sip:bob@127.0.0.1>',
    ]);
    assert.equal(response.toTag, 'b1');
    assert.equal(Buffer.from(response.body).toString(), 'x');
  });

  test('a 100 has no tag and no Record-Route, but the Timestamp (section 8.2.6.1)', () => {
    const response = respond(request(...invite), 100, { toTag: 'b1' });
    assert.equal(response.toTag, undefined);
    assert.deepEqual(response.recordRoutes, []);
    assert.equal(response.header('timestamp'), '54.2');
  });

  test('a failure has a tag and no Record-Route', () => {
    const response = respond(request(...invite), 486, { toTag: 'b1', reason: 'In a meeting' });
    assert.equal(response.toTag, 'b1');
    assert.equal(response.reason, 'In a meeting');
    assert.deepEqual(response.recordRoutes, []);
  });

  test('a tag that is there stays', () => {
    const response = respond(request('To: <sip:bob@example.com>;tag=old', 'CSeq: 8 BYE'), 200, { toTag: 'new' });
    assert.equal(response.header('to'), '<sip:bob@example.com>;tag=old');
  });

  test('the tag goes behind a URI without brackets', () => {
    assert.equal(respond(request('To: sip:bob@example.com', 'CSeq: 8 BYE'), 200, { toTag: 'new' }).toTag, 'new');
  });

  test('only a request that forms a dialog gets its Record-Route back', () => {
    const answer = (method: string): number => respond(request(...invite.map((line) => line.replace('7 INVITE', `7 ${method}`))), 200).recordRoutes.length;
    assert.deepEqual(['INVITE', 'SUBSCRIBE', 'REFER', 'BYE', 'OPTIONS'].map(answer), [2, 2, 2, 0, 0]);
  });

  test('works for a request that lacks everything', () => {
    assert.deepEqual(text(respond(request(), 400, { toTag: 'b1', source: { host: '10.0.0.1', port: 1 } })), ['SIP/2.0 400 Bad Request', 'Content-Length: 0']);
  });

  test('leaves garbled headers as they are, on one line', () => {
    const garbled = request('Via: nonsense\r\n  here', 'To: "Bob <sip:bob@example.com>', 'From: a\rEvil: 1', 'CSeq: x');
    assert.deepEqual(text(respond(garbled, 400, { toTag: 'b1', source: { host: '10.0.0.1', port: 1 } })), [
      'SIP/2.0 400 Bad Request',
      'Via: nonsense here',
      'From: a Evil: 1',
      'To: "Bob <sip:bob@example.com>',
      'CSeq: x',
      'Content-Length: 0',
    ]);
  });

  test('copies octets that are no UTF-8 unchanged', () => {
    const bytes = Buffer.from('BYE sip:a@b SIP/2.0\r\nCall-ID: \xff\xfe\r\n\r\n', 'latin1');
    const response = respond(parseMessage(bytes) as SipRequest, 200);
    assert.ok(Buffer.from(response.bytes).includes(Buffer.from('Call-ID: \xff\xfe\r\n', 'latin1')));
  });
});

suite('respond puts the source into the top Via (RFC 3261 section 18.2.1, RFC 3581 section 4)', () => {
  const source = { host: '192.0.2.9', port: 40000 };
  const rows: readonly (readonly [via: string, expected: string])[] = [
    ['SIP/2.0/UDP 10.0.0.1;rport;branch=z', 'SIP/2.0/UDP 10.0.0.1;rport=40000;branch=z;received=192.0.2.9'],
    ['SIP/2.0/UDP 192.0.2.9:40000;branch=z;rport', 'SIP/2.0/UDP 192.0.2.9:40000;branch=z;rport=40000;received=192.0.2.9'],
    ['SIP/2.0/UDP 192.0.2.9;branch=z', 'SIP/2.0/UDP 192.0.2.9;branch=z'],
    ['SIP/2.0/UDP phone.example.com;branch=z', 'SIP/2.0/UDP phone.example.com;branch=z;received=192.0.2.9'],
    ['SIP/2.0/UDP 10.0.0.1;branch=z;received=6.6.6.6', 'SIP/2.0/UDP 10.0.0.1;branch=z;received=192.0.2.9'],
    ['SIP/2.0/UDP 192.0.2.9;received=6.6.6.6;branch=z', 'SIP/2.0/UDP 192.0.2.9;branch=z'],
    ['SIP/2.0/UDP 10.0.0.1;rport=5060;branch=z', 'SIP/2.0/UDP 10.0.0.1;rport=5060;branch=z;received=192.0.2.9'],
    ['SIP/2.0/UDP a;rport, SIP/2.0/UDP b;rport', 'SIP/2.0/UDP a;rport=40000;received=192.0.2.9, SIP/2.0/UDP b;rport'],
    ['SIP/2.0/UDP a;branch=zrport;x="1,2"', 'SIP/2.0/UDP a;branch=zrport;x="1,2";received=192.0.2.9'],
  ];
  for (const [via, expected] of rows) {
    test(via, () => {
      assert.equal(respond(request(`Via: ${via}`), 200, { source }).header('via'), expected);
    });
  }

  test('IPv6', () => {
    const response = respond(request('Via: SIP/2.0/UDP [::1]:5070;rport;branch=z'), 200, { source: { host: '::1', port: 5070 } });
    assert.deepEqual([response.topVia.received, response.topVia.rport], ['::1', 5070]);
  });
});
