import type { PhoneOptions, RegisterOptions, ServerOptions, TransferOptions } from '../../../src/lab';
import { replayStory, type StoryResult } from './run-story';
import type { Story, StoryEvent } from './story';

/** What a failure is about: the part of its sentence before the colon. */
export function failureKind(failure: string): string {
  return failure.split(':', 1)[0] ?? '';
}

/** The most replays that a reduction may take. */
const mostReplays = 500;

/**
 * Makes a failing story smaller while it still breaks the same invariant: fewer events, a better network, fewer phones
 * with fewer habits. Returns the smallest found, which fails when it is replayed.
 */
export async function reduceStory(failing: StoryResult, replay: (story: Story) => Promise<StoryResult> = replayStory): Promise<StoryResult> {
  const kinds = new Set(failing.failures.map(failureKind));
  let best = failing;
  let replays = 0;
  const accept = async (story: Story): Promise<boolean> => {
    if (replays >= mostReplays) return false;
    replays += 1;
    const result = await replay(story);
    if (!result.failures.some((failure) => kinds.has(failureKind(failure)))) return false;
    best = result;
    return true;
  };
  for (let before = Number.NaN; before !== replays && replays < mostReplays; ) {
    const size = sizeOf(best.story);
    await dropEvents(() => best.story, accept);
    for (const simplify of simplifications) {
      const simpler = simplify(best.story);
      if (simpler !== undefined) await accept(simpler);
    }
    for (const { name } of best.story.phones) {
      for (const simplify of phoneSimplifications) {
        const simpler = simplifyPhone(best.story, name, simplify);
        if (simpler !== undefined) await accept(simpler);
      }
    }
    before = sizeOf(best.story) === size ? replays : Number.NaN;
  }
  return best;
}

function sizeOf(story: Story): string {
  return JSON.stringify(story);
}

async function dropEvents(story: () => Story, accept: (story: Story) => Promise<boolean>): Promise<void> {
  for (let length = Math.ceil(story().events.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let start = 0; start < story().events.length; ) {
      const { events } = story();
      const rest = [...events.slice(0, start), ...events.slice(start + length)];
      if (!(await accept({ ...story(), events: rest }))) start += length;
    }
  }
}

/** Each gives a simpler story, or undefined where it is as simple as that already. */
const simplifications: readonly ((story: Story) => Story | undefined)[] = [
  (story) => withConditions(story, { loss: 0 }),
  (story) => withConditions(story, { loss: Math.round(story.conditions.loss * 10) / 10 }),
  (story) => withConditions(story, { duplicate: 0 }),
  (story) => withConditions(story, { reorder: 0 }),
  (story) => withConditions(story, { delay: { min: 10, max: 10 } }),
  (story) => (story.fullMedia ? { ...story, fullMedia: false } : undefined),
  (story) => (story.ending === 'settle' ? undefined : { ...story, ending: 'settle' }),
  (story) => (story.servers.length === 0 ? undefined : { ...story, servers: [], phones: story.phones.map(({ register: _, outboundProxy: __, ...rest }) => rest) }),
  (story) => withServer(story, ({ registrar: _, ...rest }) => ({ ...rest, registrar: {} })),
  (story) => withServer(story, ({ recordRoute: _, fork: __, ...rest }) => rest),
  (story) => {
    const used = new Set(story.events.flatMap(namesIn));
    const redirects = story.phones.flatMap(({ behaviour }) => (behaviour?.kind === 'redirect' ? behaviour.to : []));
    const phones = story.phones.filter(({ name }) => used.has(name) || redirects.includes(name));
    return phones.length === story.phones.length ? undefined : { ...story, phones };
  },
  (story) => {
    const events = story.events.map((event): StoryEvent => ({ ...event, at: Math.ceil(event.at / 100) * 100 }));
    return events.every(({ at }, index) => at === story.events[index]?.at) ? undefined : { ...story, events };
  },
];

function withServer(story: Story, simplify: (server: ServerOptions) => ServerOptions): Story | undefined {
  const servers = story.servers.map(simplify);
  return JSON.stringify(servers) === JSON.stringify(story.servers) ? undefined : { ...story, servers };
}

function withoutExpires({ expires: _, ...rest }: RegisterOptions): RegisterOptions {
  return rest;
}

function withConditions(story: Story, changes: Partial<Story['conditions']>): Story | undefined {
  const conditions = { ...story.conditions, ...changes };
  return JSON.stringify(conditions) === JSON.stringify(story.conditions) ? undefined : { ...story, conditions };
}

function namesIn(event: StoryEvent): readonly string[] {
  if (event.kind === 'heal') return [];
  if (event.kind !== 'verb') return [event.phone];
  const { verb } = event;
  if ('targets' in verb) return [verb.phone, ...verb.targets];
  return 'target' in verb ? [verb.phone, verb.target] : [verb.phone];
}

type SimplifyPhone = (phone: PhoneOptions) => PhoneOptions;

const phoneSimplifications: readonly SimplifyPhone[] = [
  ({ transport: _, ...rest }) => rest,
  ({ defects: _, ...rest }) => rest,
  ({ credentials: _, requires: __, ...rest }) => rest,
  ({ refer: _, ...rest }) => rest,
  ({ register: _, outboundProxy: __, ...rest }) => rest,
  (phone) => (phone.register === undefined ? phone : { ...phone, register: withoutExpires(phone.register) }),
  ({ transfer: _, ...rest }) => rest,
  ...(['hangUp', 'referSub', 'subscription', 'referredBy', 'place', 'refer', 'blonde'] as const).map((name): SimplifyPhone => withoutTransferOption(name)),
  ({ referStatus: _, ...rest }) => rest,
  ({ reliable: _, ...rest }) => rest,
  ({ earlyMedia: _, ...rest }) => rest,
  ({ sessionTimer: _, ...rest }) => rest,
  ({ dtmf: _, ...rest }) => rest,
  ({ connectedIdentity: _, ...rest }) => rest,
  ({ holdStyle: _, holdTone: __, ...rest }) => rest,
  ({ laws: _, ...rest }) => rest,
  ({ ringLimit: _, ...rest }) => rest,
  ({ behaviour: _, ...rest }) => rest,
  (phone) => (phone.behaviour?.kind === 'answer' ? { ...phone, behaviour: { kind: 'answer', after: 0 } } : phone),
];

function withoutTransferOption(name: keyof TransferOptions): SimplifyPhone {
  return (phone) => {
    if (phone.transfer?.[name] === undefined) return phone;
    const { [name]: _, ...transfer } = phone.transfer;
    return { ...phone, transfer };
  };
}

function simplifyPhone(story: Story, name: string, simplify: SimplifyPhone): Story | undefined {
  const phones = story.phones.map((phone) => (phone.name === name ? simplify(phone) : phone));
  return JSON.stringify(phones) === JSON.stringify(story.phones) ? undefined : { ...story, phones };
}
