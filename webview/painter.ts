import { chunkText } from './chunk-text';
import type { Chunk } from './chunks';
import { adopt, type Drawing } from './drawing';
import type { Layout } from './layout';
import { Quiet } from './quiet';
import type { Surroundings } from './row-group';

/** What became of a chunk: Mermaid's drawing, why it failed, or that it stays a sketch. */
export type Result = Drawing | Error | 'sketched';

/** A chunk that is in view, and wants to be drawn. */
export interface Wish {
  readonly chunk: Chunk;
  readonly layout: Layout;
}

/**
 * After so long, a drawing may be made on a page that is not quiet, in milliseconds: for somebody who reads while messages come.
 * Whoever follows the end of a busy ladder sees each row for a moment only, and a drawing would hold up the next ones.
 */
const longest = 2_000;
/** Drawings kept. */
const keptDrawings = 60;
/** Mermaid takes a millisecond and more for a lane, even an empty one: wider chunks stay sketches. */
const mostColumns = 40;

/**
 * Decides when Mermaid draws which chunk: those in view, one at a time, whenever the page is quiet, so that neither
 * scrolling nor a message just come has to wait for a drawing.
 */
export class Painter {
  /** To be told of what must not wait for a drawing. */
  readonly quiet: Quiet;
  readonly #draw: (text: string) => Promise<SVGSVGElement>;
  readonly #now: () => number;
  readonly #onDrawn: (chunk: Chunk, result: Result) => void;
  readonly #results = new Map<Chunk, Result>();
  #wishes: readonly Wish[] = [];
  #surroundings: Surroundings | undefined;
  #style = '';
  #lastDrawing = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDrawing = false;
  #isFollowed = false;

  constructor(options: {
    readonly draw: (text: string) => Promise<SVGSVGElement>;
    readonly now: () => number;
    readonly onDrawn: (chunk: Chunk, result: Result) => void;
  }) {
    this.#draw = options.draw;
    this.#now = options.now;
    this.quiet = new Quiet(options.now);
    this.#onDrawn = options.onDrawn;
  }

  /** Everything looks otherwise from now on (theme, columns): what was drawn is void. */
  restyle(style: string, surroundings: Surroundings): void {
    this.#surroundings = surroundings;
    if (style === this.#style) return;
    this.#style = style;
    this.#results.clear();
  }

  /** The drawing of a chunk, or why there is none; undefined as long as nobody knows. */
  find(chunk: Chunk): Result | undefined {
    return this.#results.get(chunk);
  }

  /** Which chunks are in view and not drawn, the most wanted first; and whether the end is followed. */
  want(wishes: readonly Wish[], isFollowed: boolean): void {
    this.#wishes = wishes;
    this.#isFollowed = isFollowed;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isDrawing || this.#wishes.length === 0) return;
    const now = this.#now();
    const overdue = this.#isFollowed ? this.quiet.begins : Math.max(now, this.#lastDrawing + longest);
    this.#timer = setTimeout(() => void this.#next(), Math.max(0, Math.min(this.quiet.begins, overdue) - now));
  }

  async #next(): Promise<void> {
    this.#timer = undefined;
    const isQuiet = this.#now() >= this.quiet.begins;
    const isOverdue = !this.#isFollowed && this.#now() - this.#lastDrawing >= longest;
    const [wish] = this.#wishes;
    if (wish !== undefined && (isQuiet || isOverdue)) {
      this.#isDrawing = true;
      this.#wishes = this.#wishes.slice(1);
      const result = await this.#drawChunk(wish);
      this.#isDrawing = false;
      this.#lastDrawing = this.#now();
      if (result !== undefined) this.#onDrawn(wish.chunk, result);
    }
    this.#schedule();
  }

  async #drawChunk({ chunk, layout }: Wish): Promise<Result | undefined> {
    const text = chunkText(layout.places);
    const style = this.#style;
    if (this.#surroundings === undefined) return undefined;
    if (text === undefined || text.columns > mostColumns) {
      this.#keep(chunk, 'sketched');
      return 'sketched';
    }
    try {
      const svg = await this.#draw(text.text);
      if (style !== this.#style) return undefined;
      const drawing = adopt(svg, layout, text, this.#surroundings);
      this.#keep(chunk, drawing);
      return drawing;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#keep(chunk, failure);
      return failure;
    }
  }

  #keep(chunk: Chunk, result: Result): void {
    this.#results.set(chunk, result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > keptDrawings && oldest !== undefined) this.#results.delete(oldest);
  }
}
