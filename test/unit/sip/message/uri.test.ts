import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { escapeUriHeader, formatUri, isSipUri, parseReplaces, parseUri, SipSyntaxError, uriAddress, uriEquals } from '../../../../src/sip/message';

suite('parseUri', () => {
  test('takes a URI apart', () => {
    const uri = parseUri('SIPS:al%69ce:se%63ret@Example.COM:5061;Transport=tcp;lr;m%61x=a%20b?subject=a%26b&Route=%3Csip:x%3E');
    assert.equal(uri.scheme, 'sips');
    assert.equal(uri.user, 'alice');
    assert.equal(uri.password, 'secret');
    assert.equal(uri.host, 'Example.COM');
    assert.equal(uri.port, 5061);
    assert.deepEqual([...uri.params], [['transport', 'tcp'], ['lr', undefined], ['max', 'a b']]);
    assert.deepEqual(uri.headers, [['subject', 'a&b'], ['Route', '<sip:x>']]);
    assert.equal(isSipUri(uri), true);
    assert.match(uri.toString(), /^SIPS:al%69ce/, 'it is given back as written');
  });

  const hosts: readonly (readonly [text: string, host: string, port: number | undefined])[] = [
    ['sip:example.com', 'example.com', undefined],
    ['sip:192.0.2.1:5070', '192.0.2.1', 5070],
    ['sip:a@my_host-1.example.', 'my_host-1.example.', undefined],
    ['sip:[2001:db8::10]', '2001:db8::10', undefined],
    ['sip:a@[::1]:5070;lr', '::1', 5070],
  ];
  for (const [text, host, port] of hosts) {
    test(text, () => {
      const uri = parseUri(text);
      assert.deepEqual([uri.host, uri.port], [host, port]);
    });
  }

  test('a user may hold what elsewhere separates', () => {
    const uri = parseUri('sip:a;b?c/d=e&f+g$h,i@example.com;p');
    assert.equal(uri.user, 'a;b?c/d=e&f+g$h,i');
    assert.deepEqual([...uri.params.keys()], ['p']);
  });

  test('escapes hold UTF-8; what is no escape stays', () => {
    assert.equal(parseUri('sip:J%C3%BCrgen@example.com').user, 'Jürgen');
    assert.equal(parseUri('sip:Jürgen@example.com').user, 'Jürgen');
    assert.equal(parseUri('sip:100%25%zz@example.com').user, '100%%zz');
  });

  test('other schemes are opaque', () => {
    const uri = parseUri('tel:+1-201-555-0123;phone-context=example.com');
    assert.deepEqual([uri.scheme, uri.host, uri.opaque, isSipUri(uri)], ['tel', '', '+1-201-555-0123;phone-context=example.com', false]);
  });

  const malformed: readonly (readonly [text: string, code: string, at: string])[] = [
    ['', 'uri', ''],
    ['bob', 'uri', 'bob'],
    ['sipx', 'uri', 'sipx'],
    ['+:x', 'uri', '+:x'],
    ['tel:', 'uri', 'tel:'],
    ['sip:', 'host', ''],
    ['sip:@example.com', 'uri', 'sip:@'],
    ['sip:a@', 'host', ''],
    ['sip:a@b@c', 'host', 'b@c'],
    ['sip:a b@example.com', 'uri', ' '],
    ['sip:a@exa mple.com', 'host', 'exa mple.com'],
    ['sip:a@example.com :5060', 'host', 'example.com '],
    ['sip:a@example.com: 5060', 'port', ': 5060'],
    ['sip:a@example.com:', 'port', ':'],
    ['sip:a@example.com:65536', 'port', ':65536'],
    ['sip:a@example.com:5o60', 'port', ':5o60'],
    ['sip:a@example.com;', 'uri', ';'],
    ['sip:a@example.com;x="y"', 'uri', '"'],
    ['sip:a@example.com?x', 'uri', 'x'],
    ['sip:a@example.com?', 'uri', ''],
    ['sip:a@[::1', 'host', '[::1'],
    ['sip:a@[::1]x', 'host', 'x'],
    ['sip:a@[example]', 'host', '[example]'],
    ['sip:a@\u0000', 'host', '\u0000'],
  ];
  for (const [text, code, at] of malformed) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseUri(text),
        (error: unknown) => {
          assert.ok(error instanceof SipSyntaxError);
          assert.deepEqual([error.code, text.slice(error.range.start, error.range.end)], [code, at]);
          return true;
        },
      );
    });
  }
});

