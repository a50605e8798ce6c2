import { element } from '../element';
import { Latest } from './latest';
import { readTheme } from '../theme';
import { type DrawnEdge, edgesOf, GraphDrawer, nodesOf } from './draw';
import { glide, type Places, placesOf } from './glide';

/** A drawn diagram and its parts. */
export interface Drawn {
  readonly svg: SVGSVGElement;
  readonly nodes: ReadonlyMap<string, SVGGElement>;
  readonly edges: ReadonlyMap<string, DrawnEdge>;
}

/**
 * Where a diagram stands. One that has changed is drawn anew, with its parts moving from where they stood; one that cannot be
 * drawn leaves the one before in place and shows its text with the error.
 */
export class Canvas {
  readonly element = element('main', 'graph');
  readonly #drawing = element('div', 'drawing');
  readonly #failure = element('pre', 'failure');
  readonly #drawer = new GraphDrawer();
  readonly #latest: Latest<string>;
  readonly #onDrawn: (drawn: Drawn) => void;
  readonly #onTrouble: (error: unknown) => void;
  #text = '';
  #drawn: Drawn | undefined;

  constructor(options: { readonly onDrawn: (drawn: Drawn) => void; readonly onTrouble: (error: unknown) => void }) {
    this.#onDrawn = options.onDrawn;
    this.#onTrouble = options.onTrouble;
    this.#failure.hidden = true;
    this.element.append(this.#drawing, this.#failure);
    this.#latest = new Latest({
      render: (text) => this.#render(text),
      nextFrame: (callback) => void requestAnimationFrame(callback),
      onError: options.onTrouble,
    });
  }

  get drawn(): Drawn | undefined {
    return this.#drawn;
  }

  /** Returns whether it has to be drawn: otherwise what is there is right already. */
  show(text: string): boolean {
    if (text === this.#text) return false;
    this.#text = text;
    this.redraw();
    return true;
  }

  /** Draws again, for another theme. */
  redraw(): void {
    this.#latest.push(this.#text);
  }

  async #render(text: string): Promise<void> {
    if (text === '') {
      this.#drawing.replaceChildren();
      this.#drawn = undefined;
      this.#failure.hidden = true;
      return;
    }
    try {
      const svg = await this.#drawer.draw(text, readTheme());
      const before: Places = this.#drawn === undefined ? new Map() : placesOf(this.#drawn.nodes);
      fit(svg);
      const { scrollLeft, scrollTop } = this.element;
      this.#drawing.replaceChildren(svg);
      this.element.scrollTo({ left: scrollLeft, top: scrollTop, behavior: 'instant' });
      this.#drawn = { svg, nodes: nodesOf(svg), edges: edgesOf(svg) };
      this.#failure.hidden = true;
      this.#onDrawn(this.#drawn);
      glide(this.#drawn.nodes, before);
    } catch (error) {
      this.#failure.textContent = `${error instanceof Error ? error.message : String(error)}\n\n${text}`;
      this.#failure.hidden = false;
      this.#onTrouble(error);
    }
  }
}

/** The least part of its own size that a diagram is drawn in where there is little room; then it scrolls. */
const leastScale = 0.7;

/** Lets a diagram shrink with the room that there is, so far as it can still be read. */
function fit(svg: SVGSVGElement): void {
  const { width } = svg.viewBox.baseVal;
  svg.removeAttribute('height');
  svg.style.width = '100%';
  svg.style.maxWidth = `${width}px`;
  svg.style.minWidth = `${Math.round(width * leastScale)}px`;
}
