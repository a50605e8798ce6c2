import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePeer } from '../support/peers';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';

const answering = { kind: 'answer', after: 100 } as const;

test("SIPp's own caller reaches a phone that answers by itself", requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac', [{ name: 'bob', behaviour: answering }]);
  const sipp = await Sipp.start(run, { scenario: 'uac', calls: 'bob', count: 5, args: ['-r', '10', '-d', '300'] });

  const { code, statistics } = await sipp.finished();

  assert.equal(code, 0, sipp.errors);
  assert.deepEqual(statistics, { successful: 5, failed: 0, outgoing: 5, incoming: 0, unexpected: 0 });
  await run.until('all calls are over', () => run.lab.calls.every((call) => call.state === 'ended'));
  assert.equal(run.lab.calls.length, 5);
  for (const call of run.lab.calls) {
    assert.deepEqual(run.statesOf(call.id), ['incoming', 'answering', 'connected', 'ended']);
    assert.deepEqual(run.heldOf(call.id), [false]);
    assert.equal(call.peer, 'sipp');
    assert.deepEqual(call.end, { by: 'peer', status: 200, text: 'hung up by the other side' });
  }
  await run.stopCleanly();
});

test('a phone and SIPp send each other audio over TCP signalling', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'sipp-uac-tcp', [{ name: 'bob', behaviour: answering }]);
  const sipp = await Sipp.start(run, { scenario: 'uac', calls: 'bob', transport: 'tcp', args: ['-d', '1500'] });

  await run.until('Bob hears himself, as SIPp sends his voice back', () => run.isHearing('bob', 'bob'));

  const { code, statistics } = await sipp.finished();
  assert.equal(code, 0, sipp.errors);
  assert.equal(statistics.successful, 1);
  await run.until('the call is over', () => run.callOf('bob').state === 'ended');
  await run.until('Bob hears nobody', () => !run.isHearing('bob', 'bob'));
  await run.stopCleanly();
});

test('a caller holds and resumes in each of the three ways', requirePeer('sipp'), async (context) => {
  const ways = {
    alice: { direction: 'sendonly', connection: '127.0.0.1' },
    bob: { direction: 'inactive', connection: '127.0.0.1' },
    // RFC 3264 section 8.4: the address 0.0.0.0 is how RFC 2543 phones say "send me nothing".
    charlie: { direction: 'sendrecv', connection: '0.0.0.0' },
  };
  const names = Object.keys(ways);
  const run = await InteropRun.start(
    context,
    'sipp-uac-hold',
    names.map((name) => ({ name, behaviour: answering })),
  );

  const callers = await Promise.all(Object.entries(ways).map(([calls, keys]) => Sipp.start(run, { scenario: 'uac-hold', calls, keys })));

  for (const sipp of callers) {
    const { code, statistics } = await sipp.finished();
    assert.equal(code, 0, sipp.errors);
    assert.deepEqual(statistics, { successful: 1, failed: 0, outgoing: 1, incoming: 0, unexpected: 0 });
  }
  await run.until('all calls are over', () => run.lab.calls.every((call) => call.state === 'ended'));
  for (const name of names) {
    const call = run.callOf(name);
    assert.deepEqual(run.statesOf(call.id), ['incoming', 'answering', 'connected', 'ended']);
    assert.deepEqual(run.heldOf(call.id), [false, true, false], name);
    assert.ok(run.snapshotsOf(call.id).every(({ holding }) => !holding));
    // What comes back is its own voice: so it spoke, fell silent when held, and spoke again.
    assert.deepEqual(run.heardBy(name), [name, '', name, ''], name);
  }
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
});
