import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CryptoRandom, randomInteger } from '../../../src/core';
import { tellStories, type Totals } from './pool';
import { reduceStory } from './reduce';
import { type StoryResult } from './run-story';
import { describeStory, toScenario } from './scenario-text';

/*
 * npm run simulate -- [--stories N] [--seed S] [--loss P] [--quick]
 *
 * Tells N random stories of 3 to 5 phones on a bad network and checks after each that every call ended or is up on both
 * sides, every subscription ended, every verdict is reached and true, and nothing leaks. Without --seed a fresh one is
 * drawn and printed; story number k has the seed S + k, and `--stories 1 --seed` with that number replays it alone. A story
 * that fails is made smaller and saved under artifacts/stories; with --quick it is only printed.
 */

const folder = path.join('artifacts', 'stories');

/** More failing stories than this are counted, but neither reduced nor printed in full. */
const mostReduced = 10;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { stories: { type: 'string', default: '1000' }, seed: { type: 'string' }, loss: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  const count = readNumber('--stories', values.stories, 1e9);
  const seed = values.seed === undefined ? randomInteger(new CryptoRandom(), 2 ** 31) : readNumber('--seed', values.seed, 2 ** 32);
  const loss = values.loss === undefined ? undefined : readNumber('--loss', values.loss, 1);
  console.log(`${String(count)} stories from seed ${String(seed)}${loss === undefined ? '' : ` with loss ${String(loss)}`}`);
  const failing: StoryResult[] = [];
  let told = 0;
  const totals = await tellStories({
    seed,
    count,
    loss,
    onFailure: (result) => {
      failing.push(result);
      console.log(`seed ${String(result.story.seed)}: ${result.failures.slice(0, 3).join(' | ')}`);
    },
    onProgress: (sofar) => {
      if (sofar.stories < told + 5_000) return;
      told = sofar.stories;
      console.log(describeTotals(sofar));
    },
  });
  if (!values.quick) for (const result of failing.slice(0, mostReduced)) await save(await reduceStory(result));
  console.log(describeTotals(totals));
  process.exitCode = totals.failed === 0 ? 0 : 1;
}

function readNumber(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!(value >= 0 && value <= most)) throw new Error(`${name} ${text} is no number from 0 to ${String(most)}`);
  return value;
}

/** Prints the reduced story and keeps it: as data, and as a scenario file where it can be one. */
async function save(result: StoryResult): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const base = path.join(folder, `story-${String(result.story.seed)}`);
  writeFileSync(`${base}.json`, `${JSON.stringify(result.story, undefined, 2)}\n`);
  console.log(`\n${describeStory(result)}\n  saved as ${base}.json`);
  const scenario = await toScenario(result);
  if (scenario === undefined) return;
  writeFileSync(`${base}.calllab.yaml`, scenario);
  console.log(`  and as ${base}.calllab.yaml`);
}

function describeTotals({ stories, failed, transfers, messages, seconds, processorSeconds }: Totals): string {
  const rate = (stories / seconds).toFixed(1);
  const perCore = (stories / processorSeconds).toFixed(1);
  return (
    `${String(stories)} stories told, ${String(failed)} failed; ${String(transfers.success)} transfers worked, ` +
    `${String(transfers.failed)} did not; ${String(messages)} messages; ${seconds.toFixed(1)} s: ${rate} stories/s, ${perCore} per second of processor time`
  );
}

void main();
