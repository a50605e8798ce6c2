import { type Chunk, recut, withoutFirst } from './chunks';
import { type ChunkLook, ChunkView } from './chunk-view';
import { Diagrams } from './diagram';
import { element } from './element';
import { FrameRequest } from './frame-request';
import { LaneHeader, type LaneWish } from './lanes';
import { type Layout, layOut, type Metrics } from './layout';
import { metricsOf } from './measure';
import { Painter } from './painter';
import type { Marks } from './marks';
import type { LadderLook, PanelRow } from './protocol';
import type { Surroundings } from './row-group';
import type { RowStore } from './row-store';
import { type Anchor, Following } from './scrolling';
import { createArrowHeads } from './sketch';
import { distanceFor } from './spacing';
import { Stack } from './stack';
import { readTheme, type Theme } from './theme';

/** Of the column of times, in CSS pixels. */
const timeColumn = 92;
/** More than what is in view is on the page, so that a small movement shows no blank. In CSS pixels. */
const overscan = 400;

export interface LadderOptions {
  readonly store: RowStore;
  readonly marks: Marks;
  readonly follow: boolean;
  readonly look: LadderLook;
  /** Where the reader was when the page was last shown. */
  readonly anchor: Anchor | undefined;
  /** The reader, or the end that is followed, has moved. */
  readonly onPlace: (anchor: Anchor | undefined) => void;
  readonly onFollow: (on: boolean) => void;
  readonly onOpen: (id: string, focus: boolean) => void;
  readonly onLane: (id: string, wish: LaneWish) => void;
  readonly onTrouble: (error: unknown) => void;
}

/**
 * The scrolling ladder. Its rows are cut into chunks; those in view are on the page, sketched at once and drawn by
 * Mermaid as soon as there is time. It keeps the reader's place or follows the end.
 */
