import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkPhones } from '../../../src/vscode/settings/check-phones';
import { checkServers } from '../../../src/vscode/settings/check-servers';
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
        checkServers(any);
        checkServers({ some });
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
  const completed = await withPasswords({ phones, servers: [] }, store);
  assert.deepEqual(completed, {
    phones: [
      { name: 'alice', credentials: { username: 'alice', password: 'wonderland' } },
      { name: 'bob', requires: { realm: 'call-lab', users: [{ username: 'alice', password: 'wonderland' }] } },
    ],
    servers: [],
    missing: ['robert', 'carol'],
  });
});

test('a phone that asks its callers goes on asking when nobody has a password', async () => {
  const { phones } = checkPhones([{ name: 'bob', requires: { users: ['carol'] } }]);
  const completed = await withPasswords({ phones, servers: [] }, store);
  assert.deepEqual(completed.phones, [{ name: 'bob', requires: { realm: 'call-lab', users: [] } }]);
});

test('a user is named once, with all its uses', () => {
  const { phones } = checkPhones([
    { name: 'alice', username: 'alice' },
    { name: 'bob', requires: { users: ['alice'] } },
  ]);
  assert.deepEqual(usersOf({ phones, servers: [] }), [{ username: 'alice', uses: ['alice calls as this user', 'may call bob'] }]);
});

test('a server may say everything about itself', () => {
  const registrar = { realm: 'home', algorithm: 'MD5', minExpires: 30, maxExpires: 600, challengeCalls: true };
  const proxy = { host: '127.0.0.9', port: 5060, domain: 'home.test', recordRoute: false, fork: 'serial' };
  const { servers, problems } = checkServers({ proxy: { kind: 'proxy', ...proxy, ringFor: '5s', registrar: { ...registrar, users: ['alice'] } }, open: { registrar: {} } });
  assert.deepEqual(problems, []);
  assert.deepEqual(servers, [
    { options: { name: 'proxy', kind: 'proxy', ...proxy, ringFor: 5_000 }, registrar: { options: registrar, users: ['alice'] } },
    { options: { name: 'open', kind: 'proxy' }, registrar: { options: {}, users: undefined } },
  ]);
});

test('a phone and a server may speak IAX2', async () => {
  const { servers, problems } = checkServers({
    pbx: { kind: 'iax2', transfer: 'native', transferAttempts: 3, extensions: { 101: 'alice' }, registrar: { users: ['alice', 'old'], withoutToken: ['old'] } },
    bad: { kind: 'iax2', transfer: 'always', extensions: { '1 2': 'alice' } },
  });
  assert.deepEqual(servers[0]?.options, { name: 'pbx', kind: 'iax2', transfer: 'native', transferAttempts: 3, extensions: new Map([['101', 'alice']]) });
  assert.deepEqual(problems.map((problem) => problem.split(':')[0]), ['callLab.servers.bad.extensions', 'callLab.servers.bad.transfer']);
  const { phones, problems: ofPhones } = checkPhones([{ name: 'alice', protocol: 'iax2', firewall: true, register: 'iax2:127.0.0.1', transfer: { media: true, attempts: 2 } }, { name: 'bob', protocol: 'h323' }]);
  assert.deepEqual(phones[0]?.options, { name: 'alice', protocol: 'iax2', firewall: true, register: { registrar: 'iax2:127.0.0.1' }, transfer: { media: true, attempts: 2 } });
  assert.deepEqual(ofPhones, ['callLab.phones[1].protocol: one of sip, iax2 was expected.']);
  const secrets = new Map([['alice', 'x'], ['old', 'y']]);
  const completed = await withPasswords({ phones, servers: servers.slice(0, 1) }, { get: (username) => Promise.resolve(secrets.get(username)) });
  assert.deepEqual(completed.servers[0]?.registrar?.users, [{ username: 'alice', password: 'x' }, { username: 'old', password: 'y', token: 'optional' }]);
});

