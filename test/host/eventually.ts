import assert from 'node:assert/strict';

/** How long anything may take to become true, in milliseconds. The machine may be busy. */
const patience = 30_000;

/** Asks again and again until `check` throws no more; then, or with its last error when patience ends, returns. */
export async function eventually(check: () => Promise<void> | void): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until `read` gives what is expected. */
export function becomes<Value>(read: () => Promise<Value>, expected: Value): Promise<void> {
  return eventually(async () => assert.deepEqual(await read(), expected));
}
