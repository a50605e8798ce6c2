import { escapeMermaidLines } from '../src/ladder/escape';
import type { Place } from './layout';

const arrows = { request: '->>', response: '-->>', lost: '-x' } as const;

/** Mermaid's text of a chunk, and the column that its first lane stands in. */
export interface ChunkText {
  readonly text: string;
  readonly firstColumn: number;
  readonly columns: number;
}

/**
 * A chunk as one diagram. It has the lanes from the first to the last that its rows touch: the others would cost time
 * and show nothing, since the panel draws the lifelines itself. Lanes go by their columns: the header has their names.
 */
export function chunkText(places: readonly Place[]): ChunkText | undefined {
  const drawn = places.filter(({ bottom, top, row }) => bottom > top && row.kind !== 'heading');
  if (drawn.length === 0) return undefined;
  const ends = drawn.flatMap(({ from, to }) => [from, to]);
  const firstColumn = Math.min(...ends);
  const lastColumn = Math.max(...ends);
  const lines = ['sequenceDiagram'];
  for (let column = firstColumn; column <= lastColumn; column++) lines.push(`participant p${column}`);
  for (const place of drawn) lines.push(lineOf(place));
  return { text: `${lines.join('\n')}\n`, firstColumn, columns: lastColumn - firstColumn + 1 };
}

function lineOf({ row, from, to, lines }: Place): string {
  const words = escapeMermaidLines(lines);
  if (row.kind === 'note') return `Note over ${from === to ? `p${from}` : `p${from},p${to}`}: ${words}`;
  const arrow = row.kind === 'message' ? arrows[row.arrow] : '->';
  return `p${from}${arrow}p${to}: ${words}`;
}
