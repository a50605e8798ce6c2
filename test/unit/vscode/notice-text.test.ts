import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noticeText } from '../../../src/vscode/notice-text';
import { hostileText } from '../../support/hostile-text';

/** What the editor takes for a link in a notification. */
const link = /\[[^\]]+\]\((?:https?:\/\/|command:|file:)[^)\s]+(?: ["'].+?["'])?\)/i;

const links = fc.constantFrom(
  '[Busy](command:workbench.action.quit)',
  '[x](https://example.com)',
  '](',
  '[',
  ']',
  '(command:x)',
);

test('a link is one to this test', () => {
  assert.match('486 [Busy](command:workbench.action.quit)', link);
});

test('no text brings a link into a notification', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(hostileText, links)), (parts) => {
      assert.doesNotMatch(noticeText(parts.join('')), link);
    }),
  );
});

test('a text without links stays as it is', () => {
  assert.equal(
    noticeText("Alice's call to Bob failed: Busy Here (486)."),
    "Alice's call to Bob failed: Busy Here (486).",
  );
});
