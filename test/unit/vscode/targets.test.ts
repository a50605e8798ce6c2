import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallInfo, PhoneInfo } from '../../../src/lab';
import { remember } from '../../../src/vscode/pickers/recent';
import { checkTarget } from '../../../src/vscode/pickers/target-check';
import { targetItems } from '../../../src/vscode/pickers/target-items';

const names = ['alice', 'bob', 'charlie'];

function call(id: string, peer: string, state: CallInfo['state'] = 'connected'): CallInfo {
  const phone = id.split('/')[0] ?? '';
  return {
    id,
    phone,
    peer,
    state,
    direction: 'outgoing',
    peerUri: `sip:${peer}@127.0.0.1`,
    callId: id,
    holding: false,
    held: false,
    transferredBy: undefined,
    since: 0,
    end: undefined,
  };
}

function phone(name: string, calls: readonly CallInfo[] = []): PhoneInfo {
  const hears = { phones: [], hold: false };
  return {
    name,
    displayName: name,
    uri: `sip:${name}@127.0.0.1:5070`,
    transports: ['udp', 'tcp'],
    uris: [],
    problem: undefined,
    calls,
    hears,
    digits: '',
    watches: [],
    asks: [],
  };
}

for (const [typed, target] of [
  ['bob', 'bob'],
  [' bob ', 'bob'],
  ['sip:echo@127.0.0.2:5060', 'sip:echo@127.0.0.2:5060'],
  ['echo@127.0.0.2', 'sip:echo@127.0.0.2'],
  ['127.0.0.2:5099', 'sip:127.0.0.2:5099'],
  ['sip:[::1]:5060', 'sip:[::1]:5060'],
  ['sip:echo@127.0.0.1;transport=tcp', 'sip:echo@127.0.0.1;transport=tcp'],
] as const) {
  test(`"${typed}" can be called`, () => {
    const check = checkTarget(typed, names);
    assert.deepEqual(check.ok ? check.target : check.why, target);
  });
}

for (const [typed, why] of [
  ['', /Type the name/],
  ['dave', /no phone "dave"; there are alice, bob, charlie/],
  ['sip:', /neither a phone/],
  ['sip:a b@127.0.0.1', /neither a phone/],
  ['tel:+4930', /Only sip:/],
  ['sips:bob@127.0.0.1', /Only sip:/],
  ['sip:bob@example.com', /not on this machine/],
  ['sip:bob@192.0.2.1', /not on this machine/],
  ['127.0.0.2:99999', /neither a phone/],
] as const) {
  test(`"${typed}" cannot, and the picker says why`, () => {
    const check = checkTarget(typed, names);
    assert.ok(!check.ok, JSON.stringify(check));
    assert.match(check.why, why);
  });
}

test('a caller is offered the other phones, then recent addresses', () => {
  const items = targetItems(
    { phones: names.map((name) => phone(name)), verb: 'place' as const, phone: 'alice', call: undefined, recent: ['sip:echo@127.0.0.2'] },
    '',
  );
  assert.deepEqual(
    items.map(({ group, target }) => [group, target]),
    [
      ['phones', 'bob'],
      ['phones', 'charlie'],
      ['recent', 'sip:echo@127.0.0.2'],
    ],
  );
});

test('a call is not transferred to its own other party; whoever is consulted comes first', () => {
  const calls = [call('bob/1', 'alice'), call('bob/2', 'charlie'), call('bob/3', 'dave', 'ended')];
  const items = targetItems(
    { phones: [phone('alice'), phone('bob', calls), phone('charlie')], verb: 'attended-transfer', phone: 'bob', call: 'bob/1', recent: [] },
    '',
  );
  assert.deepEqual(
    items.map(({ group, target }) => [group, target]),
    [['consulted', 'charlie']],
  );
});

test('a phone that does not work is no target', () => {
  const broken = { ...phone('charlie'), problem: 'port 5070 is in use' };
  const items = targetItems(
    { phones: [phone('alice'), phone('bob'), broken], verb: 'place' as const, phone: 'alice', call: undefined, recent: [] },
    '',
  );
  assert.deepEqual(
    items.map(({ target }) => target),
    ['bob'],
  );
});

test('what is typed heads the list: as it would be called, or with the reason why not', () => {
  const source = { phones: names.map((name) => phone(name)), verb: 'place' as const, phone: 'alice', call: undefined, recent: [] };
  const first = (typed: string): unknown => targetItems(source, typed)[0];
  assert.deepEqual(first('x@127.0.0.9'), {
    group: 'typed',
    label: 'sip:x@127.0.0.9',
    description: 'call this URI',
    target: 'sip:x@127.0.0.9',
  });
  assert.deepEqual(first('tel:1'), {
    group: 'typed',
    label: 'tel:1',
    description: 'Only sip: can be called, not tel:.',
    target: undefined,
  });
  assert.equal((first('bo') as { group: string }).group, 'phones');
});

test('addresses are remembered newest first, once each, and phones not at all', () => {
  assert.deepEqual(remember(['a', 'b'], 'b', names), ['b', 'a']);
  assert.deepEqual(remember(['a'], 'bob', names), ['a']);
  const many = Array.from({ length: 12 }, (_, index) => `sip:${index}@127.0.0.1`);
  assert.equal(remember(many, 'sip:new@127.0.0.1', names).length, 10);
});

