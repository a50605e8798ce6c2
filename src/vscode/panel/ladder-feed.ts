import type { LadderFromPanel, LadderOptions, LadderPatch, PanelEarlier, PanelLane, PanelRow } from '../../../webview/protocol';
import { LiveLadder, type LadderUpdate, type LiveRow, methodOf, parseQuery, readQuery } from '../../ladder';
import type { LintId, TraceMessage, TraceModel } from '../../trace';
import { say } from '../say';
import { laneNames, LaneStates, lanesToShow } from './lanes';
import { PanelRows } from './panel-rows';
import { problemsOf } from './query-problems';

/** What the ladder is made of. */
export interface LadderSource {
  readonly trace: TraceModel | undefined;
  /** Messages of a lower index were cleared away. */
  readonly clearedBefore: number;
  /** When the trace began, in milliseconds since 1970. */
  readonly origin: number | undefined;
  /** Which failures of the field are marked. */
  readonly lints: ReadonlySet<LintId>;
  /** Whether all of it is there already: then its start is what a reader wants first. False unless given. */
  readonly isWhole?: boolean;
  /** What the trace has forgotten, where somebody keeps it. */
  readonly earlier?: PanelEarlier | undefined;
}

/** Less than a frame: a message is to be on the screen before one can wonder where it is. In milliseconds. */
export const ladderPause = 12;

/** Rows sent at first at least, and in each later piece; each piece begins where the page begins one of its chunks. */
const firstRows = 200;
const pieceUnit = 240;
const pieceRows = 2_400;

const nothingEarlier: PanelEarlier = { messages: 0, inFiles: 0, files: 0 };

export const defaultOptions: LadderOptions = {
  method: '',
  query: '',
  grouping: 'none',
  byHost: false,
  details: false,
  hidden: [],
  order: [],
  unfolded: [],
  paused: false,
};

/** One trace, shown in one way; `key` says in which. */
interface Shown {
  readonly trace: TraceModel;
  readonly key: string;
  readonly ladder: LiveLadder;
  readonly rows: PanelRows;
  readonly states: LaneStates;
}

/**
 * Keeps the ladder of one page up to date: remembers what the page has, and tells it the difference. It holds no truth:
 * a page that is new gets everything.
 */
export class LadderFeed {
  readonly #post: (patch: LadderPatch) => void;
  #options = defaultOptions;
  #shown: Shown | undefined;
  readonly #later: (run: () => void) => void;
  /** The rows that the page has; so many before them it is still to get. */
  #sent: PanelRow[] = [];
  #missing = 0;
  /** What they were made of. */
  #converted: Shown | undefined;
  #sentLanes = '';
  #sentHidden = '';
  #sentEarlier = '';
  /** How many messages the trace had forgotten then. */
  #forgotten = 0;
  #names = new Map<string, string>();
  #isNew = true;
  /** How many messages there were when it was paused. */
  #pausedAt = 0;

  /** `later` runs something as soon as what is under way has been dealt with; at once unless given. */
  constructor(post: (patch: LadderPatch) => void, later: (run: () => void) => void = (run) => run()) {
    this.#post = post;
    this.#later = later;
  }

  get options(): LadderOptions {
    return this.#options;
  }

  /** The rows that the page has. */
  get rows(): readonly PanelRow[] {
    return this.#sent;
  }

  /** The page is a new one, and has nothing. */
  restart(): void {
    this.#isNew = true;
  }

