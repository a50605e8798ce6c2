import type { ChunkText } from './chunk-text';
import type { Layout, Place } from './layout';
import { createRowGroup, type Surroundings } from './row-group';

/** A chunk as Mermaid drew it, and where its rows came to stand. */
export interface Drawing {
  readonly svg: SVGSVGElement;
  readonly layout: Layout;
}

/** Where Mermaid put something, from the top of its own drawing. */
interface Drawn {
  readonly elements: readonly Element[];
  readonly line: number;
  readonly bottom: number;
}

/**
 * Makes Mermaid's drawing of a chunk a part of the ladder: the lanes' heads are cut off, each row gets its group, and
 * the drawing is moved to its column. Mermaid draws an arrow as its lines of text, followed by a line or path with
 * `data-et="message"`, and a note as a group, each kind in the order of the text. Throws when rows are missing in it.
 */
export function adopt(svg: SVGSVGElement, layout: Layout, { firstColumn }: ChunkText, surroundings: Surroundings): Drawing {
  const arrows = [...svg.querySelectorAll('[data-et="message"]')].map(drawnArrow);
  const notes = [...svg.querySelectorAll('[data-et="note"]')].map(drawnNote);
  let cut: number | undefined;
  const found = layout.places.map((place): { readonly place: Place; readonly drawn: Drawn | undefined } => {
    if (place.bottom === place.top || place.row.kind === 'heading') return { place, drawn: undefined };
    const drawn = place.row.kind === 'note' ? notes.shift() : arrows.shift();
    if (drawn === undefined) throw new Error(`Mermaid left out a row: ${place.row.words.slice(0, 80)}`);
    cut ??= drawn.bottom - place.bottom;
    return { place, drawn };
  });
  const top = cut ?? 0;
  const places: Place[] = [];
  let last = 0;
  for (const { place, drawn } of found) {
    const moved = drawn === undefined ? { ...place, top: last, bottom: last + place.bottom - place.top } : settled(place, drawn, top, last);
    places.push(moved);
    last = moved.bottom;
  }
  const offset = firstColumn * surroundings.distance;
  for (const [index, { drawn }] of found.entries()) {
    const place = places[index];
    if (drawn === undefined || place === undefined) continue;
    const group = createRowGroup({ ...place, top: place.top + top, bottom: place.bottom + top }, surroundings);
    // Its field is as wide as the ladder, which begins left of this drawing.
    for (const part of group.children) if (part instanceof SVGGraphicsElement) part.setAttribute('transform', `translate(${-offset} 0)`);
    drawn.elements[0]?.before(group);
    group.append(...drawn.elements);
  }
  svg.removeAttribute('style');
  svg.removeAttribute('role');
  svg.removeAttribute('aria-roledescription');
  svg.setAttribute('class', 'drawing');
  svg.setAttribute('viewBox', `${-offset} ${top} ${surroundings.width} ${Math.max(1, last)}`);
  return { svg, layout: { places, height: last } };
}

/** Where a row is by its drawing; a pixel more or less is the browser's rounding. */
function settled(place: Place, { line, bottom }: Drawn, cut: number, last: number): Place {
  const isRight = Math.abs(bottom - cut - place.bottom) <= 1 && Math.abs(last - place.top) <= 1;
  if (isRight) return place;
  return { ...place, top: last, bottom: bottom - cut, line: place.line === 0 ? 0 : line - cut };
}

function drawnArrow(arrow: Element): Drawn {
  const elements = [...wordsOf(arrow), arrow];
  if (arrow.tagName !== 'path') {
    const line = Number(arrow.getAttribute('y1'));
    return { elements, line, bottom: line };
  }
  // `M x,y C ...`: from a lane to itself.
  const line = Number(/^M\s*[\d.-]+,([\d.-]+)/.exec(arrow.getAttribute('d') ?? '')?.[1]);
  return { elements, line, bottom: line + 30 };
}

function drawnNote(note: Element): Drawn {
  const box = note.querySelector('rect');
  const bottom = Number(box?.getAttribute('y')) + Number(box?.getAttribute('height'));
  return { elements: [note], line: 0, bottom };
}

/** The lines of text that stand right before an arrow: its own. */
function wordsOf(arrow: Element): Element[] {
  const words: Element[] = [];
  let before = arrow.previousElementSibling;
  while (before?.tagName === 'text' && before.classList.contains('messageText')) {
    words.unshift(before);
    before = before.previousElementSibling;
  }
  return words;
}
