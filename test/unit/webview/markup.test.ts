import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const folder = path.resolve(__dirname, '../../../webview');
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));

/** Everything that reads a text as HTML. The one text that becomes elements is Mermaid's drawing, read as XML. */
const markup = new RegExp(
  [
    ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document\\.write', 'createContextualFragment'],
    ...['setHTMLUnsafe', 'srcdoc', 'text/html'],
  ].join('|'),
);

test('there are sources to look at', () => {
  assert.ok(sources.includes('main.ts'));
});

for (const name of sources) {
  test(`${name} sets text, never markup`, () => {
    const found = markup.exec(readFileSync(path.join(folder, name), 'utf8'));
    assert.equal(found, null, found?.[0]);
  });
}
