import { buildLadder, followTransfer, type Ladder, type LadderRow, type TransferState } from '../ladder';
import type { LintFinding, TraceModel, Transfer } from '../trace';
import { maskSecrets } from './mask-secrets';
import { type ExportScope, scopeFilter } from './scope';

/** What an export is made of. */
export interface ExportSource {
  readonly model: TraceModel;
  /** What the reader is told it is: a file's name, `Call Lab`. Unescaped. */
  readonly title: string;
  readonly scope: ExportScope;
}

/** The ladder of what is exported, with no secret in its words. */
export function exportedLadder({ model, scope }: ExportSource): Ladder {
  const filter = scope.kind === 'all' ? undefined : scopeFilter(model, scope);
  const ladder = buildLadder(model, filter === undefined ? {} : { filter });
  return {
    ...ladder,
    lanes: ladder.lanes.map((lane) => ({ ...lane, name: maskSecrets(lane.name) })),
    rows: ladder.rows.map(maskRow),
  };
}

function maskRow(row: LadderRow): LadderRow {
  return row.kind === 'message' ? { ...row, label: maskSecrets(row.label) } : { ...row, text: maskSecrets(row.text) };
}

/** The transfers that what is exported tells of. */
export function exportedTransfers({ model, scope }: ExportSource): readonly Transfer[] {
  switch (scope.kind) {
    case 'all':
      return model.transfers;
    case 'transfer':
      return model.transfers.filter(({ id }) => id === scope.id);
    case 'call':
      return model.calls.find(({ id }) => id === scope.id)?.transfers ?? [];
    case 'messages':
      return model.transfers.filter(({ messages }) => messages.some((id) => scope.ids.has(id)));
  }
}

/** What is not there, of a trace that has forgotten its beginning: one sentence, or nothing. */
export function missingPart({ model, scope }: ExportSource): string {
  const { firstIndex } = model;
  if (firstIndex === 0 || scope.kind === 'messages') return '';
  if (scope.kind === 'all') return `The ${firstIndex} messages before these are not in it.`;
  const calls = scope.kind === 'call' ? model.calls.filter(({ id }) => id === scope.id) : (model.transfer(scope.id)?.replacedCalls ?? []);
  return calls.some(({ invite }) => invite.index < firstIndex) ? 'Its first messages are not in it.' : '';
}

/** How far a transfer has come, with no secret in its words. */
export function exportedState(model: TraceModel, transfer: Transfer): TransferState {
  const state = followTransfer(model, transfer);
  return {
    ...state,
    title: maskSecrets(state.title),
    states: state.states.map((one) => ({ ...one, title: maskSecrets(one.title) })),
    transitions: state.transitions.map((one) => ({ ...one, label: maskSecrets(one.label) })),
    steps: state.steps.map((one) => ({ ...one, label: maskSecrets(one.label) })),
  };
}

/** What the lints found in the messages that are exported. */
export function exportedLints({ model, scope }: ExportSource): readonly LintFinding[] {
  const filter = scopeFilter(model, scope);
  return model.lints.filter(({ message }) => filter(message));
}
