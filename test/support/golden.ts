import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Compares with the golden file, which `UPDATE_GOLDEN=1` writes anew. */
export function assertGolden(path: string, actual: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, actual);
  assert.ok(existsSync(path), `${path} is missing; run the test with UPDATE_GOLDEN=1`);
  assert.equal(
    actual,
    readFileSync(path, 'utf8'),
    `${path} differs; if the new text is right, run the test with UPDATE_GOLDEN=1`,
  );
}
