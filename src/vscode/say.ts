import { fillIn, type Say } from '../core';

/**
 * Says words to people, in English or by the translations that the editor has loaded for its own language; `vscode.l10n` names them by
 * their English text, and `l10n/bundle.l10n.json` lists them all. Under plain Node they stay English.
 */
export const say: Say = (text, ...values) => fillIn(translations.get(text) ?? text, values);

/** Says a text that stands in a table of texts, where `scripts/lib/texts.mjs` looks for it. */
export function sayKnown(text: string): string {
  return say(text);
}

/** The language of a process is one, and does not change while it runs. */
const translations = new Map<string, string>();

/** From here on, words are said by these translations; called once, before anything is said. */
export function speak(bundle: Readonly<Record<string, string>>): void {
  translations.clear();
  for (const [text, translation] of Object.entries(bundle)) translations.set(text, translation);
}
