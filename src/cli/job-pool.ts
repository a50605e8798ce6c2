import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import type { ScenarioReport } from '../scenario';
import { type Job, runJob } from './job';

/** Below this many runs a worker's own start takes longer than it saves. */
const fewestForWorkers = 16;

/** More would only wait for each other's memory. */
const mostWorkers = 8;

/** Runs the jobs and yields their reports in the order of the jobs; simulated ones on several cores when there are many. */
export function runJobs(jobs: readonly Job[], program: string, signal: AbortSignal): AsyncIterable<ScenarioReport> {
  const mayShare = jobs.length >= fewestForWorkers && jobs.every(({ simulation }) => simulation !== undefined);
  const count = Math.min(availableParallelism(), mostWorkers);
  return mayShare && count > 1 ? runOnWorkers(jobs, program, count, signal) : runHere(jobs, signal);
}

async function* runHere(jobs: readonly Job[], signal: AbortSignal): AsyncGenerator<ScenarioReport, void> {
  for (const job of jobs) {
    if (signal.aborted) return;
    yield await runJob(job, signal);
  }
}

/** `program` is this program's own file: a worker that runs it calls {@link workOff}. */
async function* runOnWorkers(jobs: readonly Job[], program: string, count: number, signal: AbortSignal): AsyncGenerator<ScenarioReport, void> {
  const workers = Array.from({ length: count }, () => new Worker(program));
  const reports = jobs.map(() => deferred<ScenarioReport>());
  for (const { promise } of reports) promise.catch(() => undefined);
  let next = 0;
  const give = (worker: Worker): void => {
    const job = jobs[next];
    if (job !== undefined) worker.postMessage({ job, index: next });
    next += 1;
  };
  for (const worker of workers) {
    worker.on('message', ({ index, report, error }: Answer) => {
      if (report === undefined) reports[index]?.reject(new Error(error));
      else reports[index]?.resolve(report);
      give(worker);
    });
    worker.on('error', (error) => {
      for (const { reject } of reports) reject(error);
    });
    give(worker);
  }
  try {
    for (const { promise } of reports) {
      if (signal.aborted) return;
      yield await promise;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

function deferred<Value>(): Deferred<Value> {
  const settle: Partial<Omit<Deferred<Value>, 'promise'>> = {};
  const promise = new Promise<Value>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, resolve: (value) => settle.resolve?.(value), reject: (error) => settle.reject?.(error) };
}

interface Task {
  readonly job: Job;
  readonly index: number;
}

interface Answer {
  readonly index: number;
  readonly report?: ScenarioReport;
  readonly error?: string;
}

/** What a worker does: runs the jobs it is given, one after the other. */
export function workOff(): void {
  parentPort?.on('message', ({ job, index }: Task) => {
    runJob(job).then(
      (report) => parentPort?.postMessage({ index, report } satisfies Answer),
      (error: unknown) => parentPort?.postMessage({ index, error: error instanceof Error ? error.message : String(error) } satisfies Answer),
    );
  });
}
