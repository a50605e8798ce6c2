import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { CryptoRandom, randomInteger, SeededRandom } from '../../src/core';
import type { PhoneOptions } from '../../src/lab';
import { parseScenario } from '../../src/scenario';
import { drawPhones } from './stories/draw-phones';
import { drawServers } from './stories/draw-servers';
import { describePhone, describeServer } from './stories/phone-text';
import { tellStories } from './stories/pool';
import { reduceStory } from './stories/reduce';
import { replayStory, type StoryResult, tellStory } from './stories/run-story';
import { describeStory, toScenario } from './stories/scenario-text';
import type { Story, StoryEvent } from './stories/story';

/** As many as fit, on a slow laptop fewer. */
const mostStories = 2_000;
const timeLimit = process.env['CI'] === 'true' ? 150_000 : 40_000;

/** Of a story with many events. */
const seedOfMany = 4_711;

test('random stories on a bad network keep the invariants', async (context) => {
  const seed = randomInteger(new CryptoRandom(), 2 ** 31);
  context.diagnostic(`stories from seed ${String(seed)}`);
  const failing: StoryResult[] = [];
  const totals = await tellStories({ seed, count: mostStories, timeLimit, onFailure: (result) => failing.push(result) });
  context.diagnostic(`${String(totals.stories)} stories, ${String(totals.transfers.success)} successful transfers, ${String(totals.messages)} messages`);
  const [first] = failing;
  if (first !== undefined) {
    const { story } = first;
    assert.fail(
      `${String(failing.length)} stories failed; replay the first with: npm run simulate -- --stories 1 --seed ${String(story.seed)}\n` +
        describeStory(await reduceStory(first)),
    );
  }
  assert.ok(totals.stories > 0);
  assert.ok(totals.transfers.success > 0);
});

test('a story replays from its seed, and from what was told of it', async () => {
  const first = await tellStory(seedOfMany);
  assert.ok(first.messages > 0);
  assert.deepEqual(await tellStory(seedOfMany), first);
  assert.deepEqual(await replayStory(first.story), first);
});

test('a story that fails is made smaller: what matters stays, and nothing else', async () => {
  const told = await tellStory(seedOfMany);
  assert.ok(told.story.events.length > 4);
  const [, , vital] = told.story.events;
  // As if it took this one event and some loss.
  const replay = (story: Story): Promise<StoryResult> => {
    const isBroken = story.conditions.loss > 0 && story.events.some((event) => JSON.stringify(kindOf(event)) === JSON.stringify(kindOf(vital)));
    return Promise.resolve({ ...told, story, failures: isBroken ? ['made up: it fails'] : [] });
  };
  const { story, failures } = await reduceStory({ ...told, failures: ['made up: it fails'] }, replay);
  assert.deepEqual(failures, ['made up: it fails']);
  assert.deepEqual(story.events.map(kindOf), [kindOf(vital)]);
  assert.deepEqual({ ...story.conditions, loss: 0, lossLimit: 0, delay: 0, holdBack: 0 }, { loss: 0, lossLimit: 0, duplicate: 0, reorder: 0, delay: 0, holdBack: 0 });
  assert.ok(story.phones.length < told.story.phones.length);
});

test('a story without accidents can be told as a scenario file', async () => {
  for (let seed = 1, files = 0; files < 5; seed += 1) {
    const told = await tellStory(seed);
    const text = await toScenario(told);
    assert.equal(text === undefined, told.story.events.some(({ kind }) => kind !== 'verb'));
    if (text === undefined) continue;
    files += 1;
    const { problems } = parseScenario(text, 'story.calllab.yaml');
    assert.deepEqual(problems, [], text);
  }
});

test('the phones and servers of a scenario file have every option that was drawn for the story', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = new SeededRandom(seed);
    const { phones, servers } = drawServers(random, drawPhones(random));
    const text = stringify({
      name: 'Phones',
      servers: Object.fromEntries(servers.map((server) => [server.name, describeServer(server)])),
      phones: Object.fromEntries(phones.map((phone) => [phone.name, describePhone(phone)])),
      steps: ['alice place bob'],
    });
    const { scenario, problems } = parseScenario(text, 'phones.calllab.yaml');
    assert.deepEqual(problems, [], text);
    assert.deepEqual(scenario?.phones.map(withDefaults), phones.map(withDefaults), text);
    assert.deepEqual(scenario.servers, servers.map(({ host: _, port: __, ...server }) => server), text);
  }
});

/** What a phone is, however it is written; a scenario chooses addresses by itself. */
function withDefaults(phone: PhoneOptions): PhoneOptions {
  return { transport: 'udp', behaviour: { kind: 'manual' }, holdStyle: 'sendonly', holdTone: true, ...phone, host: '', port: 0 };
}

/** The event without its time, which a reduction may round. */
function kindOf(event: StoryEvent | undefined): unknown {
  return { ...event, at: undefined };
}
