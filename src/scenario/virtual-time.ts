import type { VirtualClock } from '../core';

/** Turns of the microtask queue between two timers: more than the longest chain of promises in the lab has links. */
const turns = 8;

/** Turns after which work that waits for no timer is taken to wait for nothing at all. */
const turnsWhenStuck = 1_000;

/**
 * Fires one timer after the other until `work` is done. Promises get their turns between two timers; their order is the
 * same in every run, so a seed replays. Rejects when nothing is left that could bring the work to its end.
 */
export async function driveVirtualTime<Result>(clock: VirtualClock, work: Promise<Result>): Promise<Result> {
  let finished = false;
  const isDone = (): boolean => finished;
  const done = work.finally(() => {
    finished = true;
  });
  done.catch(() => undefined);
  const pass = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count && !isDone(); turn += 1) await Promise.resolve();
  };
  while (!isDone()) {
    await pass(turns);
    if (isDone() || clock.step()) continue;
    await pass(turnsWhenStuck);
    if (isDone() || clock.nextDue !== undefined) continue;
    throw new Error('The scenario waits for something that cannot happen any more.');
  }
  return done;
}
