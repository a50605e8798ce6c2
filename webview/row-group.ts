import { say } from './texts';
import type { Place } from './layout';
import type { PanelRow } from './protocol';
import { svgElement } from './svg';

/** What a row's group needs to know besides its place. */
export interface Surroundings {
  /** Of the whole ladder, in CSS pixels at life size. */
  readonly width: number;
  readonly distance: number;
  readonly laneName: (id: string) => string;
}

/**
 * The group of a row: a button for mouse, keyboard and screen reader, as wide as the ladder. Whoever draws puts words
 * and arrow into it.
 */
export function createRowGroup({ row, top, bottom }: Place, { width, laneName }: Surroundings): SVGGElement {
  const group = svgElement('g', { class: classOf(row), 'data-row': row.id, 'aria-label': describe(row, laneName), tabindex: -1 });
  group.setAttribute('role', row.kind === 'message' ? 'button' : 'img');
  group.append(svgElement('rect', { class: 'field', x: 0, y: top + 4, width, height: Math.max(0, bottom - top) }));
  group.append(svgElement('rect', { class: 'stripe', x: 0, y: top + 4, width: 4, height: Math.max(0, bottom - top) }));
  if (row.kind !== 'message') return group;
  const lints = row.lints ?? [];
  if (lints.length > 0) {
    const mark = svgElement('text', { class: 'lint-mark', x: 12, y: bottom - 3 });
    mark.textContent = '⚠';
    const hover = svgElement('title');
    hover.textContent = lints.map(({ id, text }) => `${id}: ${text}`).join('\n');
    mark.append(hover);
    group.append(mark);
  }
  if ((row.folded ?? 0) > 0) {
    const fold = svgElement('text', { class: 'fold', x: width - 12, y: bottom - 3, 'text-anchor': 'end' });
    fold.textContent = `▸ ×${(row.folded ?? 0) + 1}`;
    const hover = svgElement('title');
    hover.textContent = say('Show the repeats (or hide them again)');
    fold.append(hover);
    group.append(fold);
  }
  return group;
}

/** No class of Mermaid's own, such as `note`: its style sheet would take hold of the group. */
function classOf(row: PanelRow): string {
  if (row.kind !== 'message') return row.kind === 'note' ? `row note-${row.tone}` : `row ${row.kind}`;
  return `row ${row.tone}${(row.lints ?? []).length > 0 ? ' linted' : ''}${row.arrow === 'lost' ? ' lost' : ''}`;
}

/** What a screen reader says of a row. */
export function describe(row: PanelRow, laneName: (id: string) => string): string {
  if (row.kind !== 'message') return row.words;
  const lints = (row.lints ?? []).map(({ id, text }) => `. ${id}: ${text}`).join('');
  return `${say('{0}, {1} to {2}', row.words, laneName(row.from), laneName(row.to))}${lints}`;
}
