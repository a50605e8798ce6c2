import type { Ladder } from './ladder';
import type { RowStore } from './row-store';

/** What keys and clicks on rows do. */
export interface RowActions {
  readonly onOpen: (id: string, focus: boolean) => void;
  readonly onUnfold: (id: string) => void;
}

/**
 * Mouse and keyboard on the ladder's rows. As in the editor's own lists: a click or a blank shows the message, Enter or a
 * double click goes there; arrow keys, pages, Home and End choose the row; right and left show and hide repeats.
 */
export function listenToRows(ladder: Ladder, store: RowStore, actions: RowActions): void {
  const rowOf = (target: EventTarget | null): string | undefined => {
    const group = target instanceof Element ? target.closest<SVGGElement>('g.row') : null;
    return group?.dataset['row'];
  };
  const open = (id: string, focus: boolean): void => {
    const row = store.rows[store.indexOf(id)];
    const message = row?.kind === 'message' ? row.id : row?.kind === 'note' ? row.message : undefined;
    // Whoever reads a message wants it to stay where it is.
    ladder.following.set(false);
    ladder.focusRow(id);
    if (message !== undefined) actions.onOpen(message, focus);
  };
  const fold = (id: string): void => {
    const row = store.rows[store.indexOf(id)];
    if (row?.kind === 'message' && ((row.folded ?? 0) > 0 || row.repeats !== undefined)) actions.onUnfold(row.repeats ?? row.id);
  };
  ladder.canvas.addEventListener('click', (event) => {
    const id = rowOf(event.target);
    if (id === undefined) return;
    if (event.target instanceof Element && event.target.closest('.fold') !== null) fold(id);
    else open(id, event.detail > 1);
  });
  ladder.canvas.addEventListener('keydown', (event) => {
    const id = rowOf(event.target);
    if (id === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      open(id, event.key === 'Enter');
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      fold(id);
    } else {
      const to = destination(event.key, id, ladder, store);
      if (to === undefined) return;
      ladder.following.set(false);
      ladder.focusRow(to);
    }
    event.preventDefault();
  });
}

function destination(key: string, id: string, ladder: Ladder, store: RowStore): string | undefined {
  const at = store.indexOf(id);
  switch (key) {
    case 'ArrowDown':
      return nextShown(store, at, 1);
    case 'ArrowUp':
      return nextShown(store, at, -1);
    case 'PageDown':
      return ladder.rowAt(id, ladder.pageHeight);
    case 'PageUp':
      return ladder.rowAt(id, -ladder.pageHeight);
    case 'Home':
      return nextShown(store, -1, 1);
    case 'End':
      return nextShown(store, store.rows.length, -1);
    default:
      return undefined;
  }
}

/** The next row that is more than a heading. */
function nextShown({ rows }: RowStore, from: number, step: 1 | -1): string | undefined {
  for (let index = from + step; index >= 0 && index < rows.length; index += step) {
    if (rows[index]?.kind !== 'heading') return rows[index]?.id;
  }
  return undefined;
}
