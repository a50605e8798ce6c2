import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { type RandomSource, randomInteger, SeededRandom } from '../../src/core';
import type { IaxAddress, IaxCall } from '../../src/iax';
import { IaxRig, listenTo, type RigEndpoint } from '../support/iax-rig';
import { iaxSamples } from '../support/iax-samples';
import { mutateFrame } from './mutate-frame';

/*
 * node --import tsx test/fuzz/iax-call.ts [--count N] [--seed S]
 *
 * Throws mutated frames into running calls: first from a stranger's address with everything right but the address, which must
 * do nothing to them; then from the address of the peer itself, which may end them, but breaks nothing and leaves nothing. An
 * error in a listener or a timer ends the process, as it would in life.
 */

/** Frames of each kind in one story. */
const perStory = 50;

const mallory: IaxAddress = { host: '127.0.0.66', port: 4569 };

interface Pair {
  readonly rig: IaxRig;
  readonly alice: RigEndpoint;
  readonly bob: RigEndpoint;
  readonly from: IaxCall;
  readonly to: IaxCall;
}

function connect(seed: number): Pair {
  const rig = new IaxRig({}, seed);
  const access = { secretOf: () => 's3cret' };
  const alice = rig.endpoint(1);
  const bob = rig.endpoint(2, { access, registrar: { access } });
  const from = alice.call(bob, { username: 'alice', secret: 's3cret' });
  rig.run(20);
  const to = bob.lastCall;
  to.answer();
  rig.run(20);
  assert.equal(from.state, 'up');
  return { rig, alice, bob, from, to };
}

/** A mutated frame whose header would be right, more often than not, if it came from the peer of `call`. */
function frameFor(call: IaxCall, original: Buffer, others: readonly Buffer[], random: RandomSource): Buffer {
  const bytes = Buffer.from(mutateFrame(original, random, others));
  const { leg } = call;
  if (bytes.length < 12 || randomInteger(random, 8) === 0) {
    if (bytes.length >= 4 && randomInteger(random, 2) === 0) bytes.writeUInt16BE(leg.path.number, 0);
    return bytes;
  }
  bytes.writeUInt16BE(0x8000 | leg.path.number, 0);
  bytes.writeUInt16BE(leg.localNumber | (randomInteger(random, 4) === 0 ? 0x8000 : 0), 2);
  if (randomInteger(random, 6) !== 0) bytes[8] = leg.numbers.incoming;
  if (randomInteger(random, 6) !== 0) bytes[9] = leg.numbers.outgoing;
  return bytes;
}

/** What a stranger must not change. */
function standing({ from, to }: Pair): unknown {
  return [from, to].map((call) => [call.state, call.peer, call.isQuelched, call.isHeld, call.codec, call.cause, call.leg.numbers.incoming, call.leg.unacknowledged]);
}

function spoof(pair: Pair, random: RandomSource, samples: readonly Buffer[]): void {
  const { rig, alice, bob, from, to } = pair;
  const before = standing(pair);
  for (let frame = 0; frame < perStory; frame += 1) {
    const [endpoint, call] = randomInteger(random, 2) === 0 ? [alice, from] : [bob, to];
    const bytes = frameFor(call, samples[randomInteger(random, samples.length)]!, samples, random);
    const sent = rig.sent.length;
    endpoint.endpoint.receive(mallory, bytes);
    const answered = rig.sent.slice(sent).filter((datagram) => datagram.to.host === mallory.host).reduce((sum, datagram) => sum + datagram.bytes.length, 0);
    assert.ok(answered <= bytes.length, `${answered} octets for ${bytes.length}: ${bytes.toString('hex')}`);
    rig.run(2);
    assert.deepEqual(standing(pair), before, `a stranger changed a call by ${bytes.toString('hex')}`);
  }
  const heard = listenTo(to);
  from.sendVoice('PCMU', new Uint8Array(160).fill(1));
  from.sendText('still there');
  rig.run(20);
  assert.equal(heard.length, 1);
}

function attack(pair: Pair, random: RandomSource, samples: readonly Buffer[]): void {
  const { rig, alice, bob, from, to } = pair;
  for (let frame = 0; frame < perStory; frame += 1) {
    const [endpoint, call, peer] = randomInteger(random, 2) === 0 ? [alice, from, bob.address] : [bob, to, alice.address];
    endpoint.endpoint.receive(peer, frameFor(call, samples[randomInteger(random, samples.length)]!, samples, random));
    if (randomInteger(random, 4) === 0 && call.state !== 'ended') call.sendVoice('PCMU', new Uint8Array(160));
    rig.run(randomInteger(random, 3));
  }
}

/** One pair, its frames, and its end: nothing may be left of it. Returns whether the call outlived the attack. */
function story(seed: number, samples: readonly Buffer[]): boolean {
  const random = new SeededRandom(seed);
  const pair = connect(seed);
  const { rig, alice, bob, from, to } = pair;
  spoof(pair, random, samples);
  attack(pair, random, samples);
  const isAlive = from.state === 'up' && to.state === 'up';
  for (const { endpoint } of [alice, bob]) for (const call of endpoint.calls) call.hangUp();
  rig.run(120_000);
  for (const { endpoint } of [alice, bob]) assert.ok(endpoint.isQuiet, `seed ${seed}: ${JSON.stringify(endpoint.footprint)}`);
  assert.equal(rig.close(), 0, `seed ${seed}: timers are left`);
  return isAlive;
}

function main(): number {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } } });
  const [count, first] = [Number(values.count), Number(values.seed)];
  const samples = iaxSamples();
  const started = performance.now();
  let alive = 0;
  let frames = 0;
  for (let seed = first; frames < count; seed += 1) {
    try {
      if (story(seed, samples)) alive += 1;
      frames += 2 * perStory;
    } catch (error) {
      console.error(`seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return 1;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${count} frames of seed ${first} in ${seconds.toFixed(1)} s; ${alive} of ${frames / (2 * perStory)} calls outlived their own peer's`);
  return 0;
}

process.exitCode = main();
