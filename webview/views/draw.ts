import type { Mermaid } from 'mermaid';
import type { Theme } from '../theme';

/** Mermaid for flowcharts and state diagrams, loaded when first needed. */
export class GraphDrawer {
  #mermaid: Promise<Mermaid> | undefined;
  #count = 0;

  /** Draws one diagram. Mermaid measures in the page itself: never two at once. Rejects when the text is no diagram. */
  async draw(text: string, { variables, fontFamily, fontSize }: Theme): Promise<SVGSVGElement> {
    this.#mermaid ??= import('mermaid').then((module) => module.default);
    const mermaid = await this.#mermaid;
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      maxTextSize: 1_000_000,
      look: 'classic',
      htmlLabels: true,
      theme: 'base',
      themeVariables: { ...variables, fontFamily, fontSize: `${fontSize}px` },
      fontFamily,
      fontSize,
      flowchart: { useMaxWidth: false, nodeSpacing: 48, rankSpacing: 72, diagramPadding: 16, curve: 'basis' },
      state: { useMaxWidth: false, nodeSpacing: 28, rankSpacing: 36 },
    });
    // A new name each time: Mermaid's style sheet is bound to it, and the diagram before is still shown.
    const { svg } = await mermaid.render(`graph-${++this.#count}`, text);
    const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    if (parsed instanceof SVGSVGElement) return document.importNode(parsed, true);
    throw new Error(`The diagram is no SVG: ${parsed.textContent.slice(0, 200)}`);
  }
}

/** What stands on the page's ground is to be seen without a filling: the borders are as strong as the lines. */
function graphColours(variables: Theme['variables']): Theme['variables'] {
  const { background = '', lineColor = '' } = variables;
  return { primaryBorderColor: lineColor, nodeBorder: lineColor, stateBorder: lineColor, edgeLabelBackground: background };
}

/** Sizes of a ladder's lanes in a picture, in CSS pixels: those of the panel, where it has room enough. */
const ladder = { useMaxWidth: false, mirrorActors: false, wrap: true, width: 120, actorMargin: 120, height: 32, messageMargin: 28, noteMargin: 8, boxMargin: 8, diagramMarginX: 24, diagramMarginY: 16 };

/** Draws a whole diagram of any kind for a file: with texts that need no HTML to be shown, and on its own background. */
export async function drawPicture(text: string, { variables, fontFamily, fontSize }: Theme): Promise<SVGSVGElement> {
  const { default: mermaid } = await import('mermaid');
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    maxTextSize: 100_000_000,
    maxEdges: 100_000,
    look: 'classic',
    htmlLabels: false,
    theme: 'base',
    themeVariables: { ...variables, ...graphColours(variables), fontFamily, fontSize: `${fontSize}px` },
    themeCSS: '.edgeLabel rect { opacity: 1 !important; }',
    fontFamily,
    fontSize,
    flowchart: { useMaxWidth: false, nodeSpacing: 48, rankSpacing: 72, diagramPadding: 16 },
    state: { useMaxWidth: false, nodeSpacing: 28, rankSpacing: 36 },
    sequence: { ...ladder, messageFontSize: fontSize, noteFontSize: fontSize, actorFontSize: fontSize },
  });
  const { svg } = await mermaid.render('picture', text);
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  if (!(parsed instanceof SVGSVGElement)) throw new Error(`The diagram is no SVG: ${parsed.textContent.slice(0, 200)}`);
  const picture = document.importNode(parsed, true);
  if (!text.startsWith('sequenceDiagram')) decodeTexts(picture);
  const { x, y, width, height } = picture.viewBox.baseVal;
  picture.setAttribute('width', String(Math.ceil(width)));
  picture.setAttribute('height', String(Math.ceil(height)));
  picture.removeAttribute('style');
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ x, y, width, height, fill: String(variables['background']) })) ground.setAttribute(name, String(value));
  picture.prepend(ground);
  return picture;
}

/** Without HTML, Mermaid leaves the entities of its labels as they are; here they become the characters they stand for. */
function decodeTexts(picture: SVGSVGElement): void {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  const walker = document.createTreeWalker(picture, NodeFilter.SHOW_TEXT, (node) => (node.parentElement?.closest('text') instanceof Element ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT));
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    node.nodeValue = (node.nodeValue ?? '').replace(/&(?:#(\d+)|(amp|lt|gt|quot));/g, (_, code: string | undefined, name: string) => (code === undefined ? (names[name] ?? '') : String.fromCodePoint(Number(code))));
  }
}

/** The nodes of a drawn flowchart or state diagram, by the ids of its text. */
export function nodesOf(svg: SVGSVGElement): ReadonlyMap<string, SVGGElement> {
  const nodes = new Map<string, SVGGElement>();
  for (const node of svg.querySelectorAll<SVGGElement>('g.node')) {
    const [, id] = /(?:flowchart|state)-(.+)-\d+$/.exec(node.id) ?? [];
    if (id !== undefined) nodes.set(id, node);
  }
  return nodes;
}

/** A line of a drawn diagram with its words, if it has any. */
export interface DrawnEdge {
  readonly path: SVGPathElement;
  readonly label: SVGGElement | undefined;
}

/** The lines of a drawn diagram, by their ids: those of the text, or `edge0`, `edge1` ... in its order. */
export function edgesOf(svg: SVGSVGElement): ReadonlyMap<string, DrawnEdge> {
  const labels = new Map([...svg.querySelectorAll<SVGGElement>('.edgeLabel .label')].map((label) => [label.dataset['id'], label]));
  return new Map(
    [...svg.querySelectorAll<SVGPathElement>('path[data-et="edge"]')].map((path) => {
      const id = path.dataset['id'] ?? '';
      return [id, { path, label: labels.get(id) }];
    }),
  );
}
