import assert from 'node:assert/strict';
import test from 'node:test';
import { InteropRun } from './support/run';
import { SipJs } from './support/sip-js';
import { poll } from './support/waiting';

/* SIP.js, the SIP library of browsers, with a phone of ours at the other end of its WebSocket. */

test('SIP.js calls a phone over WebSocket, and the phone calls it back', async (context) => {
  const run = await InteropRun.start(context, 'sip-js-websocket', [{ name: 'bob', wsPort: 0 }]);
  const uri = run.lab.phone('bob').uris.find((candidate) => candidate.endsWith(';transport=ws')) ?? '';
  // It ends with the run, also where the test fails: its timers would keep this process alive.
  const webby = run.add(await SipJs.start(`ws://${/@(?<address>[^;]+)/u.exec(uri)?.groups?.['address'] ?? ''}`));

  // It calls; the phone holds, resumes and hangs up: all of it has to find its way back over the same connection.
  const call = await webby.call(uri);
  await run.until('Bob rings', () => run.lab.phone('bob').calls.some(({ state }) => state === 'incoming'));
  await run.must('bob answer');
  await webby.is(call, 'Established');
  await run.must('bob hold');
  await poll(() => webby.directions.at(-1) === 'sendonly', 5_000, () => `held, not ${webby.directions.join()}`);
  // It may still be at work on the hold, and then answers 500 with a Retry-After of up to ten seconds (RFC 3261 section 14.2).
  await run.must('bob resume', 20_000);
  await poll(() => webby.directions.at(-1) === 'sendrecv', 5_000, () => `resumed, not ${webby.directions.join()}`);
  await run.must('bob hangup');
  await webby.is(call, 'Terminated');

  // Its Contact is a name under .invalid, and the connection is the only way to it.
  assert.match(webby.contact, /^sip:[\w-]+@[\w-]+\.invalid;transport=ws$/u);
  await run.must(`bob place ${webby.contact}`);
  await run.until('Bob is connected', () => run.lab.phone('bob').calls.some(({ state }) => state === 'connected'));
  const [back] = webby.incoming;
  assert.ok(back);
  await webby.is(back, 'Established');
  await back.bye();
  await run.until('the call is over', () => run.lab.phone('bob').calls.every(({ state }) => state === 'ended'));

  const packets = run.lab.journal.entries.flatMap((entry) => (entry.kind === 'packet' && entry.protocol === 'sip' ? [entry] : []));
  assert.deepEqual([...new Set(packets.map(({ transport }) => transport))], ['ws']);
  const ends = new Set(packets.map(({ source, destination }) => [source.port, destination.port].sort().join()));
  assert.equal(ends.size, 1, 'one connection carried it all');
  assert.equal(run.problems.length, 0, JSON.stringify(run.problems));
});
