import * as esbuild from 'esbuild';
import { repositoryRoot } from '../repository-root';

const root = repositoryRoot();

/** A page that does what a first attempt does: gives Mermaid the whole ladder, and shows what comes back. */
export async function plainPage(): Promise<Readonly<Record<string, string>>> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: script, resolveDir: root, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
  });
  return {
    '/plain.html': '<!DOCTYPE html><html><body><div id="ladder"></div><script type="module" src="/plain.js"></script></body></html>',
    '/plain.js': outputFiles[0]?.text ?? '',
  };
}

const script = `
import mermaid from 'mermaid';
mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', maxTextSize: 100_000_000, maxEdges: 1_000_000, sequence: { useMaxWidth: false } });
let count = 0;
window.draw = async (text) => {
  const { svg } = await mermaid.render('ladder-' + ++count, text);
  document.getElementById('ladder').innerHTML = svg;
  return new Promise((resolve) => window.eyes.afterPaint(resolve));
};`;
