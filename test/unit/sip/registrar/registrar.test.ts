import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, VirtualClock } from '../../../../src/core';
import {
  answerChallenge,
  buildRequest,
  DigestServer,
  LocationService,
  parseChallenges,
  Registrar,
  type RegistrarAnswer,
  type RegistrarOptions,
  buildResponse,
  type SipRequest,
} from '../../../../src/sip';

type Headers = readonly (readonly [string, string])[];

const source = { transport: 'udp', host: '127.0.0.1', port: 5071 } as const;

class Stage {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(1);
  changes = 0;
  readonly location: LocationService;
  readonly registrar: Registrar;
  #sequence = 0;

  constructor(options: { users?: Record<string, string>; limits?: { bindings: number; records: number } } & Partial<RegistrarOptions> = {}) {
    const { users, limits = { bindings: 3, records: 4 } } = options;
    const { clock, random } = this;
    this.location = new LocationService(clock, limits, () => (this.changes += 1));
    const digest =
      users === undefined
        ? undefined
        : new DigestServer({ realm: 'lab', users: new Map(Object.entries(users)), algorithms: ['SHA-256', 'MD5'], clock, random });
    this.registrar = new Registrar({
      domain: 'lab.test',
      isOurs: (uri) => uri.host === 'lab.test',
      clock,
      location: this.location,
      digest,
      minExpires: 60,
      maxExpires: 7_200,
      defaultExpires: 3_600,
      ...options,
    });
  }

