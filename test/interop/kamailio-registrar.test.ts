import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { between, finish, password } from './support/between';
import { Kamailio } from './support/kamailio';
import { Place } from './support/place';
import { InteropRun } from './support/run';
import { talk } from './support/transfers';

const answering = { kind: 'answer', after: 100 } as const;
const peer = requirePeer('kamailio');

test('a phone registers with Kamailio, is found, leaves and is not found', peer, async (context) => {
  const { run, kamailio } = await between(context, 'kamailio-register', [{ name: 'alice' }, { name: 'bob', behaviour: answering }]);

  await run.must('alice place bob');
  await talk(run, 'alice', 'bob');
  await run.must('alice hangup');
  await run.must('bob unregister');
  await run.until('Bob has left', () => run.lab.phone('bob').registration?.state === 'unregistered');
  await run.must(`alice place ${kamailio.uriOf('bob')}`);
  await run.until('nobody is found', () => run.callOf('alice', 1).state === 'ended');
  assert.equal(run.callOf('alice', 1).end?.status, 404);

  await run.must('bob register');
  await run.until('Bob is back', () => run.lab.phone('bob').registration?.state === 'registered');
  await run.must('alice place bob');
  await talk(run, 'alice', 'bob');
  await run.must('bob hangup alice');
  await finish({ run, kamailio });
});

test('Kamailio does not take a wrong password', peer, async (context) => {
  const place = new Place('kamailio-wrong-password');
  const kamailio = await Kamailio.start(place, { users: [{ username: 'alice', password }] });
  const register = { registrar: kamailio.uri, password: 'looking-glass' };
  const run = await InteropRun.start(context, 'kamailio-wrong-password', [{ name: 'alice', register }], { place });

  await run.until('Alice is refused', () => run.lab.phone('alice').registration?.state === 'failed', 10_000);

  // Kamailio writes its log when it finds the time, and all of it when it ends.
  await kamailio.stop();
  assert.deepEqual(kamailio.deeds, ['challenged REGISTER of alice', 'challenged REGISTER of alice']);
  assert.match(run.lab.phone('alice').registration?.problem ?? '', /401|password/u);
  await run.stopCleanly();
});

test('whoever of a team answers first gets the call that Kamailio forks', peer, async (context) => {
  const place = new Place('kamailio-fork');
  const kamailio = await Kamailio.start(place, { users: [{ username: 'team', password }] });
  const register = { registrar: kamailio.uri, username: 'team', password };
  const phones = [
    { name: 'alice', outboundProxy: kamailio.uri },
    { name: 'bob', register },
    { name: 'charlie', register },
  ];
  const run = await InteropRun.start(context, 'kamailio-fork', phones, { place });
  await run.until('the team is there', () => ['bob', 'charlie'].every((name) => run.lab.phone(name).registration?.state === 'registered'), 10_000);

  await run.must(`alice place ${kamailio.uriOf('team')}`);
  await run.until('it rings at both', () => ['bob', 'charlie'].every((name) => run.lab.phone(name).calls[0]?.state === 'incoming'));
  await run.must('charlie answer');
  await talk(run, 'alice', 'charlie');
  await run.until('it rings no more at the other', () => run.callOf('bob').state === 'ended');

  assert.deepEqual(run.statesOf('bob/1'), ['incoming', 'ended']);
  await run.must('alice hangup');
  await run.until('all calls are over', () => run.lab.calls.every(({ state }) => state === 'ended'));
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
  assert.deepEqual(kamailio.complaints, []);
});

test('Kamailio asks callers for a password, too', peer, async (context) => {
  const { run, kamailio } = await between(
    context,
    'kamailio-asks-callers',
    [{ name: 'alice' }, { name: 'bob', behaviour: answering }, { name: 'charlie', behaviour: answering }],
    { asksCallers: true },
  );

  await run.must('alice place bob');
  await talk(run, 'alice', 'bob');
  await run.must('bob transfer alice to charlie');
  await talk(run, 'alice', 'charlie');

  const challenged = kamailio.deeds.filter((deed) => deed.startsWith('challenged INVITE'));
  assert.deepEqual(challenged, ['challenged INVITE of alice', 'challenged INVITE of alice']);
  assert.equal((await run.verdict()).reason, 'Alice talks to Charlie; Bob has left.');
  await run.must('alice hangup charlie');
  await finish({ run, kamailio });
});

for (const transport of ['tcp', 'ws'] as const) {
  test(`phones over ${transport} register with Kamailio and transfer through it`, peer, async (context) => {
    const { run, kamailio } = await between(context, `kamailio-${transport}`, [
      { name: 'alice', transport },
      { name: 'bob', behaviour: answering },
      { name: 'charlie', transport, behaviour: answering },
    ]);

    await run.must('alice place bob');
    await talk(run, 'alice', 'bob');
    await run.must('bob attended-transfer alice to charlie');
    await talk(run, 'alice', 'charlie');

    assert.equal((await run.verdict()).reason, 'Alice talks to Charlie; Bob has left.');
    await run.must('alice hangup charlie');
    await finish({ run, kamailio });
  });
}