export class Ladder {
  readonly element = element('div', 'ladder');
  readonly following: Following;
  readonly #options: LadderOptions;
  readonly #store: RowStore;
  readonly #header: LaneHeader;
  readonly #canvas = element('div', 'canvas');
  readonly #lifelines = element('div', 'lifelines');
  readonly #stack = new Stack();
  readonly #views = new Map<PanelRow, ChunkView>();
  readonly #layouts = new WeakMap<Chunk, { readonly metrics: Metrics; readonly layout: Layout }>();
  readonly #diagrams = new Diagrams();
  readonly #painter: Painter;
  readonly #frame = new FrameRequest(() => {
    this.#render();
    this.#options.onPlace(this.#anchor());
  });
  #chunks: readonly Chunk[] = [];
  #look: LadderLook;
  #theme: Theme | undefined;
  #metrics: Metrics | undefined;
  #columns: ReadonlyMap<string, number> = new Map();
  #columnsKey = '';
  /** The row that the keyboard is at. */
  #current: string | undefined;
  #restored: Anchor | undefined;
  /** The row that had the keyboard before the page was changed. */
  #focused: string | undefined;

  constructor(options: LadderOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#look = options.look;
    this.#restored = options.anchor;
    this.#header = new LaneHeader(options.onLane);
    this.following = new Following(options.follow, (on) => {
      if (on) this.#toEnd();
      options.onFollow(on);
    });
    this.#painter = new Painter({
      draw: (text) => this.#diagrams.draw(text, this.#themeNow(), this.#metrics?.distance ?? 0),
      now: () => performance.now(),
      onDrawn: (_, result) => {
        if (result instanceof Error) options.onTrouble(result);
        this.#restack();
        this.#frame.ask();
      },
    });
    this.#canvas.append(this.#lifelines, createArrowHeads());
    this.element.append(this.#header.element, this.#canvas);
    this.element.addEventListener('scroll', () => this.#onScroll(), { passive: true });
    new ResizeObserver(() => {
      this.#restyle();
      this.#render();
      if (this.following.on) this.#toEnd();
    }).observe(this.element);
  }

  get canvas(): HTMLElement {
    return this.#canvas;
  }

  get look(): LadderLook {
    return this.#look;
  }

  /**
   * Rows from the index `from` on are others now, after `gone` have left at the front. Returns whether the row that the reader
   * had at the top is one of those.
   */
  show(from: number, gone = 0): boolean {
    this.#painter.quiet.rowsCame();
    const anchor = this.following.on ? undefined : this.#anchor();
    this.#chunks = recut(withoutFirst(this.#chunks, gone), this.#store.rows, from);
    this.#restyle();
    this.#restack();
    this.#keepPlace(anchor);
    const isLost = gone > 0 && anchor !== undefined && this.#store.indexOf(anchor.id) === -1;
    if (isLost) this.#scrollTo(0);
    this.#render();
    return isLost;
  }

  /** Draws again, for another theme. */
  redraw(): void {
    this.#theme = undefined;
    this.#columnsKey = '';
    this.#restyle();
    this.#render();
  }

  /** Shows the ladder in another way. */
  setLook(look: LadderLook): void {
    const anchor = this.#anchor();
    this.#look = look;
    this.#columnsKey = '';
    this.#restyle();
    this.#keepPlace(anchor);
    this.#render();
  }

  /** The zoom at which all lanes fit into the width there is. */
  fittingZoom(): number {
    const lanes = Math.max(1, this.#store.lanes.length);
    const inner = this.element.clientWidth - this.#timeWidth();
    return Math.min(1, Math.max(0.2, inner / (lanes * distanceFor(lanes, inner))));
  }

  /** Rows are marked otherwise now. */
  remark(): void {
    this.#showMarks();
  }

  /** Marks the heads of lanes. */
  chooseLanes(ids: ReadonlySet<string>): void {
    this.#header.choose(ids);
  }

  /** The first row that is in view. */
  get topRow(): string | undefined {
    return this.#anchor()?.id;
  }

  /** Brings a row into view. */
  reveal(id: string): void {
    const place = this.#placeOf(id);
    if (place === undefined) return;
    const { scrollTop, clientHeight } = this.element;
    const head = this.#header.element.offsetHeight;
    if (place.top < scrollTop) this.#scrollTo(place.top - 8);
    else if (place.bottom + head > scrollTop + clientHeight - 8) this.#scrollTo(place.bottom + head - clientHeight + 16);
    this.#render();
  }

  /** Puts the keyboard on a row. */
  focusRow(id: string): void {
    this.#current = id;
    this.reveal(id);
    const group = this.#groupOf(id);
    this.#showMarks();
    group?.focus({ preventScroll: true });
  }

  get current(): string | undefined {
    return this.#current;
  }

  /** How many pixels a page is. */
  get pageHeight(): number {
    return Math.max(40, this.element.clientHeight - this.#header.element.offsetHeight - 40);
  }

  /** The row that stands `pixels` below (or, negative, above) another. */
  rowAt(id: string, pixels: number): string | undefined {
    const place = this.#placeOf(id);
    if (place === undefined) return undefined;
    const y = Math.max(0, Math.min(this.#stack.height - 1, place.top + pixels));
    return this.#anchorAt(y)?.id;
  }

  #onScroll(): void {
    this.#painter.quiet.disturb();
    this.following.scrolled(this.element);
    this.#frame.ask();
  }

  #timeWidth(): number {
    return this.#look.time === 'none' ? 0 : timeColumn;
  }

  #themeNow(): Theme {
    return (this.#theme ??= readTheme());
  }

  /** Columns, sizes and colours, as lanes and window are now; what is drawn is void when they have changed. */
  #restyle(): void {
    const { lanes } = this.#store;
    const inner = (this.element.clientWidth - this.#timeWidth()) / this.#look.zoom;
    if (inner <= 0) return;
    const distance = distanceFor(lanes.length, Math.max(inner, (this.element.clientWidth - this.#timeWidth()) * 0.999));
    const theme = this.#themeNow();
    const style = JSON.stringify([theme, distance]);
    const key = JSON.stringify([lanes.map(({ id }) => id), style, this.#look.zoom, this.#look.time]);
    if (key !== this.#columnsKey) {
      this.#keepFocus();
      this.#columnsKey = key;
      this.#columns = new Map(lanes.map(({ id }, column) => [id, column]));
      this.#metrics = metricsOf(theme, distance);
      this.#painter.restyle(key, this.#surroundings());
      for (const view of this.#views.values()) view.reset();
      this.#showLifelines();
      this.#restack();
    }
    const { zoom } = this.#look;
    this.#header.show(lanes, { distance: distance * zoom, left: this.#timeWidth(), width: this.#width() });
  }

  #surroundings(): Surroundings {
    const distance = this.#metrics?.distance ?? 1;
    const laneName = (id: string): string => this.#store.laneName(id);
    return { width: Math.max(1, this.#store.lanes.length) * distance, distance, laneName };
  }

  #width(): number {
    return this.#surroundings().width * this.#look.zoom + this.#timeWidth();
  }

  #showLifelines(): void {
    const { width, distance } = this.#surroundings();
    const { zoom } = this.#look;
    this.#canvas.style.width = `${width * zoom + this.#timeWidth()}px`;
    const lines = this.#store.lanes.map(({ id }, column) => {
      const line = element('div', 'lifeline');
      line.dataset['lane'] = id;
      line.style.left = `${this.#timeWidth() + (column + 0.5) * distance * zoom}px`;
      return line;
    });
    this.#lifelines.replaceChildren(...lines);
  }

  #layoutOf(chunk: Chunk): Layout {
    const drawn = this.#painter.find(chunk);
    if (typeof drawn === 'object' && !(drawn instanceof Error)) return drawn.layout;
    const known = this.#layouts.get(chunk);
    if (this.#metrics === undefined) return { places: [], height: 0 };
    if (known?.metrics === this.#metrics) return known.layout;
    const layout = layOut(chunk.rows, this.#columns, this.#metrics);
    this.#layouts.set(chunk, { metrics: this.#metrics, layout });
    return layout;
  }

  #restack(): void {
    const { zoom } = this.#look;
    this.#stack.set(this.#chunks.map((chunk) => this.#layoutOf(chunk).height * zoom));
    this.#canvas.style.height = `${this.#stack.height + 16}px`;
  }

  /** Puts the chunks that are in view on the page, takes the others off. */
  #render(): void {
    if (this.#metrics === undefined) return;
    this.#keepFocus();
    const { scrollTop, clientHeight } = this.element;
    const [start, end] = this.#stack.range(scrollTop - overscan, scrollTop + clientHeight + overscan);
    const wanted = new Set<PanelRow>();
    const focused = document.activeElement?.closest('.chunk') ?? null;
    const look: ChunkLook = { ...this.#look, origin: this.#store.origin, timeWidth: this.#timeWidth() };
    for (let index = start; index < end; index++) {
      const chunk = this.#chunks[index];
      const [first] = chunk?.rows ?? [];
      if (chunk === undefined || first === undefined) continue;
      wanted.add(first);
      this.#viewOf(first, this.#chunks.slice(index + 1, end)).show({
        chunk,
        layout: this.#layoutOf(chunk),
        result: this.#painter.find(chunk),
        look,
        before: this.#store.rows[chunk.start - 1]?.at,
        surroundings: this.#surroundings(),
      });
      const { style } = this.#viewOf(first).element;
      style.top = `${this.#stack.top(index)}px`;
      style.height = `${this.#layoutOf(chunk).height * this.#look.zoom}px`;
    }
    for (const [first, view] of this.#views) {
      // Where the keyboard is must stay, or it would be nowhere.
      if (wanted.has(first) || (view.element === focused && this.#store.indexOf(first.id) !== -1)) continue;
      view.element.remove();
      this.#views.delete(first);
    }
    this.#showMarks();
    this.#giveFocusBack();
    this.#wish(start, end);
  }

  /** An element that is replaced takes the keyboard with it: remembers where it was. */
  #keepFocus(): void {
    const group = document.activeElement?.closest<SVGGElement>('g.row');
    if (group !== null && group !== undefined && this.#canvas.contains(group)) this.#focused = group.dataset['row'];
  }

  #giveFocusBack(): void {
    const id = this.#focused;
    this.#focused = undefined;
    if (id !== undefined && document.activeElement === document.body) this.#groupOf(id)?.focus({ preventScroll: true });
  }

  /** The view of a chunk, on the page before those behind it: a screen reader goes from one to the next. */
  #viewOf(first: PanelRow, behind: readonly Chunk[] = []): ChunkView {
    let view = this.#views.get(first);
    if (view === undefined) {
      view = new ChunkView();
      this.#views.set(first, view);
      const next = behind.find(({ rows: [row] }) => row !== undefined && this.#views.has(row))?.rows[0];
      this.#canvas.insertBefore(view.element, (next === undefined ? undefined : this.#views.get(next)?.element) ?? null);
    }
    return view;
  }

  /** Asks for drawings of what is in view: first what the reader looks at. */
  #wish(start: number, end: number): void {
    const { scrollTop, clientHeight } = this.element;
    const middle = scrollTop + clientHeight / 2;
    const wishes = this.#chunks
      .slice(start, end)
      .map((chunk, index) => ({ chunk, layout: this.#layoutOf(chunk), distance: Math.abs(this.#stack.top(start + index) - middle) }))
      .filter(({ chunk }) => this.#painter.find(chunk) === undefined)
      .sort((a, b) => a.distance - b.distance);
    this.#painter.want(wishes, this.following.on);
  }

  #showMarks(): void {
    for (const view of this.#views.values()) {
      for (const group of view.element.querySelectorAll<SVGGElement>('g.row')) {
        const id = group.dataset['row'];
        if (id !== undefined) this.#options.marks.show(group, id);
        group.setAttribute('tabindex', id === (this.#current ?? this.#store.rows.at(-1)?.id) ? '0' : '-1');
      }
    }
  }

  #groupOf(id: string): SVGGElement | undefined {
    for (const view of this.#views.values()) {
      const group = view.group(id);
      if (group !== undefined) return group;
    }
    return undefined;
  }

  /** Where a row stands in what scrolls, as shown. */
  #placeOf(id: string): { readonly top: number; readonly bottom: number } | undefined {
    const index = this.#store.indexOf(id);
    if (index === -1) return undefined;
    const at = chunkAt(this.#chunks, index);
    const chunk = this.#chunks[at];
    const place = chunk === undefined ? undefined : this.#layoutOf(chunk).places[index - chunk.start];
    if (place === undefined) return undefined;
    const { zoom } = this.#look;
    return { top: this.#stack.top(at) + place.top * zoom, bottom: this.#stack.top(at) + place.bottom * zoom };
  }

  #anchor(): Anchor | undefined {
    return this.#restored ?? this.#anchorAt(this.element.scrollTop);
  }

  /** The first row that reaches below `y`, and how far its top stands from it. */
  #anchorAt(y: number): Anchor | undefined {
    const at = this.#stack.at(y);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return undefined;
    const top = this.#stack.top(at);
    const { zoom } = this.#look;
    const place = this.#layoutOf(chunk).places.find(({ bottom }) => top + bottom * zoom > y);
    return place === undefined ? undefined : { id: place.row.id, offset: top + place.top * zoom - y };
  }

  #keepPlace(anchor: Anchor | undefined): void {
    if (this.following.on) {
      this.#toEnd();
      this.#restored = undefined;
      return;
    }
    const place = anchor === undefined ? undefined : this.#placeOf(anchor.id);
    if (anchor === undefined || place === undefined) return;
    this.#restored = undefined;
    this.#scrollTo(place.top - anchor.offset);
  }

  #toEnd(): void {
    this.#scrollTo(Number.MAX_SAFE_INTEGER);
  }

  #scrollTo(top: number): void {
    const target = Math.max(0, Math.min(top, this.element.scrollHeight - this.element.clientHeight));
    if (Math.abs(target - this.element.scrollTop) < 1) return;
    this.following.expect(target);
    this.element.scrollTop = target;
  }
}

/** The chunk that holds the row of this index. */
function chunkAt(chunks: readonly Chunk[], index: number): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((chunks[middle]?.start ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}
