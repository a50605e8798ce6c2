/** `npm run package [-- FILE]`: makes the .vsix. The bundles are all that it takes, so no npm package goes in. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './lib/processes.mjs';
import { fail, SetupError } from './lib/say.mjs';
import { checkNode, installPackages, root } from './setup.mjs';

/** @param {readonly string[]} args */
async function main([file]) {
  checkNode();
  await installPackages();
  const vsce = fileURLToPath(import.meta.resolve('@vscode/vsce/vsce'));
  // It builds by itself, through the script vscode:prepublish. There is no repository address to complete links with.
  const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  const target = file === undefined ? [] : ['--out', path.resolve(process.env['INIT_CWD'] ?? '.', file)];
  const code = await run(process.execPath, [vsce, 'package', ...options, ...target], { cwd: root });
  if (code !== 0) throw new SetupError(`vsce failed with exit code ${String(code)}: see its message above.`);
}

main(process.argv.slice(2)).catch(fail);
