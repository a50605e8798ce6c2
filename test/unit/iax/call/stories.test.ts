import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomInteger, SeededRandom } from '../../../../src/core';
import type { IaxCall } from '../../../../src/iax';
import { IaxRig } from '../../../support/iax-rig';

/** One end of a call, and what it has said and heard. */
class Party {
  readonly call: IaxCall;
  readonly said: string[] = [];
  readonly heard: string[] = [];

  constructor(call: IaxCall) {
    this.call = call;
    call.on('text', (text) => this.heard.push(text));
    call.on('digit', (digit) => this.heard.push(digit));
  }

  /** Does something that is possible now. */
  act(random: SeededRandom): void {
    const { call } = this;
    switch (randomInteger(random, 6)) {
      case 0:
        if (call.holding === undefined) call.hold(randomInteger(random, 2) === 0, randomInteger(random, 2) === 0 ? 'quelch' : 'hold');
        break;
      case 1:
        call.resume();
        break;
      case 2:
        this.said.push(`text ${this.said.length}`);
        call.sendText(this.said.at(-1)!);
        break;
      case 3:
        if (call.isSendingDigits) break;
        this.said.push(String(this.said.length % 10));
        call.sendDigit(this.said.at(-1)!);
        break;
      default:
        call.sendVoice('PCMU', new Uint8Array(160));
    }
  }
}

/** Two people do what they like on a bad path; then it is quiet for a while, and one of them or both hang up. */
function story(seed: number): void {
  const rig = new IaxRig({ loss: 0.25, duplication: 0.1, delay: [1, 80] }, seed);
  const random = new SeededRandom(seed);
  const alice = rig.endpoint(1);
  const bob = rig.endpoint(2);
  bob.endpoint.on('incoming', (call) => call.answer());
  const call = alice.call(bob);
  rig.run(60_000);
  assert.equal(call.state, 'up', `seed ${seed}`);
  const parties = [new Party(call), new Party(bob.lastCall)] as const;
  for (let step = 0; step < 60; step += 1) {
    parties[randomInteger(random, 2)]!.act(random);
    rig.run(randomInteger(random, 200));
  }
  rig.run(60_000);
  for (const [one, other] of [parties, [parties[1], parties[0]] as const]) {
    // Keys take their time, so they may come behind a text that was sent after them; each kind keeps its own order.
    for (const isText of [true, false]) {
      const of = (list: readonly string[]): string[] => list.filter((item) => item.startsWith('text') === isText);
      assert.deepEqual(of(other.heard), of(one.said), `seed ${seed}`);
    }
    assert.equal(other.call.isHeld, one.call.holding !== undefined, `seed ${seed}`);
    assert.equal(other.call.isQuelched, one.call.holding === 'quelch', `seed ${seed}`);
    assert.equal(one.call.state, 'up', `seed ${seed}`);
  }
  const [first, second] = parties;
  first.call.hangUp({ code: 16, text: 'first' });
  rig.run(randomInteger(random, 100));
  if (randomInteger(random, 2) === 0) second.call.hangUp({ code: 16, text: 'second' });
  rig.run(120_000);
  for (const { call: ended } of parties) assert.deepEqual([ended.state, ended.cause?.code], ['ended', 16], `seed ${seed}`);
  assert.ok(alice.endpoint.isQuiet && bob.endpoint.isQuiet, `seed ${seed}`);
  assert.deepEqual([alice.endpoint.footprint.legs, bob.endpoint.footprint.legs, rig.clock.pendingTimers], [0, 0, 0], `seed ${seed}`);
  assert.deepEqual([...alice.problems, ...bob.problems], [], `seed ${seed}`);
}

describe('two people who do what they like, where a quarter is lost, a tenth doubled and all reordered', () => {
  it('agree on everything in the end, for two hundred seeds', () => {
    for (let seed = 1; seed <= 200; seed += 1) story(seed);
  });
});
