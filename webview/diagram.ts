import type { Mermaid } from 'mermaid';
import { type Columns, sideMargin } from './spacing';
import type { Theme } from './theme';

/** Mermaid, loaded when first needed, and only the part of it that draws sequence diagrams. */
export class Diagrams {
  #mermaid: Promise<Mermaid> | undefined;
  #count = 0;

  /** Draws one diagram. Mermaid measures in the page itself: never two at once. Rejects when the text is no diagram. */
  async draw(text: string, theme: Theme, columns: Columns): Promise<SVGSVGElement> {
    this.#mermaid ??= import('mermaid').then((module) => module.default);
    const mermaid = await this.#mermaid;
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      // The extension cuts the ladder to a size that stays smooth; Mermaid's own limits are for pages of strangers.
      maxTextSize: 1_000_000,
      look: 'classic',
      theme: 'base',
      themeVariables: { ...theme.variables, fontFamily: theme.fontFamily, fontSize: `${theme.fontSize}px` },
      fontFamily: theme.fontFamily,
      fontSize: theme.fontSize,
      sequence: {
        useMaxWidth: false,
        mirrorActors: false,
        wrap: true,
        width: columns.laneWidth,
        actorMargin: columns.laneMargin,
        height: 32,
        diagramMarginX: sideMargin,
        diagramMarginY: 8,
        messageMargin: 28,
        noteMargin: 8,
        boxMargin: 8,
        messageFontSize: theme.fontSize,
        noteFontSize: theme.fontSize,
        actorFontSize: theme.fontSize,
        messageFontFamily: theme.fontFamily,
        noteFontFamily: theme.fontFamily,
        actorFontFamily: theme.fontFamily,
      },
    });
    // A new name each time: Mermaid's style sheet is bound to it, and the diagram before is still shown.
    const { svg } = await mermaid.render(`ladder-${++this.#count}`, text);
    return parseSvg(svg);
  }
}

/** Mermaid's output (sanitised by itself in strict mode) as an element; XML, so that nothing in it is read as HTML. */
function parseSvg(text: string): SVGSVGElement {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  if (parsed instanceof SVGSVGElement) return document.importNode(parsed, true);
  throw new Error(`The diagram is no SVG: ${parsed.textContent.slice(0, 200)}`);
}
