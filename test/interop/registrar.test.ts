import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { PhoneOptions, ServerOptions } from '../../src/lab';
import { requirePeer } from '../support/peers';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';
import { freePorts } from './support/ports';

// SIPp answers MD5 challenges only.
const proxy: ServerOptions = {
  name: 'proxy',
  kind: 'proxy',
  registrar: {
    algorithm: 'MD5',
    users: [
      { username: 'alice', password: 'secret' },
      { username: 'stranger', password: 'hidden' },
    ],
  },
};
const alice: PhoneOptions = { name: 'alice', behaviour: { kind: 'answer', after: 100 }, register: { registrar: 'proxy', password: 'secret' } };

async function start(context: TestContext, name: string): Promise<{ run: InteropRun; registrar: string }> {
  const run = await InteropRun.start(context, name, [alice], { lab: { servers: [proxy] } });
  await run.until('alice is registered', () => run.lab.phone('alice').registration?.state === 'registered');
  const { uri } = run.lab.servers[0]!;
  return { run, registrar: uri };
}

function contactsOf(run: InteropRun, user: string): string[] {
  return run.lab.servers[0]!.bindings.filter(({ addressOfRecord }) => addressOfRecord === `sip:${user}@lab.test`).map(({ contact }) => contact);
}

test('SIPp registers at our registrar, and is called there by name', requirePeer('sipp'), async (context) => {
  const { run, registrar } = await start(context, 'registrar-sipp-callee');
  const callee = await Sipp.start(run, { scenario: 'uas' });
  const keys = { user: 'stranger', contact_port: String(callee.port) };
  const registers = await Sipp.start(run, { scenario: 'uac-registers', target: registrar, keys, args: ['-au', 'stranger', '-ap', 'hidden'] });
  const { code, statistics } = await registers.finished();
  assert.equal(code, 0, registers.errors);
  assert.equal(statistics.successful, 1);
  assert.deepEqual(contactsOf(run, 'stranger'), [`sip:stranger@127.0.0.1:${String(callee.port)}`]);

  await run.must('alice place sip:stranger@lab.test');
  await run.until('alice talks to the stranger', () => run.callOf('alice').state === 'connected');
  await run.until('her voice comes back', () => run.isHearing('alice', 'alice'));
  await run.must('alice hangup');
  const called = await callee.finished();
  assert.equal(called.code, 0, callee.errors);
  await run.stopCleanly();
});

test('SIPp is refused with a wrong password, and nothing is bound', requirePeer('sipp'), async (context) => {
  const { run, registrar } = await start(context, 'registrar-sipp-refused');
  const port = await freePorts();
  const keys = { user: 'stranger', contact_port: String(port) };
  const registers = await Sipp.start(run, { scenario: 'uac-registers', target: registrar, keys, args: ['-au', 'stranger', '-ap', 'guessed'] });
  const { code } = await registers.finished();
  assert.notEqual(code, 0);
  assert.deepEqual(contactsOf(run, 'stranger'), []);
  await run.stopCleanly();
});

test("SIPp's own caller reaches a registered phone through the proxy", requirePeer('sipp'), async (context) => {
  const { run, registrar } = await start(context, 'registrar-sipp-caller');
  const target = registrar.replace('sip:', 'sip:alice@');
  const sipp = await Sipp.start(run, { scenario: 'uac', target, count: 5, args: ['-r', '10', '-d', '300'] });
  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(statistics, { successful: 5, failed: 0, outgoing: 5, incoming: 0, unexpected: 0 });
  await run.until('all calls are over', () => run.lab.calls.every((call) => call.state === 'ended'));
  assert.equal(run.lab.calls.length, 5);
  await run.stopCleanly();
});
