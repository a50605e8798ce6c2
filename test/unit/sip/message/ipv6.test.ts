import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseMessage, type SipRequest, validateRequest } from '../../../../src/sip/message';

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
});
