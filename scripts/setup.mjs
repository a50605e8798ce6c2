/**
 * Sets up a fresh clone: npm packages, and on Debian as root the programs that tests use. Elsewhere it names what is
 * missing and how to get it. Runs on plain Node, before anything is installed; `npm start` and `npm test` call it.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './lib/chromium.mjs';
import { peers } from './lib/peers.mjs';
import { findCommand, npmCommand, run } from './lib/processes.mjs';
import { fail, say, sayAround, SetupError } from './lib/say.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Throws when this Node is older than package.json asks for. */
export function checkNode() {
  const wanted = String(readJson('package.json')?.engines?.node).replace('>=', '');
  const [major = 0, minor = 0] = wanted.split('.').map(Number);
  const [ourMajor = 0, ourMinor = 0] = process.versions.node.split('.').map(Number);
  if (ourMajor < major || (ourMajor === major && ourMinor < minor)) {
    throw new SetupError(`Node ${wanted} or newer is needed; this is Node ${process.versions.node}.`);
  }
}

/** Installs the npm packages of package-lock.json, unless they are all there already. */
export async function installPackages() {
  const missing = missingPackage();
  if (missing === undefined) return;
  await sayAround(`Installing npm packages (${missing} is missing or of another version; about half a minute)`, async () => {
    const npm = npmCommand();
    const code = await run(npm.command, [...npm.args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
    if (code !== 0) throw new SetupError(`npm ci failed with exit code ${String(code)}: see its message above.`);
  });
}

/**
 * Installs the named programs where we may (Debian, as root), and says of the others how to get them.
 *
 * @param {readonly import('./lib/peers.mjs').PeerName[]} names
 * @returns {Promise<import('./lib/peers.mjs').PeerName[]>} what is still missing
 */
export async function installPeers(names) {
  const missing = missingPeers(names);
  if (missing.length === 0) return [];
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0 && findCommand('apt-get') !== undefined) {
    await installDebianPackages(missing.map((name) => peers[name].package));
  }
  const left = missingPeers(names);
  for (const name of left) {
    const { package: debianPackage, use, elsewhere } = peers[name];
    say(`Missing: ${name} (${use}). Get it by: apt-get install ${debianPackage} (Debian, Ubuntu), or ${elsewhere}.`);
  }
  return left;
}

/** @param {readonly import('./lib/peers.mjs').PeerName[]} names */
function missingPeers(names) {
  return names.filter((name) => (name === 'chromium' ? findChromium() : findCommand(name)) === undefined);
}

/** @param {readonly string[]} packages */
async function installDebianPackages(packages) {
  await sayAround(`Installing Debian packages: ${packages.join(', ')}`, async () => {
    // Without this, a package that asks a question (tshark does) would wait for an answer for ever.
    const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, limit: 300_000 };
    await run('apt-get', ['update', '-qq'], options);
    /** @param {readonly string[]} some */
    const install = (some) => run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...some], { ...options, quiet: true });
    const code = await install(packages);
    if (code === 0) return;
    say(`apt-get install failed with exit code ${String(code)}.`);
    // One package that this release of the system lacks must not keep the others away.
    if (packages.length > 1) for (const name of packages) await install([name]);
  });
}

/**
 * The first package of the lock file that is not installed as locked, or undefined. npm keeps its own record of what is in
 * node_modules; packages for other platforms are optional and may be absent.
 */
function missingPackage() {
  const wanted = readJson('package-lock.json')?.packages ?? {};
  const installed = readJson('node_modules/.package-lock.json')?.packages ?? {};
  for (const [name, entry] of Object.entries(wanted)) {
    if (name === '' || entry.optional === true || entry.devOptional === true) continue;
    if (installed[name]?.version !== entry.version || !existsSync(path.join(root, name))) return name.replace('node_modules/', '');
  }
  return undefined;
}

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @param {string} file Relative to the repository.
 * @returns {{ engines?: { node?: string }, packages?: Record<string, LockedPackage> } | undefined}
 */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Builds the three programs into dist/. @param {readonly string[]} [options] */
export async function build(options = []) {
  await sayAround('Building', async () => {
    const code = await run(process.execPath, ['esbuild.mjs', ...options], { cwd: root });
    if (code !== 0) throw new SetupError('The build failed: see the errors above.');
  });
}

async function main() {
  checkNode();
  await installPackages();
  const { ensureWebHost } = await import('./vscode-host.mjs');
  await ensureWebHost();
  const missing = await installPeers(/** @type {import('./lib/peers.mjs').PeerName[]} */ (Object.keys(peers)));
  say(missing.length === 0 ? 'Everything is set up.' : `Set up, without: ${missing.join(', ')}. The tests that need them are skipped.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main().catch(fail);
