import path from 'node:path';

/**
 * The folders that get their time and chance from outside, so that thirty seconds of a timer take microseconds in a
 * test and a failing run replays from its seed.
 */
export const foldersWithoutClock = new Set(['sip', 'iax', 'tapi', 'media', 'trace', 'ladder', 'lab', 'scenario']);

const globalCalls = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
]);

const members = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'performance.timeOrigin',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'crypto.randomBytes',
  'crypto.randomInt',
  'process.hrtime',
  'process.uptime',
]);

const timeModules = /^(node:)?(timers(\/promises)?|perf_hooks)$/;
const chanceOfCrypto = new Set(['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'getRandomValues', 'webcrypto']);

/** Forbids the machine's clock and chance where the design says they are passed in. */
/** @type {import('eslint').Rule.RuleModule} */
export const injected = {
  meta: {
    type: 'problem',
    schema: [],
    docs: { description: 'time and chance are passed in, never taken from the machine' },
    messages: { injected: '{{what}} is not for src/{{folder}}: take a Clock or a RandomSource as a parameter.' },
  },
  create(context) {
    const [area, folder = ''] = path.relative(context.cwd, context.filename).split(path.sep);
    if (area !== 'src' || !foldersWithoutClock.has(folder)) return {};

    /** @type {(node: import('estree').Node, what: string) => void} */
    const report = (node, what) => {
      context.report({ node, messageId: 'injected', data: { what, folder } });
    };
    /** A parameter or a local of the same name is somebody else's.
     * @type {(identifier: import('estree').Identifier) => boolean} */
    const isGlobal = (identifier) => {
      for (let scope = /** @type {import('eslint').Scope.Scope | null} */ (context.sourceCode.getScope(identifier)); scope; scope = scope.upper) {
        const variable = scope.set.get(identifier.name);
        if (variable !== undefined) return variable.defs.length === 0;
      }
      return true;
    };

    return {
      Identifier(node) {
        if (globalCalls.has(node.name) && isReference(node) && isGlobal(node)) report(node, node.name);
      },
      MemberExpression(node) {
        const object = ownerName(node.object);
        const property = !node.computed && node.property.type === 'Identifier' ? node.property.name : undefined;
        if (object === undefined || property === undefined) return;
        if (members.has(`${object.name}.${property}`) && isGlobal(object)) report(node, `${object.name}.${property}`);
        if (object.name === 'globalThis' && globalCalls.has(property)) report(node, property);
      },
      NewExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) report(node, 'new Date()');
      },
      CallExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && isGlobal(node.callee)) report(node, 'Date()');
      },
      ImportDeclaration(node) {
        const module = String(node.source.value);
        if (timeModules.test(module)) report(node.source, module);
        if (module !== 'node:crypto' && module !== 'crypto') return;
        for (const specifier of node.specifiers) {
          const name = specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier' ? specifier.imported.name : '';
          if (chanceOfCrypto.has(name)) report(specifier, `${name} of ${module}`);
        }
      },
    };
  },
};

/**
 * The identifier that a member is taken from: `Date` in `Date.now` and in `globalThis.Date.now`.
 *
 * @param {import('estree').Expression | import('estree').Super} object
 * @returns {import('estree').Identifier | undefined}
 */
function ownerName(object) {
  if (object.type === 'Identifier') return object;
  if (object.type !== 'MemberExpression' || object.computed) return undefined;
  if (object.object.type !== 'Identifier' || object.object.name !== 'globalThis') return undefined;
  return object.property.type === 'Identifier' ? object.property : undefined;
}

/** Whether the identifier stands for a value: `clock.setTimeout` and `{ setTimeout: 1 }` only use its name.
 * @param {import('eslint').Rule.Node & { type: 'Identifier' }} node */
function isReference(node) {
  const parent = node.parent;
  if (parent.type === 'MemberExpression' && parent.property === node && !parent.computed) return false;
  const isMember = parent.type === 'Property' || parent.type === 'PropertyDefinition' || parent.type === 'MethodDefinition';
  if (isMember && parent.key === node) return false;
  return parent.type !== 'ImportSpecifier';
}
