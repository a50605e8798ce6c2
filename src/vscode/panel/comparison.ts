import type { PanelComparison, PanelSide } from '../../../webview/protocol';
import { compareCalls, groupTitle, labelOf, visibleLabel } from '../../ladder';
import type { TraceCall, TraceMessage, TraceModel } from '../../trace';
import { say } from '../say';

/** How many calls there are to choose from: the newest. */
const mostCalls = 200;

/** Two calls side by side, as the panel shows them; the two newest where the ids are none of the trace's. */
export function buildComparison(trace: TraceModel | undefined, leftId: string, rightId: string): PanelComparison {
  const calls = trace?.calls ?? [];
  const right = calls.find(({ id }) => id === rightId) ?? calls.at(-1);
  const left = calls.find(({ id }) => id === leftId) ?? calls.findLast((call) => call !== right);
  const choices = calls.slice(-mostCalls).map(({ id }) => [id, `${id}: ${visibleLabel(trace === undefined ? '' : groupTitle(trace, id, say))}`] as const);
  if (trace === undefined || left === undefined || right === undefined) {
    return { calls: choices, left: '', right: right?.id ?? '', pairs: [], firstDifference: -1 };
  }
  const { pairs, firstDifference } = compareCalls(trace, left, right);
  return {
    ...{ calls: choices, left: left.id, right: right.id, firstDifference },
    pairs: pairs.map((pair) => ({ left: sideOf(trace, left, pair.left), right: sideOf(trace, right, pair.right), isSame: pair.isSame })),
  };
}

function sideOf(trace: TraceModel, call: TraceCall, message: TraceMessage | undefined): PanelSide | undefined {
  if (message === undefined) return undefined;
  const { id, at, source } = message;
  const home = trace.participantAt(call.caller.address ?? call.invite.source).id;
  return { id, at: at - call.startedAt, words: visibleLabel(labelOf(message)), isForward: trace.participantAt(source).id === home };
}
