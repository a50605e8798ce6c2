import { writeFileSync } from 'node:fs';

/** Tests of an in-host suite, by name, run one after the other. */
export type HostTests = Readonly<Record<string, () => void | Promise<void>>>;

export interface HostTestResult {
  readonly name: string;
  /** Text with the stack when it failed. */
  readonly error?: string;
}

/** The environment variable that names the file to write the results to. */
export const resultsVariable = 'CALL_LAB_HOST_RESULTS';

/** Runs inside the extension host. Rejects when a test fails, so that the host's exit code is not 0. */
export async function runAll(tests: HostTests): Promise<void> {
  const results: HostTestResult[] = [];
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      results.push({ name });
    } catch (error) {
      results.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  const file = process.env[resultsVariable];
  if (file === undefined) throw new Error(`${resultsVariable} is not set.`);
  writeFileSync(file, JSON.stringify(results));
  const failed = results.filter((result) => result.error !== undefined).length;
  if (failed > 0) throw new Error(`${String(failed)} of ${String(results.length)} tests failed.`);
}
