import type { PanelFound, PanelRow } from '../../../webview/protocol';
import { parseQuery, type Query, readQuery } from '../../ladder';
import type { TraceModel } from '../../trace';
import { problemsOf } from './query-problems';

/** So many messages are read in one go: a few milliseconds, in which no packet has to wait. */
const slice = 500;

/** Where something is looked for: the rows that the page has, and the messages behind them. */
export interface SearchSource {
  readonly trace: TraceModel | undefined;
  readonly rows: readonly PanelRow[];
}

/**
 * Looks for what the reader of one page looks for, in the words of the rows and in the whole text of their messages, and keeps
 * the page's list of rows found up to date. What a row was judged once stays, so each step costs what has come.
 */
export class LadderSearch {
  readonly #post: (found: PanelFound) => void;
  readonly #later: (run: () => void) => void;
  #text = '';
  #query: Query | undefined;
  #source: SearchSource = { trace: undefined, rows: [] };
  #known = new WeakMap<PanelRow, boolean>();
  /** What the page knows; undefined for nothing at all. */
  #sent: readonly string[] | undefined;
  #isWaiting = false;

  /** `later` runs something as soon as what is under way has been dealt with; at once unless given. */
  constructor(post: (found: PanelFound) => void, later: (run: () => void) => void = (run) => run()) {
    this.#post = post;
    this.#later = later;
  }

  /** What is looked for; empty for nothing. */
  get text(): string {
    return this.#text;
  }

  /** The page is a new one, and knows nothing. */
  restart(): void {
    this.#text = '';
    this.#query = undefined;
  }

  find(text: string, source: SearchSource): void {
    this.#text = text;
    this.#sent = undefined;
    this.#begin(source);
    this.#run();
  }

  /** The rows have changed. */
  update(source: SearchSource): void {
    if (this.#text === '') return;
    if (source.trace === this.#source.trace) this.#source = source;
    else this.#begin(source);
    this.#run();
  }

  #begin(source: SearchSource): void {
    this.#source = source;
    this.#known = new WeakMap();
    this.#query = source.trace === undefined ? undefined : parseQuery(this.#text, source.trace);
  }

  #run(): void {
    const query = this.#query;
    if (query === undefined) {
      this.#send([]);
      return;
    }
    if (this.#isWaiting) return;
    const ids: string[] = [];
    let judged = 0;
    for (const row of this.#source.rows) {
      let isFound = this.#known.get(row);
      if (isFound === undefined) {
        if (judged === slice) {
          this.#continueLater();
          return;
        }
        judged += 1;
        isFound = this.#judge(row, query);
        this.#known.set(row, isFound);
      }
      if (isFound) ids.push(row.id);
    }
    this.#send(ids);
  }

  #continueLater(): void {
    this.#isWaiting = true;
    this.#later(() => {
      this.#isWaiting = false;
      this.#run();
    });
  }

  #judge(row: PanelRow, query: Query): boolean {
    const message = row.kind === 'message' ? this.#source.trace?.message(row.id) : undefined;
    if (row.kind !== 'message' || message === undefined) return query.matchesWords(row.words);
    const lints = (row.lints ?? []).map(({ id, text }) => `${id}: ${text}`);
    return query.matches(message, [row.words, ...lints].join('\n'));
  }

  #send(ids: readonly string[]): void {
    const before = this.#sent ?? [];
    let kept = 0;
    while (kept < before.length && before[kept] === ids[kept]) kept += 1;
    if (this.#sent !== undefined && kept === ids.length && kept === before.length) return;
    this.#sent = ids;
    this.#post({ text: this.#text, kept, ids: ids.slice(kept), problems: problemsOf(readQuery(this.#text).problems) });
  }
}
