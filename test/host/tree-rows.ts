import assert from 'node:assert/strict';
import type { VSCodeWindow } from './driver';
import { eventually } from './eventually';

/** Waits until a row of the phones' view is like `pattern`, or has it in it where it is a text. */
export function phoneRowIs(vscode: VSCodeWindow, pattern: RegExp | string): Promise<void> {
  return eventually(async () => {
    const rows = await vscode.tree('Phones');
    assert.ok(
      rows.some((row) => (typeof pattern === 'string' ? row.includes(pattern) : pattern.test(row))),
      `${String(pattern)} is not in\n${rows.join('\n')}`,
    );
  });
}
