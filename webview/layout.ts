import { breakLines, type Measure } from './line-break';
import type { PanelRow } from './protocol';

/** Sizes that the drawing goes by, in CSS pixels at life size. They are Mermaid's: a sketch stands where its drawing will. */
export interface Metrics {
  /** Between two lifelines. */
  readonly distance: number;
  /** Of one line of words. */
  readonly lineHeight: number;
  /** How wide Mermaid takes a text to be. */
  readonly measure: Measure;
  /** No character of a plain text is wider. */
  readonly widestCharacter: number;
}

/** Where a row stands in its chunk, and the lines its words are broken into. */
export interface Place {
  readonly row: PanelRow;
  readonly top: number;
  readonly bottom: number;
  /** Of its arrow; 0 for a row without. */
  readonly line: number;
  readonly lines: readonly string[];
  /** Columns of its ends, or of the first and the last lane it is about. */
  readonly from: number;
  readonly to: number;
}

export interface Layout {
  readonly places: readonly Place[];
  readonly height: number;
}

/** Mermaid's margins: around boxes, and within a note. */
export const boxMargin = 8;
export const noteMargin = 8;
/** Mermaid keeps so much free at both ends of a line of words. */
export const wordsMargin = 10;
/** Measured widths differ by a pixel or so from those drawn. */
const caution = 4;
/** What an arrow to its own lane takes more than another. */
export const loopHeight = 30;
export const headingHeight = 30;
const plain = /^[\x20-\x7e]*$/;

/** Places rows below each other. Rows whose lanes are not shown take no room. */
export function layOut(rows: readonly PanelRow[], columns: ReadonlyMap<string, number>, metrics: Metrics): Layout {
  const places: Place[] = [];
  let top = 0;
  for (const row of rows) {
    const place = placeOf(row, top, columns, metrics);
    places.push(place);
    top = place.bottom;
  }
  return { places, height: top };
}

function placeOf(row: PanelRow, top: number, columns: ReadonlyMap<string, number>, metrics: Metrics): Place {
  if (row.kind === 'heading') return { row, top, bottom: top + headingHeight, line: 0, lines: [row.words], from: 0, to: 0 };
  const ends = endsOf(row).flatMap((lane) => columns.get(lane) ?? []);
  if (ends.length === 0 || (row.kind !== 'note' && ends.length < 2)) {
    return { row, top, bottom: top, line: 0, lines: [], from: 0, to: 0 };
  }
  const [from, to] = row.kind === 'note' ? [Math.min(...ends), Math.max(...ends)] : [ends[0] ?? 0, ends[1] ?? 0];
  const lines = linesOf(row, widthFor(row, Math.abs(to - from), metrics), metrics);
  const words = lines.length * metrics.lineHeight;
  if (row.kind === 'note') {
    return { row, top, bottom: top + boxMargin + words + 2 * noteMargin, line: 0, lines, from, to };
  }
  if (from === to) {
    const line = top + metrics.lineHeight + words + boxMargin;
    return { row, top, bottom: line + loopHeight, line, lines, from, to };
  }
  const line = top + metrics.lineHeight + words + boxMargin;
  return { row, top, bottom: line, line, lines, from, to };
}

function endsOf(row: Exclude<PanelRow, { kind: 'heading' }>): readonly string[] {
  return row.kind === 'note' ? row.over : [row.from, row.to];
}

/**
 * How wide a line may be. Mermaid would widen its columns for a line that is wider than one of them over an arrow
 * between neighbours, or than two over a note.
 */
function widthFor(row: PanelRow, span: number, { distance }: Metrics): number {
  const lanes = row.kind === 'note' ? Math.min(2, Math.max(1, span)) : Math.max(1, span);
  return lanes * distance - 2 * wordsMargin - caution;
}

function linesOf({ words }: PanelRow, width: number, { measure, widestCharacter }: Metrics): readonly string[] {
  // Most words are short: there is nothing to measure.
  if (words.length * widestCharacter <= width && plain.test(words) && !/[#;&<>"`$%]/.test(words)) return [words];
  const lines = breakLines(words, width, measure);
  return lines.length === 0 ? ['-'] : lines;
}
