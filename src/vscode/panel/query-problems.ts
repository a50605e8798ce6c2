import type { PanelProblem } from '../../../webview/protocol';
import type { QueryProblem, QueryProblemKind } from '../../ladder';
import { say } from '../say';

const examples: Readonly<Record<string, string>> = { call: 'c1', dialog: 'd1', transfer: 'x1', method: 'REFER', from: 'alice', to: 'bob', lane: 'pbx', status: '4xx' };

const sentences: Readonly<Record<QueryProblemKind, (name: string) => string>> = {
  'no-value': (name) => say('Nothing stands behind "{0}:"; it wants something such as {0}:{1}.', name, examples[name] ?? ''),
  'no-status': () => say('A status is three digits, or x for any digit, such as status:486 or status:4xx.'),
  'no-id': (name) => say('"{0}:" wants an id of the trace, such as {0}:{1}.', name, examples[name] ?? ''),
  'open-quote': () => say('The second quotation mark is missing.'),
  slip: (name) => say('This is looked for as a word. Was "{0}:" meant?', name),
};

/** What is wrong with a filter or a search, for people. */
export function problemsOf(problems: readonly QueryProblem[]): readonly PanelProblem[] {
  return problems.map(({ kind, start, end, name }) => ({ start, end, text: sentences[kind](name) }));
}
