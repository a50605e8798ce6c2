import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { between, finish } from './support/between';
import { roles, talk } from './support/transfers';

const answering = { kind: 'answer', after: 100 } as const;
const peer = requirePeer('kamailio');

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

test('a phone watches another and picks up what rings there, with Kamailio between them', peer, async (context) => {
  const { run, kamailio } = await between(context, 'kamailio-pick-up', [
    { name: 'alice' },
    { name: 'bob', watchers: 'anybody' },
    { name: 'charlie' },
  ]);
  await run.must('charlie watch bob');
  await run.until('Charlie is told of what happens at Bob', () => run.lab.phone('charlie').watches[0]?.phase === 'active', 10_000);

  await run.must('alice place bob');
  await run.until('Charlie sees that it rings', () => run.lab.phone('charlie').watches[0]?.calls.length === 1, 10_000);
  await run.must('charlie pick-up bob');
  await talk(run, 'alice', 'charlie');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['pick-up', 'bob', 'alice', 'charlie']);
  assert.equal(transfer.reason, 'Alice talks to Charlie, who picked up the call to Bob.');
  await run.until('Bob is called no more', () => run.callOf('bob').state === 'ended');
  await run.must('alice hangup charlie');
  await finish({ run, kamailio });
  assert.ok(kamailio.deeds.some((deed) => deed.startsWith('relayed SUBSCRIBE')));
});

for (const blonde of ['wait', 'cancel'] as const) {
  test(`a phone transfers while the target still rings (${blonde}), with Kamailio between them`, peer, async (context) => {
    const { run, kamailio } = await between(context, `kamailio-blonde-${blonde}`, [
      { name: 'alice' },
      { name: 'bob', behaviour: answering, transfer: { blonde } },
      { name: 'charlie' },
    ]);

    await run.must('alice place bob');
    await talk(run, 'alice', 'bob');
    await run.must('bob consult charlie');
    await run.until('it rings at Charlie', () => run.callOf('charlie').state === 'incoming');
    const outcome = run.perform('bob blonde-transfer alice to charlie', 20_000);
    await run.until('it rings as it is to ring', () => run.lab.phone('charlie').calls.some(({ id, state }) => state === 'incoming' && (blonde === 'wait' || id !== 'charlie/1')), 10_000);
    await run.must('charlie answer');
    assert.ok((await outcome).ok);
    await talk(run, 'alice', 'charlie');

    const transfer = await run.verdict();
    assert.deepEqual(roles(transfer), ['blonde', 'bob', 'alice', 'charlie']);
    assert.equal(transfer.verdict, 'success', transfer.reason);
    await run.until('Bob has left both calls', () => run.lab.phone('bob').calls.every(({ state }) => state === 'ended'));
    await run.must('alice hangup charlie');
    await finish({ run, kamailio });
  });
}
