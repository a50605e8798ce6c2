import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { SeededRandom } from '../../../../src/core';
import {
  answerChallenge,
  type Challenge,
  type DigestAlgorithm,
  type DigestInput,
  digestResponse,
  parseChallenges,
  parseCredentials,
} from '../../../../src/sip/auth';
import { parameterOf, responseWith } from './headers';

const refer = {
  username: 'bob',
  realm: 'biloxi.example.com',
  password: 'zanzibar',
  method: 'REFER',
  uri: 'sip:alice@127.0.0.1:5071',
  nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
  cnonce: '0a4f113b',
  nonceCount: '00000001',
  body: new Uint8Array(),
} as const satisfies Omit<DigestInput, 'algorithm' | 'qop'>;

describe('digestResponse', () => {
  const vectors: readonly [DigestAlgorithm, string, string][] = [
    ['MD5', '79f9200cdee9887e2eaa3d30cd8140f6', '62b200f791a34e9aea9f88c661a8c0ce'],
    [
      'SHA-256',
      '92d6222115a73f561d3f466e2d17d1c3f35cb6f40f887224a8ad5a56fbc1bd50',
      'd84b5a27861f002cc9e852a1645884f32439f6fc455aaa4e6e1eb9f950a533a0',
    ],
    [
      'SHA-512-256',
      'a42f35a3fad6fbc5f47b97f267f0a0164e09f10e805ba9bd0e2fcf709158458a',
      'b3cf1ba84caab6d49971751c4fa29d614f635e29ca9615ced8e14fbeac088b9b',
    ],
  ];
  for (const [algorithm, withQop, without] of vectors) {
    test(`${algorithm} with qop=auth and without`, () => {
      assert.equal(digestResponse({ ...refer, algorithm, qop: 'auth' }), withQop);
      assert.equal(digestResponse({ ...refer, algorithm, qop: undefined }), without);
    });
  }

  test('the example of RFC 2617 section 3.5', () => {
    const response = digestResponse({
      ...refer,
      algorithm: 'MD5',
      username: 'Mufasa',
      realm: 'testrealm@host.com',
      password: 'Circle Of Life',
      method: 'GET',
      uri: '/dir/index.html',
      qop: 'auth',
    });
    assert.equal(response, '6629fae49393a05397450978507c4ef1');
  });

  const rfc7616: readonly [DigestAlgorithm, string][] = [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ];
  for (const [algorithm, expected] of rfc7616) {
    test(`the ${algorithm} example of RFC 7616 section 3.9.1`, () => {
      const response = digestResponse({
        algorithm,
        username: 'Mufasa',
        realm: 'http-auth@example.org',
        password: 'Circle of Life',
        method: 'GET',
        uri: '/dir/index.html',
        nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
        cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
        nonceCount: '00000001',
        qop: 'auth',
        body: new Uint8Array(),
      });
      assert.equal(response, expected);
    });
  }

  const inviteOfBiloxi = {
    ...refer,
    algorithm: 'MD5',
    realm: 'biloxi.com',
    method: 'INVITE',
    uri: 'sip:bob@biloxi.com',
  } as const;
  test('the SIP examples that implementations have long shared (INVITE to sip:bob@biloxi.com)', () => {
    assert.equal(digestResponse({ ...inviteOfBiloxi, qop: undefined }), 'bf57e4e0d0bffc0fbaedce64d59add5e');
    assert.equal(digestResponse({ ...inviteOfBiloxi, qop: 'auth' }), '89eb0059246c02b2f6ee02c7961d5ea3');
    assert.equal(
      digestResponse({ ...inviteOfBiloxi, algorithm: 'MD5-sess', qop: 'auth' }),
      'e4e4ea61d186d07a92c9e1f6919902e9',
    );
  });

  const nodeNames: readonly [DigestAlgorithm, string][] = [
    ['MD5-sess', 'md5'],
    ['SHA-256-sess', 'sha256'],
    ['SHA-512-256-sess', 'sha512-256'],
  ];
  for (const [algorithm, nodeName] of nodeNames) {
    test(`${algorithm} binds the password to nonce and cnonce; auth-int covers the body`, () => {
      const h = (text: string): string => createHash(nodeName).update(text).digest('hex');
      const ha1 = h(`${h('bob:biloxi.example.com:zanzibar')}:${refer.nonce}:0a4f113b`);
      const ha2 = h(`REFER:sip:alice@127.0.0.1:5071:${h('the body')}`);
      assert.equal(
        digestResponse({ ...refer, algorithm, qop: 'auth-int', body: Buffer.from('the body') }),
        h(`${ha1}:${refer.nonce}:00000001:0a4f113b:auth-int:${ha2}`),
      );
    });
  }
});

