import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';
import { houseRules } from './scripts/lint/index.mjs';

/** Syntax that hides state or meaning; each entry says what to do instead. */
const restrictedSyntax = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: it stays the same everywhere and can be searched for.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Export by name: it stays the same everywhere and can be searched for.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals, or a constant object with `as const`.' },
  {
    selector: 'Program > VariableDeclaration[kind!="const"], Program > ExportNamedDeclaration > VariableDeclaration[kind!="const"]',
    message: 'No module-level state: let an object own it.',
  },
];

export default defineConfig(
  { ignores: ['dist/', 'out/', 'artifacts/', 'coverage/', '.vscode-test/', '**/fixtures/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,mts,mjs}'],
    extends: [eslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['**/*.ts'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    plugins: { 'call-lab': houseRules },
    rules: {
      'call-lab/import-order': 'error',
      'call-lab/injected': 'error',

      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': ['error', { fixMixedExportsWithInlineTypeSpecifier: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      // A number or a boolean in a template is what one means; an object or undefined is not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `() => socket.close()` is plain; only a value used from a void call misleads.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      // `for (;;)` aside, `while (true)` loops that end by return are clear.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      // A type alias of a function or a map reads as well as an interface; choose by meaning.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true, boolean: true } }],
      // Needed to hold to index signatures (`process.env['CI']`), which tsconfig asks for.
      '@typescript-eslint/dot-notation': 'off',
      // An empty listener or a null object says what it means.
      '@typescript-eslint/no-empty-function': 'off',
      // An interface with an async method may be met by a method that has nothing to wait for.
      '@typescript-eslint/require-await': 'off',

      'no-restricted-syntax': ['error', ...restrictedSyntax],
      'no-console': 'error',
      'no-control-regex': 'off',
      curly: ['error', 'multi-line', 'consistent'],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-implicit-coercion': ['error', { boolean: false }],
      'no-else-return': 'error',

      complexity: ['error', { max: 20 }],
      'max-depth': ['error', 4],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // A program for terminals speaks to its terminal.
    files: ['src/cli/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**'],
    rules: {
      // node:test returns promises from test() and its kin that are not meant to be awaited.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] }] },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-console': 'off',
      complexity: 'off',
      'max-lines': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    // Plain JavaScript that runs before anything is installed: the compiler checks its types, the linter its promises.
    files: ['**/*.mjs'],
    plugins: { '@typescript-eslint': typescript.plugin },
    languageOptions: { parser: typescript.parser },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      'no-undef': 'off',
      'no-unused-vars': ['error', { caughtErrors: 'none' }],
      curly: ['error', 'multi-line', 'consistent'],
      eqeqeq: 'error',
    },
  },
);
