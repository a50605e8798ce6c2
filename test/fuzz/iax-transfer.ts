import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { type RandomSource, randomInteger, SeededRandom } from '../../src/core';
import type { IaxAddress, IaxCall } from '../../src/iax';
import { oneOf } from '../support/chance';
import type { RigEndpoint } from '../support/iax-rig';
import { iaxSamples } from '../support/iax-samples';
import { nothingLeft, type StageOptions, TransferStage } from '../support/iax-transfer-stage';
import { mutateFrame } from './mutate-frame';

/*
 * node --import tsx test/fuzz/iax-transfer.ts [--count N] [--seed S]
 *
 * Throws mutated frames into calls in each state of a native transfer, of the ends and of the middle: first from a stranger's
 * address with everything right but the address, after which the transfer must come to its end as if nothing had been; then, in
 * another story, from the addresses of the parties themselves, which may end anything, but breaks nothing and leaves nothing.
 */

/** Frames in one story. */
const perStory = 50;

const mallory: IaxAddress = { host: '127.0.0.66', port: 4569 };

/** How a transfer is brought to a state and kept there. */
interface Scene {
  readonly name: string;
  readonly options?: StageOptions;
  readonly media?: boolean;
  /** Full frames, as `B>S TXREADY`, that do not arrive meanwhile; a line that ends with a blank stands for all that begin so. */
  readonly lost: readonly string[];
}

const scenes: readonly Scene[] = [
  { name: 'ends begin, middle begin', lost: ['C>B ', 'B>C '] },
  { name: 'an end asks its person', options: { boss: { transferPolicy: 'ask' } }, lost: [] },
  { name: 'ends ready, middle begin', lost: ['C>S TXREADY', 'B>S TXREADY'] },
  { name: 'middle half-ready', lost: ['B>S TXREADY'] },
  { name: 'middle settling', options: { isHeld: true }, lost: ['S>C UNQUELCH'] },
  { name: 'middle releasing, one end moved', lost: ['S>B TXREL'] },
  { name: 'both ends moved', lost: [] },
  { name: 'media only', media: true, lost: [] },
  { name: 'blonde, moved', options: { isBlonde: true }, lost: [] },
];

interface Set {
  readonly stage: TransferStage;
  readonly decide: ((isAllowed: boolean) => void)[];
}

function setUp(scene: Scene, seed: number): Set {
  const stage = new TransferStage({ ...scene.options, seed });
  const decide: ((isAllowed: boolean) => void)[] = [];
  stage.boss.endpoint.on('transferRequested', (_call, _target, answer) => decide.push(answer));
  assert.ok(stage.setUp());
  stage.rig.filter = (datagram) => {
    if (scene.lost.length === 0) return true;
    const line = stage.brief(datagram).replace('*', '');
    return line.endsWith('mini') || !scene.lost.some((lost) => (lost.endsWith(' ') ? line.startsWith(lost) : line === lost));
  };
  stage.connect({ media: scene.media ?? false });
  stage.carry(100);
  return { stage, decide };
}

interface Target {
  readonly at: RigEndpoint;
  readonly call: IaxCall;
  /** Where the right frames for this call come from: its peer, and the other end. */
  readonly from: readonly { readonly address: IaxAddress; readonly number: number }[];
}

/** The four calls, each with who may speak to it. */
function targets(stage: TransferStage): readonly Target[] {
  const { ofCustomer, withCustomer, withBoss, ofBoss } = stage;
  const path = (at: RigEndpoint, call: IaxCall): Target['from'][number] => ({ address: at.address, number: call.leg.localNumber });
  const [customer, boss] = [path(stage.customer, ofCustomer), path(stage.boss, ofBoss)];
  return [
    { at: stage.customer, call: ofCustomer, from: [path(stage.secretary, withCustomer), boss] },
    { at: stage.boss, call: ofBoss, from: [path(stage.secretary, withBoss), customer] },
    { at: stage.secretary, call: withCustomer, from: [customer] },
    { at: stage.secretary, call: withBoss, from: [boss] },
  ];
}

