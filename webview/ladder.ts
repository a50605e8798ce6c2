import { Diagrams } from './diagram';
import { element } from './element';
import { LaneHeader } from './lanes';
import { Latest } from './latest';
import type { PanelRow, PanelView } from './protocol';
import { colourNotes, makeRows, type Row } from './rows';
import { type Anchor, anchorOf, Following, scrollTopFor } from './scrolling';
import { type Columns, columnsFor } from './spacing';
import { readTheme } from './theme';

type Drawing = Pick<PanelView, 'diagram' | 'lanes' | 'rows' | 'notes' | 'above'>;

/**
 * The scrolling ladder: draws the newest diagram, keeps the reader's place or follows the end, and lets rows be opened.
 */
export class Ladder {
  readonly element = element('main', 'ladder');
  readonly following: Following;
  readonly #onOpen: (id: string, focus: boolean) => void;
  readonly #diagrams = new Diagrams();
  readonly #header = new LaneHeader();
  readonly #above = element('p', 'above');
  readonly #canvas = element('div', 'canvas');
  readonly #latest: Latest<Drawing>;
  #drawing: Drawing = { diagram: '', lanes: 0, rows: [], notes: [], above: 0 };
  #svg: SVGSVGElement | undefined;
  #rows: readonly Row[] = [];
  #marked: string | undefined;
  #restored: Anchor | undefined;
  #drawnColumns: Columns | undefined;

