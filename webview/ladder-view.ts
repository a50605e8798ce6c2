import { EarlierBanner } from './earlier';
import { element } from './element';
import { Ladder } from './ladder';
import type { LaneWish } from './lanes';
import { Legend } from './legend';
import { Marks } from './marks';
import { Matches } from './matches';
import type { LadderLook, LadderOptions, LadderPatch, PanelChosen, PanelFound, PanelMemory } from './protocol';
import { listenToRows } from './row-keys';
import { RowStore } from './row-store';
import { Search } from './search';
import { LadderTable } from './table';
import { greatestZoom, leastZoom } from './view-bar';

const plainLook: LadderLook = { zoom: 1, time: 'relative', colour: 'kind', table: false };

/** In milliseconds. */
const rememberPause = 250;

export interface LadderViewOptions {
  readonly memory: PanelMemory;
  readonly onRemember: (memory: PanelMemory) => void;
  readonly onArrange: (options: Partial<LadderOptions>) => void;
  readonly onSearch: (text: string) => void;
  readonly onOpen: (id: string, focus: boolean) => void;
  readonly onFollow: (on: boolean) => void;
  readonly onTrouble: (error: unknown) => void;
  /** The reader wants to see what is before the first row. */
  readonly onEarlier: () => void;
}

/** The ladder with all that belongs to it: legend, drawing, the table that says the same. */
export class LadderView {
  readonly element = element('main', 'ladder-view');
  readonly #options: LadderViewOptions;
  readonly #store = new RowStore();
  readonly #matches = new Matches();
  readonly #marks = new Marks(this.#matches);
  readonly search: Search;
  readonly #ladder: Ladder;
  readonly #table: LadderTable;
  readonly #legend: Legend;
  readonly #earlier: EarlierBanner;
  #look: LadderLook;
  #anchor: PanelMemory['anchor'];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The message that was opened from here last, until a row is marked. */
  #opened: string | undefined;

