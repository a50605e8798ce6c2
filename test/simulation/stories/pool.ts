import { dealOut, serveBatches } from '../../support/batches';
import { type StoryResult, tellStory } from './run-story';
import type { StoryOptions } from './story';

export interface StoriesOptions extends StoryOptions {
  /** The seed of the first story; each further one has the next number. */
  readonly seed: number;
  readonly count: number;
  /** Begins no more stories after this, in milliseconds of the wall clock. */
  readonly timeLimit?: number | undefined;
  readonly onFailure?: (result: StoryResult) => void;
  readonly onProgress?: (totals: Totals) => void;
}

export interface Totals {
  readonly stories: number;
  readonly failed: number;
  readonly messages: number;
  readonly transfers: { readonly success: number; readonly failed: number };
  /** Seconds of the wall clock, and of processor time in all threads. */
  readonly seconds: number;
  readonly processorSeconds: number;
}

const none: Totals = { stories: 0, failed: 0, messages: 0, transfers: { success: 0, failed: 0 }, seconds: 0, processorSeconds: 0 };

/** Stories that a worker tells before it reports. */
const batchSize = 25;

/** Below this a worker's start takes longer than it saves. */
const fewestForWorkers = 100;
const workerCount = 2;

interface Batch extends StoryOptions {
  readonly seed: number;
  readonly count: number;
}

interface BatchResult {
  readonly totals: Totals;
  readonly failing: readonly StoryResult[];
}

/** Tells many random stories and checks each; on two threads when there are many. */
export async function tellStories(options: StoriesOptions): Promise<Totals> {
  const { seed, count, loss } = options;
  const begun = performance.now();
  const processorBegun = process.cpuUsage();
  const deadline = begun + (options.timeLimit ?? Number.POSITIVE_INFINITY);
  let totals = none;
  let next = 0;
  const take = (): Batch | undefined => {
    if (next >= count || performance.now() > deadline) return undefined;
    const batch = { seed: seed + next, count: Math.min(batchSize, count - next), loss };
    next += batch.count;
    return batch;
  };
  const done = (result: BatchResult): void => {
    const { user, system } = process.cpuUsage(processorBegun);
    const seconds = (performance.now() - begun) / 1000;
    totals = { ...sum(totals, result.totals), seconds, processorSeconds: (user + system) / 1e6 };
    for (const failing of result.failing) options.onFailure?.(failing);
    options.onProgress?.(totals);
  };
  if (count < fewestForWorkers) {
    for (let batch = take(); batch !== undefined; batch = take()) done(await tellBatch(batch));
  } else {
    await dealOut({ entry: __filename, workers: workerCount, take, done });
  }
  return totals;
}

async function tellBatch({ seed, count, loss }: Batch): Promise<BatchResult> {
  let totals = none;
  const failing: StoryResult[] = [];
  for (let index = 0; index < count; index += 1) {
    const result = await tellStory(seed + index, { loss });
    const { transfers, messages, failures } = result;
    totals = sum(totals, { ...none, stories: 1, failed: failures.length > 0 ? 1 : 0, transfers, messages });
    if (failures.length > 0) failing.push(result);
  }
  return { totals, failing };
}

function sum(a: Totals, b: Totals): Totals {
  return {
    stories: a.stories + b.stories,
    failed: a.failed + b.failed,
    messages: a.messages + b.messages,
    transfers: { success: a.transfers.success + b.transfers.success, failed: a.transfers.failed + b.transfers.failed },
    seconds: 0,
    processorSeconds: 0,
  };
}

serveBatches(tellBatch);
