import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Programs that this process started and must not leave behind. Each leads a process group of its own, so that its
 * children go with it.
 *
 * @type {Set<import('node:child_process').ChildProcess>}
 */
const running = new Set();

const onWindows = process.platform === 'win32';
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * Starts a program in a process group of its own. Whatever ends this process (its end, Ctrl+C, a signal) ends the group.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function startGroup(command, args, options = {}) {
  if (running.size === 0) watchForOurEnd();
  const child = spawn(command, args, { ...options, detached: !onWindows });
  running.add(child);
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Ends a group: asks first, and kills what is left after `patience` milliseconds. Resolves when none of the group is left.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export async function stopGroup(child, patience = 3000) {
  signalGroup(child, 'SIGTERM');
  const deadline = Date.now() + patience;
  while (groupExists(child) && Date.now() < deadline) await pause(50);
  signalGroup(child, 'SIGKILL');
  while (groupExists(child) && Date.now() < deadline + 2000) await pause(20);
  running.delete(child);
}

/**
 * Runs a program to its end, its output going where ours goes, and returns its exit code (124 when it ran longer than
 * `limit` milliseconds and was ended). A quiet one shows the end of its output only when it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limit?: number, quiet?: boolean }} [options]
 * @returns {Promise<number>}
 */
export async function run(command, args, { cwd, env, limit, quiet = false } = {}) {
  const output = quiet ? 'pipe' : 'inherit';
  const child = startGroup(command, args, { cwd, env, stdio: ['ignore', output, output] });
  const lastWords = lastLines(child, 20);
  let overran = false;
  const timer =
    limit === undefined
      ? undefined
      : setTimeout(() => {
          overran = true;
          void stopGroup(child);
        }, limit);
  const code = await exitCode(child);
  clearTimeout(timer);
  await stopGroup(child);
  if (code !== 0) process.stderr.write(lastWords());
  return overran ? 124 : code;
}

/** @param {import('node:child_process').ChildProcess} child @param {number} count */
function lastLines(child, count) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece) => {
      text = `${text}${String(piece)}`.split('\n').slice(-count - 1).join('\n');
    });
  }
  return () => text;
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<number>} 127 when it could not be started */
export function exitCode(child) {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** Where `command` lies on the search path, or undefined. @param {string} command */
export function findCommand(command) {
  const names = onWindows ? [`${command}.exe`, `${command}.cmd`] : [command];
  for (const directory of (process.env['PATH'] ?? '').split(path.delimiter)) {
    if (directory === '') continue;
    for (const name of names) {
      const file = path.join(directory, name);
      if (isExecutable(file)) return file;
    }
  }
  return undefined;
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The command and the leading arguments that run npm: the one we run under, or the one on the search path. */
export function npmCommand() {
  const script = process.env['npm_execpath'];
  return script?.endsWith('.js') === true ? { command: process.execPath, args: [script] } : { command: onWindows ? 'npm.cmd' : 'npm', args: [] };
}

/** @param {number} milliseconds @returns {Promise<void>} */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function watchForOurEnd() {
  if (process.listeners('exit').includes(killAll)) return;
  process.on('exit', killAll);
  /** @param {number} code */
  const end = (code) => {
    void Promise.all([...running].map((child) => stopGroup(child))).then(() => process.exit(code));
  };
  for (const [signal, number] of Object.entries(signalNumbers)) process.once(signal, () => end(128 + number));
  // A signal to npm alone ends npm and the shell between us, and never comes here: then our parent is another one.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end(128 + signalNumbers.SIGHUP);
  }, 500);
  watch.unref();
}

function killAll() {
  for (const child of running) signalGroup(child, 'SIGKILL');
}

/** @param {import('node:child_process').ChildProcess} child @param {'SIGTERM' | 'SIGKILL'} signal */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (onWindows) spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    else process.kill(-child.pid, signal);
  } catch {
    // None of the group is left.
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function groupExists(child) {
  if (child.pid === undefined) return false;
  if (onWindows) return child.exitCode === null && child.signalCode === null;
  try {
    process.kill(-child.pid, 0);
    return true;
  } catch {
    return false;
  }
}
