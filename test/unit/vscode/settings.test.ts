import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkPhones } from '../../../src/vscode/settings/check-phones';
import { usersOf, withPasswords } from '../../../src/vscode/settings/with-passwords';

test('a phone may say everything about itself', () => {
  const { phones, problems } = checkPhones([
    {
      name: 'alice',
      displayName: 'Alice A.',
      host: '127.0.0.11',
      port: 5070,
      transport: 'tcp',
      answers: 'after 1.5s',
      laws: ['pcma'],
      holdStyle: 'inactive',
      holdTone: false,
      username: 'alice',
      requires: { realm: 'lab', users: ['bob'], algorithm: 'SHA-256' },
      ringLimit: '30s',
    },
  ]);
  assert.deepEqual(problems, []);
  assert.deepEqual(phones, [
    {
      options: {
        name: 'alice',
        displayName: 'Alice A.',
        host: '127.0.0.11',
        port: 5070,
        transport: 'tcp',
        behaviour: { kind: 'answer', after: 1500 },
        laws: ['pcma'],
        holdStyle: 'inactive',
        holdTone: false,
        ringLimit: 30_000,
      },
      username: 'alice',
      requires: { realm: 'lab', users: ['bob'], algorithm: 'SHA-256' },
    },
  ]);
});

for (const [said, behaviour] of [
  [{ answers: 'by hand' }, { kind: 'manual' }],
  [{ answers: 'at once' }, { kind: 'answer', after: 0 }],
  [{ answers: 'never' }, { kind: 'ignore' }],
  [{ busy: true }, { kind: 'busy' }],
  [{ declines: true }, { kind: 'decline' }],
  [{ redirects: ['bob'] }, { kind: 'redirect', to: ['bob'] }],
] as const) {
  test(`${JSON.stringify(said)} is a behaviour`, () => {
    const { phones, problems } = checkPhones([{ name: 'alice', ...said }]);
    assert.deepEqual(problems, []);
    assert.deepEqual(phones[0]?.options.behaviour, behaviour);
  });
}

test('a phone may say how it makes and takes its calls', () => {
  const said = {
    reliable: 'required',
    earlyMedia: true,
    sessionTimer: { expires: '30min', min: '90s', refresher: 'uas', method: 'invite' },
    dtmf: 'info',
    connectedIdentity: true,
  };
  const { phones, problems } = checkPhones([{ name: 'alice', ...said }]);
  assert.deepEqual(problems, []);
  assert.deepEqual(phones[0]?.options, { name: 'alice', ...said, sessionTimer: { ...said.sessionTimer, expires: 1_800_000, min: 90_000 } });
});

test('a session timer that is wrong in part counts for the rest', () => {
  const { phones, problems } = checkPhones([{ name: 'alice', reliable: 'maybe', sessionTimer: { expires: 'soon', min: '2s', refresher: 'bob', since: 1 } }]);
  assert.deepEqual(phones[0]?.options, { name: 'alice', sessionTimer: { min: 2_000 } });
  for (const place of ['reliable', 'sessionTimer.expires', 'sessionTimer.refresher', 'sessionTimer.since']) {
    assert.ok(problems.some((problem) => problem.startsWith(`callLab.phones[0].${place}: `)), place);
  }
});

test('what is wrong is named with its place, and the rest counts', () => {
  const { phones, problems } = checkPhones([
    { name: 'alice', port: 70_000, transport: 'sctp', colour: 'red' },
    { name: 'no good' },
    'bob',
    { name: 'alice' },
    { name: 'carol', answers: 'soon', busy: 'yes', requires: { users: [] } },
  ]);
  assert.deepEqual(
    phones.map(({ options }) => options),
    [{ name: 'alice' }, { name: 'carol' }],
  );
  const expected = [
    /^callLab\.phones\[0\]\.colour: unknown/,
    /^callLab\.phones\[0\]\.port: a whole number from 0 to 65535 was expected\.$/,
    /^callLab\.phones\[0\]\.transport: one of udp, tcp, tls, ws was expected\.$/,
    /^callLab\.phones\[1\]: a phone needs a "name"/,
    /^callLab\.phones\[2\]: an object was expected\.$/,
    /^callLab\.phones\[3\]: there is a phone named alice already\.$/,
    /^callLab\.phones\[4\]\.answers: "soon" is none of/,
    /^callLab\.phones\[4\]\.busy: true or false was expected\.$/,
    /^callLab\.phones\[4\]\.requires\.users: nobody is named/,
  ];
  for (const pattern of expected) {
    assert.ok(
      problems.some((problem) => pattern.test(problem)),
      `${String(pattern)} of\n${problems.join('\n')}`,
    );
  }
  assert.equal(problems.length, expected.length, problems.join('\n'));
});

test('no settings at all are no problem', () => {
  assert.deepEqual(checkPhones(undefined), { phones: [], problems: [] });
});

test('whatever the settings hold, they are read without an error', () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true }),
      fc.array(fc.object({ key: fc.constantFrom('name', 'port', 'busy', 'requires', 'laws') })),
      (any, some) => {
        checkPhones(any);
        checkPhones(some);
      },
    ),
  );
});

const secrets = new Map([['alice', 'wonderland']]);
const store = { get: (username: string) => Promise.resolve(secrets.get(username)) };

test('passwords join the users that the settings name, and are missed where there is none', async () => {
  const { phones } = checkPhones([
    { name: 'alice', username: 'alice' },
    { name: 'bob', username: 'robert', requires: { users: ['alice', 'carol'] } },
  ]);
  const completed = await withPasswords(phones, store);
  assert.deepEqual(completed, {
    phones: [
      { name: 'alice', credentials: { username: 'alice', password: 'wonderland' } },
      { name: 'bob', requires: { realm: 'call-lab', users: [{ username: 'alice', password: 'wonderland' }] } },
    ],
    missing: ['robert', 'carol'],
  });
});

test('a phone that asks its callers goes on asking when nobody has a password', async () => {
  const { phones } = checkPhones([{ name: 'bob', requires: { users: ['carol'] } }]);
  const completed = await withPasswords(phones, store);
  assert.deepEqual(completed.phones, [{ name: 'bob', requires: { realm: 'call-lab', users: [] } }]);
});

test('a user is named once, with all its uses', () => {
  const { phones } = checkPhones([
    { name: 'alice', username: 'alice' },
    { name: 'bob', requires: { users: ['alice'] } },
  ]);
  assert.deepEqual(usersOf(phones), [{ username: 'alice', uses: ['alice calls as this user', 'may call bob'] }]);
});
