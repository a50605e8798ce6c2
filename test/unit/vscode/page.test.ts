import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { page } from '../../../src/vscode/panel/page';
import { hostileText } from '../../support/hostile-text';

const parts = {
  script: 'https://file/main.js',
  style: 'https://file/main.css',
  source: 'https://file',
  nonce: 'abc',
  follow: true,
  texts: {},
};

/** The directives of a page's policy, by name. */
function policyOf(html: string): Map<string, string> {
  const content =
    /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]?.replaceAll('&#39;', "'") ?? '';
  return new Map(
    content.split('; ').map((directive) => [directive.split(' ')[0] ?? '', directive.split(' ').slice(1).join(' ')]),
  );
}

test('nothing is allowed but what is named', () => {
  assert.equal(policyOf(page(parts)).get('default-src'), "'none'");
});

test('scripts run by nonce alone', () => {
  const html = page(parts);
  assert.equal(policyOf(html).get('script-src'), "'nonce-abc'");
  assert.deepEqual(html.match(/<script[^>]*>/g), ['<script type="module" nonce="abc" src="https://file/main.js">']);
  assert.doesNotMatch(html, /unsafe-eval|wasm-unsafe-eval|strict-dynamic/);
});

test('styles and fonts come from the extension, and no other place', () => {
  const policy = policyOf(page(parts));
  assert.equal(policy.get('style-src'), "https://file 'unsafe-inline'");
  assert.equal(policy.get('font-src'), 'https://file');
  assert.deepEqual([...policy.keys()], ['default-src', 'script-src', 'style-src', 'font-src']);
});

test('no address can break out of its attribute', () => {
  const elements = (html: string): string[] => (html.match(/<\/?[a-z][^\s>]*/gi) ?? []).sort();
  const usual = elements(page(parts));
  fc.assert(
    fc.property(hostileText, hostileText, (script, style) => {
      assert.deepEqual(elements(page({ ...parts, script, style })), usual);
    }),
  );
});
