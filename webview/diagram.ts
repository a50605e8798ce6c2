import type { Mermaid } from 'mermaid';
import { boundMermaidsMemory } from './bounded-memoize';
import type { Theme } from './theme';
import { boxMargin, noteMargin, wordsMargin } from './layout';

/** Some sixty kilobytes each. */
const rememberedDrawings = 40;

/** Mermaid, loaded when first needed, and only the part of it that draws what is asked for. */
export class Diagrams {
  #mermaid: Promise<Mermaid> | undefined;
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();
  #configured = '';
  /** Mermaid's last drawings by their text. */
  readonly #known = new Map<string, string>();

  /**
   * Draws one diagram; of a sequence diagram, lifelines are `distance` pixels apart. Mermaid measures in the page
   * itself: never two at once, so each waits for the one before. Rejects when the text is no diagram.
   */
  draw(text: string, theme: Theme, distance: number): Promise<SVGSVGElement> {
    const drawn = this.#last.then(() => this.#draw(text, theme, distance));
    this.#last = drawn.catch(() => undefined);
    return drawn;
  }

  /** Begins to load Mermaid, so that the first drawing does not wait for it. */
  async load(): Promise<Mermaid> {
    if (this.#mermaid === undefined) boundMermaidsMemory();
    this.#mermaid ??= import('mermaid').then((module) => module.default);
    return this.#mermaid;
  }

  async #draw(text: string, theme: Theme, distance: number): Promise<SVGSVGElement> {
    const mermaid = await this.load();
    this.#configure(mermaid, theme, distance);
    const known = this.#known.get(text);
    if (known !== undefined) return parseSvg(known);
    // A new name each time: Mermaid's style sheet is bound to it, and the diagram before is still shown.
    const { svg } = await mermaid.render(`diagram-${++this.#count}`, text);
    this.#known.set(text, svg);
    const [oldest] = this.#known.keys();
    if (this.#known.size > rememberedDrawings && oldest !== undefined) this.#known.delete(oldest);
    return parseSvg(svg);
  }

  #configure(mermaid: Mermaid, { variables, fontFamily, fontSize }: Theme, distance: number): void {
    const key = JSON.stringify([variables, fontFamily, fontSize, distance]);
    if (key === this.#configured) return;
    this.#configured = key;
    this.#known.clear();
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      // The panel cuts the ladder to a size that stays smooth; Mermaid's own limits are for pages of strangers.
      maxTextSize: 1_000_000,
      look: 'classic',
      theme: 'base',
      themeVariables: { ...variables, fontFamily, fontSize: `${fontSize}px` },
      fontFamily,
      fontSize,
      sequence: {
        useMaxWidth: false,
        mirrorActors: false,
        wrap: true,
        // Lanes without a gap between them: so a line of words may be as wide as lifelines are apart.
        width: distance,
        actorMargin: 0,
        height: 20,
        diagramMarginX: 0,
        diagramMarginY: 0,
        noteMargin,
        boxMargin,
        wrapPadding: wordsMargin,
        messageFontSize: fontSize,
        noteFontSize: fontSize,
        actorFontSize: fontSize,
        messageFontFamily: fontFamily,
        noteFontFamily: fontFamily,
        actorFontFamily: fontFamily,
        messageFontWeight: 400,
        noteFontWeight: 400,
      },
    });
  }
}

/** Mermaid's output (sanitised by itself in strict mode) as an element; XML, so that nothing in it is read as HTML. */
function parseSvg(text: string): SVGSVGElement {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  if (parsed instanceof SVGSVGElement) return document.importNode(parsed, true);
  throw new Error(`The diagram is no SVG: ${parsed.textContent.slice(0, 200)}`);
}
