import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { build } from 'esbuild';

/** Work that is dealt out to threads in batches. */
export interface BatchWork<Batch, Result> {
  /** The module that does it, which calls {@link serveBatches} with the same `handle`. */
  readonly entry: string;
  readonly workers: number;
  /** The next batch; undefined when there is none left. */
  readonly take: () => Batch | undefined;
  readonly done: (result: Result) => void;
}

/** Gives batches to threads until none is left. Rejects when a thread fails. */
export async function dealOut<Batch, Result>({ entry, workers, take, done }: BatchWork<Batch, Result>): Promise<void> {
  const code = await bundle(entry);
  await Promise.all(Array.from({ length: workers }, () => feed(new Worker(code, { eval: true, resourceLimits: { maxYoungGenerationSizeMb: 64 } }), take, done)));
}

/** In a thread of {@link dealOut}: handles what comes. Does nothing in the main thread. */
export function serveBatches(handle: (batch: never) => unknown): void {
  if (isMainThread) return;
  parentPort?.on('message', (batch: unknown) => {
    void Promise.resolve(handle(batch as never)).then((result) => parentPort?.postMessage(result));
  });
}

async function feed(worker: Worker, take: () => unknown, done: (result: never) => void): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      const give = (): void => {
        const batch = take();
        if (batch === undefined) resolve();
        else worker.postMessage(batch);
      };
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('a worker ended before its work was done')));
      worker.on('message', (result: unknown) => {
        done(result as never);
        give();
      });
      give();
    });
  } finally {
    await worker.terminate();
  }
}

/** A module with all it needs, as it runs in a worker: bundled, for that starts fastest. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, platform: 'node', target: 'node20', external: ['esbuild'] });
  return outputFiles[0]?.text ?? '';
}
