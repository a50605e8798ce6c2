import { element } from './element';
import { FrameRequest } from './frame-request';
import type { Marks } from './marks';
import type { PanelRow } from './protocol';
import type { RowStore } from './row-store';
import { say } from './texts';
import { seconds } from './times';

/** In CSS pixels; every row has it, so that only those in view need to be there. */
const rowHeight = 24;
const overscan = 20;

/** Everything the ladder shows, as a table: for screen readers, and for whoever would rather read than look. */
export class LadderTable {
  readonly element = element('div', 'table-view');
  readonly #store: RowStore;
  readonly #onOpen: (id: string, focus: boolean) => void;
  readonly #table = element('div', 'ladder-table');
  readonly #body = element('div', 'table-body');
  readonly #made = new Map<number, { readonly row: PanelRow; readonly element: HTMLElement }>();
  readonly #frame = new FrameRequest(() => this.#render());
  #current = 0;
  readonly #marks: Marks;

  constructor(store: RowStore, marks: Marks, onOpen: (id: string, focus: boolean) => void) {
    this.#store = store;
    this.#marks = marks;
    this.#onOpen = onOpen;
    this.#table.setAttribute('role', 'table');
    this.#table.setAttribute('aria-label', say('Messages in order'));
    this.#body.setAttribute('role', 'rowgroup');
    const head = element('div', 'table-row table-head');
    head.setAttribute('role', 'row');
    head.setAttribute('aria-rowindex', '1');
    for (const title of [say('Time'), say('From'), say('To'), say('Message'), say('Found')]) {
      const cell = element('span', 'table-cell', title);
      cell.setAttribute('role', 'columnheader');
      head.append(cell);
    }
    const headGroup = element('div', '');
    headGroup.setAttribute('role', 'rowgroup');
    headGroup.append(head);
    this.#table.append(headGroup, this.#body);
    this.element.append(this.#table);
    this.element.addEventListener('scroll', () => this.#frame.ask(), { passive: true });
    this.#body.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLElement && target.dataset['index'] !== undefined) this.#current = Number(target.dataset['index']);
    });
    this.#body.addEventListener('click', (event) => this.#onClick(event));
    this.#body.addEventListener('keydown', (event) => this.#onKey(event));
    new ResizeObserver(() => this.#frame.ask()).observe(this.element);
  }

  /** The rows have changed; the end stays in view where it was followed. */
  show(follow: boolean, gone = 0): void {
    if (this.element.hidden) return;
    const top = this.element.scrollTop - gone * rowHeight;
    if (gone > 0) this.#shift(gone);
    this.#table.setAttribute('aria-rowcount', String(this.#store.rows.length + 1));
    this.#body.style.height = `${this.#store.rows.length * rowHeight}px`;
    if (follow) this.element.scrollTop = this.element.scrollHeight;
    else if (gone > 0) this.element.scrollTop = Math.max(0, top);
    this.#render();
  }

  /** Rows are marked otherwise now. */
  remark(): void {
    this.#frame.ask();
  }

  /** Brings a row into view. */
  reveal(id: string): void {
    const index = this.#store.indexOf(id);
    if (index === -1 || this.element.hidden) return;
    this.#reveal(index);
    this.#render();
  }

  /** Puts the keyboard on a row. */
  focusRow(id: string): void {
    const index = this.#store.indexOf(id);
    if (index !== -1) this.#focus(index);
  }

  /** The first row that is in view. */
  get topRow(): string | undefined {
    return this.#store.rows[Math.ceil(this.element.scrollTop / rowHeight)]?.id;
  }

  #render(): void {
    if (this.element.hidden) return;
    const { scrollTop, clientHeight } = this.element;
    const { rows } = this.#store;
    this.#current = Math.max(0, Math.min(rows.length - 1, this.#current));
    const start = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan);
    const end = Math.min(rows.length, Math.ceil((scrollTop + clientHeight) / rowHeight) + overscan);
    this.#showRows(start, end);
  }

  /** Rows that are the same as before stay, and with them the focus. */
  #showRows(start: number, end: number): void {
    const { rows } = this.#store;
    for (const [index, { row, element: made }] of this.#made) {
      if (index >= start && index < end && rows[index] === row) continue;
      // Where the keyboard is must stay, or it would be nowhere.
      if (rows[index] === row && made === document.activeElement) continue;
      made.remove();
      this.#made.delete(index);
    }
    // From the last on, so that the one to stand before is there.
    for (let index = end - 1; index >= start; index--) {
      const row = rows[index];
      if (row === undefined) continue;
      let known = this.#made.get(index);
      if (known === undefined) {
        known = { row, element: this.#row(row, index) };
        this.#made.set(index, known);
        this.#body.insertBefore(known.element, this.#made.get(index + 1)?.element ?? null);
      }
      known.element.tabIndex = index === this.#current ? 0 : -1;
      this.#marks.show(known.element, row.id);
    }
  }

  /** Rows have left at the front: those that stay move up, with the keyboard on them. */
  #shift(gone: number): void {
    this.#current = Math.max(0, this.#current - gone);
    const made = [...this.#made];
    this.#made.clear();
    for (const [index, known] of made) {
      if (index < gone) {
        known.element.remove();
      } else {
        this.#made.set(index - gone, known);
        place(known.element, index - gone);
      }
    }
  }

  #row(row: PanelRow, index: number): HTMLElement {
    const made = element('div', `table-row ${row.kind}`);
    made.setAttribute('role', 'row');
    place(made, index);
    for (const text of this.#cells(row)) {
      const cell = element('span', 'table-cell', text);
      cell.setAttribute('role', 'cell');
      cell.title = text;
      cell.dir = 'auto';
      made.append(cell);
    }
    return made;
  }

  #cells(row: PanelRow): readonly string[] {
    const name = (id: string): string => this.#store.laneName(id);
    switch (row.kind) {
      case 'message':
        return [seconds(row.at), name(row.from), name(row.to), row.words, (row.lints ?? []).map(({ id, text }) => `${id}: ${text}`).join(' ')];
      case 'stream':
        return [seconds(row.at), name(row.from), name(row.to), row.words, ''];
      case 'note':
        return [seconds(row.at), row.over.map(name).join(', '), '', row.words, ''];
      case 'heading':
        return ['', '', '', row.words, ''];
    }
  }

  #reveal(index: number): void {
    const top = index * rowHeight;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + 2 * rowHeight > scrollTop + clientHeight) this.element.scrollTop = top + 2 * rowHeight - clientHeight;
  }

  #focus(index: number): void {
    this.#current = Math.max(0, Math.min(this.#store.rows.length - 1, index));
    this.#reveal(this.#current);
    this.#render();
    this.#made.get(this.#current)?.element.focus({ preventScroll: true });
  }

  #onClick(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.table-row') : null;
    if (row === null) return;
    this.#focus(Number(row.dataset['index']));
    this.#open(event.detail > 1);
  }

  #open(focus: boolean): void {
    const row = this.#store.rows[this.#current];
    if (row?.kind === 'message') this.#onOpen(row.id, focus);
    else if (row?.kind === 'note' && row.message !== undefined) this.#onOpen(row.message, focus);
  }

  #onKey(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.element.clientHeight / rowHeight) - 2);
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    if (step !== undefined) this.#focus(this.#current + step);
    else if (event.key === 'Home') this.#focus(0);
    else if (event.key === 'End') this.#focus(this.#store.rows.length - 1);
    else if (event.key === 'Enter' || event.key === ' ') this.#open(event.key === 'Enter');
    else return;
    event.preventDefault();
  }
}

/** Puts a row where it stands in the table. */
function place(row: HTMLElement, index: number): void {
  row.setAttribute('aria-rowindex', String(index + 2));
  row.dataset['index'] = String(index);
  row.style.top = `${index * rowHeight}px`;
}