test('whoever rings there at the phone of a blonde transfer is being consulted too; whoever rings here is not', () => {
  const ringing = call('bob/2', 'charlie', 'ringing');
  const incoming: CallInfo = { ...call('bob/3', 'dave', 'incoming'), direction: 'incoming' };
  const phones = [phone('alice'), phone('bob', [call('bob/1', 'alice'), ringing, incoming]), phone('charlie'), phone('dave')];
  const groups = (verb: 'blonde-transfer' | 'redirect'): unknown =>
    targetItems({ verb, phones, phone: 'bob', call: 'bob/1', recent: [] }, '').map(({ group, target, description }) => [group, target, description]);
  assert.deepEqual(groups('blonde-transfer'), [
    ['consulted', 'charlie', 'consultation call, ringing there'],
    ['phones', 'dave', 'sip:dave@127.0.0.1:5070'],
  ]);
  assert.deepEqual(groups('redirect'), [
    ['phones', 'charlie', 'sip:charlie@127.0.0.1:5070'],
    ['phones', 'dave', 'sip:dave@127.0.0.1:5070'],
  ]);
});

test('through a proxy any SIP URI can be called, but no scheme is, and no name that nobody has', () => {
  const check = checkTarget('sip:bob@lab.test', names, true);
  assert.deepEqual(check, { ok: true, kind: 'uri', target: 'sip:bob@lab.test' });
  assert.equal(checkTarget('bob@lab.test', names, true).ok, true);
  for (const typed of ['tel:1', 'sips:bob@lab.test', 'dave', 'sip:']) assert.equal(checkTarget(typed, names, true).ok, false, typed);
  const phones = [{ ...phone('alice'), hasProxy: true }, phone('bob')];
  const first = (name: string): string | undefined =>
    targetItems({ verb: 'place', phones, phone: name, call: undefined, recent: [] }, 'sip:x@lab.test')[0]?.target;
  assert.deepEqual([first('alice'), first('bob')], ['sip:x@lab.test', undefined]);
});

test('nobody is offered their own address of record', () => {
  const registration = { state: 'registered', addressOfRecord: 'sip:bob@lab.test', registrar: 'proxy', expires: 60, problem: undefined } as const;
  const source = { verb: 'place', phones: [phone('alice'), { ...phone('bob'), registration }], call: undefined, recent: ['sip:bob@lab.test'] } as const;
  const targets = (name: string): unknown => targetItems({ ...source, phone: name }, '').map(({ target }) => target);
  assert.deepEqual([targets('bob'), targets('alice')], [['alice'], ['bob', 'sip:bob@lab.test']]);
});

test('a redirection takes several targets: typed in one line, or chosen one after the other', () => {
  const source = { verb: 'redirect', phones: names.map((name) => phone(name)), phone: 'alice', call: undefined, recent: ['sip:x@127.0.0.1'] } as const;
  const [typed] = targetItems({ ...source, chosen: [] }, 'charlie, x@127.0.0.2 bob');
  assert.deepEqual(typed?.targets, ['charlie', 'sip:x@127.0.0.2', 'bob']);
  const [wrong] = targetItems({ ...source, chosen: [] }, 'charlie dave');
  assert.deepEqual([wrong?.target, wrong?.description], [undefined, 'There is no phone "dave"; there are alice, bob, charlie.']);
  const rows = targetItems({ ...source, chosen: ['charlie', 'sip:x@127.0.0.1'] }, '').map(({ group, label, targets }) => ({ group, label, targets }));
  assert.deepEqual(rows, [
    { group: 'chosen', label: 'charlie, then sip:x@127.0.0.1', targets: ['charlie', 'sip:x@127.0.0.1'] },
    { group: 'phones', label: 'bob', targets: undefined },
  ]);
  assert.equal(targetItems(source, 'charlie dave')[0]?.targets, undefined, 'where one is asked for, a list is none');
});

test('an IAX2 phone is offered phones that speak IAX2, and a SIP phone those that speak SIP', () => {
  const both: readonly PhoneInfo[] = [{ ...phone('alice'), protocol: 'iax2' }, { ...phone('bob'), protocol: 'iax2' }, phone('sippy')];
  const offered = (name: string): unknown => targetItems({ verb: 'place', phones: both, phone: name, call: undefined, recent: [] }, '').map(({ target }) => target);
  assert.deepEqual(offered('alice'), ['bob']);
  assert.deepEqual(offered('sippy'), []);
});

test('an IAX2 phone can call an iax2: URI on this machine, and with a server a number', () => {
  assert.deepEqual(checkTarget('iax:127.0.0.1/101', names, false, 'iax2'), { ok: true, kind: 'uri', target: 'iax2:127.0.0.1:4569/101' });
  assert.deepEqual(checkTarget('101', names, true, 'iax2'), { ok: true, kind: 'uri', target: '101' });
  for (const typed of ['', '101', 'iax2:192.0.2.1/1', 'sip:bob@127.0.0.1', 'iax2:']) assert.equal(checkTarget(typed, names, false, 'iax2').ok, false, typed);
});
