import { formatAddress } from '../net';
import { nameIn, type TraceMessage, type TraceModel, type TraceNote, type Transfer, transferTitle } from '../trace';
import { isAnswer, isFailure, labelOf } from './label';
import type { LadderLane, LadderRow, MessageRow, NoteRow } from './row';

/** The row of a message that is drawn. */
export function messageRow(model: TraceModel, message: TraceMessage, folded: number): MessageRow {
  return {
    kind: 'message',
    number: message.index + 1,
    messageId: message.id,
    at: message.at,
    from: model.participantAt(message.source).id,
    to: model.participantAt(message.destination).id,
    label: labelOf(message),
    arrow: model.isLost(message) ? 'lost' : isAnswer(message) ? 'response' : 'request',
    isError: isFailure(message),
    dialogId: message.dialog?.id,
    callId: message.call?.id,
    transferIds: message.transfers.map(({ id }) => id),
    retransmissionOf: message.retransmissionOf?.id,
    folded,
  };
}

/** Only hold, resume and the switch of a native transfer: that a call is up or over, the arrows say themselves. */
export function callNote(model: TraceModel, { kind, call, by, message }: TraceNote): NoteRow | undefined {
  if (kind === 'moved') return switchNote(model, call, message);
  if (by === undefined || (kind !== 'held' && kind !== 'resumed')) return undefined;
  const other = by === call.caller ? call.callee : call.caller;
  return {
    kind: 'note',
    tone: kind,
    at: message.at,
    over: lanesOf(model, [by.address, other.address]),
    text: `${nameIn(by)} ${kind === 'held' ? 'holds' : 'resumes'} ${nameIn(other)}`,
    messageId: message.id,
    transferId: undefined,
  };
}

/** From here on two legs are one: whose call numbers stay, and who talks to whom now. */
function switchNote(model: TraceModel, { caller, callee, leg }: TraceNote['call'], message: TraceMessage): NoteRow {
  const numbers = leg === undefined ? '' : ` (call ${leg.caller.number ?? '?'} to ${leg.callee.number ?? '?'})`;
  return {
    kind: 'note',
    tone: 'up',
    at: message.at,
    over: lanesOf(model, [leg?.caller.address, leg?.callee.address]),
    text: `${nameIn(caller)} and ${nameIn(callee)} are connected directly from here${numbers}`,
    messageId: message.id,
    transferId: undefined,
  };
}

/** The verdict, to stand behind the message that decided it; undefined while there is none. */
export function verdictNote(model: TraceModel, transfer: Transfer): NoteRow | undefined {
  if (transfer.verdict === 'pending') return undefined;
  const { transferor, transferee, target } = transfer;
  return {
    kind: 'note',
    tone: transfer.verdict,
    at: transfer.decidedAt ?? transfer.startedAt,
    over: lanesOf(model, [transferor.address, transferee.address, target.address]),
    text: `${transferTitle(transfer.kind)} ${transfer.verdict === 'success' ? 'succeeded' : 'failed'}: ${transfer.reason}`,
    messageId: transfer.decidedBy,
    transferId: transfer.id,
  };
}

/** The lanes of the addresses that the trace has seen. */
export function lanesOf(model: TraceModel, addresses: readonly (TraceMessage['source'] | undefined)[]): string[] {
  const known = addresses.flatMap((address) =>
    address === undefined ? [] : (model.findParticipant(address)?.id ?? []),
  );
  return [...new Set(known)];
}

/** A note over lanes that are not drawn is drawn over those that are, or not at all. */
export function clip(row: LadderRow, used: ReadonlySet<string>): LadderRow[] {
  if (row.kind === 'message') return [row];
  const over = row.over.filter((lane) => used.has(lane));
  return over.length === 0 ? [] : [{ ...row, over }];
}

export function laneOf({ id, name, addresses }: TraceModel['participants'][number]): LadderLane {
  return { id, name, addresses: addresses.map(formatAddress) };
}
