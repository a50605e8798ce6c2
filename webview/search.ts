import { Finder } from './finder';
import type { Matches } from './matches';
import type { PanelFound } from './protocol';
import type { RowStore } from './row-store';

export interface SearchActions {
  /** Look for this; for nothing any more when it is empty. */
  readonly onSearch: (text: string) => void;
  /** Show these alone. */
  readonly onOnly: (text: string) => void;
  /** Other rows are marked. */
  readonly onMarks: () => void;
  /** Bring this row into view. */
  readonly onGo: (id: string) => void;
  /** The widget is gone: the keyboard goes to this row, or to the ladder. */
  readonly onLeave: (id: string | undefined) => void;
  /** The row that the reader looks at. */
  readonly where: () => string | undefined;
}

/** Looking for something: what is typed, what is found, and going from one match to the next. */
export class Search {
  readonly finder: Finder;
  readonly #matches: Matches;
  readonly #store: RowStore;
  readonly #actions: SearchActions;
  /** Where the reader was when they began. */
  #origin: string | undefined;
  /** A text whose first match is to be shown as soon as it is known. */
  #wanted: string | undefined;

  constructor(matches: Matches, store: RowStore, actions: SearchActions) {
    this.#matches = matches;
    this.#store = store;
    this.#actions = actions;
    this.finder = new Finder({
      onText: (text) => this.#look(text),
      onStep: (step) => this.step(step),
      onOnly: (text) => {
        this.close();
        actions.onOnly(text);
      },
      onClose: () => this.close(),
    });
  }

  /** What is looked for, while something is. */
  get text(): string | undefined {
    return this.finder.isOpen ? this.finder.text : undefined;
  }

  /** For typing, with what was looked for last. */
  open(): void {
    // Key and command are one wish: what was typed between them stays.
    if (this.finder.hasFocus) return;
    this.#begin();
    this.finder.open(undefined, true);
    if (this.finder.text !== '') this.#actions.onSearch(this.finder.text);
  }

  /** As it was when the page was shown last, or as somebody looks for it in the trace; the keyboard stays where it is. */
  resume(text: string): void {
    if (text === (this.text ?? '')) return;
    if (text === '') {
      this.#end();
      return;
    }
    this.#begin();
    this.finder.open(text, false);
    this.#actions.onSearch(text);
  }

  take({ text, problems, ...found }: PanelFound): void {
    if (!this.finder.isOpen || text !== this.finder.text) return;
    this.#matches.take(found);
    this.finder.showProblems(problems);
    if (this.#wanted === text) {
      this.#wanted = undefined;
      this.#matches.leave();
      this.#go(1);
    }
    this.#show();
  }

  /** To the next match or the one before; the widget comes back for it if it was closed. */
  step(step: 1 | -1): void {
    if (!this.finder.isOpen) {
      if (this.finder.text === '') return;
      this.#begin();
      this.finder.open(undefined, false);
      this.#look(this.finder.text);
      return;
    }
    this.#go(step);
    this.#show();
  }

  close(): void {
    if (!this.finder.isOpen) return;
    const { now } = this.#matches;
    this.#end();
    this.#actions.onLeave(now);
  }

  #begin(): void {
    if (!this.finder.isOpen) this.#origin = this.#actions.where();
  }

  #end(): void {
    this.finder.close();
    this.#actions.onSearch('');
    this.#matches.clear();
    this.#actions.onMarks();
  }

  #look(text: string): void {
    this.#wanted = text;
    this.#actions.onSearch(text);
    if (text !== '') return;
    this.#matches.clear();
    this.finder.showProblems([]);
    this.#show();
  }

  #go(step: 1 | -1): void {
    const from = this.#origin === undefined ? 0 : Math.max(0, this.#store.indexOf(this.#origin));
    const id = this.#matches.go(step, from, (one) => this.#store.indexOf(one));
    if (id !== undefined) this.#actions.onGo(id);
  }

  #show(): void {
    this.finder.showCount(this.#matches.place, this.#matches.count);
    this.#actions.onMarks();
  }
}
