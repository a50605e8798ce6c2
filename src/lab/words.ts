import { CallLabError, type ErrorCode } from '../core';

/** A part of a line, in UTF-16 units from its beginning; `end` is one past the last. */
export interface LinePart {
  readonly start: number;
  readonly end: number;
}

/** A line of words that does not follow its grammar. */
export class WordError extends CallLabError {
  /** What is wrong; where something is missing, the end of the line. */
  readonly part: LinePart;
  /** The message without the line. */
  readonly why: string;

  constructor(code: ErrorCode, line: string, why: string, part: LinePart) {
    super(code, `"${line.trim()}": ${why}`);
    this.name = 'WordError';
    this.why = why;
    this.part = part;
  }
}

/** The words of a line, read one after the other. What the line lacks, and what it has too much of, throws. */
export class Words {
  readonly #line: string;
  readonly #code: ErrorCode;
  readonly #words: (LinePart & { readonly text: string })[];
  #read = 0;

  /** `code` is the code of the errors thrown. */
  constructor(line: string, code: ErrorCode) {
    this.#line = line;
    this.#code = code;
    this.#words = Array.from(line.matchAll(/\S+/gu), ({ 0: text, index }) => ({ text, start: index, end: index + text.length }));
  }

  /** The word to come; undefined at the end. */
  get peek(): string | undefined {
    return this.#words[this.#read]?.text;
  }

  /** Takes the next word; `missing` says what is wrong when there is none. */
  next(missing: string): string {
    const word = this.#words[this.#read];
    if (word === undefined) throw this.#error(missing, { start: this.#line.trimEnd().length, end: this.#line.trimEnd().length });
    this.#read += 1;
    return word.text;
  }

  /** The last word, if there is one more. */
  last(): string | undefined {
    if (this.peek === undefined) return undefined;
    const word = this.next('');
    this.finish();
    return word;
  }

  /** Takes the first word of this form out of those to come, wherever it stands. */
  take(pattern: RegExp): string | undefined {
    const index = this.#words.findIndex(({ text }, at) => at >= this.#read && pattern.test(text));
    return index === -1 ? undefined : this.#words.splice(index, 1)[0]?.text;
  }

  /** Throws unless every word has been read. */
  finish(): void {
    const [first, last] = [this.#words[this.#read], this.#words.at(-1)];
    if (first === undefined || last === undefined) return;
    throw this.#error(`"${this.#line.slice(first.start, last.end)}" is too much`, { start: first.start, end: last.end });
  }

  /** The error that the word read last is wrong. */
  wrong(why: string): WordError {
    return this.#error(why, this.#words[this.#read - 1] ?? { start: 0, end: this.#line.length });
  }

  #error(why: string, part: LinePart): WordError {
    return new WordError(this.#code, this.#line, why, part);
  }
}
