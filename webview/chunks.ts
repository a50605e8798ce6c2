import type { PanelRow } from './protocol';

/** Rows that are drawn together. It never changes: when its rows do, another one takes its place. */
export interface Chunk {
  /** Index of its first row. It does change, when rows come or go before it. */
  start: number;
  readonly rows: readonly PanelRow[];
}

/** So many rows Mermaid draws in about one frame. */
export const chunkSize = 24;

/**
 * Cuts rows into chunks anew from the row `from` on; chunks whose rows are the same objects stay the same objects. A
 * heading begins a chunk.
 */
export function recut(chunks: readonly Chunk[], rows: readonly PanelRow[], from: number): readonly Chunk[] {
  const keptCount = keptBefore(chunks, from);
  const kept = chunks.slice(0, keptCount);
  const before = new Map(chunks.slice(keptCount).map((chunk) => [chunk.rows[0], chunk]));
  const last = kept.at(-1);
  let start = last === undefined ? 0 : last.start + last.rows.length;
  while (start < rows.length) {
    const end = endOf(rows, start);
    const taken = rows.slice(start, end);
    const known = before.get(taken[0]);
    const isSame = known?.rows.length === taken.length && known.rows.every((row, index) => row === taken[index]);
    if (isSame) known.start = start;
    kept.push(isSame ? known : { start, rows: taken });
    start = end;
  }
  return kept;
}

/** The same chunks when `gone` rows before them have left; the one that has lost some of its own is another one. */
export function withoutFirst(chunks: readonly Chunk[], gone: number): readonly Chunk[] {
  if (gone === 0) return chunks;
  const left: Chunk[] = [];
  for (const chunk of chunks) {
    const lost = gone - chunk.start;
    if (lost >= chunk.rows.length) continue;
    if (lost > 0) {
      left.push({ start: 0, rows: chunk.rows.slice(lost) });
    } else {
      chunk.start -= gone;
      left.push(chunk);
    }
  }
  return left;
}

/** How many chunks end before the row, the last of all aside: it may have room for more. */
function keptBefore(chunks: readonly Chunk[], from: number): number {
  let count = chunks.length - 1;
  while (count > 0) {
    const chunk = chunks[count - 1];
    if (chunk !== undefined && chunk.start + chunk.rows.length <= from) break;
    count -= 1;
  }
  return Math.max(0, count);
}

function endOf(rows: readonly PanelRow[], start: number): number {
  let end = start + 1;
  while (end < rows.length && end - start < chunkSize && rows[end]?.kind !== 'heading') end += 1;
  return end;
}
