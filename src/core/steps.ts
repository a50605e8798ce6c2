import type { Clock, Milliseconds } from './clock';

/** Long work that lets go from time to time: whoever runs it may do something else in between. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Does it at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Does it in slices of about this long, and lets whatever waits have its turn between them. */
export async function finishInSlices<Result>(steps: Steps<Result>, clock: Clock, slice: Milliseconds): Promise<Result> {
  for (;;) {
    const end = clock.now() + slice;
    let step = steps.next();
    while (step.done !== true && clock.now() < end) step = steps.next();
    if (step.done === true) return step.value;
    await new Promise<void>((resolve) => void clock.setTimer(0, resolve));
  }
}