/** A mutated frame with the numbers that one from `sender` would have, more often than not. */
function frameFor(call: IaxCall, sender: number, samples: readonly Buffer[], random: RandomSource): Buffer {
  const bytes = Buffer.from(mutateFrame(oneOf(random, samples), random, samples));
  if (bytes.length < 12 || randomInteger(random, 8) === 0) {
    if (bytes.length >= 4 && randomInteger(random, 2) === 0) bytes.writeUInt16BE(sender, 0);
    return bytes;
  }
  bytes.writeUInt16BE(0x8000 | sender, 0);
  bytes.writeUInt16BE(call.leg.localNumber | (randomInteger(random, 4) === 0 ? 0x8000 : 0), 2);
  if (randomInteger(random, 6) !== 0) bytes[8] = call.leg.numbers.incoming;
  if (randomInteger(random, 6) !== 0) bytes[9] = call.leg.numbers.outgoing;
  return bytes;
}

/** What a stranger must not change. */
function standing(stage: TransferStage): unknown {
  const calls = [stage.ofCustomer, stage.withCustomer, stage.withBoss, stage.ofBoss];
  return [stage.transfer?.state, stage.outcomes.length, ...calls.map((call) => [call.state, call.peer, call.isQuelched, call.holding, call.leg.mediaAddress, call.leg.numbers.incoming])];
}

function spoof(scene: Scene, seed: number, samples: readonly Buffer[]): void {
  const { stage, decide } = setUp(scene, seed);
  const random = new SeededRandom(seed);
  const before = standing(stage);
  for (let frame = 0; frame < perStory; frame += 1) {
    const target = oneOf(random, targets(stage));
    const bytes = frameFor(target.call, oneOf(random, target.from).number, samples, random);
    const sent = stage.rig.sent.length;
    target.at.endpoint.receive(mallory, bytes);
    const answered = stage.rig.sent.slice(sent).filter(({ to }) => to.host === mallory.host).reduce((sum, datagram) => sum + datagram.bytes.length, 0);
    assert.ok(answered <= bytes.length, `${scene.name}: ${answered} octets for ${bytes.length}: ${bytes.toString('hex')}`);
    assert.deepEqual(standing(stage), before, `${scene.name}: a stranger changed it by ${bytes.toString('hex')}`);
    stage.rig.run(randomInteger(random, 2));
  }
  assert.deepEqual(standing(stage), before, scene.name);
  stage.rig.filter = () => true;
  for (const answer of decide) answer(true);
  stage.s.isSpeaking = scene.media !== true;
  assert.ok(stage.carryUntil(() => stage.outcomes.length > 0), `${scene.name}: never decided`);
  assert.equal(stage.outcomes[0]?.is, scene.media === true ? 'media' : 'done', scene.name);
  if (stage.ofBoss.state === 'ringing') stage.ofBoss.answer();
  stage.carry(1_000);
  assert.equal(stage.hearing(), 'C:B S: B:C', scene.name);
  assert.deepEqual(stage.strike(), nothingLeft, scene.name);
}

/** Returns whether customer and boss have a call afterwards. */
function attack(scene: Scene, seed: number, samples: readonly Buffer[]): boolean {
  const { stage, decide } = setUp(scene, seed);
  const random = new SeededRandom(seed ^ 0x5a5a);
  for (let frame = 0; frame < perStory; frame += 1) {
    const target = oneOf(random, targets(stage));
    const sender = oneOf(random, target.from);
    target.at.endpoint.receive(sender.address, frameFor(target.call, sender.number, samples, random));
    if (randomInteger(random, 10) === 0) decide.pop()?.(randomInteger(random, 2) === 0);
    stage.carry(randomInteger(random, 8) === 0 ? 40 : 0);
  }
  stage.rig.filter = () => true;
  stage.carry(200);
  const isAlive = stage.ofCustomer.state === 'up' && stage.ofBoss.state === 'up';
  // What a mutated NEW may have begun is hung up as well.
  for (const { endpoint } of [stage.customer, stage.secretary, stage.boss]) for (const call of endpoint.calls) call.hangUp();
  assert.deepEqual(stage.strike(), nothingLeft, scene.name);
  return isAlive;
}

function main(): number {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } } });
  const [count, first] = [Number(values.count), Number(values.seed)];
  const samples = iaxSamples();
  const started = performance.now();
  let frames = 0;
  let alive = 0;
  let attacked = 0;
  for (let seed = first; frames < count; seed += 1) {
    const scene = scenes[seed % scenes.length]!;
    try {
      spoof(scene, seed, samples);
      if (attack(scene, seed, samples)) alive += 1;
      attacked += 1;
      frames += 2 * perStory;
    } catch (error) {
      console.error(`seed ${seed}, ${scene.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return 1;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${count} frames of seed ${first} in ${seconds.toFixed(1)} s; ${alive} of ${attacked} calls outlived their own parties`);
  return 0;
}

process.exitCode = main();
