import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { PhoneOptions } from '../../src/lab';
import type { Transfer } from '../../src/trace';
import { peerPath, requirePeer } from '../support/peers';
import { Kamailio } from './support/kamailio';
import { InteropRun } from './support/run';

const answering = { kind: 'answer', after: 100 } as const;
const password = 'wonderland';

interface Between {
  readonly run: InteropRun;
  readonly kamailio: Kamailio;
}

/** Phones that Kamailio has between them: whom they call by its domain, it finds, and it stays in the dialogs. */
async function between(context: TestContext, name: string, phones: readonly PhoneOptions[]): Promise<Between> {
  const run = await InteropRun.start(context, name, phones);
  const users = phones.map(({ name: username }) => ({ username, password }));
  const kamailio = await Kamailio.start(run, { users });
  for (const { username } of users) await register(kamailio, username, run.lab.phone(username).uri);
  return { run, kamailio };
}

/** Tells Kamailio where a user is, which asks for a password. */
async function register(kamailio: Kamailio, user: string, contact: string): Promise<void> {
  const args = ['-U', '-C', contact, '-s', kamailio.uriOf(user), '-u', user, '-a', password, '-x', '300'];
  await promisify(execFile)(peerPath('sipsak'), args, { timeout: 10_000 });
  await kamailio.until(`registered ${user}`);
}

async function talk(run: InteropRun, one: string, other: string): Promise<void> {
  await run.until(`${one} and ${other} hear each other`, () => run.isHearing(one, other) && run.isHearing(other, one), 10_000);
}

function roles({ kind, transferor, transferee, target }: Transfer): readonly string[] {
  return [kind, transferor.name, transferee.name, target.name];
}

const peer = requirePeer('kamailio', 'sipsak');

test('a phone sends a caller on, with Kamailio between them', peer, async (context) => {
  const { run, kamailio } = await between(context, 'kamailio-redirect', [
    { name: 'alice' },
    { name: 'bob' },
    { name: 'charlie', behaviour: answering },
  ]);

  await run.must(`alice place ${kamailio.uriOf('bob')}`);
  await run.until('Bob is called', () => run.lab.phone('bob').calls.length === 1);
  await run.must(`bob redirect to ${kamailio.uriOf('charlie')}`);
  await talk(run, 'alice', 'charlie');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['redirect', 'bob', 'alice', 'charlie']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.equal(transfer.reason, 'Alice talks to Charlie; Bob sent the call on.');
  await run.must('charlie hangup');
  await finish({ run, kamailio });
});

test('a phone transfers its caller blindly, with Kamailio between them', peer, async (context) => {
  const { run, kamailio } = await between(context, 'kamailio-blind', [
    { name: 'alice' },
    { name: 'bob', behaviour: answering },
    { name: 'charlie', behaviour: answering },
  ]);

  await run.must(`alice place ${kamailio.uriOf('bob')}`);
  await talk(run, 'alice', 'bob');
  await run.must(`bob transfer alice to ${kamailio.uriOf('charlie')}`);
  await talk(run, 'alice', 'charlie');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'bob', 'alice', 'charlie']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.equal(transfer.reason, 'Alice talks to Charlie; Bob has left.');
  assert.deepEqual(transfer.progress.map(({ status }) => status), [100, 180, 200]);
  await run.must('charlie hangup');
  await finish({ run, kamailio });
  const relayed = kamailio.deeds.map((deed) => deed.split(' ').slice(0, 2).join(' '));
  for (const method of ['INVITE', 'ACK', 'REFER', 'NOTIFY', 'BYE']) assert.ok(relayed.includes(`relayed ${method}`), method);
});

test('a callee transfers, and the caller is the one transferred, with Kamailio between them', peer, async (context) => {
  const { run, kamailio } = await between(context, 'kamailio-blind-by-caller', [
    { name: 'alice' },
    { name: 'bob', behaviour: answering },
    { name: 'charlie', behaviour: answering },
  ]);

  await run.must(`alice place ${kamailio.uriOf('bob')}`);
  await talk(run, 'alice', 'bob');
  await run.must(`alice transfer bob to ${kamailio.uriOf('charlie')}`);
  await talk(run, 'bob', 'charlie');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'alice', 'bob', 'charlie']);
  assert.equal(transfer.reason, 'Bob talks to Charlie; Alice has left.');
  await run.must('bob hangup charlie');
  await finish({ run, kamailio });
});

test('the target of a blind transfer is nobody that Kamailio knows, and the caller is taken back', peer, async (context) => {
  const { run, kamailio } = await between(context, 'kamailio-blind-unknown', [
    { name: 'alice' },
    { name: 'bob', behaviour: answering },
  ]);

  await run.must(`alice place ${kamailio.uriOf('bob')}`);
  await talk(run, 'alice', 'bob');
  const outcome = await run.perform(`bob transfer alice to ${kamailio.uriOf('nobody')}`);

  assert.equal(outcome.ok, false);
  const transfer = await run.verdict();
  assert.equal(transfer.verdict, 'failed');
  assert.equal(transfer.progress.at(-1)?.status, 404);
  await talk(run, 'alice', 'bob');
  await run.must('alice hangup');
  await finish({ run, kamailio });
});

test('a phone transfers its caller to another with whom it talks, with Kamailio between them', peer, async (context) => {
  const { run, kamailio } = await between(context, 'kamailio-attended', [
    { name: 'alice' },
    { name: 'bob', behaviour: answering },
    { name: 'charlie', behaviour: answering },
  ]);

  await run.must(`alice place ${kamailio.uriOf('bob')}`);
  await talk(run, 'alice', 'bob');
  await run.must(`bob consult ${kamailio.uriOf('charlie')}`);
  await talk(run, 'bob', 'charlie');
  await run.must('bob attended-transfer alice to charlie');
  await talk(run, 'alice', 'charlie');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'bob', 'alice', 'charlie']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  assert.equal(transfer.reason, 'Alice talks to Charlie; Bob has left.');
  await run.until('Bob has left both calls', () => run.lab.phone('bob').calls.every(({ state }) => state === 'ended'));
  await run.must('charlie hangup alice');
  await finish({ run, kamailio });
});

test('a phone holds and resumes, with Kamailio between them', peer, async (context) => {
  const { run, kamailio } = await between(context, 'kamailio-hold', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);

  await run.must(`alice place ${kamailio.uriOf('bob')}`);
  await talk(run, 'alice', 'bob');
  await run.must('alice hold');
  await run.until('Bob is held', () => run.callOf('bob').held);
  await run.must('bob hold');
  await run.must('alice resume');
  await run.must('bob resume');
  await talk(run, 'alice', 'bob');
  await run.must('bob hangup');
  await finish({ run, kamailio });
});

/** Everybody has hung up: nothing is left in the lab, and Kamailio saw nothing that it complained about. */
async function finish({ run, kamailio }: Between): Promise<void> {
  await run.until('all calls are over', () => run.lab.calls.every(({ state }) => state === 'ended'));
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
  assert.deepEqual(kamailio.complaints, []);
}