  constructor(options: LadderViewOptions) {
    this.#options = options;
    const { memory } = options;
    const onOpen = (id: string, focus: boolean): void => {
      this.#opened = id;
      options.onOpen(id, focus);
    };
    const isRead = document.body.classList.contains('vscode-using-screen-reader');
    this.#look = { ...plainLook, table: isRead, ...memory.look };
    this.#anchor = memory.anchor;
    this.#ladder = new Ladder({
      store: this.#store,
      marks: this.#marks,
      follow: memory.follow,
      look: this.#look,
      anchor: memory.anchor,
      onPlace: (anchor) => {
        this.#anchor = anchor;
        this.#remember();
      },
      onFollow: (on) => {
        options.onFollow(on);
        this.#remember();
      },
      onOpen,
      onLane: (id, wish) => this.#onLane(id, wish),
      onTrouble: options.onTrouble,
    });
    listenToRows(this.#ladder, this.#store, { onOpen, onUnfold: (id) => this.#unfold(id) });
    this.#table = new LadderTable(this.#store, this.#marks, onOpen);
    this.#legend = new Legend((query) => options.onArrange({ query }));
    this.search = new Search(this.#matches, this.#store, {
      onSearch: (text) => {
        options.onSearch(text);
        this.#remember();
      },
      onOnly: (query) => options.onArrange({ query }),
      onMarks: () => this.#remark(),
      onGo: (id) => this.#go(id),
      onLeave: (id) => this.#focusRow(id),
      where: () => this.#shown.topRow,
    });
    this.#earlier = new EarlierBanner(options.onEarlier);
    this.element.append(this.search.finder.element, this.#legend.element, this.#earlier.element, this.#ladder.element, this.#table.element);
    this.#showWhich();
    this.#ladder.element.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.setLook({ zoom: this.#look.zoom * Math.exp(-event.deltaY / 400) });
      },
      { passive: false },
    );
  }

  get rows(): number {
    return this.#store.rows.length;
  }

  get isFiltered(): boolean {
    const { options } = this.#store;
    return options !== undefined && (options.method !== '' || options.query !== '' || options.hidden.length > 0);
  }

  get look(): LadderLook {
    return this.#look;
  }

  get follow(): boolean {
    return this.#ladder.following.on;
  }

  set follow(on: boolean) {
    this.#ladder.following.set(on);
    this.#table.show(on);
  }

  take(patch: LadderPatch): void {
    const from = this.#store.apply(patch);
    this.element.hidden = this.#store.rows.length === 0;
    this.#legend.show(this.#store, this.#look);
    const { gone = 0 } = patch;
    let isReading = false;
    if (this.#look.table) this.#table.show(this.follow, gone);
    else isReading = this.#ladder.show(from, gone);
    if (patch.earlier !== undefined) this.#earlier.show(patch.earlier, isReading);
    this.#remember();
  }

  setLook(look: Partial<LadderLook>): void {
    const next = { ...this.#look, ...look };
    this.#look = { ...next, zoom: Math.min(greatestZoom, Math.max(leastZoom, next.zoom)) };
    this.#showWhich();
    this.#legend.show(this.#store, this.#look);
    this.#ladder.setLook(this.#look);
    if (this.#look.table) this.#table.show(this.follow);
    else this.#ladder.show(0);
    this.#remember();
  }

  fit(): void {
    this.setLook({ zoom: this.#ladder.fittingZoom() });
  }

  /** Marks the row of the message that is read in the trace, and brings it into view unless the reader follows the end. */
  mark(id: string | undefined): void {
    // What was opened from here comes back as a mark, late where the editor is busy: its reader may be elsewhere by then.
    const isOwn = id === this.#opened;
    this.#opened = undefined;
    this.#marks.marked = id;
    this.#remark();
    if (id !== undefined && !this.follow && !isOwn) this.#shown.reveal(id);
  }

  /** Marks what belongs to something that is chosen in a tree; to see the first of it is worth letting go of the end. */
  choose({ messages, lanes, first }: PanelChosen): void {
    this.#marks.chosen = new Set(messages);
    this.#ladder.chooseLanes(new Set(lanes));
    this.#remark();
    const row = first === undefined ? undefined : [first, ...messages].find((id) => this.#store.indexOf(id) !== -1);
    if (row !== undefined) this.#go(row);
  }

  found(found: PanelFound): void {
    this.search.take(found);
  }

  get #shown(): Ladder | LadderTable {
    return this.#look.table ? this.#table : this.#ladder;
  }

  #go(id: string): void {
    this.follow = false;
    this.#shown.reveal(id);
  }

  #focusRow(id: string | undefined): void {
    const to = id ?? this.#ladder.current ?? this.#shown.topRow;
    if (to !== undefined) this.#shown.focusRow(to);
  }

  #remark(): void {
    this.#ladder.remark();
    this.#table.remark();
  }

  redraw(): void {
    this.#ladder.redraw();
  }

  #showWhich(): void {
    this.#ladder.element.hidden = this.#look.table;
    this.#table.element.hidden = !this.#look.table;
  }

  #unfold(id: string): void {
    const unfolded = this.#store.options?.unfolded ?? [];
    const next = unfolded.includes(id) ? unfolded.filter((other) => other !== id) : [...unfolded, id];
    this.#options.onArrange({ unfolded: next });
  }

  #onLane(id: string, wish: LaneWish): void {
    const { lanes, options } = this.#store;
    if (wish === 'hide') {
      this.#options.onArrange({ hidden: [...(options?.hidden ?? []), id] });
    } else if (wish === 'only') {
      this.#options.onArrange({ query: `lane:"${this.#store.laneName(id)}"` });
    } else {
      const order = lanes.map((lane) => lane.id);
      const at = order.indexOf(id);
      const to = at + (wish === 'left' ? -1 : 1);
      if (at === -1 || to < 0 || to >= order.length) return;
      order.splice(at, 1);
      order.splice(to, 0, id);
      this.#options.onArrange({ order });
    }
  }

  /** Not at once: while somebody scrolls or messages come, there is something new in every frame. */
  #remember(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const { options } = this.#store;
      this.#options.onRemember({ follow: this.follow, anchor: this.#anchor, look: this.#look, options, search: this.search.text });
    }, rememberPause);
  }
}
