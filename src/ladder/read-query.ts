const fieldNames = ['method', 'status', 'from', 'to', 'lane', 'call', 'dialog', 'transfer'] as const;

/** What a term may be about, before its colon. */
export type QueryField = (typeof fieldNames)[number];

/** One thing that is asked for. */
export interface QueryTerm {
  /** Undefined for a word that may stand anywhere. */
  readonly name: QueryField | undefined;
  /** In lower case. */
  readonly value: string;
  /** Whether it is what is not wanted. */
  readonly isNot: boolean;
}

/** Something wrong with a query, and where in its text: UTF-16 units from `start` up to, but not with, `end`. */
export interface QueryProblem {
  readonly kind: QueryProblemKind;
  readonly start: number;
  readonly end: number;
  /** The name before the colon; of a slip, the name that was probably meant. */
  readonly name: string;
}

/**
 * `no-value`: nothing behind the colon. `no-status`: three digits or `x` are wanted. `no-id`: an id of the trace is wanted.
 * `open-quote`: the second one is missing, and the end of the text stands for it. `slip`: no known name, but nearly one; it is
 * looked for as a word.
 */
export type QueryProblemKind = 'no-value' | 'no-status' | 'no-id' | 'open-quote' | 'slip';

export interface ReadQuery {
  readonly terms: readonly QueryTerm[];
  readonly problems: readonly QueryProblem[];
}

/** How the ids of a trace look, by what they name. */
const idForms: Partial<Record<QueryField, RegExp>> = { call: /^c\d+$/u, dialog: /^d\d+$/u, transfer: /^x\d+$/u };

/** `127.0.0.1:5060`, `sip:bob@lab`: what stands before a colon in such a text is no slip of anybody's. */
const ordinaryNames: ReadonlySet<string> = new Set(['sip', 'sips', 'tel', 'tag', 'cseq', 'via']);

/**
 * Reads a filter or a search as a person types it: words that must all be found, each anywhere in the message or, after one of
 * these names and a colon, there alone: `method`, `status`, `from`, `to`, `lane`, `call`, `dialog`, `transfer`. A minus before a
 * word turns it around; quotes keep blanks together, and what begins with one is a word whatever it looks like. `status:4xx`
 * finds all of a hundred. What is wrong is left out and told, so that half a query, as it stands while somebody types, shows
 * what its other half asks for.
 */
export function readQuery(text: string): ReadQuery {
  const terms: QueryTerm[] = [];
  const problems: QueryProblem[] = [];
  for (const { 0: piece, index } of text.matchAll(/(?:"[^"]*(?:"|$)|[^\s"])+/gu)) {
    const isNot = piece.startsWith('-');
    const body = isNot ? piece.slice(1) : piece;
    const start = index + piece.length - body.length;
    const end = index + piece.length;
    if ((body.split('"').length - 1) % 2 === 1) problems.push({ kind: 'open-quote', start: start + body.lastIndexOf('"'), end, name: '' });
    const [, word = ''] = /^(\w+):/u.exec(body) ?? [];
    const name = fieldNames.find((one) => one === word.toLowerCase());
    const value = (name === undefined ? body : body.slice(word.length + 1)).replaceAll('"', '').toLowerCase();
    if (name === undefined) {
      const meant = nearestField(word.toLowerCase());
      if (meant !== undefined) problems.push({ kind: 'slip', start, end: start + word.length, name: meant });
      if (value !== '') terms.push({ name, value, isNot });
      continue;
    }
    const wrong = faultOf(name, value);
    if (wrong === undefined) terms.push({ name, value, isNot });
    else problems.push({ kind: wrong, start, end, name });
  }
  return { terms, problems };
}

function faultOf(name: QueryField, value: string): QueryProblemKind | undefined {
  if (value === '') return 'no-value';
  if (name === 'status') return /^[1-6x][\dx]{2}$/u.test(value) ? undefined : 'no-status';
  return idForms[name]?.test(value) === false ? 'no-id' : undefined;
}

/** The name that was meant by a word with one letter too many, too few, wrong, or two of them swapped. */
function nearestField(word: string): QueryField | undefined {
  if (word.length < 4 || ordinaryNames.has(word)) return undefined;
  return fieldNames.find((name) => name.length >= 4 && isOneSlipAway(word, name));
}

function isOneSlipAway(word: string, name: string): boolean {
  let at = 0;
  while (at < word.length && word[at] === name[at]) at += 1;
  const [rest, wanted] = [word.slice(at), name.slice(at)];
  const isSwapped = word[at] === name[at + 1] && word[at + 1] === name[at];
  const [more, less] = [rest.slice(1), wanted.slice(1)];
  return more === wanted || rest === less || more === less || (isSwapped && more.slice(1) === less.slice(1));
}
