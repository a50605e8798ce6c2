import type { LineColumn } from '../core';

/** A part of a text: offsets in UTF-16 units, `end` one past the last; and the same two places as people count them. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
  readonly from: LineColumn;
  readonly to: LineColumn;
}

/** What is wrong with a scenario file (CL4002), where, and how to mend it. */
export interface ScenarioProblem extends TextRange {
  readonly file: string;
  /** From 1, as `from.line` and `from.column`. */
  readonly line: number;
  readonly column: number;
  /** One sentence. */
  readonly message: string;
  /** What to do about it, as one sentence. */
  readonly remedy: string;
}

/** `calls.calllab.yaml:12:7: CL4002: "hodl" is no verb. Did you mean "hold"?` */
export function describeProblem({ file, line, column, message, remedy }: ScenarioProblem): string {
  return `${file}:${line}:${column}: CL4002: ${message} ${remedy}`;
}
