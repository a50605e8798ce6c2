import type { PanelNote, PanelRow } from './protocol';
import type { RowPlace } from './scrolling';

const svgNamespace = 'http://www.w3.org/2000/svg';
/** Room around a row's words and arrow, in units of the diagram. */
const padding = 4;

/** One arrow of the drawn ladder: its words and its line in one group that can be pointed at. */
export interface Row {
  readonly id: string;
  readonly group: SVGGElement;
  readonly place: RowPlace;
}

/**
 * Gathers each arrow of a drawn diagram into a group that is as wide as the diagram: a button for mouse, keyboard and
 * screen reader. Mermaid draws an arrow as its lines of text, followed by a line or path with `data-et="message"`, in
 * the order of the text; `rows` are in that order.
 */
export function makeRows(svg: SVGSVGElement, rows: readonly PanelRow[]): Row[] {
  const { x, y, width } = svg.viewBox.baseVal;
  // First all is measured, then all is changed: a look between two changes would make the browser lay out anew each
  // time.
  const measured = [...svg.querySelectorAll<SVGGraphicsElement>('[data-et="message"]')].map((arrow) => {
    const parts = [...wordsOf(arrow), arrow];
    const bounds = parts.map((part) => part.getBBox());
    const top = Math.min(...bounds.map((bound) => bound.y)) - padding;
    const bottom = Math.max(...bounds.map((bound) => bound.y + bound.height)) + padding;
    return { arrow, parts, top, bottom };
  });
  return measured.flatMap(({ arrow, parts, top, bottom }, index) => {
    const row = rows[index];
    if (row === undefined) return [];
    const group = createGroup(row);
    arrow.before(group);
    group.append(createField(x, top, width, bottom - top), ...parts);
    return [{ id: row.id, group, place: { id: row.id, top: top - y, bottom: bottom - y } }];
  });
}

function createGroup({ id, label, tone, lints }: PanelRow): SVGGElement {
  const group = document.createElementNS(svgNamespace, 'g');
  group.setAttribute('class', `row ${tone}${lints.length > 0 ? ' linted' : ''}`);
  group.setAttribute('role', 'button');
  group.setAttribute('aria-label', label);
  group.setAttribute('tabindex', '-1');
  group.dataset['message'] = id;
  if (lints.length > 0) {
    const tooltip = document.createElementNS(svgNamespace, 'title');
    tooltip.textContent = label;
    group.append(tooltip);
  }
  return group;
}

/** Marks each note of a drawn diagram by what it is about; `notes` are in the order of the diagram's text. */
export function colourNotes(svg: SVGSVGElement, notes: readonly PanelNote[]): void {
  svg
    .querySelectorAll('[data-et="note"]')
    .forEach((note, index) => note.classList.add(`note-${notes[index] ?? 'plain'}`));
}

/** The lines of text that stand right before an arrow: its own. */
function wordsOf(arrow: Element): SVGGraphicsElement[] {
  const words: SVGGraphicsElement[] = [];
  let before = arrow.previousElementSibling;
  while (before instanceof SVGTextElement && before.classList.contains('messageText')) {
    words.unshift(before);
    before = before.previousElementSibling;
  }
  return words;
}

function createField(x: number, y: number, width: number, height: number): SVGRectElement {
  const rect = document.createElementNS(svgNamespace, 'rect');
  rect.setAttribute('class', 'field');
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, String(value));
  return rect;
}
