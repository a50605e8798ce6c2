import { stringify } from 'yaml';
import { type CallInfo, formatVerb, type Lab } from '../../../src/lab';
import { describePhone, describeServer } from './phone-text';
import { replayStory, type StoryResult } from './run-story';
import type { Story, StoryEvent } from './story';

/** A story as people read it: conditions, phones, and who does what when. */
export function describeStory({ story, failures }: StoryResult): string {
  const { loss, duplicate, reorder, delay } = story.conditions;
  return [
    ...failures,
    `seed ${String(story.seed)}, ending: ${story.ending}; loss ${loss.toFixed(2)}, duplicate ${duplicate.toFixed(2)}, reorder ${reorder.toFixed(2)}, delay ${String(delay.min)}-${String(delay.max)} ms`,
    ...story.servers.map((server) => `  ${server.name}: ${JSON.stringify({ ...server, name: undefined, host: undefined, port: undefined })}`),
    ...story.phones.map((phone) => `  ${phone.name}: ${JSON.stringify({ ...phone, name: undefined, host: undefined, port: undefined })}`),
    ...story.events.map((event) => `  ${(event.at / 1000).toFixed(3).padStart(8)} s  ${describeEvent(event)}`),
  ].join('\n');
}

function describeEvent(event: StoryEvent): string {
  switch (event.kind) {
    case 'verb':
      return formatVerb(event.verb);
    case 'heal':
      return 'the network heals';
    case 'cut':
      return `${event.phone} is cut off`;
  }
}

/**
 * The story as a scenario file: its verbs, with waits for what each phone knew when it acted. A scenario waits for states
 * and not for seconds, so it tells the same story, but not to the millisecond. Undefined where a host was
 * cut off: a scenario has no words for that.
 */
export async function toScenario({ story, failures }: StoryResult): Promise<string | undefined> {
  if (story.events.some(({ kind }) => kind !== 'verb')) return undefined;
  const steps = await observeSteps(story);
  const { loss, duplicate, reorder } = story.conditions;
  const comments = [
    `Found by a random story. It broke: ${failures[0] ?? 'nothing'}`,
    `The network: loss ${String(loss)}, duplicate ${String(duplicate)}, reorder ${String(reorder)}. The story with its times is in the file beside this one.`,
  ];
  const text = stringify({
    name: `Story ${String(story.seed)}`,
    ...(story.servers.length > 0 && { servers: Object.fromEntries(story.servers.map((server) => [server.name, describeServer(server)])) }),
    phones: Object.fromEntries(story.phones.map((phone) => [phone.name, describePhone(phone)])),
    steps,
  }, { lineWidth: 0, nullStr: '' });
  return `${comments.map((line) => `# ${line.replace(/\s+/gu, ' ')}\n`).join('')}${text}`;
}

/** Replays the story and notes, before each verb, what its phone's calls had become, and after it whether it worked. */
async function observeSteps(story: Story): Promise<readonly unknown[]> {
  const steps: unknown[] = [];
  const failed = new Set<number>();
  const labs: Lab[] = [];
  let count = 0;
  const waits: string[][] = [];
  await replayStory(story, (lab) => {
    labs.push(lab);
    lab.on('verb', ({ text, outcome }) => {
      const event = story.events[count];
      if (outcome === 'started' && event?.kind === 'verb' && formatVerb(event.verb) === text) {
        const { name, calls, asks } = lab.phone(event.verb.phone);
        // Whoever is called by name through the proxy must be there too.
        const registered = lab.phones.filter(({ registration }) => registration?.state === 'registered' || registration?.state === 'refreshing');
        waits.push([...registered.map((phone) => `${phone.name} registered`), ...calls.flatMap(describeCall), ...asks.map(({ by }) => `${name} asked by ${by}`)]);
        count += 1;
      } else if (outcome === 'failed') {
        const index = story.events.findLastIndex((other, at) => at < count && other.kind === 'verb' && formatVerb(other.verb) === text);
        failed.add(index);
      }
    });
  });
  let before = '';
  for (const [index, event] of story.events.entries()) {
    if (event.kind !== 'verb') continue;
    const wait = waits[index] ?? [];
    if (wait.length > 0 && wait.join() !== before) steps.push({ wait });
    before = wait.join();
    const line = formatVerb(event.verb);
    steps.push(failed.has(index) ? { 'expect-failure': line } : line);
  }
  return steps;
}

function describeCall({ phone, peer, state, holding, held }: CallInfo): readonly string[] {
  switch (state) {
    case 'calling':
    case 'ringing':
      return [`${phone} ${state} ${peer}`];
    case 'incoming':
      return [`${phone} incoming from ${peer}`];
    case 'answering':
      return [];
    case 'connected':
      if (holding) return [`${phone} holding ${peer}`];
      return [held ? `${phone} held by ${peer}` : `${phone} connected to ${peer}`];
    case 'ended':
      return [`${phone} ended with ${peer}`];
  }
}
