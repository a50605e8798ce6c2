import { english, type Say } from '../core';
import { formatAddress } from '../net';
import { nameIn, type TraceMessage, type TraceModel, type TraceNote, type Transfer } from '../trace';
import { kindTitle } from './kind-title';
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
export function callNote(model: TraceModel, { kind, call, by, message }: TraceNote, say: Say = english): NoteRow | undefined {
  if (kind === 'moved') return switchNote(model, call, message, say);
  if (by === undefined || (kind !== 'held' && kind !== 'resumed')) return undefined;
  const other = by === call.caller ? call.callee : call.caller;
  return {
    kind: 'note',
    tone: kind,
    at: message.at,
    over: lanesOf(model, [by.address, other.address]),
    text: kind === 'held' ? say('{0} holds {1}', nameIn(by), nameIn(other)) : say('{0} resumes {1}', nameIn(by), nameIn(other)),
    messageId: message.id,
    transferId: undefined,
  };
}

/** From here on two legs are one: whose call numbers stay, and who talks to whom now. */
function switchNote(model: TraceModel, { caller, callee, leg }: TraceNote['call'], message: TraceMessage, say: Say): NoteRow {
  const names = [nameIn(caller), nameIn(callee)];
  return {
    kind: 'note',
    tone: 'up',
    at: message.at,
    over: lanesOf(model, [leg?.caller.address, leg?.callee.address]),
    text:
      leg === undefined
        ? say('{0} and {1} are connected directly from here', ...names)
        : say('{0} and {1} are connected directly from here (call {2} to {3})', ...names, leg.caller.number ?? '?', leg.callee.number ?? '?'),
    messageId: message.id,
    transferId: undefined,
  };
}

/** The verdict, to stand behind the message that decided it; undefined while there is none. */
export function verdictNote(model: TraceModel, transfer: Transfer, say: Say = english): NoteRow | undefined {
  if (transfer.verdict === 'pending') return undefined;
  const { transferor, transferee, target } = transfer;
  const title = kindTitle(transfer.kind, say);
  return {
    kind: 'note',
    tone: transfer.verdict,
    at: transfer.decidedAt ?? transfer.startedAt,
    over: lanesOf(model, [transferor.address, transferee.address, target.address]),
    text: transfer.verdict === 'success' ? say('{0} succeeded: {1}', title, transfer.reason) : say('{0} failed: {1}', title, transfer.reason),
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
