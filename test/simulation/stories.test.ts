import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CryptoRandom, randomInteger } from '../../src/core';
import { tellStories } from './stories/pool';
import { reduceStory } from './stories/reduce';
import { replayStory, type StoryResult, tellStory } from './stories/run-story';
import { describeStory } from './stories/scenario-text';

/** As many as fit, on a slow machine fewer. */
const mostStories = 2_000;
const timeLimit = 40_000;

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
  const seed = 4_711;
  const first = await tellStory(seed);
  assert.ok(first.messages > 0);
  assert.deepEqual(await tellStory(seed), first);
  assert.deepEqual(await replayStory(first.story), first);
});

test('a story that fails is made smaller', async () => {
  const told = await tellStory(4_711);
  // As if it were an error that a lab without a working network has calls.
  const failing = { ...told, failures: ['verb without outcome: made up'] };
  assert.equal(await reduceStory(failing), failing);
});
