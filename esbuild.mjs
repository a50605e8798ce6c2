/**
 * Builds the three programs: the extension (Node, inside VS Code), the panel (browser, inside a webview) and the command
 * line. `--watch` builds again on every change, `--production` minifies and leaves the source maps out.
 */
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { thirdPartyNotices } from './scripts/lib/notices.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
};

/** @type {esbuild.BuildOptions} */
const node = { ...common, platform: 'node', target: 'node20', format: 'cjs' };

/** @type {readonly esbuild.BuildOptions[]} */
const programs = [
  { ...node, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'] },
  {
    ...node,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli.js',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [{ name: 'executable', setup: (build) => build.onEnd(makeExecutable) }],
  },
  {
    // Modules with code splitting: Mermaid loads the parts of the diagram kinds it draws, and no others.
    ...common,
    entryPoints: ['webview/main.ts', 'webview/views/main.ts'],
    outdir: 'dist/webview',
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    assetNames: 'assets/[name]',
    loader: { '.ttf': 'file', '.svg': 'text' },
  },
];

function makeExecutable() {
  try {
    chmodSync(path.join(root, 'dist/cli.js'), 0o755);
  } catch {
    // The build failed and left no file; it has said so itself.
  }
}

async function build() {
  if (watch) {
    const contexts = await Promise.all(programs.map((program) => esbuild.context({ ...program, logLevel: 'info' })));
    await Promise.all(contexts.map((context) => context.watch()));
    return;
  }
  const results = await Promise.all(programs.map((program) => esbuild.build({ ...program, metafile: true })));
  removeAllBut(new Set(results.flatMap((result) => Object.keys(result.metafile.outputs))));
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  writeFileSync(path.join(root, 'dist/THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(root, inputs));
}

/**
 * Chunk names carry a hash: old ones would pile up and be packaged. Done after the build, so that a running VS Code never
 * finds the folder empty.
 *
 * @param {ReadonlySet<string>} outputs Paths relative to the repository, with slashes.
 */
function removeAllBut(outputs) {
  for (const entry of readdirSync(path.join(root, 'dist'), { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(root, file).split(path.sep).join('/');
    if (entry.isFile() && !outputs.has(relative)) rmSync(file);
  }
}

build().catch(() => {
  // esbuild has printed the errors.
  process.exitCode = 1;
});
