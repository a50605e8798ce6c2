import type { Chunk } from './chunks';
import { colourGroup } from './colouring';
import type { Drawing } from './drawing';
import type { Result } from './painter';
import { element } from './element';
import type { Layout, Place } from './layout';
import type { LadderLook } from './protocol';
import type { Surroundings } from './row-group';
import { Sketch } from './sketch';
import { pauseText, timeText } from './times';

/** How a chunk is to look. */
export interface ChunkLook extends LadderLook {
  readonly origin: number | undefined;
  /** Of the column of times, in CSS pixels. */
  readonly timeWidth: number;
}

/** A chunk on the page: Mermaid's drawing of its rows as far as there is one, the panel's own sketch of the others. */
export class ChunkView {
  readonly element = element('div', 'chunk');
  readonly #times = element('div', 'times');
  readonly #sketch = new Sketch();
  #drawn: { readonly drawing: Drawing; readonly rows: Chunk['rows'] } | undefined;
  #error = '';
  #chunk: Chunk | undefined;
  #layout: Layout | undefined;
  #timesKey = '';

  constructor() {
    this.element.append(this.#times, this.#sketch.element);
  }

  get chunk(): Chunk | undefined {
    return this.#chunk;
  }

  get isDrawn(): boolean {
    return this.#error !== '' || this.#drawn?.rows === this.#chunk?.rows;
  }

  /** Shows a chunk; `before` is the time of the row before it. */
  show(options: {
    readonly chunk: Chunk;
    readonly layout: Layout;
    readonly result: Result | undefined;
    readonly look: ChunkLook;
    readonly before: number | undefined;
    readonly surroundings: Surroundings;
  }): void {
    const { chunk, layout, result, look, before, surroundings } = options;
    const isOther = this.#chunk !== chunk || this.#layout !== layout;
    this.#chunk = chunk;
    this.#layout = layout;
    this.#take(chunk, result);
    if (isOther || this.isDrawn) {
      this.#sketch.show(layout, this.#drawn?.rows.length ?? 0, surroundings);
      const { zoom } = look;
      size(this.#sketch.element, surroundings.width, layout.height, zoom);
      this.#sketch.element.setAttribute('viewBox', `0 0 ${surroundings.width} ${Math.max(1, layout.height)}`);
      if (this.#drawn !== undefined) size(this.#drawn.drawing.svg, surroundings.width, this.#drawn.drawing.layout.height, zoom);
    }
    this.#sketch.element.style.marginLeft = `${look.timeWidth}px`;
    if (this.#drawn !== undefined) this.#drawn.drawing.svg.style.marginLeft = `${look.timeWidth}px`;
    this.#showTimes(layout, look, before);
    this.#colour(look);
  }

  /** The group of a row, when it is on the page. */
  group(id: string): SVGGElement | undefined {
    for (const group of this.element.querySelectorAll<SVGGElement>('g.row')) if (group.dataset['row'] === id) return group;
    return undefined;
  }

  /** Takes Mermaid's drawing, or keeps the one of the rows that the chunk has had before and still begins with. */
  #take(chunk: Chunk, result: Result | undefined): void {
    const isDrawing = typeof result === 'object' && !(result instanceof Error);
    this.#error = result instanceof Error ? result.message : '';
    this.element.dataset['error'] = this.#error;
    this.element.dataset['drawn'] = isDrawing ? 'yes' : result === undefined ? 'no' : 'never';
    if (isDrawing) {
      if (this.#drawn?.drawing !== result) this.#replace(result, chunk.rows);
      return;
    }
    if (this.#drawn === undefined) return;
    const { rows } = this.#drawn;
    if (rows.length <= chunk.rows.length && rows.every((row, index) => row === chunk.rows[index])) return;
    this.#drawn.drawing.svg.remove();
    this.#drawn = undefined;
  }

  #replace(drawing: Drawing, rows: Chunk['rows']): void {
    this.#drawn?.drawing.svg.remove();
    this.#drawn = { drawing, rows };
    this.#sketch.element.before(drawing.svg);
  }

  /** Forgets what was drawn: everything looks otherwise now. */
  reset(): void {
    this.#drawn?.drawing.svg.remove();
    this.#drawn = undefined;
    this.#sketch.clear();
    this.#chunk = undefined;
    this.#timesKey = '';
  }

  #showTimes({ places }: Layout, look: ChunkLook, before: number | undefined): void {
    const first = places[0]?.row.id ?? '';
    const key = JSON.stringify([look.time, look.zoom, look.timeWidth, look.origin, before, first, places.length, places.at(-1)?.bottom]);
    if (key === this.#timesKey) return;
    this.#timesKey = key;
    const made: HTMLElement[] = [];
    let last = before;
    for (const place of places) {
      made.push(...timesOf(place, last, look));
      last = place.row.at;
    }
    this.#times.style.width = `${look.timeWidth}px`;
    this.#times.replaceChildren(...made);
  }

  #colour({ colour }: ChunkLook): void {
    const rows = new Map(this.#chunk?.rows.map((row) => [row.id, row]));
    for (const group of this.element.querySelectorAll<SVGGElement>('g.row')) {
      const row = rows.get(group.dataset['row'] ?? '');
      if (row !== undefined) colourGroup(group, row, colour);
    }
  }
}

function size(svg: SVGSVGElement, width: number, height: number, zoom: number): void {
  svg.setAttribute('width', String(width * zoom));
  svg.setAttribute('height', String(Math.max(1, height * zoom)));
}

function timesOf({ row, top, bottom, line }: Place, last: number | undefined, look: ChunkLook): HTMLElement[] {
  if (row.kind === 'heading') {
    const heading = element('h2', 'group-heading', row.words);
    heading.style.top = `${top * look.zoom}px`;
    return [heading];
  }
  if (bottom === top) return [];
  const made: HTMLElement[] = [];
  const pause = pauseText(row.at, last);
  if (pause !== undefined) {
    const gap = element('span', 'gap', pause);
    gap.style.top = `${top * look.zoom}px`;
    made.push(gap);
  }
  const text = row.kind === 'message' ? timeText(look.time, row.at, last, look.origin) : '';
  if (text !== '') {
    const time = element('time', 'time', text);
    time.style.top = `${(line === 0 ? bottom : line) * look.zoom}px`;
    made.push(time);
  }
  return made;
}
