/**
 * Words for people, in English; `vscode.l10n` names their translations by the English text. `{0}`, `{1}` ... stand for the values.
 * What is said here can be said under plain Node as well, where it stays English: `speak` is called once, when the extension
 * begins, with the translations that the editor has loaded.
 */
export function say(text: string, ...values: readonly (string | number)[]): string {
  return (translations.get(text) ?? text).replace(/\{(\d)\}/gu, (_, index: string) => String(values[Number(index)] ?? ''));
}

/** The language of a process is one, and does not change while it runs. */
const translations = new Map<string, string>();

/** From here on, words are said by these translations. */
export function speak(bundle: Readonly<Record<string, string>>): void {
  translations.clear();
  for (const [text, translation] of Object.entries(bundle)) translations.set(text, translation);
}
