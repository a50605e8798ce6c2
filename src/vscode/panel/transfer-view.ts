import type { TransferView } from '../../../webview/views/protocol';
import { followTransfer, transferToMermaid } from '../../ladder';
import type { TraceModel } from '../../trace';
import { say } from '../say';
import { transferState, transferTitle } from '../trees/words';

const nothing = { kind: 'transfer', diagram: '', states: [], lines: [], moves: [], verdict: 'pending', title: '', reason: '' } as const;

/**
 * The state machine of the transfer that was chosen; of the newest one, where `chosen` is empty or gone with its lab. `file` is
 * why there is nothing in a trace of a file, empty where there is something; undefined for the live trace.
 */
export function buildTransferView(trace: TraceModel | undefined, chosen: string, file?: string): TransferView {
  const transfers = [...(trace?.transfers ?? [])].reverse();
  const listed = transfers.map((transfer) => ({ id: transfer.id, title: `${transfer.id}: ${transferTitle(transfer)}` }));
  const transfer = transfers.find(({ id }) => id === chosen) ?? transfers[0];
  const welcome = file === undefined ? say('No transfer yet. The state machine of the next one will stand here.') : file === '' ? say('There is no transfer in this trace.') : file;
  if (trace === undefined || transfer === undefined) return { ...nothing, transfers: [], chosen: '', welcome };
  const state = followTransfer(trace, transfer);
  const titles = new Map(state.states.map(({ id, title }) => [id, title]));
  return {
    kind: 'transfer',
    diagram: transferToMermaid(state),
    states: state.states.map(({ id, title, reached }) => {
      const move = state.steps.findIndex(({ to }) => to === id);
      return { id, label: reached === 'taken' ? title : reached === 'now' ? say('{0}, the present state', title) : say('{0}, not reached', title), reached, move: move === -1 ? undefined : move };
    }),
    lines: state.transitions.map(({ label, steps }) => ({ label, moves: steps })),
    moves: state.steps.map(({ label, at, to, message }) => ({ label, time: `${(at / 1000).toFixed(3)} s`, to: titles.get(to) ?? to, message })),
    verdict: transfer.verdict,
    title: transferTitle(transfer),
    reason: transfer.reason === '' ? transferState(transfer) : transfer.reason,
    transfers: listed,
    chosen: transfer.id === chosen ? chosen : '',
    welcome,
  };
}
