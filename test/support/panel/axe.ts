import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds in a page, as text; the rules are those of WCAG 2.2 A and AA and of good practice. */
export async function violations(page: Page): Promise<string> {
  await page.evaluate(axe);
  const found = await page.evaluate<{ violations: readonly Violation[] }>(`axe.run(document, { resultTypes: ['violations'] })`);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join('\n')}`).join('\n');
}
