/**
 * Runs a test module inside the extension host of a real VS Code, where `import * as vscode from 'vscode'` is the real thing.
 *
 * A suite is a file in suite/ that exports `tests: HostTests`. Its file in this folder runs it, one subtest for each:
 *
 * ```ts
 * await reportInHost(t, await runInHost('activation', { extension: repositoryRoot, workspace: 'examples' }));
 * ```
 *
 * It runs in the web host by default; with CALL_LAB_HOST=desktop in a desktop VS Code, through @vscode/test-electron.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { findInstalledVSCode } from '../../scripts/vscode-host.mjs';
import { openVSCode, repositoryRoot, type WindowOptions } from './driver';
import { type HostTestResult, resultsVariable } from './suite-runner';

export interface HostRun {
  readonly results: readonly HostTestResult[];
  /** Complaints of page and extension host; see the driver. */
  readonly errors: readonly string[];
}

/** A run with no end within this many milliseconds is a failure. */
const limit = 120_000;

/** Runs suite/NAME.ts inside VS Code. */
export async function runInHost(name: string, options: Omit<WindowOptions, 'testsPath' | 'expose'>): Promise<HostRun> {
  const testsPath = await bundle(name);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'call-lab-results-'));
  const resultFile = path.join(folder, 'results.json');
  const env = { ...options.env, [resultsVariable]: resultFile };
  try {
    const errors =
      process.env['CALL_LAB_HOST'] === 'desktop' && options.vsix === undefined
        ? await runOnDesktop(testsPath, { ...options, env })
        : await runOnWeb(testsPath, { ...options, env });
    return { results: JSON.parse(readFileSync(resultFile, 'utf8')) as readonly HostTestResult[], errors };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Shows each result as a subtest of `t`, and fails when there is none. */
export async function reportInHost(t: TestContext, run: HostRun): Promise<void> {
  if (run.results.length === 0) throw new Error('The suite ran no test.');
  for (const { name, error } of run.results) {
    await t.test(name, () => {
      if (error !== undefined) throw new Error(error);
    });
  }
}

/** One CommonJS file with everything in it but `vscode`. */
async function bundle(name: string): Promise<string> {
  const outfile = path.join(repositoryRoot, 'out/host', `${name}.js`);
  mkdirSync(path.dirname(outfile), { recursive: true });
  await build({
    stdin: {
      contents: `import { tests } from './suite/${name}'; import { runAll } from './suite-runner'; export const run = () => runAll(tests);`,
      resolveDir: __dirname,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return outfile;
}

async function runOnWeb(testsPath: string, options: WindowOptions): Promise<readonly string[]> {
  let end: (code: unknown) => void = () => {};
  const ended = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  const window = await openVSCode({
    ...options,
    testsPath,
    // The page calls both by name; lines of the log come to the driver as console messages too.
    expose: { codeAutomationExit: (code) => end(code), codeAutomationLog: () => {} },
  });
  const timer = setTimeout(() => end('no end'), limit);
  try {
    const code = await ended;
    if (code === 'no end') throw new Error(`The suite did not end within ${String(limit / 1000)} s. ${window.errors.join('\n')}`);
    return window.errors;
  } finally {
    clearTimeout(timer);
    await window.close();
  }
}

async function runOnDesktop(testsPath: string, options: WindowOptions): Promise<readonly string[]> {
  const installed = findInstalledVSCode();
  await runTests({
    ...(installed === undefined ? {} : { vscodeExecutablePath: installed }),
    extensionDevelopmentPath: options.extension ?? repositoryRoot,
    extensionTestsPath: testsPath,
    extensionTestsEnv: { ...options.env },
    launchArgs: [path.resolve(repositoryRoot, options.workspace), '--disable-workspace-trust', '--skip-welcome', '--disable-gpu'],
  }).catch((error: unknown) => {
    // Failed tests are in the results; what the program says of them here adds nothing.
    if (!String(error).includes('Test run failed')) throw error;
  });
  return [];
}
