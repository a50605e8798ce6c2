import * as vscode from 'vscode';

/** What is looked for in a trace, and what is shown of it, as typed. */
export interface SharedQuery {
  readonly search: string;
  readonly filter: string;
}

/** A trace has another query; `by` is the ladder that said so, undefined for the text. */
export interface QueryChange {
  readonly uri: vscode.Uri;
  readonly query: SharedQuery;
  readonly by: object | undefined;
}

const none: SharedQuery = { search: '', filter: '' };

/** The search and the filter that a ladder and the text of its trace have in common, of each trace its own. */
export class SharedQueries implements vscode.Disposable {
  readonly #queries = new Map<string, SharedQuery>();
  readonly #owners = new Map<string, object | undefined>();
  readonly #changed = new vscode.EventEmitter<QueryChange>();
  readonly onDidChange = this.#changed.event;

  of(uri: vscode.Uri): SharedQuery {
    return this.#queries.get(uri.toString()) ?? none;
  }

  set(uri: vscode.Uri, change: Partial<SharedQuery>, by: object | undefined): void {
    const before = this.of(uri);
    const query = { ...before, ...change };
    if (query.search === before.search && query.filter === before.filter) return;
    this.#owners.set(uri.toString(), by);
    if (query.search === '' && query.filter === '') this.#queries.delete(uri.toString());
    else this.#queries.set(uri.toString(), query);
    this.#changed.fire({ uri, query, by });
  }

  /** A ladder is closed: what it was the last to say goes with it. */
  leave(uri: vscode.Uri, by: object): void {
    if (this.#owners.get(uri.toString()) !== by) return;
    this.set(uri, none, by);
    this.#owners.delete(uri.toString());
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