describe('parseChallenges', () => {
  test('reads every parameter, however it is written', () => {
    const value =
      'DIGEST realm="a, b=\\"c\\"" ,\tNonce = "n==/,x" , qop="auth-int , auth",opaque="", ' +
      'STALE=TRUE, algorithm=sha-256, domain="sip:x"';
    assert.deepEqual(parseChallenges(responseWith({ 'www-authenticate': [value] })), [
      {
        header: 'Authorization',
        realm: 'a, b=\\"c\\"',
        nonce: 'n==/,x',
        opaque: '',
        stale: true,
        algorithm: 'SHA-256',
        algorithmName: 'sha-256',
        qop: ['auth-int', 'auth'],
      },
    ]);
  });

  test('takes MD5 when none is named, and no qop when none is offered', () => {
    const [challenge] = parseChallenges(responseWith({ 'proxy-authenticate': ['Digest realm="r", nonce="n"'] }));
    assert.equal(challenge?.algorithm, 'MD5');
    assert.equal(challenge.algorithmName, undefined);
    assert.equal(challenge.header, 'Proxy-Authorization');
    assert.deepEqual(challenge.qop, []);
    assert.equal(challenge.stale, false);
  });

  test('keeps the order of the server and leaves out what cannot be answered', () => {
    const challenges = parseChallenges(
      responseWith({
        'www-authenticate': [
          'Basic realm="r"',
          'Digest realm="r", nonce="1", algorithm=SHA-999',
          'Digest realm="r", nonce="2", algorithm=SHA-512-256',
          'Digest realm="r", nonce="3", algorithm=MD5, qop="token"',
          'Digest realm="r", nonce="4", algorithm="MD5"',
          'Digest realm="r"',
          'Digest nonce="5", realm="r", nonce="6"',
          'Digest realm="unclosed, nonce="7"',
          'Digest',
          '',
        ],
        'proxy-authenticate': ['Digest realm="p", nonce="8"'],
      }),
    );
    assert.deepEqual(
      challenges.map(({ nonce }) => nonce),
      ['2', '4', '8'],
    );
  });
});

describe('answerChallenge', () => {
  const challenge: Challenge = {
    header: 'Authorization',
    realm: 'biloxi.example.com',
    nonce: 'abc',
    opaque: 'xyz',
    stale: false,
    algorithm: 'SHA-256',
    algorithmName: 'sha-256',
    qop: ['auth-int', 'auth'],
  };
  const answer = (changes: Partial<Challenge>, nonceCount = 1, username = 'bob'): string =>
    answerChallenge({
      challenge: { ...challenge, ...changes },
      method: 'REFER',
      uri: refer.uri,
      username,
      password: 'zanzibar',
      body: 'the body',
      random: new SeededRandom(1),
      nonceCount,
    });

  test('quotes what RFC 3261 quotes, and nothing else', () => {
    const value = answer({}, 26);
    const response = parameterOf(value, 'response') ?? '';
    const cnonce = parameterOf(value, 'cnonce') ?? '';
    assert.match(response, /^[0-9a-f]{64}$/);
    assert.match(cnonce, /^[0-9a-f]{16}$/);
    const expected = [
      'Digest username="bob"',
      'realm="biloxi.example.com"',
      'nonce="abc"',
      'uri="sip:alice@127.0.0.1:5071"',
      `response="${response}"`,
      'algorithm=SHA-256',
      `cnonce="${cnonce}"`,
      'qop=auth',
      'nc=0000001a',
      'opaque="xyz"',
    ];
    assert.equal(value, expected.join(', '));
  });

  test('leaves out what the challenge did not have', () => {
    const value = answer({ algorithm: 'MD5', algorithmName: undefined, qop: [], opaque: undefined });
    assert.match(value, /^Digest username="bob", realm="[^"]*", nonce="abc", uri="[^"]*", response="[0-9a-f]{32}"$/);
  });

  test('a session key needs its cnonce even without qop', () => {
    const value = answer({ algorithm: 'MD5-sess', algorithmName: 'MD5-sess', qop: [] });
    assert.match(value, /cnonce="[0-9a-f]{16}"/);
    assert.doesNotMatch(value, /\bnc=/);
  });

  test('protects the body only where nothing less is offered', () => {
    assert.equal(parameterOf(answer({ qop: ['auth-int', 'auth'] }), 'qop'), 'auth');
    const value = answer({ qop: ['auth-int'] });
    const cnonce = parameterOf(value, 'cnonce') ?? '';
    const expected = digestResponse({
      ...refer,
      algorithm: 'SHA-256',
      nonce: 'abc',
      cnonce,
      qop: 'auth-int',
      body: Buffer.from('the body'),
    });
    assert.equal(parameterOf(value, 'response'), expected);
  });

  test('escapes a user name, and reads back what it wrote', () => {
    const credentials = parseCredentials(answer({}, 1, 'bo"b\\'));
    assert.equal(credentials?.username, 'bo\\"b\\\\');
    assert.equal(credentials.nonceCount, '00000001');
    assert.equal(credentials.algorithm, 'SHA-256');
  });
});
