import type { LadderOptions, LadderPatch, PanelLane, PanelRow } from './protocol';

/** What the page knows of the ladder: all rows, in order, and the lanes they go between. */
export class RowStore {
  readonly rows: PanelRow[] = [];
  readonly names = new Map<string, string>();
  lanes: readonly PanelLane[] = [];
  hidden: NonNullable<LadderPatch['hidden']> = [];
  options: LadderOptions | undefined;
  origin: number | undefined;
  waiting = 0;
  /** Where each row stands, counted from the first that there ever was. */
  readonly #places = new Map<string, number>();
  #gone = 0;

  /** Takes a difference in; the index of the first row that is another one now. */
  apply(patch: LadderPatch): number {
    if (patch.reset) this.#clear();
    this.#forget(patch.gone ?? 0);
    for (const [index, row] of patch.changed) this.rows[index] = row;
    const { from, removed, added } = patch;
    if (removed > 0 || added.length > 0) {
      for (const { id } of this.rows.slice(from, from + removed)) this.#places.delete(id);
      const isEnd = from + removed >= this.rows.length;
      // One by one: as arguments of one call, ten thousand rows would be too many.
      const rest = isEnd ? [] : this.rows.slice(from + removed);
      this.rows.length = from;
      for (const row of added) this.rows.push(row);
      for (const row of rest) this.rows.push(row);
      for (let index = from; index < this.rows.length; index++) this.#place(index);
    }
    this.lanes = patch.lanes ?? this.lanes;
    this.hidden = patch.hidden ?? this.hidden;
    for (const id of patch.unnamed ?? []) this.names.delete(id);
    for (const [id, name] of Object.entries(patch.names)) this.names.set(id, name);
    this.options = patch.options;
    this.origin = patch.origin ?? this.origin;
    this.waiting = patch.waiting;
    if (patch.reset) return 0;
    return Math.min(from, patch.changed[0]?.[0] ?? from);
  }

  /** Where the row of this id stands, or -1. */
  indexOf(id: string): number {
    const place = this.#places.get(id);
    return place === undefined ? -1 : place - this.#gone;
  }

  laneName(id: string): string {
    return this.lanes.find((lane) => lane.id === id)?.name ?? id;
  }

  /** The next row of a message from `index` on, in the direction of `step`; -1 when there is none. */
  nextMessage(index: number, step: 1 | -1): number {
    for (let at = index; at >= 0 && at < this.rows.length; at += step) if (this.rows[at]?.kind === 'message') return at;
    return -1;
  }

  #place(index: number): void {
    const row = this.rows[index];
    if (row !== undefined) this.#places.set(row.id, index + this.#gone);
  }

  #forget(count: number): void {
    if (count === 0) return;
    for (const [index, { id }] of this.rows.splice(0, count).entries()) {
      // A row of the same id may have come behind it.
      if (this.#places.get(id) === index + this.#gone) this.#places.delete(id);
    }
    this.#gone += count;
  }

  #clear(): void {
    this.rows.length = 0;
    this.#places.clear();
    this.names.clear();
    this.#gone = 0;
  }
}
