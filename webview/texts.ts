/**
 * Words for people, in English; the page brings translations along (`vscode.l10n` names them by their English text).
 * `{0}`, `{1}` ... stand for the values.
 */
export function say(text: string, ...values: readonly (string | number)[]): string {
  return (translations.get(text) ?? text).replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
}

/** Where there is no page, as in tests under Node, words stay English. */
interface Surroundings {
  readonly document?: { readonly body: { readonly dataset: Readonly<Record<string, string | undefined>> } };
}

const translations = readTranslations();

function readTranslations(): ReadonlyMap<string, string> {
  const text = (globalThis as Surroundings).document?.body.dataset['texts'];
  if (text === undefined || text === '') return new Map();
  const read: unknown = JSON.parse(text);
  if (typeof read !== 'object' || read === null) return new Map();
  return new Map(Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
