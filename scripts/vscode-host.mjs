/**
 * Finds or makes a VS Code that can show the extension. There are three kinds, in the order `npm start` prefers them:
 *
 * 1. `installed`: a desktop VS Code that is on this machine.
 * 2. `download`: a desktop VS Code that @vscode/test-electron downloads, where its site can be reached.
 * 3. `web`: VS Code's own web workbench and Node extension host, from the npm package code-server, shown in a browser.
 *    It needs no desktop and nothing but the npm registry. It is kept in .vscode-test/, with a Node of its own where
 *    ours is too old for it.
 *
 * A desktop VS Code runs with a profile of its own under .vscode-test/, so that nobody's settings are touched.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findCommand, isExecutable, npmCommand, run, startGroup, stopGroup } from './lib/processes.mjs';
import { sayAround, SetupError } from './lib/say.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Everything downloaded and every profile; not part of the repository. */
export const cacheFolder = path.join(root, '.vscode-test');

/** code-server 4.139.1 carries VS Code 1.139.1, which is made for Node 24. */
const codeServerVersion = '4.139.1';
const serverNodeVersion = '24.21.0';
/** The oldest Node that this VS Code's server runs on, as [major, minor]. */
const oldestServerNode = /** @type {const} */ ([22, 15]);

/**
 * Settings of every profile that we make: nothing that opens by itself, asks, or looks for the network.
 *
 * @type {Readonly<Record<string, unknown>>}
 */
export const quietSettings = {
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  // Not `false`: this VS Code would rewrite the person's settings to its new word for it.
  'extensions.autoUpdate': 'off',
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  // The phones' ports are for programs of this machine, not for the browser.
  'remote.autoForwardPorts': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/**
 * The environment for a VS Code of ours: without what another VS Code set, from whose terminal we may have been started.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function withoutOuterVSCode(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('VSCODE_') && name !== 'ELECTRON_RUN_AS_NODE'));
}

/** Writes the settings of a new profile; one that exists is the person's own. @param {string} userDataFolder */
export function prepareProfile(userDataFolder, settings = quietSettings) {
  const file = path.join(userDataFolder, 'User', 'settings.json');
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(settings, undefined, 2)}\n`);
}

// ---------------------------------------------------------------------------------------------------------- desktop

/** Whether a window can be shown here: on Linux that takes a display. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

/** The program of an installed desktop VS Code (not its command-line script, which would not stay with us), or undefined. */
export function findInstalledVSCode() {
  const named = process.env['CALL_LAB_VSCODE'];
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new SetupError(`CALL_LAB_VSCODE names ${named}, which is not a program.`);
    return named;
  }
  return installedCandidates().find(isExecutable);
}

/** @returns {string[]} */
function installedCandidates() {
  if (process.platform === 'darwin') {
    return ['/Applications', path.join(os.homedir(), 'Applications')].flatMap((folder) =>
      ['Visual Studio Code', 'Visual Studio Code - Insiders', 'VSCodium'].flatMap((name) =>
        ['Electron', 'Code', 'VSCodium'].map((program) => `${folder}/${name}.app/Contents/MacOS/${program}`),
      ),
    );
  }
  if (process.platform === 'win32') {
    return [path.join(process.env['LOCALAPPDATA'] ?? '', 'Programs'), process.env['ProgramFiles'] ?? ''].flatMap((folder) => [
      path.join(folder, 'Microsoft VS Code', 'Code.exe'),
      path.join(folder, 'Microsoft VS Code Insiders', 'Code - Insiders.exe'),
      path.join(folder, 'VSCodium', 'VSCodium.exe'),
    ]);
  }
  return ['code', 'code-insiders', 'codium'].flatMap((command) => {
    const script = findCommand(command);
    // The command on the path is <installation>/bin/code, the program <installation>/code.
    const beside = script === undefined ? [] : [path.join(path.dirname(realpathSync(script)), '..', command)];
    return [...beside, `/usr/share/${command}/${command}`, `/opt/${command}/${command}`, `/snap/${command}/current/usr/share/${command}/${command}`];
  });
}

/**
 * Downloads a desktop VS Code. Returns its program, or undefined when the download cannot be reached: where there is no
 * way out, that is known within seconds.
 */
export async function downloadVSCode() {
  const script = fileURLToPath(new URL('./lib/download-vscode.mjs', import.meta.url));
  const child = startGroup(process.execPath, [script, cacheFolder], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let lastSign = Date.now();
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    lastSign = Date.now();
    output += String(text);
  });
  const watch = setInterval(() => {
    if (Date.now() - lastSign > 8000) void stopGroup(child);
  }, 500);
  await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  clearInterval(watch);
  await stopGroup(child);
  const program = /^program (.+)$/m.exec(output)?.[1];
  return program !== undefined && existsSync(program) ? program : undefined;
}

/**
 * Starts a desktop VS Code on a folder with the extension under development, and stays with it until its window closes.
 *
 * @param {{ program: string, workspace: string, env: NodeJS.ProcessEnv }} options
 */
export function startDesktop({ program, workspace, env }) {
  const profile = path.join(cacheFolder, 'desktop-profile');
  prepareProfile(profile);
  // Started by root, VS Code asks for these two.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return startGroup(
    program,
    [
      ...asRoot,
      `--user-data-dir=${profile}`,
      `--extensions-dir=${path.join(profile, 'extensions')}`,
      '--disable-workspace-trust',
      '--skip-welcome',
      '--skip-release-notes',
      `--extensionDevelopmentPath=${root}`,
      workspace,
    ],
    { env: withoutOuterVSCode(env), stdio: 'ignore' },
  );
}

// -------------------------------------------------------------------------------------------------------------- web

/**
 * @typedef {{ readonly node: string, readonly server: string }} WebHost
 * The programs of the web host: a Node new enough, and the server script it runs.
 */

/** Installs the web host once (about half a minute and 700 MB). @returns {Promise<WebHost>} */
export async function ensureWebHost() {
  const folder = path.join(cacheFolder, `web-host-${codeServerVersion}`);
  const server = path.join(folder, 'node_modules/code-server/lib/vscode/out/server-main.js');
  if (!existsSync(server)) {
    await sayAround(`Installing the web host of VS Code (code-server ${codeServerVersion}, once, into .vscode-test/)`, () =>
      installWhole(folder, async (partial) => {
        // Its own install script wants system headers. Without it, the dependencies of the inner folder are still to be
        // fetched; the native modules that are then missing only make the server complain in its log.
        await npmInstall(partial, [`code-server@${codeServerVersion}`]);
        await npmInstall(path.join(partial, 'node_modules/code-server/lib/vscode'), ['--omit=dev']);
      }),
    );
  }
  return { node: await ensureServerNode(), server };
}

/** A Node that the server runs on: ours when it is new enough, or one from the npm registry. */
async function ensureServerNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > oldestServerNode[0] || (major === oldestServerNode[0] && minor >= oldestServerNode[1])) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  // The npm package `node` only picks one of these by an install script; naming it needs no script.
  const name = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${process.arch}`;
  const folder = path.join(cacheFolder, `node-${serverNodeVersion}`);
  const program = path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(program)) {
    await sayAround(`Installing Node ${serverNodeVersion} for the web host (this Node is ${process.versions.node}; once, into .vscode-test/)`, () =>
      installWhole(folder, (partial) => npmInstall(partial, [`${name}@${serverNodeVersion}`])),
    );
  }
  return program;
}

