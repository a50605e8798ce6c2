import type { PanelFile, PanelTransfer, PanelView } from '../../../webview/protocol';
import type { PhoneInfo } from '../../lab';
import { methodOf } from '../../ladder';
import type { TraceModel, Transfer } from '../../trace';
import type { LabPhase } from '../lab/lab-host';
import { decisiveMessage } from '../trees/nodes';
import { hearingSentence, isLive, transferState, transferTitle } from '../trees/words';

/** What the panel shows around its diagrams is made of this. */
export interface ViewSource {
  readonly phase: LabPhase;
  readonly trace: TraceModel | undefined;
  readonly phones: readonly PhoneInfo[];
  /** Messages of a lower index were cleared away. */
  readonly clearedBefore: number;
  /** Where it is no live trace. */
  readonly file?: PanelFile;
}

/** How many verdicts stand over the ladder; the tree of transfers has them all. */
const shownTransfers = 3;

/** What is said around the diagrams, of a lab as it stands now. */
export function buildView({ phase, trace, phones, clearedBefore, file }: ViewSource): PanelView {
  const said = { phase, hearing: hearing(phones), ...(file !== undefined && { file }) };
  if (trace === undefined) return { ...said, transfers: [], olderTransfers: 0, methods: [] };
  const recent = trace.transfers.filter((transfer) => isRecent(transfer, clearedBefore));
  return {
    ...said,
    transfers: recent.slice(-shownTransfers).map(panelTransfer).reverse(),
    olderTransfers: Math.max(0, recent.length - shownTransfers),
    methods: [...new Set(trace.messages.map(methodOf))].sort(),
  };
}

function isRecent({ messages }: Transfer, clearedBefore: number): boolean {
  const last = messages.at(-1);
  return last === undefined || Number(last.slice(1)) > clearedBefore;
}

function panelTransfer(transfer: Transfer): PanelTransfer {
  const { id, verdict, reason } = transfer;
  const said = reason === '' ? transferState(transfer) : reason;
  return { id, verdict, title: transferTitle(transfer), reason: said, message: decisiveMessage(transfer) };
}

/** Who hears whom, of the phones that have a call: the others hear nobody, and nobody expects otherwise. */
function hearing(phones: readonly PhoneInfo[]): readonly string[] {
  const all = phones.map(({ name, hears }) => ({ name, hears }));
  const anyCall = phones.some(({ calls }) => calls.some(isLive));
  return anyCall ? all.map(({ name, hears }) => hearingSentence(name, hears)) : [];
}