  constructor(options: {
    readonly follow: boolean;
    /** Where the reader was when the page was last shown. */
    readonly anchor: Anchor | undefined;
    /** The reader, or the end that is followed, has moved. */
    readonly onPlace: (anchor: Anchor | undefined) => void;
    readonly onFollow: (on: boolean) => void;
    readonly onOpen: (id: string, focus: boolean) => void;
    readonly onTrouble: (error: unknown) => void;
  }) {
    this.#onOpen = options.onOpen;
    this.#restored = options.anchor;
    this.following = new Following(options.follow, (on) => {
      if (on) this.#toEnd();
      options.onFollow(on);
    });
    this.#latest = new Latest({
      render: (drawing) => this.#render(drawing),
      nextFrame: (callback) => void requestAnimationFrame(callback),
      onError: options.onTrouble,
    });
    this.element.append(this.#header.element, this.#above, this.#canvas);
    this.element.addEventListener('scroll', () => {
      if (this.#svg !== undefined) this.#header.scrolled(this.element, this.#svg);
      this.following.scrolled(this.element);
      options.onPlace(anchorOf(this.#places(), this.element.scrollTop));
    });
    new ResizeObserver(() => {
      if (this.#columns().laneMargin !== this.#drawnColumns?.laneMargin) this.redraw();
      else if (this.#svg !== undefined) this.#header.show(this.#svg, this.element);
      if (this.following.on) this.#toEnd();
    }).observe(this.element);
    // As in the editor's own lists: a click or a blank shows the message, Enter or a double click goes there.
    this.#canvas.addEventListener('click', (event) => this.#openFrom(event.target, event.detail > 1));
    this.#canvas.addEventListener('keydown', (event) => this.#onKey(event));
  }

  show(drawing: Drawing): void {
    const isSame = drawing.diagram === this.#drawing.diagram && sameIds(drawing.rows, this.#drawing.rows);
    this.#drawing = drawing;
    this.#above.textContent =
      drawing.above === 0
        ? ''
        : `${drawing.above} earlier ${drawing.above === 1 ? 'row is' : 'rows are'} not drawn; the export has them all.`;
    if (!isSame) this.redraw();
  }

  /** Draws again, for another theme. */
  redraw(): void {
    this.#latest.push(this.#drawing);
  }

  /** Marks the row of a message, and brings it into view unless the reader follows the end. */
  mark(id: string | undefined): void {
    this.#marked = id;
    const row = this.#showMark();
    if (row !== undefined && !this.following.on) row.group.scrollIntoView({ block: 'nearest' });
  }

  async #render({ diagram, rows, notes }: Drawing): Promise<void> {
    this.#drawnColumns = this.#columns();
    if (diagram === '') {
      this.#canvas.replaceChildren();
      this.#svg = undefined;
      this.#rows = [];
      return;
    }
    const svg = await this.#diagrams.draw(diagram, readTheme(), this.#drawnColumns);
    const anchor = this.#restored ?? anchorOf(this.#places(), this.element.scrollTop);
    this.#restored = undefined;
    const focused = this.#rows.find(({ group }) => group === document.activeElement)?.id;
    svg.setAttribute('role', 'group');
    svg.setAttribute(
      'aria-label',
      'Ladder: the messages in order. Arrow keys go from one to the next, Enter opens it in the trace.',
    );
    this.#canvas.replaceChildren(svg);
    this.#rows = makeRows(svg, rows);
    colourNotes(svg, notes);
    this.#svg = svg;
    this.#showMark();
    this.#focusable(this.#rows.find(({ id }) => id === focused) ?? this.#rows.at(-1), focused !== undefined);
    this.#keepPlace(anchor);
    this.#header.show(svg, this.element);
  }

  #columns(): Columns {
    return columnsFor(this.#drawing.lanes, this.element.clientWidth);
  }

  #keepPlace(anchor: Anchor | undefined): void {
    if (this.following.on) this.#toEnd();
    else this.#scrollTo(scrollTopFor(anchor, this.#places(), this.element.scrollTop));
  }

  #toEnd(): void {
    this.#scrollTo(this.element.scrollHeight - this.element.clientHeight);
  }

  #scrollTo(top: number): void {
    const target = Math.max(0, Math.min(top, this.element.scrollHeight - this.element.clientHeight));
    if (Math.abs(target - this.element.scrollTop) < 1) return;
    this.following.expect(target);
    this.element.scrollTop = target;
  }

  /** Where the rows stand in what scrolls; the diagram is drawn one unit to a pixel. */
  #places(): Row['place'][] {
    const top = this.#canvas.offsetTop;
    return this.#rows.map(({ place }) => ({ id: place.id, top: place.top + top, bottom: place.bottom + top }));
  }

  #showMark(): Row | undefined {
    let marked: Row | undefined;
    for (const row of this.#rows) {
      const isMarked = row.id === this.#marked;
      row.group.classList.toggle('marked', isMarked);
      if (isMarked) marked = row;
    }
    return marked;
  }

  /** One row at a time is in the tab order; the arrow keys choose which. */
  #focusable(row: Row | undefined, takeFocus: boolean): void {
    if (row === undefined) return;
    for (const { group } of this.#rows) group.setAttribute('tabindex', group === row.group ? '0' : '-1');
    if (takeFocus) row.group.focus({ preventScroll: this.following.on });
  }

  #openFrom(target: EventTarget | null, focus: boolean): void {
    const group = target instanceof Element ? target.closest<SVGGElement>('.row') : null;
    const row = this.#rows.find((candidate) => candidate.group === group);
    if (row === undefined) return;
    // Whoever reads a message wants it to stay where it is.
    this.following.set(false);
    this.#focusable(row, true);
    this.#onOpen(row.id, focus);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#openFrom(event.target, event.key === 'Enter');
      return;
    }
    const at = this.#rows.findIndex(({ group }) => group === document.activeElement);
    const to = destination(event.key, at, this.#rows.length);
    if (at === -1 || to === undefined) return;
    event.preventDefault();
    this.following.set(false);
    this.#focusable(this.#rows[to], true);
    this.#rows[to]?.group.scrollIntoView({ block: 'nearest' });
  }
}

function destination(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(count - 1, at + 1);
    case 'ArrowUp':
      return Math.max(0, at - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

function sameIds(a: readonly PanelRow[], b: readonly PanelRow[]): boolean {
  return a.length === b.length && a.every((row, index) => row.id === b[index]?.id);
}
