import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fromHex } from '../../../support/hex';
import { checkMessage, checkStream } from '../../../support/sip-check';

/** Messages that once broke a rule, found by the fuzzer or by reading; each is replayed whole and in every two pieces. */
const folder = join(__dirname, '../../../fixtures/crashers');

suite('crashers', () => {
  const files = readdirSync(folder).filter((file) => file.startsWith('sip-'));

  test('are there', () => {
    assert.ok(files.length > 0);
  });

  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    test(`${file}: ${/^# (.*)/.exec(text)?.[1] ?? ''}`, () => {
      const bytes = fromHex(text);
      checkMessage(bytes);
      for (let at = 0; at <= Math.min(bytes.length, 500); at += 1) checkStream(bytes, [at]);
    });
  }
});
