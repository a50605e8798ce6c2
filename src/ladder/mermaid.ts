import { escapeMermaid } from './escape';
import type { Ladder, LadderLane, LadderRow, MessageRow, NoteRow, RowRange } from './row';

export interface MermaidOptions {
  /** Which rows; all unless given. The lanes are the same whatever the rows, so that chunks line up. */
  readonly range?: RowRange;
  /** Whether each arrow begins with its number in the whole ladder; true unless given. */
  readonly numbers?: boolean;
}

const arrows = { request: '->>', response: '-->>', lost: '-x' } as const;

/**
 * The ladder, or a range of its rows, as a Mermaid sequence diagram. It says nothing of colours or sizes: the viewer
 * does.
 */
export function toMermaid(ladder: Ladder, options: MermaidOptions = {}): string {
  const { start, end } = options.range ?? { start: 0, end: ladder.rows.length };
  const numbers = options.numbers ?? true;
  const order = new Map(ladder.lanes.map((lane, index) => [lane.id, index]));
  const lines = ['sequenceDiagram', ...ladder.lanes.map(participant)];
  for (const row of ladder.rows.slice(start, end)) lines.push(`  ${rowText(row, numbers, order)}`);
  return `${lines.join('\n')}\n`;
}

/** The `.mmd` export: always one whole diagram. */
export function toMermaidFile(ladder: Ladder): string {
  return toMermaid(ladder);
}

/**
 * Cuts rows into ranges of `size` messages each, notes going with the message before them. A ladder that grows changes
 * its last range only.
 */
export function chunkRows(rows: readonly LadderRow[], size: number): RowRange[] {
  const ranges: RowRange[] = [];
  let start = 0;
  let messages = 0;
  rows.forEach((row, index) => {
    if (row.kind !== 'message') return;
    if (messages === size) {
      ranges.push({ start, end: index });
      start = index;
      messages = 0;
    }
    messages += 1;
  });
  if (start < rows.length) ranges.push({ start, end: rows.length });
  return ranges;
}

function participant({ id, name }: LadderLane): string {
  return `  participant ${id} as ${escapeMermaid(name) || id}`;
}

function rowText(row: LadderRow, numbers: boolean, order: ReadonlyMap<string, number>): string {
  return row.kind === 'message' ? arrowText(row, numbers) : noteText(row, order);
}

function arrowText(row: MessageRow, numbers: boolean): string {
  return `${row.from}${arrows[row.arrow]}${row.to}: ${escapeMermaid(wordsOf(row, numbers))}`;
}

/** What stands over an arrow, unescaped. */
export function wordsOf(row: MessageRow, numbers = true): string {
  const again =
    row.folded > 0 ? ` (sent ${row.folded + 1} times)` : row.retransmissionOf === undefined ? '' : ' (again)';
  const lost = row.arrow === 'lost' ? ' (lost)' : '';
  return `${numbers ? `${row.number}. ` : ''}${row.label}${again}${lost}`;
}

function noteText(row: NoteRow, order: ReadonlyMap<string, number>): string {
  const lanes = [...row.over].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  const [first = ''] = lanes;
  const last = lanes.at(-1) ?? first;
  return `Note over ${first === last ? first : `${first},${last}`}: ${escapeMermaid(row.text)}`;
}
