import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Where words are said to people, relative to the repository. */
const folders = ['src/ladder', 'src/vscode', 'webview'];
/** Tables of texts that are said by `sayKnown`: the property that has them. */
const tables = new Map([
  ['src/vscode/commands/table.ts', 'title'],
]);
/** Files whose every whole sentence (and title of a field) is said by `sayKnown`. */
const helps = new Set(['src/vscode/trace-editor/iax-help.ts', 'src/vscode/trace-editor/iax-hover.ts']);
/** Where the functions that say them are made: they get theirs as a value. */
const makers = new Set(['src/vscode/say.ts', 'webview/texts.ts']);

/**
 * All English texts that the extension and its pages say through `say`, sorted, and the calls whose text cannot be found here
 * because it is not written there.
 *
 * @param {string} root The repository's folder.
 * @returns {{ readonly texts: readonly string[]; readonly unreadable: readonly string[] }}
 */
export function collectTexts(root) {
  /** @type {Set<string>} */
  const texts = new Set();
  /** @type {string[]} */
  const unreadable = [];
  for (const file of folders.flatMap((folder) => sources(root, folder))) {
    if (makers.has(file)) continue;
    const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    /** @type {(node: import('typescript').Node) => void} */
    const visit = (node) => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'say') {
        const [text] = node.arguments;
        if (text !== undefined && ts.isStringLiteralLike(text)) texts.add(text.text);
        else unreadable.push(`${file}:${source.getLineAndCharacterOfPosition(node.pos).line + 1} ${node.getText()}`);
      }
      if (ts.isPropertyAssignment(node) && node.name.getText() === tables.get(file) && ts.isStringLiteralLike(node.initializer)) texts.add(node.initializer.text);
      if (helps.has(file) && ts.isStringLiteralLike(node) && (node.text.endsWith('.') || isTitle(node))) texts.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { texts: [...texts].sort(), unreadable };
}

/**
 * @param {import('typescript').Node} node
 * @returns {boolean}
 */
function isTitle({ parent }) {
  return ts.isPropertyAssignment(parent) && parent.name.getText() === 'title';
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function sources(root, folder) {
  const entries = readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/**
 * What stands in `l10n/bundle.l10n.json`: each text under itself, for translators to go by.
 *
 * @param {readonly string[]} texts
 * @returns {string}
 */
export function writeBundle(texts) {
  return `${JSON.stringify(Object.fromEntries(texts.map((text) => [text, text])), undefined, 2)}\n`;
}
