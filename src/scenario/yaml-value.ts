import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { nearest } from './nearest';
import type { ScenarioProblem, TextRange } from './problem';

/** A part of a scalar's value, in UTF-16 units. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/** One file being read: it knows where things stand, and keeps the problems found. */
export class YamlSource {
  readonly file: string;
  readonly problems: ScenarioProblem[] = [];
  readonly root: YamlValue;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document;

  constructor(text: string, file: string) {
    this.file = file;
    this.#text = text;
    // Failsafe: every scalar is its own text, so that `123#`, `no` and `0644` mean what they say.
    this.#document = parseDocument(text, { lineCounter: this.#lines, schema: 'failsafe', uniqueKeys: false, prettyErrors: false });
    for (const { pos, message } of this.#document.errors) {
      this.report({ start: pos[0], end: pos[1] }, `This is no YAML: ${decapitalise(message)}.`, 'Mend the line; YAML goes by its indentation.');
    }
    this.root = new YamlValue(this, this.#document.contents ?? undefined, { start: 0, end: text.length });
  }

  report(part: Part, message: string, remedy: string): void {
    const range = this.rangeOf(part);
    const { line, column } = range.from;
    this.problems.push({ ...range, file: this.file, line, column, message, remedy });
  }

  rangeOf({ start, end }: Part): TextRange {
    return { start, end, from: this.#place(start), to: this.#place(end) };
  }

  /** An alias stands for what it names. */
  resolve(node: Node | undefined): Node | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  textOf({ start, end }: Part): string {
    return this.#text.slice(start, end);
  }

  #place(offset: number): TextRange['from'] {
    const { line, col } = this.#lines.linePos(offset);
    // A file without a line break has no line for the counter.
    return line === 0 ? { line: 1, column: offset + 1 } : { line, column: col };
  }
}

/** One entry of a map. */
export interface YamlField {
  readonly key: YamlValue;
  readonly name: string;
  readonly value: YamlValue;
}

/** The entries of a map, in their order. */
export class YamlFields {
  readonly all: readonly YamlField[];

  constructor(fields: readonly YamlField[]) {
    this.all = fields;
  }

  get(name: string): YamlValue | undefined {
    return this.all.find((field) => field.name === name)?.value;
  }
}

/** A value in the file, and where it stands. What is asked of it and is not there becomes a problem of the source. */
export class YamlValue {
  readonly #source: YamlSource;
  readonly #node: Node | undefined;
  readonly #part: Part;

  /** `around` is where to point when there is no node, as after `phones:` with nothing behind it. */
  constructor(source: YamlSource, node: Node | undefined, around: Part) {
    this.#source = source;
    this.#node = source.resolve(node);
    const range = node?.range;
    this.#part = range && range[1] > range[0] ? { start: range[0], end: range[1] } : around;
  }

  get range(): TextRange {
    return this.#source.rangeOf(this.#part);
  }

  get isEmpty(): boolean {
    return this.#node === undefined || (isScalar(this.#node) && this.#node.value === '');
  }

  get isText(): boolean {
    return isScalar(this.#node) && !this.isEmpty;
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  /** The text of a scalar. `what` says what should stand here, such as `a verb`. */
  text(what: string): string | undefined {
    if (isScalar(this.#node) && !this.isEmpty) return String(this.#node.value);
    this.problem(`${capitalise(what)} should stand here, not ${this.#kind}.`, `Write ${what}.`);
    return undefined;
  }

  /** One of these words. */
  word<Word extends string>(what: string, words: readonly Word[]): Word | undefined {
    const text = this.text(what);
    const found = words.find((word) => word === text);
    if (text !== undefined && found === undefined) this.problem(`"${text}" is not ${what}.`, suggestion(text, words));
    return found;
  }

  boolean(): boolean | undefined {
    const word = this.word('true or false', ['true', 'false']);
    return word === undefined ? undefined : word === 'true';
  }

  integer(what: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const text = this.text(what);
    if (text === undefined) return undefined;
    const value = /^\d{1,9}$/u.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    this.problem(`"${text}" is not ${what}.`, `Write a whole number from ${min} to ${max}.`);
    return undefined;
  }

  /** The items of a list; a value that is no list stands for a list of itself. */
  items(): readonly YamlValue[] {
    if (this.isEmpty) return [];
    const node = this.#node;
    return isSeq(node) ? node.items.map((item) => new YamlValue(this.#source, item as Node, this.#part)) : [this];
  }

  /** The items of what has to be a list. */
  list(what: string): readonly YamlValue[] | undefined {
    if (isSeq(this.#node) || this.isEmpty) return this.items();
    this.problem(`${capitalise(what)} should stand here, not ${this.#kind}.`, 'Begin each item with "- " on a line of its own.');
    return undefined;
  }

  /** The entries of a map. `known` are its keys, where they are not free. */
  fields(what: string, known?: readonly string[]): YamlFields {
    const node = this.#node;
    if (isMap(node)) return new YamlFields(node.items.flatMap((pair) => this.#field(pair, what, known)));
    if (!this.isEmpty || known !== undefined) {
      this.problem(`${capitalise(what)} should stand here, not ${this.#kind}.`, 'Write "key: value" lines, indented alike.');
    }
    return new YamlFields([]);
  }

  /** Notes a problem with this value, or with a part of its text. */
  problem(message: string, remedy: string, part?: Part): void {
    this.#source.report(part === undefined ? this.#part : this.#partOfText(part), message, remedy);
  }

  #field(pair: Pair, what: string, known: readonly string[] | undefined): readonly YamlField[] {
    const key = new YamlValue(this.#source, pair.key as Node, this.#part);
    const name = key.text('a key');
    if (name === undefined) return [];
    if (known?.includes(name) === false) {
      key.problem(`"${name}" is no key of ${what}.`, suggestion(name, known));
      return [];
    }
    if (isMap(this.#node) && this.#node.items.find((other) => isScalar(other.key) && other.key.value === name) !== pair) {
      key.problem(`"${name}" stands here twice.`, 'Keep one of the two.');
      return [];
    }
    return [{ key, name, value: new YamlValue(this.#source, (pair.value ?? undefined) as Node | undefined, key.#part) }];
  }

  /** Where a part of the value stands in the file; the whole scalar, where escapes or folding have moved things. */
  #partOfText({ start, end }: Part): Part {
    const written = this.#source.textOf(this.#part);
    const offset = isScalar(this.#node) ? written.indexOf(String(this.#node.value)) : -1;
    if (offset === -1) return this.#part;
    const from = this.#part.start + offset;
    return { start: from + start, end: from + end };
  }

  get #kind(): string {
    if (this.isEmpty) return 'nothing';
    if (isMap(this.#node)) return 'a map';
    return isSeq(this.#node) ? 'a list' : `"${this.#source.textOf(this.#part)}"`;
  }
}

/** What to do about a word that is none of those known. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${near}"?`;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function decapitalise(text: string): string {
  return (text.charAt(0).toLowerCase() + text.slice(1)).replace(/\.$/u, '');
}
