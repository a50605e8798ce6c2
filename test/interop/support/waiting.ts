/** Rejects with what `describe` says when `promise` has not settled after `limit` milliseconds. */
export async function within<Result>(promise: Promise<Result>, limit: number, describe: () => string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const overrun = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${String(limit)} ms: ${describe()}`)), limit);
  });
  try {
    return await Promise.race([promise, overrun]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks again and again, for what gives no sign when it changes. */
export async function poll(isMet: () => boolean | Promise<boolean>, limit: number, describe: () => string): Promise<void> {
  const deadline = Date.now() + limit;
  while (!(await isMet())) {
    if (Date.now() > deadline) throw new Error(`not within ${String(limit)} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
