/** The licences of what the bundles hold: most of them ask to be passed on with the code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @param {string} root
 * @param {Iterable<string>} inputs Bundled files, relative to `root`.
 */
export function thirdPartyNotices(root, inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(input);
    if (name !== null) packages.add(name[0]);
  }
  return [...packages].sort().map((folder) => notice(path.join(root, folder))).join('\n');
}

/** @param {string} folder */
function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(?:licen[cs]e|copying)/iu.test(entry) && existsSync(path.join(folder, entry)));
  const text = file === undefined ? '(no licence file in the package)' : readFileSync(path.join(folder, file), 'utf8').trim();
  return `${'='.repeat(100)}\n${name} ${version} (${license ?? 'see below'})\n${'='.repeat(100)}\n${text}\n`;
}
