/**
 * `npm start`: sets up, builds, and opens a VS Code with Call Lab on the sample workspace examples/. Runs until Ctrl+C or
 * until the window closes, and leaves nothing running.
 *
 *   npm start -- [--scenario FILE] [--host installed|download|web] [--port N] [--no-open]
 *
 * --scenario FILE  plays that scenario file on opening.
 * --host KIND      takes that kind of VS Code (see vscode-host.mjs) instead of the first that works.
 * --port N         port of the web host (default: 8137, or any free one when that is taken).
 * --no-open        opens no browser on the web host: only says its address.
 *
 * The scenario reaches the extension as the absolute path in the environment variable CALL_LAB_SCENARIO. Of the ways to hand
 * it over, this is the one that all three hosts share: each starts its extension host with the environment we give it,
 * and nothing is written into the person's workspace or settings.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { exitCode, findCommand, startGroup } from './lib/processes.mjs';
import { fail, say, SetupError } from './lib/say.mjs';
import { build, checkNode, installPackages, root } from './setup.mjs';
import {
  cacheFolder,
  downloadVSCode,
  ensureWebHost,
  findInstalledVSCode,
  hasDisplay,
  linkExtension,
  startDesktop,
  startWebHost,
} from './vscode-host.mjs';

const workspace = path.join(root, 'examples');
const usualPort = 8137;

async function main() {
  const options = readOptions();
  checkNode();
  await installPackages();
  await build();
  const env = { ...process.env, ...(options.scenario === undefined ? {} : { CALL_LAB_SCENARIO: options.scenario }) };
  if (options.scenario !== undefined) say(`It will play ${path.relative(root, options.scenario)} on opening.`);
  const program = await findDesktop(options.host);
  if (program === undefined) await runWeb(options, env);
  else await runDesktop(program, env);
}

function readOptions() {
  const values = parseOptions();
  const scenario = values.scenario === undefined ? undefined : path.resolve(process.env['INIT_CWD'] ?? '.', values.scenario);
  if (scenario !== undefined && !existsSync(scenario)) throw new SetupError(`There is no scenario file ${scenario}.`);
  if (values.host !== undefined && !['installed', 'download', 'web'].includes(values.host)) {
    throw new SetupError(`--host takes installed, download or web, not ${values.host}.`);
  }
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new SetupError(`--port takes a number from 1 to 65535, not ${String(values.port)}.`);
  }
  return { scenario, host: values.host, port, open: !values['no-open'] };
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        scenario: { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new SetupError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The program of a desktop VS Code, or undefined where the web host is to be taken.
 *
 * @param {string | undefined} wanted
 */
async function findDesktop(wanted) {
  if (wanted === 'web') return undefined;
  if (!hasDisplay()) {
    if (wanted !== undefined) throw new SetupError('There is no display here to show a desktop VS Code on.');
    say('There is no display here for a desktop VS Code.');
    return undefined;
  }
  const installed = wanted === 'download' ? undefined : findInstalledVSCode();
  if (installed !== undefined) {
    say(`VS Code: the installed one, ${installed}`);
    return installed;
  }
  if (wanted === 'installed') throw new SetupError('No installed VS Code was found; CALL_LAB_VSCODE can name its program.');
  say('No VS Code is installed; asking for a download (once, into .vscode-test/) ...');
  const downloaded = await downloadVSCode();
  if (downloaded !== undefined) {
    say(`VS Code: the downloaded one, ${downloaded}`);
    return downloaded;
  }
  if (wanted === 'download') throw new SetupError('VS Code could not be downloaded.');
  say('VS Code could not be downloaded.');
  return undefined;
}

/** @param {string} program @param {NodeJS.ProcessEnv} env */
async function runDesktop(program, env) {
  const child = startDesktop({ program, workspace, env });
  say('Look at the VS Code window that opens: Call Lab is in its activity bar. Ctrl+C here, or closing it, ends it.');
  const code = await exitCode(child);
  if (code !== 0) throw new SetupError(`VS Code ended with exit code ${String(code)}.`);
}

/** @param {ReturnType<typeof readOptions>} options @param {NodeJS.ProcessEnv} env */
async function runWeb(options, env) {
  const host = await ensureWebHost();
  const profile = path.join(cacheFolder, 'web-profile');
  linkExtension(profile, root);
  const port = options.port ?? ((await isFree(usualPort)) ? usualPort : 0);
  const server = await startWebHost(host, { profile, port, env });
  const url = server.url({ workspace });
  say('VS Code: its web host, in a browser.');
  say(`Look at ${url}`);
  if (options.open) openBrowser(url);
  say('Ctrl+C ends it.');
  await server.ended;
  say('The web host has ended.');
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Opens the person's browser where there is one; the address has been printed in any case. @param {string} url */
function openBrowser(url) {
  if (!hasDisplay()) return;
  if (process.platform === 'win32') startGroup('rundll32', ['url.dll,FileProtocolHandler', url], { stdio: 'ignore' });
  else if (process.platform === 'darwin') startGroup('open', [url], { stdio: 'ignore' });
  else if (findCommand('xdg-open') !== undefined) startGroup('xdg-open', [url], { stdio: 'ignore' });
}

main().catch(fail);
