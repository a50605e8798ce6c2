import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatUri, formatVia, parseMessage, parseReplaces, respond, type SipRequest, uriAddress, validateRequest } from '../../../../src/sip/message';
import { parseSdp } from '../../../../src/sip/sdp';

/** RFC 5118: the torture messages for IPv6, reduced to what each is about. */
function request(uri: string, via: string, ...headers: readonly string[]): SipRequest {
  const lines = [
    `REGISTER ${uri} SIP/2.0`,
    'To: sip:user@example.com',
    'From: sip:user@example.com;tag=81x2',
    `Via: ${via};branch=z9hG4bKas3-111`,
    'Call-ID: SSG9559905523997077@hlau_4100',
    'CSeq: 98176 REGISTER',
    'Max-Forwards: 70',
    ...headers,
    'Content-Length: 0',
  ];
  return parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)) as SipRequest;
}

suite('RFC 5118', () => {
  test('4.1 a valid message with an IPv6 reference', () => {
    const message = request('sip:[2001:db8::10]', 'SIP/2.0/UDP [2001:db8::9:1]', 'Contact: "Caller" <sip:caller@[2001:db8::1]>');
    assert.equal(validateRequest(message), undefined);
    assert.equal(message.uri.host, '2001:db8::10');
    assert.equal(message.topVia.host, '2001:db8::9:1');
    assert.equal(message.contact?.uri.host, '2001:db8::1');
  });

  test('4.2 an IPv6 address without brackets in the Request-URI', () => {
    const message = request('sip:2001:db8::10', 'SIP/2.0/UDP [2001:db8::9:1]');
    const refusal = validateRequest(message);
    assert.equal(refusal?.status, 400);
    assert.ok(refusal.range.start >= message.requestUriRange.start && refusal.range.end <= message.requestUriRange.end);
  });

  test('4.3 and 4.4 the port stands behind the bracket', () => {
    const inside = request('sip:[2001:db8::10:5070]', 'SIP/2.0/UDP [2001:db8::9:1]');
    assert.equal(validateRequest(inside), undefined);
    assert.deepEqual([inside.uri.host, inside.uri.port], ['2001:db8::10:5070', undefined]);
    const outside = request('sip:[2001:db8::10]:5070', 'SIP/2.0/UDP [2001:db8::9:1]');
    assert.equal(validateRequest(outside), undefined);
    assert.deepEqual([outside.uri.host, outside.uri.port], ['2001:db8::10', 5070]);
  });

  test('4.5 received with and without brackets', () => {
    for (const received of ['2001:db8::9:255', '[2001:db8::9:255]']) {
      const message = request('sip:[2001:db8::10]', `SIP/2.0/UDP [2001:db8::9:1];received=${received}`);
      assert.equal(validateRequest(message), undefined);
      assert.equal(message.topVia.received, '2001:db8::9:255');
    }
  });

  test('4.8 several addresses in several places', () => {
    const message = request(
      'sip:user@[2001:db8::10]',
      'SIP/2.0/UDP [2001:db8::9:1]:6050',
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144',
      'Contact: <sip:user@192.0.2.1>',
    );
    assert.equal(validateRequest(message), undefined);
    assert.deepEqual(message.vias.map(({ host, port }) => [host, port]), [['2001:db8::9:1', 6050], ['192.0.2.1', undefined]]);
  });

  test('4.9 an IPv4 address mapped into IPv6', () => {
    const message = request('sip:user@example.com', 'SIP/2.0/UDP [::ffff:192.0.2.10]:19823', 'Contact: "T. desk phone" <sip:ted@[::ffff:192.0.2.2]>');
    assert.equal(validateRequest(message), undefined);
    assert.equal(message.topVia.host, '::ffff:192.0.2.10');
    assert.equal(message.contact?.uri.host, '::ffff:192.0.2.2');
  });

  test('4.10 three colons before an embedded IPv4 address', () => {
    const message = request('sip:user@[2001:db8:::192.0.2.1]', 'SIP/2.0/UDP [2001:db8:::192.0.2.1]');
    assert.equal(validateRequest(message), undefined);
    assert.equal(message.uri.host, '2001:db8::192.0.2.1');
    assert.equal(message.uri.toString(), 'sip:user@[2001:db8:::192.0.2.1]');
  });

  test('4.6 and 4.7 session descriptions with IPv6, and with both kinds', () => {
    const only = parseSdp(sdp('o=assistant 971731711378798081 0 IN IP6 2001:db8::20', 'c=IN IP6 2001:db8::20', 'm=audio 6000 RTP/AVP 0'));
    assert.equal(only.connection?.address, '2001:db8::20');
    const both = parseSdp(
      sdp('o=bob 280744730 28977631 IN IP4 host.example.com', 'm=audio 6000 RTP/AVP 0', 'c=IN IP4 192.0.2.1', 'm=video 6024 RTP/AVP 107', 'c=IN IP6 2001:db8::20'),
    );
    assert.deepEqual(both.media.map(({ connections }) => connections[0]?.address), ['192.0.2.1', '2001:db8::20']);
    const mapped = parseSdp(sdp('o=mhandley 2890844526 2890842807 IN IP4 192.0.2.1', 'c=IN IP6 ::ffff:192.0.2.2', 'm=audio 6000 RTP/AVP 0'));
    assert.equal(mapped.connection?.address, '::ffff:192.0.2.2');
  });

  test('in every other place the grammar has a host', () => {
    const message = request(
      'sip:bob@[2001:db8::1]:5070;maddr=[2001:db8::2];transport=tcp',
      'SIP/2.0/TCP [2001:db8::9:1]:5062;maddr=2001:db8::3;received=2001:db8::4;rport=5063',
      'Route: <sip:[2001:db8::5];lr>, <sip:[2001:db8::6]:5090;lr>',
      'Record-Route: <sip:p@[2001:db8::7]:5091;lr>',
      'Contact: sip:bob@[2001:db8::8]:5092;expires=60',
      'Refer-To: <sip:charlie@[2001:db8::9]?Replaces=a%40%5B2001%3Adb8%3A%3Aa%5D%3Bto-tag%3D1%3Bfrom-tag%3D2>',
      'Referred-By: <sip:alice@[2001:db8::b]>',
    );
    assert.equal(validateRequest(message), undefined);
    assert.deepEqual(uriAddress(message.uri), { host: '2001:db8::2', port: 5070, transport: 'tcp' });
    assert.deepEqual([message.topVia.host, message.topVia.port, message.topVia.rport], ['2001:db8::9:1', 5062, 5063]);
    assert.deepEqual([message.topVia.params.get('maddr'), message.topVia.received], ['2001:db8::3', '2001:db8::4']);
    assert.deepEqual(message.routes.map(({ uri }) => [uri.host, uri.port]), [['2001:db8::5', undefined], ['2001:db8::6', 5090]]);
    assert.deepEqual([message.recordRoutes[0]?.uri.host, message.recordRoutes[0]?.uri.port], ['2001:db8::7', 5091]);
    assert.deepEqual([message.contact?.uri.host, message.contact?.uri.port, message.contact?.params.get('expires')], ['2001:db8::8', 5092, '60']);
    assert.equal(message.referTo?.uri.host, '2001:db8::9');
    assert.equal(parseReplaces(message.referTo.uri.headers[0]?.[1] ?? '').callId, 'a@[2001:db8::a]');
    assert.equal(message.referredBy?.uri.host, '2001:db8::b');
  });

  test('in what we write: brackets in URIs and sent-by, none in received', () => {
    assert.equal(formatUri({ user: 'bob', host: '2001:db8::1', port: 5070 }), 'sip:bob@[2001:db8::1]:5070');
    assert.match(formatVia({ transport: 'udp', host: '2001:db8::1', branch: 'z9hG4bKx' }), /^SIP\/2\.0\/UDP \[2001:db8::1\];rport;/u);
    const asked = request('sip:bob@[::1]', 'SIP/2.0/UDP [2001:db8::9:1];rport');
    const via = respond(asked, 200, { source: { host: '2001:db8::9', port: 5063 } }).topVia;
    assert.deepEqual([via.host, via.rport, via.received], ['2001:db8::9:1', 5063, '2001:db8::9']);
    assert.match(String(respond(asked, 200, { source: { host: '2001:db8::9', port: 5063 } }).header('via')), /;received=2001:db8::9$/u);
  });

  const wrong = ['sip:bob@[2001:db8::1', 'sip:bob@[]', 'sip:bob@[2001:db8::g]', 'sip:bob@[2001:db8::1]5060', 'sip:bob@2001:db8::1', 'sip:bob@[2001:db8::1]:99999'];
  for (const uri of wrong) {
    test(`${uri} gets 400, with a range inside the Request-URI`, () => {
      const message = request(uri, 'SIP/2.0/UDP [2001:db8::9:1]');
      const refusal = validateRequest(message);
      assert.equal(refusal?.status, 400);
      assert.ok(refusal.range.start >= message.requestUriRange.start && refusal.range.end <= message.requestUriRange.end);
    });
  }
});

/** A session description of these lines, with what every one must have. */
function sdp(origin: string, ...rest: readonly string[]): Uint8Array {
  return Buffer.from(`${['v=0', origin, 's=-', ...rest.filter((line) => line.startsWith('c=') && rest.indexOf(line) === 0), 't=0 0', ...rest.filter((line, index) => !line.startsWith('c=') || index > 0)].join('\r\n')}\r\n`);
}