  /** The person wants the ladder otherwise. */
  onMessage({ options }: Extract<LadderFromPanel, { type: 'arrange' }>, source: LadderSource): void {
    const wasPaused = this.#options.paused;
    this.#options = { ...this.#options, ...options };
    if (this.#options.paused && !wasPaused) this.#pausedAt = source.trace?.endIndex ?? 0;
    this.update(source);
  }

  /** Back to showing everything, as for a new trace. */
  reset(): void {
    this.#options = { ...defaultOptions, grouping: this.#options.grouping, byHost: this.#options.byHost, details: this.#options.details };
  }

  /** The trace has grown, or is another one. */
  update(source: LadderSource): void {
    const shown = this.#show(source);
    const isWhole = this.#isNew || shown !== this.#converted;
    if (this.#options.paused && !isWhole) {
      this.#post({ ...this.#nothing(), waiting: (source.trace?.endIndex ?? 0) - this.#pausedAt });
      return;
    }
    if (source.isWhole === true) {
      this.#sendFile(shown, source);
      return;
    }
    const update = shown?.ladder.update() ?? { gone: 0, kept: 0, tail: [] };
    const gone = this.#forget(update.gone);
    // What has changed was not sent yet, or there is nothing to go on: all of it anew.
    if (isWhole || update.kept < this.#missing) this.#sendWhole(shown, source, gone);
    else this.#send(shown, source, { gone, kept: update.kept - this.#missing, tail: update.tail });
  }

  /** A new page gets the start first, and the rest behind what else there is to do; one that has it, what has changed. */
  #sendFile(shown: Shown | undefined, source: LadderSource): void {
    shown?.ladder.update();
    const rows = shown?.ladder.rows ?? [];
    const isFirst = this.#isNew;
    if (isFirst) this.#sent = [];
    this.#missing = 0;
    this.#send(shown, source, { gone: 0, kept: 0, tail: isFirst ? rows.slice(0, pieceUnit) : rows });
    if (this.#sent.length < rows.length) this.#later(() => this.#sendLater(shown, source));
  }

  #sendLater(shown: Shown | undefined, source: LadderSource): void {
    if (!this.#isCurrent(shown) || this.#isNew) return;
    const from = this.#sent.length;
    const rows = shown.ladder.rows.slice(from, from + pieceRows);
    if (rows.length === 0) return;
    this.#sendPiece(shown, source, from, rows);
    this.#later(() => this.#sendLater(shown, source));
  }

  /** Of the rows that have left at the front, how many the page has had. */
  #forget(gone: number): number {
    const unsent = Math.min(gone, this.#missing);
    this.#missing -= unsent;
    this.#sent.splice(0, gone - unsent);
    return gone - unsent;
  }

  #sendWhole(shown: Shown | undefined, source: LadderSource, gone: number): void {
    const rows = shown?.ladder.rows ?? [];
    // The end is what a reader wants first; the rest follows, behind what else there is to do.
    const start = Math.max(0, Math.floor((rows.length - firstRows) / pieceUnit) * pieceUnit);
    const isFromStart = this.#isNew || start > 0 || this.#missing > 0;
    if (isFromStart) this.#sent = [];
    this.#isNew = isFromStart;
    this.#missing = start;
    this.#send(shown, source, { gone, kept: 0, tail: start === 0 ? rows : rows.slice(start) });
    if (start > 0) this.#later(() => this.#sendEarlier(shown, source));
  }

  #sendEarlier(shown: Shown | undefined, source: LadderSource): void {
    if (!this.#isCurrent(shown) || this.#missing === 0) return;
    const end = this.#missing;
    this.#missing = Math.max(0, end - pieceRows);
    this.#sendPiece(shown, source, 0, shown.ladder.rows.slice(this.#missing, end));
    if (this.#missing > 0) this.#later(() => this.#sendEarlier(shown, source));
  }

  /** Whether the page still has this ladder, and is to have it. */
  #isCurrent(shown: Shown | undefined): shown is Shown {
    return shown !== undefined && shown === this.#shown && shown === this.#converted;
  }

  /** Some more rows, which stand before all that the page has (at 0) or behind them. */
  #sendPiece(shown: Shown, { lints }: LadderSource, from: number, rows: readonly LiveRow[]): void {
    const added = shown.rows.convert(rows, lints);
    const patch = { ...this.#nothing(), from, added };
    if (from === 0) this.#sent = [...added, ...this.#sent];
    else for (const row of added) this.#sent.push(row);
    this.#post({ ...patch, names: this.#newNames(shown, patch) });
  }

  #send(shown: Shown | undefined, source: LadderSource, { gone, kept, tail: rows }: LadderUpdate): void {
    const tail = shown?.rows.convert(rows, source.lints) ?? [];
    const patch = difference(this.#sent, kept, tail);
    const lanes = shown === undefined ? [] : lanesToShow(shown.trace, shown.ladder.usedLanes, shown.states, this.#options);
    this.#sent.length = kept;
    for (const row of tail) this.#sent.push(row);
    const unnamed = this.#unname(source.trace?.firstIndex ?? 0);
    const message: LadderPatch = {
      ...patch,
      ...(gone > 0 && { gone }),
      unnamed,
      reset: this.#isNew,
      lanes: this.#whenChanged(lanes),
      hidden: this.#whenHiddenChanged(shown?.trace),
      earlier: this.#whenEarlierChanged(source),
      names: this.#newNames(shown, patch),
      origin: source.origin,
      options: this.#options,
      problems: this.#problems(),
      waiting: 0,
    };
    this.#converted = shown;
    this.#isNew = false;
    this.#post(message);
  }

  #problems(): LadderPatch['problems'] {
    return problemsOf(readQuery(this.#options.query).problems);
  }

  dispose(): void {
    this.#shown?.ladder.dispose();
    this.#shown = undefined;
  }

  #show({ trace, clearedBefore, lints }: LadderSource): Shown | undefined {
    const before = this.#shown;
    const options = this.#options;
    const key = JSON.stringify([clearedBefore, { ...options, paused: false }, [...lints]]);
    if (before !== undefined && before.trace === trace && before.key === key) return before;
    before?.ladder.dispose();
    this.#names = new Map();
    if (trace === undefined) {
      this.#shown = undefined;
      return undefined;
    }
    const filter = filterOf(trace, clearedBefore, options);
    const { grouping, unfolded, details } = options;
    this.#shown = {
      ...{ trace, key },
      ladder: new LiveLadder(trace, { say, grouping, details, unfolded: new Set(unfolded), ...(filter !== undefined && { filter }) }),
      rows: new PanelRows(trace, options),
      states: before?.trace === trace ? before.states : new LaneStates(trace),
    };
    return this.#shown;
  }

  #whenChanged(lanes: readonly PanelLane[]): readonly PanelLane[] | undefined {
    const text = JSON.stringify(lanes);
    if (text === this.#sentLanes && !this.#isNew) return undefined;
    this.#sentLanes = text;
    return lanes;
  }

  #whenHiddenChanged(trace: TraceModel | undefined): LadderPatch['hidden'] {
    const hidden = trace === undefined ? [] : laneNames(trace, this.#options.hidden);
    const text = JSON.stringify(hidden);
    if (text === this.#sentHidden && !this.#isNew) return undefined;
    this.#sentHidden = text;
    return hidden;
  }

  /** Lets go of the names of those that have no row any more. */
  #unname(forgotten: number): readonly string[] {
    if (forgotten === this.#forgotten) return [];
    this.#forgotten = forgotten;
    const named = new Set(this.#sent.flatMap((row) => (row.kind === 'message' ? [row.dialog, row.transfer] : [])));
    const unnamed = [...this.#names.keys()].filter((id) => !named.has(id));
    for (const id of unnamed) this.#names.delete(id);
    return unnamed;
  }

  /** Whoever has cleared away more than the trace has forgotten misses nothing. */
  #whenEarlierChanged({ trace, clearedBefore, earlier, isWhole }: LadderSource): PanelEarlier | undefined {
    const forgotten = trace?.firstIndex ?? 0;
    // A file may be a part of a longer trace itself; nothing of the file is missing.
    const told = isWhole === true || forgotten <= clearedBefore ? nothingEarlier : (earlier ?? { ...nothingEarlier, messages: forgotten });
    const text = JSON.stringify(told);
    if (text === this.#sentEarlier && !this.#isNew) return undefined;
    this.#sentEarlier = text;
    return told;
  }

  #newNames(shown: Shown | undefined, { changed, added }: Pick<LadderPatch, 'changed' | 'added'>): Record<string, string> {
    const names: Record<string, string> = {};
    if (shown === undefined) return names;
    const learn = (row: PanelRow): void => {
      if (row.kind !== 'message') return;
      for (const id of [row.dialog, row.transfer]) {
        if (id === undefined || this.#names.has(id)) continue;
        names[id] = shown.rows.nameOf(id);
        this.#names.set(id, names[id]);
      }
    };
    for (const [, row] of changed) learn(row);
    for (const row of added) learn(row);
    return names;
  }

  #nothing(): LadderPatch {
    return { reset: false, changed: [], from: this.#sent.length, removed: 0, added: [], names: {}, options: this.#options, problems: this.#problems(), waiting: 0 };
  }
}

function filterOf(
  trace: TraceModel,
  clearedBefore: number,
  { method, query, hidden }: LadderOptions,
): ((message: TraceMessage) => boolean) | undefined {
  const tests: ((message: TraceMessage) => boolean)[] = [];
  if (clearedBefore > 0) tests.push(({ index }) => index >= clearedBefore);
  if (method !== '') tests.push((message) => methodOf(message) === method);
  const parsed = parseQuery(query, trace);
  if (parsed !== undefined) tests.push(parsed.matches);
  if (hidden.length > 0) {
    const away = new Set(hidden);
    tests.push(
      ({ source, destination }) =>
        !away.has(trace.participantAt(source).id) && !away.has(trace.participantAt(destination).id),
    );
  }
  return tests.length === 0 ? undefined : (message) => tests.every((test) => test(message));
}

/**
 * What to change in `before` to get its first `kept` rows and `tail`: rows in their places first, then one piece cut out
 * and one put in.
 */
export function difference(
  before: readonly PanelRow[],
  kept: number,
  tail: readonly PanelRow[],
): Pick<LadderPatch, 'changed' | 'from' | 'removed' | 'added'> {
  const changed: (readonly [number, PanelRow])[] = [];
  const shorter = Math.min(before.length - kept, tail.length);
  let from = 0;
  for (; from < shorter; from++) {
    const [was, is] = [before[kept + from], tail[from]];
    if (is === undefined || isSame(was, is)) continue;
    if (was?.id !== is.id) break;
    changed.push([kept + from, is]);
  }
  let same = 0;
  while (same < shorter - from && isSame(before[before.length - 1 - same], tail[tail.length - 1 - same])) same += 1;
  return {
    changed,
    from: kept + from,
    removed: before.length - kept - from - same,
    added: tail.slice(from, tail.length - same),
  };
}

/** Rows of a trace that was read again are others, and most of them say the same. */
function isSame(a: PanelRow | undefined, b: PanelRow | undefined): boolean {
  return a === b || (a?.id === b?.id && JSON.stringify(a) === JSON.stringify(b));
}
