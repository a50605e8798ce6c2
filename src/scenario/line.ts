import { WordError } from '../lab';
import type { NameFault } from './names';
import { nearest } from './nearest';
import type { YamlValue } from './yaml-value';

/** A scalar whose text is a line of words, read by a grammar. */
export interface Line<Result> {
  readonly item: YamlValue;
  readonly text: string;
  readonly result: Result;
}

/** The grammar of a line: what it is, what reads it (throwing a WordError), and the words that a misspelt one may have meant. */
export interface LineGrammar<Result> {
  readonly what: string;
  readonly example: string;
  readonly parse: (line: string) => Result;
  readonly words: readonly string[];
}

/** Reads a line; what is wrong with it becomes a problem that points to the word. */
export function readLine<Result>(item: YamlValue, grammar: LineGrammar<Result>): Line<Result> | undefined {
  const text = item.text(`${grammar.what} such as "${grammar.example}"`);
  if (text === undefined) return undefined;
  try {
    return { item, text, result: grammar.parse(text) };
  } catch (error) {
    if (!(error instanceof WordError)) throw error;
    const word = text.slice(error.part.start, error.part.end);
    const meant = grammar.words.includes(word) ? undefined : nearest(word, grammar.words);
    item.problem(`${error.message}.`, meant === undefined ? `Write ${grammar.what} such as "${grammar.example}".` : `Did you mean "${meant}"?`, error.part);
    return undefined;
  }
}

/** Notes that a name in the line is wrong; `place` is which occurrence of the word is meant. */
export function noteFault({ item, text }: Line<unknown>, word: string, fault: NameFault | undefined, place: 'first' | 'last'): void {
  if (fault === undefined) return;
  const found = Array.from(text.matchAll(/\S+/gu)).filter(({ 0: candidate }) => candidate === word);
  const start = found.at(place === 'first' ? 0 : -1)?.index ?? 0;
  item.problem(fault.message, fault.remedy, { start, end: start + word.length });
}
