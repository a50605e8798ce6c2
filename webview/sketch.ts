import { loopHeight, type Layout, noteMargin, boxMargin, type Place } from './layout';
import { createRowGroup, type Surroundings } from './row-group';
import { svgElement } from './svg';

/**
 * A chunk drawn by the panel itself, in a millisecond: what is seen until Mermaid has had time, and where Mermaid
 * fails. Everything stands where Mermaid puts it. Groups of rows that have not changed stay.
 */
export class Sketch {
  readonly element = svgElement('svg', { class: 'sketch' });
  readonly #groups = new Map<Place['row'], { readonly place: Place; readonly group: SVGGElement }>();

  /** Draws the rows from the one of index `from` on. */
  show(layout: Layout, from: number, surroundings: Surroundings): void {
    const places = layout.places.slice(from);
    const wanted = new Set(places.map(({ row }) => row));
    for (const [row, { group }] of this.#groups) {
      if (wanted.has(row)) continue;
      group.remove();
      this.#groups.delete(row);
    }
    for (const place of places) {
      const known = this.#groups.get(place.row);
      if (known?.place.top === place.top && known.place.bottom === place.bottom) continue;
      known?.group.remove();
      const group = createRowGroup(place, surroundings);
      sketch(group, place, surroundings);
      this.#groups.set(place.row, { place, group });
      this.element.append(group);
    }
  }

  clear(): void {
    this.#groups.clear();
    this.element.replaceChildren();
  }
}

function sketch(group: SVGGElement, place: Place, { distance }: Surroundings): void {
  const { row, top, bottom, from, to } = place;
  if (bottom === top || row.kind === 'heading') return;
  const x1 = (from + 0.5) * distance;
  const x2 = (to + 0.5) * distance;
  if (row.kind === 'note') {
    const left = from === to ? from * distance : x1;
    const width = from === to ? distance : x2 - x1;
    const box = { x: left, y: top + boxMargin, width, height: bottom - top - boxMargin };
    group.append(svgElement('rect', { class: 'note-box', ...box }));
    group.append(...words(place, left + width / 2, top + boxMargin + noteMargin / 2, 'noteText'));
    return;
  }
  group.append(...words(place, (x1 + x2) / 2, top + 15, 'messageText'));
  const isResponse = row.kind === 'message' && row.arrow === 'response';
  const attributes = {
    class: `sketch-line${isResponse ? ' dotted' : ''}`,
    ...(row.kind === 'message' && { 'marker-end': row.arrow === 'lost' ? 'url(#sketch-cross)' : 'url(#sketch-head)' }),
  };
  group.append(
    from === to
      ? svgElement('path', { ...attributes, d: loop(x1, place.line) })
      : svgElement('line', { ...attributes, x1, y1: place.line, x2: x2 + (x2 > x1 ? -3 : 3), y2: place.line }),
  );
}

/** As Mermaid draws an arrow from a lane to itself. */
function loop(x: number, y: number): string {
  return `M ${x},${y} C ${x + 60},${y - 10} ${x + 60},${y + loopHeight} ${x},${y + 20}`;
}

function words({ lines, top, bottom, row, line }: Place, x: number, y: number, className: string): SVGTextElement[] {
  const end = row.kind === 'note' ? bottom - noteMargin * 2 - boxMargin - top : line - boxMargin - top;
  // A message's words have as much free over them as one line is high.
  const height = row.kind === 'note' ? end / lines.length : end / (lines.length + 1);
  return lines.map((text, index) => {
    const attributes = { class: className, x, y: Math.round(y + index * height), dy: '1em' };
    const made = svgElement('text', { ...attributes, 'text-anchor': 'middle', 'dominant-baseline': 'middle' });
    made.textContent = text;
    return made;
  });
}

/** The ends of sketched arrows, once for the whole page. */
export function createArrowHeads(): SVGSVGElement {
  const svg = svgElement('svg', { class: 'arrow-heads', width: 0, height: 0, 'aria-hidden': 'true' });
  const defs = svgElement('defs');
  const head = svgElement('marker', {
    ...{ id: 'sketch-head', refX: 7.9, refY: 5, markerUnits: 'userSpaceOnUse', markerWidth: 12, markerHeight: 12 },
    orient: 'auto-start-reverse',
  });
  head.append(svgElement('path', { d: 'M -1 0 L 10 5 L 0 10 z' }));
  const cross = svgElement('marker', {
    ...{ id: 'sketch-cross', markerWidth: 15, markerHeight: 8, orient: 'auto', refX: 4, refY: 4.5 },
  });
  cross.append(svgElement('path', { class: 'cross', d: 'M 1,2 L 6,7 M 6,2 L 1,7' }));
  defs.append(head, cross);
  svg.append(defs);
  return svg;
}
