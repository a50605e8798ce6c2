/** Writes the list of all texts that are said to people, for translators: `npm run texts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectTexts, writeBundle } from './lib/texts.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'l10n');
const { texts, unreadable } = collectTexts(root);
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'bundle.l10n.json'), writeBundle(texts));
for (const call of unreadable) process.stderr.write(`Its text is not written there: ${call}\n`);
process.exitCode = unreadable.length === 0 ? 0 : 1;
