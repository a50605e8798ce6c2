import { english, type Say } from '../core';
import { nameIn, type TraceModel } from '../trace';
import { kindTitle } from './kind-title';
import type { HeadingRow, LiveRow, MessageRow, StreamRow } from './row';

/** In the order of time; or each transfer's rows together, or each call's. */
export type Grouping = 'none' | 'transfer' | 'call';

/**
 * Puts rows together that belong together, under a heading, groups in the order in which they begin; within a group the
 * order stays. What stands behind a message (a note, a voice) goes with it.
 */
export function arrange(model: TraceModel, rows: readonly LiveRow[], grouping: Grouping, say: Say = english): readonly LiveRow[] {
  if (grouping === 'none') return rows;
  const groups = new Map<string, LiveRow[]>();
  let group: LiveRow[] | undefined;
  for (const row of rows) {
    if (row.kind === 'message') {
      const key = keyOf(row, grouping);
      group = groups.get(key);
      if (group === undefined) groups.set(key, (group = []));
    }
    const own = row.kind === 'stream' && row.callId !== undefined ? groups.get(keyOf(row, grouping)) : undefined;
    (own ?? group)?.push(row);
  }
  return [...groups].flatMap(([key, members]) => [headingOf(model, key, members[0]?.at ?? 0, say), ...members]);
}

function keyOf({ transferIds, callId }: MessageRow | StreamRow, grouping: Grouping): string {
  return (grouping === 'transfer' ? transferIds?.[0] : callId) ?? '';
}

function headingOf(model: TraceModel, key: string, at: number, say: Say): HeadingRow {
  return { kind: 'heading', id: `group ${key}`, at, text: groupTitle(model, key, say) };
}

/** `Attended transfer: Bob gives Alice to Charlie`, `Alice calls Bob`. */
export function groupTitle(model: TraceModel, key: string, say: Say = english): string {
  const transfer = key.startsWith('x') ? model.transfer(key) : undefined;
  if (transfer !== undefined) {
    const { kind, transferor, transferee, target } = transfer;
    return say('{0}: {1} gives {2} to {3}', kindTitle(kind, say), nameIn(transferor), nameIn(transferee), nameIn(target));
  }
  const call = model.calls.find(({ id }) => id === key);
  return call === undefined ? say('Other messages') : say('{0} calls {1}', nameIn(call.caller), nameIn(call.callee));
}