  request(user: string, headers: Headers, callId = 'one', sequence = (this.#sequence += 1)): SipRequest {
    return buildRequest({
      method: 'REGISTER',
      uri: 'sip:lab.test',
      headers: [
        ['Via', 'SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bK1'],
        ['From', `<sip:${user}@lab.test>;tag=1`],
        ['To', `<sip:${user}@lab.test>`],
        ['Call-ID', callId],
        ['CSeq', `${String(sequence)} REGISTER`],
        ...headers,
      ],
    });
  }

  ask(user: string, headers: Headers, callId?: string, sequence?: number): RegistrarAnswer {
    return this.registrar.answer(this.request(user, headers, callId, sequence), source);
  }

  /** Registers with a password: the challenge first. */
  login(user: string, password: string, as = user, headers: Headers = [['Contact', `<sip:${user}@127.0.0.1:5071>`]]): RegistrarAnswer {
    const challenged = this.ask(user, headers);
    const [challenge] = parseChallenges(buildResponse({ status: 401, headers: challenged.headers }));
    if (challenge === undefined) return challenged;
    const value = answerChallenge({
      challenge, method: 'REGISTER', uri: 'sip:lab.test', username: as, password, body: undefined, random: this.random, nonceCount: 1,
    });
    return this.ask(user, [...headers, ['Authorization', value]]);
  }

  contacts(user: string): string[] {
    return this.location.find(`sip:${user}@lab.test`).map(({ contact }) => contact.toString());
  }
}

function values({ headers }: RegistrarAnswer, name: string): string[] {
  return headers.filter(([each]) => each === name).map(([, value]) => value);
}

const bob: Headers = [['Contact', '<sip:bob@127.0.0.1:5071>']];

describe('the registrar', () => {
  it('keeps a contact for as long as it wishes, and lists it with the time that is left', () => {
    const stage = new Stage();
    assert.deepEqual(values(stage.ask('bob', [['Contact', '<sip:bob@127.0.0.1:5071>;expires=600;q=0.3']]), 'Contact'), [
      '<sip:bob@127.0.0.1:5071>;q=0.3;expires=600',
    ]);
    stage.clock.advance(100_500);
    assert.deepEqual(values(stage.ask('bob', []), 'Contact'), ['<sip:bob@127.0.0.1:5071>;q=0.3;expires=500']);
    const changes = stage.changes;
    stage.clock.advance(500_000);
    assert.deepEqual(stage.contacts('bob'), []);
    assert.equal(stage.changes, changes + 1, 'the end of a binding is told');
    assert.equal(stage.clock.pendingTimers, 0);
  });

  it('goes by the Contact, then by Expires, then by its own time, and cuts what is too long', () => {
    const stage = new Stage();
    const times = (headers: Headers): string[] => values(stage.ask('bob', headers), 'Contact').map((value) => /expires=(\d+)/u.exec(value)?.[1] ?? '');
    assert.deepEqual(times([...bob, ['Expires', '120']]), ['120']);
    assert.deepEqual(times([['Contact', '<sip:bob@127.0.0.1:5071>;expires=99'], ['Expires', '120']]), ['99']);
    assert.deepEqual(times(bob), ['3600']);
    assert.deepEqual(times([['Contact', '<sip:bob@127.0.0.1:5071>;expires=99999999']]), ['7200']);
    assert.deepEqual(times([['Contact', '<sip:bob@127.0.0.1:5071>;expires=soon']]), ['3600']);
  });

  it('refuses too short a time with 423 and the shortest, but takes a binding back at once', () => {
    const stage = new Stage();
    stage.ask('bob', bob);
    const answer = stage.ask('bob', [['Contact', '<sip:bob@127.0.0.1:5072>;expires=59']]);
    assert.equal(answer.status, 423);
    assert.deepEqual(values(answer, 'Min-Expires'), ['60']);
    assert.deepEqual(stage.contacts('bob'), ['sip:bob@127.0.0.1:5071']);
    assert.equal(stage.ask('bob', [['Contact', '<sip:bob@127.0.0.1:5071>;expires=0']]).status, 200);
    assert.deepEqual(stage.contacts('bob'), []);
  });

  it('orders several contacts by q', () => {
    const stage = new Stage();
    stage.ask('bob', [['Contact', '<sip:b@127.0.0.1:1>;q=0.2, <sip:b@127.0.0.1:2>;q=0.9, <sip:b@127.0.0.1:3>']]);
    assert.deepEqual(stage.contacts('bob'), ['sip:b@127.0.0.1:3', 'sip:b@127.0.0.1:2', 'sip:b@127.0.0.1:1']);
  });

  it('forgets all at "Contact: *", which stands alone and with Expires 0', () => {
    const stage = new Stage();
    stage.ask('bob', bob);
    assert.equal(stage.ask('bob', [['Contact', '*']]).status, 400);
    assert.equal(stage.ask('bob', [['Contact', '*'], ['Expires', '10']]).status, 400);
    assert.equal(stage.ask('bob', [['Contact', '*'], ['Contact', '<sip:x@127.0.0.1>'], ['Expires', '0']]).status, 400);
    assert.deepEqual(stage.contacts('bob'), ['sip:bob@127.0.0.1:5071']);
    assert.equal(stage.ask('bob', [['Contact', '*'], ['Expires', '0']]).status, 200);
    assert.deepEqual(stage.contacts('bob'), []);
  });

  it('refuses a number that has not risen within one Call-ID, and takes any of another', () => {
    const stage = new Stage();
    assert.equal(stage.ask('bob', bob, 'one', 10).status, 200);
    assert.equal(stage.ask('bob', bob, 'one', 10).status, 500);
    assert.equal(stage.ask('bob', [['Contact', '*'], ['Expires', '0']], 'one', 9).status, 500);
    assert.equal(stage.ask('bob', bob, 'two', 1).status, 200);
    assert.equal(stage.ask('bob', bob, 'one', 2).status, 200);
    assert.equal(stage.contacts('bob').length, 1);
  });

  it('takes the same contact twice in one request', () => {
    const stage = new Stage();
    assert.equal(stage.ask('bob', [...bob, ...bob]).status, 200);
    assert.equal(stage.contacts('bob').length, 1);
  });

  it('changes all of it or nothing', () => {
    const stage = new Stage();
    const headers: Headers = [['Contact', '<sip:b@127.0.0.1:1>'], ['Contact', '<sip:b@127.0.0.1:2>;expires=1']];
    assert.equal(stage.ask('bob', headers).status, 423);
    assert.deepEqual(stage.contacts('bob'), []);
  });

  it('keeps one binding for one flow of a device, wherever that is now', () => {
    const stage = new Stage();
    const contact = (port: number): Headers => [
      ['Contact', `<sip:b@127.0.0.1:${String(port)}>;reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"`],
    ];
    stage.ask('bob', contact(1));
    stage.ask('bob', contact(2));
    assert.deepEqual(stage.contacts('bob'), ['sip:b@127.0.0.1:2']);
  });

  it('keeps the Path of a phone that knows it, and refuses one for a phone that does not', () => {
    const stage = new Stage({ serviceRoutes: () => ['<sip:127.0.0.1:5060;lr>'] });
    const path: Headers = [['Path', '<sip:edge@127.0.0.1:5066;lr>, <sip:127.0.0.1:5067;lr>']];
    const refused = stage.ask('bob', [...bob, ...path]);
    assert.equal(refused.status, 421);
    assert.deepEqual(values(refused, 'Require'), ['path']);
    const accepted = stage.ask('bob', [...bob, ...path, ['Supported', 'path']]);
    assert.equal(accepted.status, 200);
    assert.deepEqual(values(accepted, 'Path'), ['<sip:edge@127.0.0.1:5066;lr>', '<sip:127.0.0.1:5067;lr>']);
    assert.deepEqual(values(accepted, 'Service-Route'), ['<sip:127.0.0.1:5060;lr>']);
    assert.deepEqual(stage.location.find('sip:bob@lab.test')[0]?.path, ['<sip:edge@127.0.0.1:5066;lr>', '<sip:127.0.0.1:5067;lr>']);
  });

  it('refuses what it does not support, another domain, and what cannot be read', () => {
    const stage = new Stage();
    const refused = stage.ask('bob', [...bob, ['Require', 'path, gruu']]);
    assert.equal(refused.status, 420);
    assert.deepEqual(values(refused, 'Unsupported'), ['gruu']);
    const elsewhere = buildRequest({
      method: 'REGISTER',
      uri: 'sip:lab.test',
      headers: [['To', '<sip:bob@other.test>'], ['From', '<sip:bob@other.test>;tag=1'], ['Call-ID', 'x'], ['CSeq', '1 REGISTER'], ...bob],
    });
    assert.equal(stage.registrar.answer(elsewhere, source).status, 404);
    assert.equal(stage.ask('bob', [['Contact', '<sip:bob@127.0.0.1:nowhere>']]).status, 400);
    assert.equal(stage.ask('bob', [['Contact', '<tel:123>']]).status, 400);
    assert.equal(stage.ask('bob', [['Contact', `<sip:${'b'.repeat(2_000)}@127.0.0.1>`]]).status, 400);
    assert.deepEqual(stage.contacts('bob'), []);
  });

  it('bounds the bindings of one, and the number of those who have any', () => {
    const stage = new Stage();
    for (const port of [1, 2, 3]) assert.equal(stage.ask('bob', [['Contact', `<sip:b@127.0.0.1:${String(port)}>`]]).status, 200);
    assert.equal(stage.ask('bob', [['Contact', '<sip:b@127.0.0.1:4>']]).status, 403);
    for (const user of ['c', 'd', 'e']) assert.equal(stage.ask(user, bob).status, 200);
    const full = stage.ask('f', bob);
    assert.equal(full.status, 503);
    assert.deepEqual(values(full, 'Retry-After'), ['600']);
    assert.equal(stage.ask('bob', [['Contact', '*'], ['Expires', '0']]).status, 200);
    assert.equal(stage.ask('f', bob).status, 200);
  });
});

describe('the registrar with passwords', () => {
  const users = { alice: 'secret', bob: 'hidden' };

  it('lets in who knows the password, under their own name only', () => {
    const stage = new Stage({ users });
    assert.equal(stage.login('alice', 'secret').status, 200);
    assert.equal(stage.login('alice', 'wrong').status, 401);
    assert.equal(stage.login('bob', 'secret', 'alice').status, 403);
    assert.equal(stage.login('nobody', 'secret', 'alice').status, 403, 'the same for one who does not exist');
    assert.deepEqual(stage.contacts('bob'), []);
  });

  it('tells who has no password nothing of who exists', () => {
    const stage = new Stage({ users });
    const shape = ({ status, reason, headers }: RegistrarAnswer): unknown => ({
      status,
      reason,
      headers: headers.map(([name, value]) => `${name}: ${value.replace(/nonce="[^"]+"/u, 'nonce')}`),
    });
    const contact: Headers = [['Contact', '<sip:x@127.0.0.1:1>']];
    for (const headers of [contact, [], [['Contact', '*'], ['Expires', '0']], [['Contact', '<sip:x@127.0.0.1:1>;expires=1']]] as Headers[]) {
      assert.deepEqual(shape(stage.ask('alice', headers)), shape(stage.ask('nobody', headers)));
    }
    assert.deepEqual(shape(stage.login('alice', 'guess')), shape(stage.login('nobody', 'guess')));
  });
});
