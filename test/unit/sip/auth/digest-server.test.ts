import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom, VirtualClock } from '../../../../src/core';
import {
  answerChallenge,
  type Challenge,
  type DigestAlgorithm,
  DigestServer,
  type DigestServerOptions,
  parseChallenges,
} from '../../../../src/sip/auth';
import { buildRequest, buildResponse, parseMessage, type SipRequest } from '../../../../src/sip/message';
import { requestWith, responseWith } from './headers';

const all: readonly DigestAlgorithm[] = [
  'SHA-512-256-sess',
  'SHA-512-256',
  'SHA-256-sess',
  'SHA-256',
  'MD5-sess',
  'MD5',
];

function lab(changes: Partial<DigestServerOptions> = {}) {
  const clock = new VirtualClock();
  const random = new SeededRandom(7);
  const users = new Map([
    ['alice', 'wonderland'],
    ['bo"b', 'zanzibar'],
  ]);
  const server = new DigestServer({
    realm: 'call "lab"',
    users,
    algorithms: ['SHA-256', 'MD5'],
    random,
    clock,
    ...changes,
  });
  const challenges = (stale = false): Challenge[] =>
    parseChallenges(responseWith({ 'www-authenticate': server.challenge(stale) }));
  const answer = (
    challenge: Challenge | undefined,
    changed: Partial<Parameters<typeof answerChallenge>[0]> = {},
  ): string => {
    assert.ok(challenge !== undefined);
    const uri = 'sip:alice@127.0.0.1';
    return answerChallenge({
      challenge,
      method: 'INVITE',
      uri,
      username: 'alice',
      password: 'wonderland',
      body: '',
      random,
      nonceCount: 1,
      ...changed,
    });
  };
  return { clock, server, challenges, answer };
}

