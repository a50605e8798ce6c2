import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { Baresip, baresipTone } from './support/baresip';
import { freePorts } from './support/ports';
import { InteropRun } from './support/run';
import { isSentTone } from './support/stranger-audio';
import { roles, talk } from './support/transfers';
import { poll } from './support/waiting';

const answering = { kind: 'answer', after: 100 } as const;
/** baresip's certificate is signed by itself, as those of phones mostly are. */
const trusting = { network: { trust: 'anyone' } } as const;

test('baresip calls, is held and transfers over TLS', requirePeer('baresip'), async (context) => {
  const tlsPort = await freePorts();
  const phones = [
    { name: 'alice', tlsPort, behaviour: answering },
    { name: 'bob', behaviour: answering },
  ];
  const run = await InteropRun.start(context, 'baresip-tls-transferor', phones, trusting);
  const baresip = await Baresip.start(run, { tls: true });

  await baresip.command('dial', `sip:alice@127.0.0.1:${String(tlsPort)};transport=tls`);
  await run.until('the call is up', () => run.lab.phone('alice').calls[0]?.state === 'connected');
  await run.must('alice hold');
  await run.must('alice resume');
  // Its Refer-To has no brackets, so that a transport parameter there would be none of the URI's (RFC 3261 section 20.10).
  await baresip.command('transfer', run.lab.phone('bob').uri);
  await talk(run, 'alice', 'bob');
  await baresip.until('CALL_CLOSED');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'baresip', 'alice', 'bob']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  const first = run.lab.trace.calls[0]!.invite.sip!.callId;
  const transports = new Set(run.lab.trace.messages.filter(({ sip }) => sip?.callId === first).map(({ transport }) => transport));
  assert.deepEqual([...transports], ['tls']);
  await run.must('alice hangup bob');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('baresip is called and transferred over TLS', requirePeer('baresip'), async (context) => {
  const phones = ['alice', 'bob'].map((name) => ({ name, transport: 'tls' as const, behaviour: answering }));
  const run = await InteropRun.start(context, 'baresip-tls-transferee', phones, trusting);
  const baresip = await Baresip.start(run, { tls: true, answers: true });

  await run.must(`alice place ${baresip.tlsUri}`);
  await poll(() => isSentTone(run.lab.journal, 'alice', baresipTone), 8_000, () => 'Alice gets the tone of baresip');
  await run.must('alice transfer baresip to bob');
  await poll(() => isSentTone(run.lab.journal, 'bob', baresipTone), 8_000, () => 'Bob gets the tone of baresip');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'alice', 'baresip', 'bob']);
  assert.equal(transfer.reason, 'Baresip talks to Bob; Alice has left (the media was not measured).');
  assert.deepEqual([...new Set(run.lab.trace.messages.map(({ transport }) => transport))], ['tls']);
  await run.must('bob hangup');
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});

test('a phone that trusts nobody does not call baresip over TLS', requirePeer('baresip'), async (context) => {
  const run = await InteropRun.start(context, 'baresip-tls-distrust', [{ name: 'alice', transport: 'tls' }]);
  const baresip = await Baresip.start(run, { tls: true, answers: true });

  await run.must(`alice place ${baresip.tlsUri}`);
  await run.until('the call has failed', () => run.callOf('alice').state === 'ended');

  assert.equal(run.callOf('alice').end?.status, 503);
  assert.match(run.problems.map(({ text }) => text).join('\n'), /its certificate is signed by itself/u);
  assert.deepEqual(run.labels, []);
  await run.stopCleanly();
});
