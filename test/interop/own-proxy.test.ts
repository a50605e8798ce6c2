import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import type { PhoneOptions } from '../../src/lab';
import { requirePeer } from '../support/peers';
import { Linphone } from './support/linphone';
import { loopbackAddress } from './support/ports';
import { InteropRun } from './support/run';
import { probe } from './support/scanner';
import { hears, linphoneConsultsAndTransfers, roles, talk } from './support/transfers';
import { poll } from './support/waiting';

const answering = { kind: 'answer', after: 100 } as const;
const password = 'wonderland';

/** A server of the lab, at port 5060 of an address that is also its domain, and phones that register with it. */
async function served(context: TestContext, name: string, phones: readonly PhoneOptions[]): Promise<{ run: InteropRun; host: string }> {
  const host = loopbackAddress();
  const users = ['alice', 'bob', 'linphone'].map((username) => ({ username, password }));
  const register = { registrar: 'home', password };
  const run = await InteropRun.start(context, name, phones.map((phone) => ({ ...phone, register, outboundProxy: 'home' })), {
    lab: { servers: [{ name: 'home', kind: 'proxy', host, port: 5060, domain: host, registrar: { users, algorithm: 'MD5' } }] },
  });
  await run.until('all have registered', () => run.lab.phones.every(({ registration }) => registration?.state === 'registered'), 10_000);
  return { run, host };
}

function bindingsOf(run: InteropRun): readonly string[] {
  return (run.lab.servers[0]?.bindings ?? []).map(({ addressOfRecord }) => addressOfRecord).sort();
}

test('linphone registers with the lab and transfers its phones through it', requirePeer('linphone-daemon'), async (context) => {
  const phones = ['alice', 'bob'].map((name) => ({ name, behaviour: answering }));
  const { run, host } = await served(context, 'own-proxy-linphone-transferor', phones);
  const linphone = await Linphone.start(run);
  await linphone.command(`register sip:linphone@${host} sip:${host} ${password}`);
  await run.until('linphone has registered', () => bindingsOf(run).includes(`sip:linphone@${host}`), 10_000);

  const transfer = await linphoneConsultsAndTransfers(run, linphone, { alice: `sip:alice@${host}`, bob: `sip:bob@${host}` });
  assert.equal(transfer.reason, 'Alice talks to Bob; Linphone has left.');
  await run.must('alice hangup bob');
  await linphone.command('unregister ALL');
  await run.until('linphone has left', () => !bindingsOf(run).includes(`sip:linphone@${host}`), 10_000);
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('a phone is transferred to linphone, which the lab has registered', requirePeer('linphone-daemon'), async (context) => {
  const phones = ['alice', 'bob'].map((name) => ({ name, behaviour: answering }));
  const { run, host } = await served(context, 'own-proxy-linphone-target', phones);
  const linphone = await Linphone.start(run, { answers: true });
  await linphone.command(`register sip:linphone@${host} sip:${host} ${password}`);
  await run.until('linphone has registered', () => bindingsOf(run).includes(`sip:linphone@${host}`), 10_000);

  await run.must('alice place bob');
  await talk(run, 'alice', 'bob');
  await run.must(`alice transfer bob to sip:linphone@${host}`);
  await hears(run, 'bob', linphone, '1');

  assert.deepEqual(roles(await run.verdict()), ['blind', 'alice', 'bob', 'linphone']);
  await run.must('bob hangup');
  await linphone.until('Released', '1');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('linphone with a wrong password is not registered', requirePeer('linphone-daemon'), async (context) => {
  const { run, host } = await served(context, 'own-proxy-linphone-refused', []);
  const linphone = await Linphone.start(run);
  await linphone.command(`register sip:linphone@${host} sip:${host} guessed`);
  await poll(() => run.labels.filter((label) => label.startsWith('401')).length === 2, 10_000, () => `it was refused twice; ${run.labels.join(' | ')}`);
  assert.deepEqual(bindingsOf(run), []);
  await run.stop();
});

test('sipvicious finds nobody at the registrar of the lab, and breaks no password', requirePeer('svmap'), async (context) => {
  const { run, host } = await served(context, 'own-proxy-sipvicious', [{ name: 'alice' }]);
  const names = path.join(run.folder, 'names.txt');
  writeFileSync(names, ['alice', 'bob', 'nobody', '100', 'linphone', ''].join('\n'));
  const at = ['-v', '-b', host, '-p', '5060'];

  const found = await Promise.all([
    probe(run, 'svwar', [...at, '-d', names, '-m', 'REGISTER', host]),
    probe(run, 'svwar', [...at, '-d', names, '-m', 'OPTIONS', host]),
    probe(run, 'svcrack', [...at, '-u', 'alice', '-r', '1-50', host]),
    probe(run, 'svcrack', [...at, '-u', 'nobody', '-r', '1-50', host]),
  ]);

  for (const output of found) assert.match(output, /found nothing/u);
  assert.deepEqual(bindingsOf(run), [`sip:alice@${host}`]);
  await run.stop();
});

test('sipsak registers with the lab, with the right password only', requirePeer('sipsak'), async (context) => {
  const { run, host } = await served(context, 'own-proxy-sipsak', [{ name: 'alice' }]);
  const register = (user: string, word: string): Promise<string> =>
    probe(run, 'sipsak', ['-U', '-C', 'sip:elsewhere@127.0.0.1:9', '-i', '-x', '300', '-a', word, '-u', user, '-vv', '-s', `sip:${user}@${host}`]);

  const answers = await Promise.all([register('bob', 'guessed'), register('nobody', 'guessed')]);
  assert.deepEqual(bindingsOf(run), [`sip:alice@${host}`]);
  // What a stranger is told does not depend on whether there is somebody of that name.
  const [known, unknown] = answers.map((answer) => [...answer.matchAll(/^SIP\/2\.0 .*$/gmu)].map(([line]) => line));
  assert.deepEqual(known, unknown);

  await register('bob', password);
  assert.deepEqual(bindingsOf(run), [`sip:alice@${host}`, `sip:bob@${host}`]);
  await run.stopCleanly();
});