/**
 * Fills a folder under another name first: what stands under its own name is whole, even when two of us work at once.
 *
 * @param {string} folder
 * @param {(partial: string) => Promise<void>} fill
 */
async function installWhole(folder, fill) {
  const partial = `${folder}.partial-${String(process.pid)}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(path.join(partial, 'package.json'), '{ "private": true }\n');
  try {
    await fill(partial);
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {readonly string[]} args */
async function npmInstall(folder, args) {
  const npm = npmCommand();
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const code = await run(npm.command, [...npm.args, 'install', ...options, ...args], { cwd: folder, quiet: true, limit: 600_000 });
  if (code !== 0) throw new SetupError(`npm install ${args.join(' ')} failed with exit code ${String(code)}: see its message above.`);
}

/**
 * @typedef {object} WebHostOptions
 * @property {string} profile Folder of everything this VS Code keeps: settings, extensions, logs.
 * @property {number} [port] 0 or none: any free one.
 * @property {boolean} [trusted] Whether every workspace is trusted without a question (default), or the question is asked.
 * @property {boolean} [automated] For in-host tests: the page then takes heed of `developmentPath` and `testsPath`, and
 *   leaves out what would disturb a test, notifications that pop up among it. Not for people.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {Readonly<Record<string, unknown>>} [settings] The user's settings, for a profile that has none yet.
 *
 * @typedef {object} PageOptions
 * @property {string} workspace Folder to open.
 * @property {string} [developmentPath] Folder of an extension to load as under development. Only of an automated host.
 * @property {string} [testsPath] Compiled in-host test entry, a .js file. Only of an automated host.
 */

/** A running web host. The token keeps out whoever else is on this machine: a VS Code is as good as a shell. */
export class WebHostServer {
  /** @type {import('node:child_process').ChildProcess} */
  #process;
  #token;
  port;

  /** @param {import('node:child_process').ChildProcess} process @param {number} port @param {string} token */
  constructor(process, port, token) {
    this.#process = process;
    this.#token = token;
    this.port = port;
  }

  /** Resolves when the server has ended. @returns {Promise<void>} */
  get ended() {
    return new Promise((resolve) => {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) resolve();
      else this.#process.once('exit', () => resolve());
    });
  }

  /** The address of a VS Code window. @param {PageOptions} page */
  url({ workspace, developmentPath, testsPath }) {
    const payload = [['skipWelcome', 'true']];
    if (developmentPath !== undefined) payload.push(['extensionDevelopmentPath', remoteUri(developmentPath)]);
    if (testsPath !== undefined) payload.push(['extensionTestsPath', remoteUri(testsPath)]);
    const query = new URLSearchParams({ folder: decodeURIComponent(pathToFileURL(workspace).pathname), tkn: this.#token, payload: JSON.stringify(payload) });
    return `http://127.0.0.1:${String(this.port)}/?${query.toString()}`;
  }

  /** Ends the server and everything it started. */
  async stop() {
    await stopGroup(this.#process);
  }
}

