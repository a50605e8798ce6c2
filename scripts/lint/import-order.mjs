import path from 'node:path';

/**
 * The house's import order, lowest first. A folder may import from the folders of earlier rows only: never from a later
 * row, and never from its neighbours in the same row.
 *
 * @type {readonly (readonly string[])[]}
 */
export const layers = [
  ['core'],
  ['sip', 'iax', 'tapi', 'media', 'net'],
  ['trace'],
  ['capture', 'ladder'],
  ['export'],
  ['lab'],
  ['scenario'],
  ['vscode', 'cli'],
  ['extension'],
];

const rankOf = new Map(layers.flatMap((row, rank) => row.map((folder) => /** @type {const} */ ([folder, rank]))));

/** The files that the extension and the browser halves of its panels share: the messages between them. */
const panelProtocols = new Set(['webview/protocol', 'webview/views/protocol']);

/** The one way for a stranger's text into a diagram; a pure function of text, so the panel's browser half has it too. */
const escapeModule = 'ladder/escape';

/** The one browser module that may use the toolkit, which is archived upstream and so must be easy to swap. */
const toolkitModule = 'webview/toolkit';

/** Modules that open sockets; only src/net may. */
const socketModules = new Set(['dgram', 'http', 'http2', 'https', 'net', 'tls', 'ws']);

/** What of `node:net` is plain text handling. */
const harmlessOfNet = new Set(['isIP', 'isIPv4', 'isIPv6']);

/** Modules that reach outside the process; the folders below may not. */
const outsideModules = new Set(['child_process', 'cluster', 'fs', 'fs/promises', 'os', 'readline', 'worker_threads']);
const foldersWithoutOutside = new Set(['core', 'sip', 'iax', 'tapi', 'media', 'trace', 'ladder', 'export']);

const messages = {
  upwards: '{{from}} may not import {{to}}: the order is {{order}}.',
  sideways: '{{from}} may not import {{to}}: folders of one rank do not know each other.',
  deep: 'Import from the folder ({{to}}), not from a file in it: its index says what others may use.',
  ownIndex: 'Import the file itself: a folder that imports its own index is a cycle.',
  unknownFolder: 'src/{{folder}} is in no layer: give it a place in scripts/lint/import-order.mjs.',
  outsideSrc: 'src may import only from src, JSON files, and (src/vscode) types from the protocols of the webviews.',
  vscode: "Only src/vscode and src/extension.ts may import 'vscode': the engine runs under plain Node.",
  toolkit: 'Only webview/toolkit.ts may import @vscode/webview-ui-toolkit, so that it can be swapped in one place.',
  webviewValue: 'The webview runs in a browser: it may import only types from src, and the escape of src/ladder.',
  sockets: "Only src/net opens sockets: {{module}} is not for {{from}}.",
  outside: '{{from}} does no I/O: {{module}} is not for it.',
};

/** Fails the build when an import goes against the design's one-way order, or reaches past a folder's index. */
/** @type {import('eslint').Rule.RuleModule} */
export const importOrder = {
  meta: { type: 'problem', schema: [], docs: { description: 'keep the one-way import order of the house' }, messages },
  create(context) {
    const root = context.cwd;
    const file = place(path.relative(root, context.filename));
    if (file === undefined) return {};

    /** @type {(node: import('estree').Node, specifier: unknown, use: Use) => void} */
    const check = (node, specifier, use) => {
      if (typeof specifier !== 'string') return;
      const problem = specifier.startsWith('.')
        ? judgeRelative(file, place(path.relative(root, path.resolve(path.dirname(context.filename), specifier))), use)
        : judgePackage(file, specifier, use);
      if (problem !== undefined) context.report({ node, messageId: problem.id, data: problem.data ?? {} });
    };

    return {
      ImportDeclaration(node) {
        check(node.source, node.source.value, {
          typesOnly: isTypeOnly(node),
          names: node.specifiers.map((specifier) => importedName(specifier)),
        });
      },
      ExportNamedDeclaration(node) {
        if (node.source) check(node.source, node.source.value, { typesOnly: isTypeOnly(node), names: undefined });
      },
      ExportAllDeclaration(node) {
        check(node.source, node.source.value, { typesOnly: isTypeOnly(node), names: undefined });
      },
      ImportExpression(node) {
        if (node.source.type === 'Literal') check(node.source, node.source.value, anyUse);
      },
      'CallExpression[callee.name="require"]'(/** @type {import('estree').SimpleCallExpression} */ node) {
        const [argument] = node.arguments;
        if (argument?.type === 'Literal') check(argument, argument.value, anyUse);
      },
      'TSImportType > Literal'(/** @type {import('estree').Literal} */ node) {
        check(node, node.value, { typesOnly: true, names: undefined });
      },
      'TSImportType > TSLiteralType > Literal'(/** @type {import('estree').Literal} */ node) {
        check(node, node.value, { typesOnly: true, names: undefined });
      },
      'TSExternalModuleReference > Literal'(/** @type {import('estree').Literal} */ node) {
        check(node, node.value, anyUse);
      },
    };
  },
};

