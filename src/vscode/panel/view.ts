import type { PanelNote, PanelRow, PanelTransfer, PanelView } from '../../../webview/protocol';
import type { PhoneInfo } from '../../lab';
import { buildLadder, isAnswer, isFailure, type LadderRow, type MessageRow, methodOf, type NoteRow, toMermaid } from '../../ladder';
import type { LintFinding, TraceMessage, TraceModel, Transfer } from '../../trace';
import type { LabPhase } from '../lab/lab-host';
import { decisiveMessage } from '../trees/nodes';
import { hearingSentence, isLive, transferState, transferTitle } from '../trees/words';

/** What the panel's picture is made of. */
export interface ViewSource {
  readonly phase: LabPhase;
  readonly trace: TraceModel | undefined;
  readonly phones: readonly PhoneInfo[];
  /** The method shown alone; empty for all. */
  readonly method: string;
  /** Messages of a lower index were cleared away. */
  readonly clearedBefore: number;
  /** Whether a failure of the field is to be marked; all are unless given. */
  readonly showsLint?: (finding: LintFinding) => boolean;
}

/** More rows than these take Mermaid so long that the panel would no longer be smooth. */
const rowLimit = 200;

/** Everything the panel shows, of a lab as it stands now. */
export function buildView({ phase, trace, phones, method, clearedBefore, showsLint = () => true }: ViewSource): PanelView {
  const empty = { diagram: '', lanes: 0, rows: [], notes: [], above: 0, transfers: [], methods: [] };
  const said = { phase, method, hearing: hearing(phones) };
  if (trace === undefined) return { ...empty, ...said };
  const isShown = (message: TraceMessage): boolean =>
    message.index >= clearedBefore && (method === '' || methodOf(message) === method);
  const ladder = buildLadder(trace, { filter: isShown });
  const start = firstRow(ladder.rows);
  const drawn = ladder.rows.slice(start);
  const shown = drawn.filter(isMessage);
  const findings = byMessage(trace.lints.filter(showsLint));
  return {
    ...said,
    diagram: shown.length === 0 ? '' : toMermaid(ladder, { range: { start, end: ladder.rows.length } }),
    lanes: ladder.lanes.length,
    rows: shown.map((row) => panelRow(row, trace, findings.get(row.messageId) ?? [])),
    notes: drawn.flatMap((row) => (row.kind === 'note' ? [noteTone(row)] : [])),
    above: ladder.rows.slice(0, start).filter(isMessage).length,
    transfers: trace.transfers
      .filter((transfer) => isRecent(transfer, trace, clearedBefore))
      .map(panelTransfer)
      .reverse(),
    methods: methodsOf(trace.messages),
  };
}

/** Where the newest {@link rowLimit} rows begin: at a message, so that no note stands without its own. */
function firstRow(rows: readonly LadderRow[]): number {
  const least = rows.length - rowLimit;
  if (least <= 0) return 0;
  const found = rows.findIndex((row, index) => index >= least && row.kind === 'message');
  return found === -1 ? least : found;
}

function isMessage(row: LadderRow): row is MessageRow {
  return row.kind === 'message';
}

function byMessage(findings: readonly LintFinding[]): ReadonlyMap<string, readonly LintFinding[]> {
  const found = new Map<string, LintFinding[]>();
  for (const finding of findings) {
    const others = found.get(finding.message.id);
    if (others === undefined) found.set(finding.message.id, [finding]);
    else others.push(finding);
  }
  return found;
}

function panelRow(row: MessageRow, trace: TraceModel, findings: readonly LintFinding[]): PanelRow {
  const message = trace.message(row.messageId);
  const from = message === undefined ? '' : trace.nameOf(message.source);
  const to = message === undefined ? '' : trace.nameOf(message.destination);
  const found = findings.map(({ id, text }) => `. ${id}: ${text}`).join('');
  return {
    id: row.messageId,
    label: `${row.number}. ${row.label}, ${from} to ${to}${found}`,
    tone: toneOf(message),
    lints: findings.map(({ id }) => id),
  };
}

function toneOf(message: TraceMessage | undefined): PanelRow['tone'] {
  if (message?.iax !== undefined) return iaxTone(message);
  const sip = message?.sip;
  if (sip === undefined) return 'broken';
  if (sip.kind === 'request') return 'request';
  if (sip.status < 200) return 'provisional';
  if (sip.status < 300) return 'success';
  return sip.status < 400 ? 'redirect' : 'failure';
}

function iaxTone(message: TraceMessage): PanelRow['tone'] {
  if (isFailure(message)) return message.error === undefined ? 'failure' : 'broken';
  return isAnswer(message) ? 'success' : 'request';
}

function noteTone({ tone }: NoteRow): PanelNote {
  return tone === 'success' || tone === 'failed' ? tone : 'plain';
}

function methodsOf(messages: readonly TraceMessage[]): readonly string[] {
  return [...new Set(messages.map(methodOf))].sort();
}

function isRecent({ messages }: Transfer, trace: TraceModel, clearedBefore: number): boolean {
  const last = messages.at(-1);
  return last === undefined || (trace.message(last)?.index ?? 0) >= clearedBefore;
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
