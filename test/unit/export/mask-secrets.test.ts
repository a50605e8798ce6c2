import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCapture } from '../../../src/capture';
import { maskOctets, maskSecrets } from '../../../src/export';
import { decodeFrame, FullFrame } from '../../../src/iax';
import { hostileText } from '../../support/hostile-text';

const cases: readonly (readonly [name: string, text: string, masked: string])[] = [
  [
    'the response of a digest, and nothing else of it',
    'Authorization: Digest username="alice", realm="lab", nonce="n1", uri="sip:lab", response="0123456789abcdef", algorithm=MD5\r\nTo: x',
    'Authorization: Digest username="alice", realm="lab", nonce="n1", uri="sip:lab", response="***", algorithm=MD5\r\nTo: x',
  ],
  ['without quotes, in any case, for a proxy', 'PROXY-AUTHORIZATION : digest Response = abc, nc=1\r\n', 'PROXY-AUTHORIZATION : digest Response = "***", nc=1\r\n'],
  ['in folded lines', 'Authorization: Digest username="a",\r\n  response="abc"\r\nTo: x', 'Authorization: Digest username="a",\r\n  response="***"\r\nTo: x'],
  ['a quoted string that does not end', 'Authorization: Digest response="abc', 'Authorization: Digest response="***"'],
  ['all of any other scheme', 'Authorization: Basic YWxpY2U6c2VjcmV0\r\n', 'Authorization: Basic ***\r\n'],
  ['a token that is folded', 'Authorization:\r\n Bearer\r\n abc.def\r\nTo: x', 'Authorization:\r\n Bearer ***\r\nTo: x'],
  ['what the server proves', 'Authentication-Info: rspauth="abc", nc=1', 'Authentication-Info: rspauth="***", nc=1'],
  ['a challenge is no secret', 'WWW-Authenticate: Digest realm="lab", nonce="n"', 'WWW-Authenticate: Digest realm="lab", nonce="n"'],
  ['keys of media', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\na=rtpmap:0', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***\r\na=rtpmap:0'],
  ['the password of ICE, and older keys', 'a=ice-ufrag:x\r\na=ice-pwd:secret\r\nk=clear:secret\r\n', 'a=ice-ufrag:x\r\na=ice-pwd:***\r\nk=***\r\n'],
  ['a password in a URI, and no port', 'To: <sip:alice:secret@lab.test:5060;transport=udp>, <sip:lab.test:5060>, <iax2:bob:hidden@lab/1>', 'To: <sip:alice:***@lab.test:5060;transport=udp>, <sip:lab.test:5060>, <iax2:bob:***@lab/1>'],
  ['credentials within a URI', 'Refer-To: <sip:bob@lab?Authorization=Digest%20response%3D%22abc%22&Subject=x>', 'Refer-To: <sip:bob@lab?Authorization=***&Subject=x>'],
];

for (const [name, text, masked] of cases) {
  test(`masks ${name}`, () => {
    assert.equal(maskSecrets(text), masked);
  });
}

test('what has been masked is not changed once more, whatever it is', () => {
  const secret = fc.array(fc.oneof(hostileText, fc.constantFrom(...cases.map(([, text]) => text), '\r\n')), { maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(fc.property(secret, (text) => assert.equal(maskSecrets(maskSecrets(text)), maskSecrets(text))));
});

test('octets that are no secret stay', () => {
  const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28, 0x0d, 0x0a]);
  const masked = Buffer.from(maskOctets({ transport: 'udp', bytes: Buffer.concat([bytes, Buffer.from('k=x\r\n'), bytes]) }));
  assert.deepEqual(masked, Buffer.concat([bytes, Buffer.from('k=***\r\n'), bytes]));
});

test('a frame of IAX2 keeps its length and all but what proves its password', () => {
  const { packets } = readCapture(readFileSync(join(__dirname, '../../fixtures/iax2/register_md5.pcap')));
  const results = packets.flatMap(({ bytes }) => {
    const frame = decodeFrame(bytes);
    return frame instanceof FullFrame && frame.find('md5Result') !== undefined ? [{ bytes, frame }] : [];
  });
  assert.ok(results.length > 0);
  for (const { bytes, frame } of results) {
    const masked = decodeFrame(maskOctets({ transport: 'iax2', bytes }));
    assert.ok(masked instanceof FullFrame);
    const { value } = masked.find('md5Result') ?? {};
    assert.ok(typeof value === 'string' && /^\*+$/.test(value));
    assert.deepEqual(masked.elements.map(({ title, range }) => [title, range]), frame.elements.map(({ title, range }) => [title, range]));
    assert.deepEqual(masked.find('username')?.value, frame.find('username')?.value);
  }
  assert.deepEqual(Buffer.from(maskOctets({ transport: 'iax2', bytes: Buffer.from([0x80, 1]) })), Buffer.from([0x80, 1]));
});
