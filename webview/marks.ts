import type { Matches } from './matches';

/** What is marked in the ladder and in its table alike. */
export class Marks {
  /** The message that is read in the trace. */
  marked: string | undefined;
  /** What belongs to the call or transfer that is chosen in a tree. */
  chosen: ReadonlySet<string> = new Set();
  readonly #matches: Matches;

  constructor(matches: Matches) {
    this.#matches = matches;
  }

  /** Shows on a row's element how the row is marked. */
  show(element: Element, id: string): void {
    const isNow = this.#matches.now === id;
    element.classList.toggle('marked', this.marked === id);
    element.classList.toggle('chosen', this.chosen.has(id));
    element.classList.toggle('match', this.#matches.has(id));
    element.classList.toggle('match-now', isNow);
    if (isNow) element.setAttribute('aria-current', 'true');
    else element.removeAttribute('aria-current');
  }
}
