import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IaxCall } from '../../../../src/iax';
import { IaxRig, listenTo } from '../../../support/iax-rig';

/** One call with everything in it on a bad path. Returns what happened, in order, as the callee saw it. */
function story(seed: number): { readonly seen: string[]; readonly cause: string; readonly left: number; readonly problems: string[] } {
  const rig = new IaxRig({ loss: 0.3, duplication: 0.1, delay: [1, 60] }, seed);
  const access = { secretOf: (username: string) => (username === 'alice' ? 's3cret' : undefined) };
  const alice = rig.endpoint(1);
  const bob = rig.endpoint(2, { access });
  const seen: string[] = [];
  let to: IaxCall | undefined;
  bob.endpoint.on('incoming', (call) => {
    to = call;
    call.on('digit', (digit) => seen.push(digit));
    call.on('text', (text) => seen.push(text));
    call.on('held', ({ by }) => seen.push(`held by ${by}`));
    call.on('resumed', (by) => seen.push(`resumed by ${by}`));
    call.on('ended', ({ code }) => seen.push(`ended ${code}`));
    call.ring();
    rig.clock.setTimer(500, () => call.answer());
  });
  const from = alice.call(bob, { username: 'alice', secret: 's3cret' });
  rig.run(60_000);
  assert.equal(from.state, 'up', `seed ${seed}: ${from.cause?.text ?? 'not up'}`);
  for (const digit of '0123456789') from.sendDigit(digit);
  rig.run(20_000);
  from.hold();
  from.sendText('one');
  from.sendText('two');
  from.resume();
  rig.run(20_000);
  const heard = listenTo(to!);
  for (let frame = 0; frame < 500; frame += 1) {
    from.sendVoice('PCMA', new Uint8Array(160).fill(frame % 256));
    rig.run(20);
  }
  rig.run(5_000);
  assert.ok(heard.length > 250 && heard.every(({ codec, payload }) => codec === 'PCMA' && payload.length === 160), `seed ${seed}: ${heard.length} pieces heard`);
  assert.ok(heard.every(({ timestamp, payload }) => timestamp % 20 === heard[0]!.timestamp % 20 && payload[0] === payload[159]));
  from.hangUp({ code: 16, text: 'bye' });
  rig.run(60_000);
  const cause = to!.cause?.text ?? '';
  const { problems } = bob;
  assert.ok(alice.endpoint.isQuiet && bob.endpoint.isQuiet);
  return { seen, cause, left: rig.close(), problems };
}

describe('a call on a path that loses three of ten, doubles a tenth and reorders', () => {
  it('delivers everything once and in order, for a hundred seeds', () => {
    const expected = [...Array.from({ length: 10 }, (_, digit) => String(digit)), 'held by quelch', 'one', 'two', 'resumed by quelch', 'ended 16'];
    for (let seed = 1; seed <= 100; seed += 1) {
      const { seen, cause, left, problems } = story(seed);
      assert.deepEqual(seen, expected, `seed ${seed}`);
      assert.deepEqual([cause, left, problems], ['bye', 0, []], `seed ${seed}`);
    }
  });
});