test('what is wrong with a server is named with its place, and the rest counts', () => {
  const { servers, problems } = checkServers({
    'no good': {},
    proxy: { kind: 'b2bua', port: -1, ringFor: 'long', colour: 'red', registrar: { maxExpires: 0, users: 'alice' } },
    other: 'sip:127.0.0.1',
  });
  assert.deepEqual(servers, [{ options: { name: 'proxy', kind: 'proxy' }, registrar: { options: {}, users: [] } }], 'users that cannot be read let nobody in');
  for (const place of ['no good', 'proxy.kind', 'proxy.port', 'proxy.ringFor', 'proxy.colour', 'proxy.registrar.maxExpires', 'proxy.registrar.users', 'other']) {
    assert.ok(problems.some((problem) => problem.startsWith(`callLab.servers.${place}: `)), `${place} of\n${problems.join('\n')}`);
  }
  assert.equal(problems.length, 8, problems.join('\n'));
  assert.deepEqual(checkServers(['proxy']).problems, ['callLab.servers: an object was expected.']);
});

test('a phone may say where it registers, through what it sends, and with what it accepts a REFER', () => {
  const register = { registrar: 'sip:127.0.0.1:5060', domain: 'home.test', username: '100', expires: 90, q: 0.5 };
  const { phones, problems } = checkPhones(
    [
      { name: 'alice', register: 'proxy', outboundProxy: 'proxy', referStatus: 200 },
      { name: 'bob', register, outboundProxy: 'sip:127.0.0.9' },
    ],
    ['proxy'],
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    phones.map(({ options }) => options),
    [
      { name: 'alice', referStatus: 200, register: { registrar: 'proxy' }, outboundProxy: 'proxy' },
      { name: 'bob', register, outboundProxy: 'sip:127.0.0.9' },
    ],
  );
});

test('a registration that is wrong is named and left out; a password has no place in the settings', () => {
  const { phones, problems } = checkPhones(
    [
      { name: 'alice', register: 'porxy', outboundProxy: 'tel:1', referStatus: 204 },
      { name: 'bob', register: { domain: 'home.test' } },
      { name: 'carol', register: { registrar: 'proxy', password: 'x', q: 0.1234, expires: 0 } },
      { name: 'proxy' },
    ],
    ['proxy'],
  );
  assert.deepEqual(
    phones.map(({ options }) => options),
    [{ name: 'alice' }, { name: 'bob' }, { name: 'carol', register: { registrar: 'proxy' } }],
  );
  for (const place of ['[0].register', '[0].outboundProxy', '[0].referStatus', '[1].register', '[2].register.password', '[2].register.q', '[2].register.expires', '[3]']) {
    assert.ok(problems.some((problem) => problem.startsWith(`callLab.phones${place}: `)), `${place} of\n${problems.join('\n')}`);
  }
  assert.equal(problems.length, 8, problems.join('\n'));
});

test('passwords of registrations: of the user that is named, or of the phone where a server asks', async () => {
  const { servers } = checkServers({ proxy: { registrar: { users: ['alice', 'bob'] } }, open: { registrar: {} } });
  const { phones } = checkPhones(
    [
      { name: 'alice', register: 'proxy' },
      { name: 'bob', register: { registrar: 'proxy', username: 'alice' } },
      { name: 'carol', register: 'open' },
      { name: 'dave', register: 'sip:127.0.0.9' },
      { name: 'erin', username: 'alice', register: 'proxy' },
    ],
    ['proxy', 'open'],
  );
  const completed = await withPasswords({ phones, servers }, store);
  assert.deepEqual(completed, {
    phones: [
      { name: 'alice', register: { registrar: 'proxy', password: 'wonderland' } },
      { name: 'bob', register: { registrar: 'proxy', username: 'alice', password: 'wonderland' } },
      { name: 'carol', register: { registrar: 'open' } },
      { name: 'dave', register: { registrar: 'sip:127.0.0.9' } },
      { name: 'erin', credentials: { username: 'alice', password: 'wonderland' }, register: { registrar: 'proxy' } },
    ],
    servers: [
      { name: 'proxy', kind: 'proxy', registrar: { users: [{ username: 'alice', password: 'wonderland' }] } },
      { name: 'open', kind: 'proxy', registrar: {} },
    ],
    missing: ['bob'],
  });
});

test('a server that asks goes on asking when nobody has a password', async () => {
  const { servers } = checkServers({ proxy: { registrar: { users: ['carol'] } } });
  const completed = await withPasswords({ phones: [], servers }, store);
  assert.deepEqual(completed.servers, [{ name: 'proxy', kind: 'proxy', registrar: { users: [] } }]);
  assert.deepEqual(usersOf({ phones: [], servers }), [{ username: 'carol', uses: ['may register at proxy'] }]);
});
