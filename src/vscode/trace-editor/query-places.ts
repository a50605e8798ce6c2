import type { LineRange } from '../../capture';
import { labelOf, parseQuery, visibleLabel } from '../../ladder';
import type { TraceMessage, TraceModel } from '../../trace';
import type { SharedQuery } from '../sources/shared-queries';

/** Where in the text of a trace something is looked for, and what of it a filter leaves out. */
export interface QueryPlaces {
  /** The lines of each message that is found, in their order. */
  readonly found: readonly LineRange[];
  /** Lines of messages that are left out, one run for those that stand together. */
  readonly leftOut: readonly LineRange[];
  /** Lower-case words to be marked in what is found. */
  readonly words: readonly string[];
}

/** A word in a line of text; columns are UTF-16 units. */
export interface WordPlace {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** More words than these in what is in view help nobody. */
const mostWords = 2_000;

/**
 * Judges the messages of one trace by one query, each once: what a text brings then costs what is new. A message is judged again
 * when it came to belong to something since.
 */
export class QueryJudge {
  readonly #search;
  readonly #filter;
  readonly #trace: TraceModel;
  readonly #known = new WeakMap<TraceMessage, { readonly key: string; readonly isFound: boolean; readonly isLeftOut: boolean }>();

  constructor(trace: TraceModel, { search, filter }: SharedQuery) {
    this.#trace = trace;
    this.#search = parseQuery(search, trace);
    this.#filter = parseQuery(filter, trace);
  }

  places(lines: ReadonlyMap<string, LineRange>): QueryPlaces {
    const found: LineRange[] = [];
    const leftOut: LineRange[] = [];
    for (const [id, range] of lines) {
      const message = this.#trace.message(id);
      const { isFound, isLeftOut } = message === undefined ? { isFound: false, isLeftOut: false } : this.#judge(message);
      if (isFound && !isLeftOut) found.push(range);
      if (!isLeftOut) continue;
      const last = leftOut.at(-1);
      if (last?.end === range.start) leftOut[leftOut.length - 1] = { start: last.start, end: range.end };
      else leftOut.push(range);
    }
    return { found, leftOut, words: this.#search?.words ?? [] };
  }

  #judge(message: TraceMessage): { readonly isFound: boolean; readonly isLeftOut: boolean } {
    const key = `${message.call?.id ?? ''} ${message.dialog?.id ?? ''} ${message.transfers.length}`;
    const known = this.#known.get(message);
    if (known?.key === key) return known;
    // The number and the words of its row, as the ladder finds it by.
    const row = `${message.index + 1}. ${visibleLabel(labelOf(message))}`;
    const judged = { key, isFound: this.#search?.matches(message, row) === true, isLeftOut: this.#filter?.matches(message, row) === false };
    this.#known.set(message, judged);
    return judged;
  }
}

/** Where words stand in lines of text, of which `first` is the number of the first. */
export function placesOfWords(lines: readonly string[], first: number, words: readonly string[]): readonly WordPlace[] {
  const places: WordPlace[] = [];
  for (const [offset, text] of lines.entries()) {
    const lower = text.toLowerCase();
    // Where lower case has another length, columns would be wrong.
    if (lower.length !== text.length) continue;
    for (const word of words) {
      for (let at = lower.indexOf(word); at !== -1 && places.length < mostWords; at = lower.indexOf(word, at + word.length)) {
        places.push({ line: first + offset, start: at, end: at + word.length });
      }
    }
  }
  return places;
}

/** Which of those found comes next behind a line, or before it, round the end; -1 when nothing was found. */
export function nextFound(found: readonly LineRange[], line: number, step: 1 | -1): number {
  const next = step === 1 ? found.findIndex(({ start }) => start > line) : found.findLastIndex(({ end }) => end <= line);
  if (next !== -1 || found.length === 0) return next;
  return step === 1 ? 0 : found.length - 1;
}
