/** That whatever is said to people can be said in another language. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { collectTexts, writeBundle } from '../../scripts/lib/texts.mjs';
import { fillIn } from '../../src/core';
import { say, speak } from '../../src/vscode/say';
import { hearingSentence } from '../../src/vscode/trees/words';
import { repositoryRoot } from '../support/repository-root';

const root = repositoryRoot();

describe('texts for people', () => {
  it('all stand in the list for translators (npm run texts writes it)', () => {
    const { texts, unreadable } = collectTexts(root);
    assert.deepEqual(unreadable, []);
    assert.equal(readFileSync(path.join(root, 'l10n/bundle.l10n.json'), 'utf8'), writeBundle(texts));
    for (const text of ['Lab runs', 'Find', '{0} hears nobody.', 'Place Call']) assert.ok(texts.includes(text), text);
  });

  it('are found where they are said, and a text made up on the spot is not let pass', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'call-lab-texts-'));
    try {
      for (const name of ['src/ladder', 'src/vscode', 'webview/views']) mkdirSync(path.join(folder, name), { recursive: true });
      writeFileSync(path.join(folder, 'webview/views/a.ts'), `const a = [say('one {0}', 1), say(isTwo ? 'two' : 'three'), say(\`four\`)];`);
      const { texts, unreadable } = collectTexts(folder);
      assert.deepEqual(texts, ['four', 'one {0}']);
      assert.deepEqual(unreadable, ["webview/views/a.ts:1 say(isTwo ? 'two' : 'three')"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are said in the language of the editor, with their values where that language has them', () => {
    try {
      speak({ '{0} hears {1}.': '{1} ist bei {0} zu hören.', '{0} and {1}': '{0} und {1}' });
      assert.equal(hearingSentence('alice', { phones: ['bob', 'charlie'], hold: false }), 'Bob und Charlie ist bei Alice zu hören.');
      assert.equal(say('{0} hears nobody.', 'Alice'), 'Alice hears nobody.');
    } finally {
      speak({});
    }
    assert.equal(hearingSentence('alice', { phones: ['bob'], hold: false }), 'Alice hears Bob.');
  });

  it('take their values as they are', () => {
    assert.equal(fillIn('{0} {1} {0}', ['{1}', '$&']), '{1} $& {1}');
    assert.equal(fillIn('{0} {3}', ['x']), 'x ');
  });
});
