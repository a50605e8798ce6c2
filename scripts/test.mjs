/**
 * `npm test`: sets up, builds and checks everything.
 *
 *   npm test                      all suites
 *   npm test -- unit              one suite, or several
 *   npm test -- unit sip/dialog   of these suites, the files whose path contains one of the other words
 *
 * Ends with one line, `N passed, N failed` (and `, N skipped`), summed over all suites; the exit code is 0 only when nothing
 * failed. typecheck and lint count as one each.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmCommand, run } from './lib/processes.mjs';
import { fail, say, SetupError } from './lib/say.mjs';
import { build, checkNode, installPackages, installPeers, root } from './setup.mjs';
import { ensureWebHost } from './vscode-host.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Count
 * @typedef {object} Suite
 * @property {number} limit Milliseconds after which the suite is ended and counted as failed.
 * @property {string} [script] The npm script that it is, where it is no folder of tests.
 * @property {readonly import('./lib/peers.mjs').PeerName[]} [peers] Programs of others that it needs.
 * @property {boolean} [alone] Whether its files run one after the other: they share ports, or need the machine.
 */

const minute = 60_000;

/** In the order of running: what fails soonest comes first. @type {Readonly<Record<string, Suite>>} */
const suites = {
  typecheck: { script: 'typecheck', limit: 3 * minute },
  lint: { script: 'lint', limit: 3 * minute },
  unit: { limit: 10 * minute, peers: ['chromium'] },
  simulation: { limit: 6 * minute },
  interop: { limit: 9 * minute, alone: true, peers: ['sipp', 'baresip', 'linphone-daemon', 'kamailio', 'sipsak', 'svmap', 'tshark'] },
  host: { limit: 13 * minute, alone: true, peers: ['chromium'] },
};

async function main() {
  const words = process.argv.slice(2);
  const chosen = words.filter((word) => word in suites);
  const filters = words.filter((word) => !(word in suites));
  if (chosen.length === 0 && filters.length > 0) {
    throw new SetupError(`"${filters.join(' ')}" names no suite; the suites are ${Object.keys(suites).join(', ')}.`);
  }
  const names = chosen.length === 0 ? Object.keys(suites) : Object.keys(suites).filter((name) => chosen.includes(name));

  const startedAt = Date.now();
  checkNode();
  await installPackages();
  await installPeers(names.flatMap((name) => suites[name]?.peers ?? []));
  if (names.includes('host')) await ensureWebHost();
  await build();

  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    const count = await runSuite(name, filters);
    sum.passed += count.passed;
    sum.failed += count.failed;
    sum.skipped += count.skipped;
  }
  say(`All of it took ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
  console.log(inWords(sum));
  process.exitCode = sum.failed === 0 ? 0 : 1;
}

/** @param {string} name @param {readonly string[]} filters @returns {Promise<Count>} */
async function runSuite(name, filters) {
  const suite = suites[name];
  if (suite === undefined) throw new Error(name);
  const startedAt = Date.now();
  say(`Suite ${name} ...`);
  const count = suite.script === undefined ? await runFiles(name, suite, filters) : await runScript(suite.script, suite.limit);
  say(`Suite ${name}: ${inWords(count)}, in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return count;
}

/** @param {string} script @param {number} limit @returns {Promise<Count>} */
async function runScript(script, limit) {
  const npm = npmCommand();
  const code = await run(npm.command, [...npm.args, 'run', '--silent', script], { cwd: root, limit });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** @param {string} name @param {Suite} suite @param {readonly string[]} filters @returns {Promise<Count>} */
async function runFiles(name, suite, filters) {
  const files = testFiles(path.join('test', name)).filter((file) => filters.length === 0 || filters.some((word) => file.includes(word)));
  if (files.length === 0) {
    say(`Suite ${name} has no tests${filters.length === 0 ? '' : ` with ${filters.join(' or ')} in the path`}.`);
    return { passed: 0, failed: 0, skipped: 0 };
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'call-lab-test-'));
  const counts = path.join(folder, 'counts.json');
  const counter = fileURLToPath(new URL('./lib/count-reporter.mjs', import.meta.url));
  try {
    const code = await run(
      process.execPath,
      [
        ...['--import', 'tsx', '--test', `--test-concurrency=${String(suite.alone === true ? 1 : os.availableParallelism())}`],
        ...['--test-reporter', 'spec', '--test-reporter-destination', 'stdout'],
        ...['--test-reporter', counter, '--test-reporter-destination', counts],
        ...files,
      ],
      { cwd: root, limit: suite.limit },
    );
    if (code === 124) say(`Suite ${name} took longer than ${String(suite.limit / minute)} minutes and was ended.`);
    return readCounts(counts, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What the reporter counted. A run that failed without a failed test (it was ended, or could not start) is one failure.
 *
 * @param {string} file
 * @param {number} code
 * @returns {Count}
 */
function readCounts(file, code) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const count = text === '' ? { passed: 0, failed: 0, skipped: 0 } : JSON.parse(text);
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

/** Test files below a folder, sorted; both relative to the repository. @param {string} folder @returns {string[]} */
function testFiles(folder) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join(folder, file))
    .sort();
}

/** @param {Count} count */
function inWords({ passed, failed, skipped }) {
  return `${String(passed)} passed, ${String(failed)} failed${skipped === 0 ? '' : `, ${String(skipped)} skipped`}`;
}

main().catch((error) => {
  fail(error);
  console.log(inWords({ passed: 0, failed: 1, skipped: 0 }));
});
