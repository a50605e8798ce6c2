import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml } from '../../../src/export';
import { hostileText } from '../../support/hostile-text';

/** What a browser makes of the references that may be in escaped text. */
function decode(html: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
  return html.replace(/&([^;]+);/g, (whole, name: string) => named[name] ?? whole);
}

test('nothing that could begin or end markup is left', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      assert.doesNotMatch(escapeHtml(text), /[<>"'`]/);
    }),
  );
});

test('every ampersand left begins one of our own references', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      assert.doesNotMatch(escapeHtml(text), /&(?!(?:amp|lt|gt|quot|#39|#96);)/);
    }),
  );
});

test('a reader sees the text as it was', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      assert.equal(decode(escapeHtml(text)), text);
    }),
  );
});