describe('DigestServer', () => {
  test('challenges once for each algorithm, in its order of preference, with one nonce', () => {
    const { server } = lab();
    const [first, second] = server.challenge();
    assert.match(first ?? '', /^Digest realm="call \\"lab\\"", nonce="[0-9a-f]{32}", algorithm=SHA-256, qop="auth"$/);
    assert.equal(second, first?.replace('SHA-256', 'MD5'));
    assert.notEqual(server.challenge()[0], first);
    assert.match(server.challenge(true)[0] ?? '', /, stale=true, /);
  });

  test('survives the way over the wire: a challenge is no comma list', () => {
    const { server, answer } = lab();
    const uri = 'sip:alice@127.0.0.1';
    const invite = (credentials: readonly string[]): SipRequest =>
      buildRequest({ method: 'INVITE', uri, headers: credentials.map((value) => ['Authorization', value] as const) });
    const headers = server.challenge().map((value) => ['WWW-Authenticate', value] as const);
    const received = parseMessage(buildResponse({ status: 401, headers }).bytes);
    const challenges = parseChallenges(received);
    assert.deepEqual(
      challenges.map(({ algorithm }) => algorithm),
      ['SHA-256', 'MD5'],
    );
    const again = parseMessage(invite([answer(challenges[0])]).bytes);
    assert.ok(again.kind === 'request');
    assert.equal(server.verify(again, 'Authorization').ok, true);
    assert.equal(server.verify(invite([]), 'authorization').ok, false);
  });

  for (const algorithm of all) {
    for (const qop of [['auth'], ['auth-int'], []] as const) {
      test(`accepts ${algorithm} with ${qop[0] ?? 'no qop'}, and not with another password or another body`, () => {
        const { server, challenges, answer } = lab({ algorithms: [algorithm], qop });
        const [challenge] = challenges();
        assert.equal(challenge?.algorithm, algorithm);
        const good = answer(challenge, { body: 'v=0' });
        assert.deepEqual(
          server.verify(requestWith('INVITE', [answer(challenge, { password: 'Wonderland' })], 'v=0'), 'Authorization'),
          {
            ok: false,
            stale: false,
            reason: 'wrong password',
          },
        );
        assert.equal(
          server.verify(requestWith('REFER', [good], 'v=0'), 'Authorization').ok,
          false,
          'the method is covered',
        );
        assert.equal(server.verify(requestWith('INVITE', [good], 'v=1'), 'Authorization').ok, qop[0] !== 'auth-int');
        if (qop[0] !== 'auth') return;
        const again = answer(challenge, { nonceCount: 2 });
        assert.deepEqual(server.verify(requestWith('INVITE', [again], 'v=0'), 'Authorization'), {
          ok: true,
          username: 'alice',
        });
      });
    }
  }

  test('finds its realm among the credentials for others, in the header named', () => {
    const { server, challenges, answer } = lab();
    const ours = answer(challenges()[0]);
    const other = ours.replace(/realm="[^,]*"/, 'realm="elsewhere"');
    assert.equal(server.verify(requestWith('INVITE', [other, ours]), 'Authorization').ok, true);
    assert.deepEqual(server.verify(requestWith('INVITE', [other]), 'Authorization'), {
      ok: false,
      stale: false,
      reason: 'no credentials for this realm',
    });
    assert.equal(server.verify(requestWith('INVITE', [ours]), 'Proxy-Authorization').ok, false);
  });

  test('knows users whose names need escapes', () => {
    const { server, challenges, answer } = lab();
    const value = answer(challenges()[0], { username: 'bo"b', password: 'zanzibar' });
    assert.deepEqual(server.verify(requestWith('INVITE', [value]), 'Authorization'), { ok: true, username: 'bo"b' });
  });

  test('compares the algorithm without case, and takes a missing one for MD5', () => {
    const { server, challenges, answer } = lab();
    const [sha, md5] = challenges();
    assert.equal(
      server.verify(requestWith('INVITE', [answer(sha).replace('=SHA-256', '=sha-256')]), 'Authorization').ok,
      true,
    );
    const unnamed = answer(md5, { nonceCount: 2 }).replace('algorithm=MD5, ', '');
    assert.equal(server.verify(requestWith('INVITE', [unnamed]), 'Authorization').ok, true);
  });

  test('does not insist on the uri being the Request-URI, but on what was signed', () => {
    const { server, challenges, answer } = lab();
    const value = answer(challenges()[0]);
    assert.equal(
      server.verify(requestWith('INVITE', [value.replace('sip:alice@', 'sip:mallory@')]), 'Authorization').ok,
      false,
    );
    assert.equal(server.verify(requestWith('INVITE', [value]), 'Authorization').ok, true);
  });

  test('the nonce count must rise; gaps are allowed', () => {
    const { server, challenges, answer } = lab();
    const [challenge] = challenges();
    const use = (nonceCount: number): unknown =>
      server.verify(requestWith('INVITE', [answer(challenge, { nonceCount })]), 'Authorization');
    const replay = { ok: false, stale: true, reason: 'the nonce count has not risen' };
    assert.deepEqual(use(1), { ok: true, username: 'alice' });
    assert.deepEqual(use(1), replay);
    assert.deepEqual(use(4), { ok: true, username: 'alice' });
    assert.deepEqual(use(3), replay);
    assert.deepEqual(use(5), { ok: true, username: 'alice' });
  });

  test('a wrong password does not use up a count', () => {
    const { server, challenges, answer } = lab();
    const [challenge] = challenges();
    assert.equal(
      server.verify(requestWith('INVITE', [answer(challenge, { nonceCount: 9, password: 'no' })]), 'Authorization').ok,
      false,
    );
    assert.equal(server.verify(requestWith('INVITE', [answer(challenge)]), 'Authorization').ok, true);
  });

  test('an expired nonce is stale for who knows the password, and plain wrong for who does not', () => {
    const { server, clock, challenges, answer } = lab({ nonceLifetime: 1000 });
    const [challenge] = challenges();
    clock.advance(999);
    assert.equal(server.verify(requestWith('INVITE', [answer(challenge)]), 'Authorization').ok, true);
    clock.advance(1);
    assert.deepEqual(server.verify(requestWith('INVITE', [answer(challenge, { nonceCount: 2 })]), 'Authorization'), {
      ok: false,
      stale: true,
      reason: 'the nonce has expired',
    });
    const wrong = server.verify(requestWith('INVITE', [answer(challenge, { password: 'no' })]), 'Authorization');
    assert.deepEqual(wrong, { ok: false, stale: false, reason: 'wrong password' });
    const [fresh] = challenges(true);
    assert.equal(fresh?.stale, true);
    assert.equal(server.verify(requestWith('INVITE', [answer(fresh)]), 'Authorization').ok, true);
  });

  test('a nonce of another server is stale too: the password was right', () => {
    const { challenges, answer } = lab();
    const { server } = lab();
    const result = server.verify(requestWith('INVITE', [answer(challenges()[0])]), 'Authorization');
    assert.deepEqual(result, { ok: false, stale: true, reason: 'the nonce has expired' });
  });

  const refusals: readonly [string, (value: string) => string, string][] = [
    [
      'an algorithm that was not offered',
      (value) => value.replace('=SHA-256', '=SHA-512-256'),
      'an algorithm that was not offered',
    ],
    ['an unknown algorithm', (value) => value.replace('=SHA-256', '=rot13'), 'an algorithm that was not offered'],
    ['a missing qop', (value) => value.replace('qop=auth, ', ''), 'a qop that was not offered'],
    ['a qop that was not offered', (value) => value.replace('qop=auth', 'qop=auth-int'), 'a qop that was not offered'],
    ['a missing cnonce', (value) => value.replace(/cnonce="[^"]*", /, ''), 'no cnonce'],
    ['a short nc', (value) => value.replace('nc=00000001', 'nc=1'), 'nc is not eight hexadecimal digits'],
    ['no nc', (value) => value.replace(/, nc=00000001/, ''), 'nc is not eight hexadecimal digits'],
    ['an unknown user', (value) => value.replace('"alice"', '"nobody"'), 'unknown user'],
    ['no response', (value) => value.replace(/response="[^"]*", /, ''), 'no credentials for this realm'],
    ['a shortened response', (value) => value.replace(/response="./, 'response="'), 'wrong password'],
  ];
  for (const [name, change, reason] of refusals) {
    test(`refuses ${name}`, () => {
      const { server, challenges, answer } = lab();
      const good = answer(challenges()[0]);
      const bad = change(good);
      assert.notEqual(bad, good);
      assert.deepEqual(server.verify(requestWith('INVITE', [bad]), 'Authorization'), {
        ok: false,
        stale: false,
        reason,
      });
    });
  }

  test('refuses a qop that it does not offer at all', () => {
    const { server, challenges, answer } = lab({ qop: [] });
    const value = `${answer(challenges()[0])}, qop=auth, nc=00000001, cnonce="x"`;
    assert.equal(server.verify(requestWith('INVITE', [value]), 'Authorization').ok, false);
  });

  test('never throws, and never accepts by chance, whatever is in the header', () => {
    const { server, challenges, answer } = lab();
    const good = answer(challenges()[0]);
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, text]) => good.slice(0, at) + text + good.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string({ unit: 'binary' })), (value) => {
        const before = server.verify(requestWith('REFER', [value]), 'Authorization');
        assert.equal(before.ok, false, 'the credentials were made for another method');
      }),
    );
  });

  test('survives a flood of challenges with bounded memory: old nonces become stale', () => {
    const { server, challenges, answer } = lab();
    const [oldest] = challenges();
    for (let index = 0; index < 10_000; index += 1) server.challenge();
    const result = server.verify(requestWith('INVITE', [answer(oldest)]), 'Authorization');
    assert.deepEqual(result, { ok: false, stale: true, reason: 'the nonce has expired' });
  });
});
