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
