/** Says an English text in the language of whoever reads it; `{0}`, `{1}` ... stand for the values. */
export type Say = (text: string, ...values: readonly (string | number)[]) => string;

/** The text with its values in their places. */
export function fillIn(text: string, values: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/gu, (_, index: string) => String(values[Number(index)] ?? ''));
}

/** Leaves a text in English, as files and command lines have it. */
export const english: Say = (text, ...values) => fillIn(text, values);
