/** One line of progress for the person who waits. @param {string} text */
export function say(text) {
  console.log(`call-lab: ${text}`);
}

/** Runs `task` and says how long it took. @template T @param {string} what @param {() => Promise<T>} task */
export async function sayAround(what, task) {
  say(`${what} ...`);
  const startedAt = Date.now();
  const result = await task();
  say(`${what}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}

/** Ends with a plain sentence where the reason is known, with the stack where it is not. @param {unknown} error */
export function fail(error) {
  if (error instanceof Error) console.error(`call-lab: ${error.name === 'SetupError' ? error.message : error.stack}`);
  else console.error(`call-lab: ${String(error)}`);
  process.exitCode = 1;
}

/** Something is missing or refused, and the message says what the person can do. */
export class SetupError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'SetupError';
  }
}
