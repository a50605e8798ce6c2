import type { VirtualClock } from '../core';

/**
 * Fires one timer after the other until `work` is done. Between two timers every promise gets its turns, so that what follows
 * from one event has happened before the next; the order is the same in every run, and a seed replays. Rejects when nothing
 * is left that could bring the work to its end.
 */
export async function driveVirtualTime<Result>(clock: VirtualClock, work: Promise<Result>): Promise<Result> {
  let finished = false;
  const isDone = (): boolean => finished;
  const done = work.finally(() => {
    finished = true;
  });
  done.catch(() => undefined);
  // From outside any promise's callback the first tick would come before the promises, so one of them asks for it.
  await Promise.resolve();
  await allPromises();
  while (!isDone()) {
    if (!clock.step()) throw new Error('The scenario waits for something that cannot happen any more.');
    await allPromises();
  }
  return done;
}

/** Node runs a tick that was asked for by a promise's callback when no promise has a callback left to run. */
function allPromises(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
