/** Collects what is wrong with a value of unknown shape, while its good parts are read. */
export class Checker {
  readonly #problems: string[] = [];

  get problems(): readonly string[] {
    return this.#problems;
  }

  complain(where: string, what: string): void {
    this.#problems.push(`${where}: ${what}.`);
  }

  list(value: unknown, where: string): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value as readonly unknown[];
    this.complain(where, 'a list was expected');
    return [];
  }

  /** Names with what stands behind them. */
  entries(value: unknown, where: string): readonly (readonly [name: string, value: unknown])[] {
    if (value === undefined) return [];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
    this.complain(where, 'an object was expected');
    return [];
  }

  /** The fields of an object, and a complaint for each that is not among `known`. Undefined for what is no object. */
  fields(value: unknown, where: string, known: readonly string[]): Fields | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.complain(where, 'an object was expected');
      return undefined;
    }
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) this.complain(`${where}.${key}`, `unknown; known are ${known.join(', ')}`);
    }
    return new Fields(this, where, value as Readonly<Record<string, unknown>>);
  }
}

/**
 * The fields of one object. Each reader gives undefined for what is absent, and complains of what has the wrong shape.
 */
class Fields {
  readonly #checker: Checker;
  readonly #where: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(checker: Checker, where: string, values: Readonly<Record<string, unknown>>) {
    this.#checker = checker;
    this.#where = where;
    this.#values = values;
  }

  /** About the field `name`, or the whole object when it is empty. */
  complain(name: string, what: string): void {
    this.#checker.complain(name === '' ? this.#where : `${this.#where}.${name}`, what);
  }

  text(name: string): string | undefined {
    return this.#read(name, 'a text that is not empty', (value) =>
      typeof value === 'string' && value.trim() !== '' ? value : undefined,
    );
  }

  boolean(name: string): boolean | undefined {
    return this.#read(name, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  integer(name: string, min: number, max: number): number | undefined {
    return this.#read(name, `a whole number from ${min} to ${max}`, (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined,
    );
  }

  /** At most three decimals, as a `qvalue` has them (RFC 3261 section 25.1). */
  number(name: string, min: number, max: number): number | undefined {
    return this.#read(name, `a number from ${min} to ${max} with at most three decimals`, (value) =>
      typeof value === 'number' && value >= min && value <= max && Number(value.toFixed(3)) === value ? value : undefined,
    );
  }

  word<Word extends string | number>(name: string, words: readonly Word[]): Word | undefined {
    return this.#read(name, `one of ${words.join(', ')}`, (value) => words.find((word) => word === value));
  }

  words<Word extends string>(name: string, words: readonly Word[]): readonly Word[] | undefined {
    return this.#read(name, `a list of ${words.join(', ')}`, (value) => {
      if (!Array.isArray(value)) return undefined;
      const read = value.map((item) => words.find((word) => word === item));
      return read.every((word) => word !== undefined) ? read : undefined;
    });
  }

  texts(name: string): readonly string[] | undefined {
    return this.#read(name, 'a list of texts', (value) =>
      Array.isArray(value) && value.every((item): item is string => typeof item === 'string' && item.trim() !== '')
        ? value
        : undefined,
    );
  }

  /** Names of this form, with a text behind each. */
  textsByName(name: string, form: RegExp): ReadonlyMap<string, string> | undefined {
    return this.#read(name, 'an object of texts', (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      const entries = Object.entries(value).filter((entry): entry is [string, string] => form.test(entry[0]) && typeof entry[1] === 'string' && entry[1] !== '');
      return entries.length === Object.keys(value).length ? new Map(entries) : undefined;
    });
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  holdsObject(name: string): boolean {
    const value = this.#values[name];
    return typeof value === 'object' && value !== null;
  }

  fields(name: string, known: readonly string[]): Fields | undefined {
    const value = this.#values[name];
    return value === undefined ? undefined : this.#checker.fields(value, `${this.#where}.${name}`, known);
  }

  #read<Result>(name: string, expected: string, read: (value: unknown) => Result | undefined): Result | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const result = read(value);
    if (result === undefined) this.complain(name, `${expected} was expected`);
    return result;
  }
}
