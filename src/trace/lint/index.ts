export type { Explanation } from './explanation';
export type { LintFinding } from './lint';
export { Linter } from './linter';
export { type LintId, type LintRule, lintRules } from './rules';