suite('formatUri', () => {
  test('escapes each part as its place demands', () => {
    const text = formatUri({
      scheme: 'sips',
      user: 'a@b:c;d é',
      password: 'p;w',
      host: '2001:db8::1',
      port: 5061,
      params: new Map([['lr', undefined], ['x', 'a;b=c']]),
      headers: [['Replaces', 'id@h;to-tag=1;from-tag=2']],
    });
    assert.equal(text, 'sips:a%40b%3Ac;d%20%C3%A9:p%3Bw@[2001:db8::1]:5061;lr;x=a%3Bb%3Dc?Replaces=id%40h%3Bto-tag%3D1%3Bfrom-tag%3D2');
  });

  test('a Replaces survives the way through a Refer-To (RFC 5589 section 7.1)', () => {
    const value = 'd2-91aa@127.0.0.1;to-tag=c2;from-tag=b2';
    assert.equal(escapeUriHeader(value), 'd2-91aa%40127.0.0.1%3Bto-tag%3Dc2%3Bfrom-tag%3Db2');
    const uri = parseUri(`sip:charlie@127.0.0.1:5073?Replaces=${escapeUriHeader(value)}`);
    assert.deepEqual(parseReplaces(uri.headers[0]?.[1] ?? ''), { callId: 'd2-91aa@127.0.0.1', toTag: 'c2', fromTag: 'b2', earlyOnly: false });
  });
});

suite('uriEquals (RFC 3261 section 19.1.4)', () => {
  const equal: readonly (readonly [string, string])[] = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    ['sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com', 'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com'],
    ['sip:alice@atlanta.com?subject=project%20x&priority=urgent', 'sip:alice@atlanta.com?priority=urgent&subject=project%20x'],
    ['tel:+1', 'tel:+1'],
  ];
  for (const [a, b] of equal) {
    test(`${a} = ${b}`, () => {
      assert.equal(uriEquals(parseUri(a), parseUri(b)), true);
      assert.equal(uriEquals(parseUri(b), parseUri(a)), true);
    });
  }

  const different: readonly (readonly [string, string])[] = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a%3Bb@chicago.com', 'sip:a;b@chicago.com'],
    ['sip:bob:x@biloxi.com', 'sip:bob@biloxi.com'],
    ['sip:biloxi.com', 'sips:biloxi.com'],
    ['tel:+1', 'tel:+2'],
    ['sip:example.com', 'tel:example.com'],
  ];
  for (const [a, b] of different) {
    test(`${a} is not ${b}`, () => {
      assert.equal(uriEquals(parseUri(a), parseUri(b)), false);
      assert.equal(uriEquals(parseUri(b), parseUri(a)), false);
    });
  }
});

suite('uriAddress', () => {
  const addresses: readonly (readonly [string, ReturnType<typeof uriAddress>])[] = [
    ['sip:bob@example.com', { host: 'example.com', port: 5060, transport: 'udp' }],
    ['sip:bob@example.com:5072;transport=TCP', { host: 'example.com', port: 5072, transport: 'tcp' }],
    ['sips:bob@example.com', { host: 'example.com', port: 5061, transport: 'tls' }],
    ['sips:bob@example.com;transport=tcp', { host: 'example.com', port: 5061, transport: 'tls' }],
    ['sip:bob@example.com;transport=TLS', { host: 'example.com', port: 5061, transport: 'tls' }],
    ['sip:bob@example.com;transport=ws', { host: 'example.com', port: 80, transport: 'ws' }],
    ['sips:bob@example.com;transport=ws', { host: 'example.com', port: 443, transport: 'wss' }],
    ['sip:bob@example.com:8443;transport=wss', { host: 'example.com', port: 8443, transport: 'wss' }],
    ['sip:bob@example.com;transport=constructor', { host: 'example.com', port: 5060, transport: 'udp' }],
    ['sip:bob@example.com;maddr=[::1]', { host: '::1', port: 5060, transport: 'udp' }],
  ];
  for (const [text, address] of addresses) {
    test(text, () => {
      assert.deepEqual(uriAddress(parseUri(text)), address);
    });
  }
});
