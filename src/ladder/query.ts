import type { TraceMessage, TraceModel } from '../trace';
import { labelOf, methodOf } from './label';
import { type QueryProblem, type QueryTerm, readQuery } from './read-query';
import { searchText } from './search-text';

/** What a person looks for, or wants to see alone, in a trace; {@link readQuery} has the language. */
export interface Query {
  readonly text: string;
  /** What cannot be understood; the terms of an error are left out. */
  readonly problems: readonly QueryProblem[];
  /** Lower-case words that are looked for anywhere, to be marked where they stand. */
  readonly words: readonly string[];
  /** Of a message; `said` is what stands in its row besides. */
  readonly matches: (message: TraceMessage, said?: string) => boolean;
  /** Whether words that belong to no one message, such as a note's, are what is looked for. */
  readonly matchesWords: (words: string) => boolean;
}

/** A message, with what is looked for in it; read only when a term asks for it. */
class Subject {
  readonly message: TraceMessage;
  readonly #said: string;
  #text: string | undefined;

  constructor(message: TraceMessage, said: string) {
    this.message = message;
    this.#said = said;
  }

  /** What a person sees in the ladder, and what stands in the trace. */
  has(word: string): boolean {
    this.#text ??= `${labelOf(this.message)}\n${this.#said}\n${searchText(this.message)}`.toLowerCase();
    return this.#text.includes(word);
  }
}

type Test = (subject: Subject, model: TraceModel) => boolean;

/** The query of a text, or undefined for one that asks for nothing, or for nothing that can be understood. */
export function parseQuery(text: string, model: TraceModel): Query | undefined {
  const { terms, problems } = readQuery(text);
  if (terms.length === 0) return undefined;
  const tests = terms.map(testOf);
  return {
    text,
    problems,
    words: terms.filter(({ name, isNot }) => name === undefined && !isNot).map(({ value }) => value),
    matches: (message, said = '') => {
      const subject = new Subject(message, said);
      return tests.every((test) => test(subject, model));
    },
    matchesWords: (words) => {
      const lower = words.toLowerCase();
      return terms.every(({ name, value, isNot }) => (name === undefined && lower.includes(value)) !== isNot);
    },
  };
}

function testOf({ name, value, isNot }: QueryTerm): Test {
  const test: Test = name === undefined ? (subject) => subject.has(value) : fields[name](value);
  return isNot ? (...asked) => !test(...asked) : test;
}

const fields: Readonly<Record<NonNullable<QueryTerm['name']>, (value: string) => Test>> = {
  method:
    (value) =>
    ({ message }) =>
      methodOf(message).toLowerCase() === value,
  status: (value) => {
    const pattern = new RegExp(`^${value.replaceAll('x', '\\d')}$`, 'u');
    return ({ message: { sip } }) => sip?.kind === 'response' && pattern.test(String(sip.status));
  },
  from:
    (value) =>
    ({ message }, model) =>
      model.nameOf(message.source).toLowerCase().includes(value),
  to:
    (value) =>
    ({ message }, model) =>
      model.nameOf(message.destination).toLowerCase().includes(value),
  lane:
    (value) =>
    ({ message: { source, destination } }, model) =>
      [source, destination].some((address) => model.nameOf(address).toLowerCase().includes(value)),
  call:
    (value) =>
    ({ message: { call } }) =>
      call?.id === value,
  dialog:
    (value) =>
    ({ message: { dialog } }) =>
      dialog?.id === value,
  transfer:
    (value) =>
    ({ message: { transfers } }) =>
      transfers.some(({ id }) => id === value),
};