/** A file as the web workbench names it; the authority is the literal word `remote`. @param {string} file */
function remoteUri(file) {
  return `vscode-remote://remote${pathToFileURL(file).pathname}`;
}

/** @param {WebHost} host @param {WebHostOptions} options */
function serverArguments({ server }, { profile, trusted = true }) {
  return [
    server,
    '--accept-server-license-terms',
    '--disable-telemetry',
    ...(trusted ? ['--disable-workspace-trust'] : []),
    '--user-data-dir',
    profile,
    '--server-data-dir',
    path.join(profile, 'server'),
  ];
}

/**
 * Starts the web host and waits until it listens.
 *
 * @param {WebHost} host
 * @param {WebHostOptions} options
 */
export async function startWebHost(host, options) {
  prepareProfile(options.profile, options.settings);
  const token = randomBytes(16).toString('hex');
  const child = startGroup(
    host.node,
    [
      ...serverArguments(host, options),
      ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--connection-token', token],
      ...(options.automated === true ? ['--enable-smoke-test-driver'] : []),
    ],
    { env: withoutOuterVSCode(options.env ?? process.env), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const port = await listeningPort(child);
  if (port === undefined) {
    await stopGroup(child);
    throw new SetupError(`The web host of VS Code did not start${options.port ? `; is port ${String(options.port)} in use?` : '.'}`);
  }
  return new WebHostServer(child, port, token);
}

/** Installs a packaged extension into a profile, as a person would. @param {WebHost} host @param {WebHostOptions} options @param {string} vsix */
export async function installExtension(host, options, vsix) {
  prepareProfile(options.profile, options.settings);
  const env = withoutOuterVSCode(options.env ?? process.env);
  const code = await run(host.node, [...serverArguments(host, options), '--install-extension', vsix], { env, quiet: true, limit: 60_000 });
  if (code !== 0) throw new SetupError(`${path.basename(vsix)} could not be installed into the web host.`);
}

/**
 * Makes an extension's folder part of a profile, without copying it: what is built there is what runs after the window's
 * next reload. It is how a person's window gets the extension, because a page that takes an extension under development
 * from its address is an automated one.
 *
 * @param {string} profile
 * @param {string} folder
 */
export function linkExtension(profile, folder) {
  const { name, publisher, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const id = `${publisher}.${name}`;
  const list = path.join(profile, 'server', 'extensions', 'extensions.json');
  mkdirSync(path.dirname(list), { recursive: true });
  /** @type {{ identifier: { id: string } }[]} */
  const others = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
  const location = { $mid: 1, path: decodeURIComponent(pathToFileURL(folder).pathname), scheme: 'file' };
  const entry = { identifier: { id }, version, location };
  writeFileSync(list, JSON.stringify([...others.filter((other) => other.identifier.id !== id), entry]));
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<number | undefined>} */
function listeningPort(child) {
  return new Promise((resolve) => {
    let output = '';
    const timer = setTimeout(() => resolve(undefined), 30_000);
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += String(text);
      const found = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      child.stdout?.removeAllListeners('data').resume();
      resolve(Number(found));
    });
    // The server complains here about native modules that it does not need; unread, the pipe would fill.
    child.stderr?.resume();
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}
