import type { TraceMessage, TraceModel } from '../trace';
import { labelOf, methodOf } from './label';

/**
 * A filter as a person types it: words that must all be found, each anywhere in the message or, after one of these
 * names and a colon, there alone: `method`, `status`, `from`, `to`, `lane`, `call`, `dialog`, `transfer`. A minus before
 * a word turns it around; quotes keep blanks together. `status:4xx` finds all of a hundred.
 */
export interface Query {
  readonly text: string;
  readonly matches: (message: TraceMessage) => boolean;
}

type Test = (message: TraceMessage, model: TraceModel) => boolean;

/** The query of a text, or undefined for one that asks for nothing. */
export function parseQuery(text: string, model: TraceModel): Query | undefined {
  const tests = termsOf(text).map(testOf);
  if (tests.length === 0) return undefined;
  return { text, matches: (message) => tests.every((test) => test(message, model)) };
}

function termsOf(text: string): readonly string[] {
  const terms = text.match(/-?(?:\w+:)?(?:"[^"]*"|[^\s"]+)/g) ?? [];
  return terms.map((term) => term.replaceAll('"', '').toLowerCase()).filter((term) => term !== '' && term !== '-');
}

function testOf(term: string): Test {
  if (term.startsWith('-')) {
    const test = testOf(term.slice(1));
    return (message, model) => !test(message, model);
  }
  const [, name = '', value = ''] = /^(\w+):(.*)$/.exec(term) ?? [];
  return fields[name]?.(value) ?? ((message) => holds(message, term));
}

const fields: Readonly<Record<string, ((value: string) => Test) | undefined>> = {
  method: (value) => (message) => methodOf(message).toLowerCase() === value,
  status: (value) => {
    const pattern = new RegExp(`^${value.replace(/[^\dx]/g, '').replaceAll('x', '\\d')}$`);
    return ({ sip }) => sip?.kind === 'response' && pattern.test(String(sip.status));
  },
  from: (value) => (message, model) => model.nameOf(message.source).toLowerCase().includes(value),
  to: (value) => (message, model) => model.nameOf(message.destination).toLowerCase().includes(value),
  lane: (value) => (message, model) =>
    [message.source, message.destination].some((address) => model.nameOf(address).toLowerCase().includes(value)),
  call: (value) => ({ call }) => call?.id === value,
  dialog: (value) => ({ dialog }) => dialog?.id === value,
  transfer: (value) => ({ transfers }) => transfers.some(({ id }) => id === value),
};

function holds(message: TraceMessage, word: string): boolean {
  // What a person sees in the ladder, and what stands in the trace.
  return labelOf(message).toLowerCase().includes(word) || new TextDecoder().decode(message.bytes).toLowerCase().includes(word);
}