/**
 * What an import takes: `names` is undefined where it takes the whole module.
 *
 * @typedef {{ typesOnly: boolean, names: readonly string[] | undefined }} Use
 * @typedef {{ area: 'src', folder: string, inside: string } | { area: 'webview', inside: string } | { area: 'elsewhere', path: string }} Place
 * @typedef {{ id: keyof typeof messages, data?: Record<string, string> }} Problem
 */

/** @type {Use} */
const anyUse = { typesOnly: false, names: undefined };

/**
 * Where a path stands in the house; `inside` is the rest below the folder, '' for the folder itself. Undefined for what
 * no rule concerns.
 *
 * @param {string} relativePath
 * @returns {Place | undefined}
 */
function place(relativePath) {
  const [area, ...rest] = relativePath.split(path.sep);
  const below = rest.join('/').replace(/\.[cm]?tsx?$/, '');
  if (area === 'webview') return { area, inside: below };
  if (area !== 'src') return { area: 'elsewhere', path: relativePath.split(path.sep).join('/') };
  const [folder = '', ...inside] = below.split('/');
  return { area, folder, inside: inside.join('/').replace(/(^|\/)index$/, '') };
}

/** @type {(from: Place, to: Place | undefined, use: Use) => Problem | undefined} */
function judgeRelative(from, to, use) {
  if (to === undefined || from.area === 'elsewhere') return undefined;
  if (from.area === 'webview') {
    if (to.area !== 'src') return undefined;
    if (`${to.folder}/${to.inside}` === escapeModule) return undefined;
    if (!use.typesOnly) return { id: 'webviewValue' };
    return to.inside === '' ? undefined : { id: 'deep', data: { to: `src/${to.folder}` } };
  }
  if (to.area === 'src') return judgeFolders(from, to);
  if (to.area === 'webview') {
    return from.folder === 'vscode' && use.typesOnly && panelProtocols.has(`webview/${to.inside}`) ? undefined : { id: 'outsideSrc' };
  }
  return to.path.endsWith('.json') ? undefined : { id: 'outsideSrc' };
}

/** @type {(from: Place & { area: 'src' }, to: Place & { area: 'src' }) => Problem | undefined} */
function judgeFolders(from, to) {
  if (from.folder === to.folder) return to.inside === '' && from.folder !== 'extension' ? { id: 'ownIndex' } : undefined;
  const fromRank = rankOf.get(from.folder);
  const toRank = rankOf.get(to.folder);
  if (fromRank === undefined) return { id: 'unknownFolder', data: { folder: from.folder } };
  if (toRank === undefined) return { id: 'unknownFolder', data: { folder: to.folder } };
  const data = { from: `src/${from.folder}`, to: `src/${to.folder}`, order: layers.map((row) => row.join(', ')).join(' <- ') };
  if (toRank > fromRank) return { id: 'upwards', data };
  if (toRank === fromRank) return { id: 'sideways', data };
  return to.inside === '' ? undefined : { id: 'deep', data };
}

/** @type {(from: Place, specifier: string, use: Use) => Problem | undefined} */
function judgePackage(from, specifier, use) {
  if (specifier === 'vscode') {
    const mayUse = from.area === 'elsewhere' || (from.area === 'src' && (from.folder === 'vscode' || from.folder === 'extension'));
    return mayUse ? undefined : { id: 'vscode' };
  }
  if (specifier.startsWith('@vscode/webview-ui-toolkit')) {
    return from.area === 'webview' && `webview/${from.inside}` === toolkitModule ? undefined : { id: 'toolkit' };
  }
  if (from.area !== 'src' || use.typesOnly) return undefined;
  const data = { from: `src/${from.folder}`, module: specifier };
  const module = specifier.replace(/^node:/, '');
  if (socketModules.has(module) && from.folder !== 'net') {
    const harmless = module === 'net' && use.names?.every((name) => harmlessOfNet.has(name)) === true;
    return harmless ? undefined : { id: 'sockets', data };
  }
  if (outsideModules.has(module) && foldersWithoutOutside.has(from.folder)) return { id: 'outside', data };
  return undefined;
}

/** @param {object} node The parser for TypeScript adds `importKind` and `exportKind`, which the plain syntax tree lacks. */
function isTypeOnly(node) {
  const kinds = /** @type {{ importKind?: string, exportKind?: string, specifiers?: { importKind?: string }[] }} */ (node);
  if (kinds.importKind === 'type' || kinds.exportKind === 'type') return true;
  return kinds.specifiers !== undefined && kinds.specifiers.length > 0 && kinds.specifiers.every((one) => one.importKind === 'type');
}

/** @param {import('estree').ImportDeclaration['specifiers'][number]} specifier */
function importedName(specifier) {
  if (specifier.type !== 'ImportSpecifier') return '*';
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : String(specifier.imported.value);
}
