import { formatAddress } from '../net';
import { nameIn, type TraceMessage, type TraceModel, type TraceNote, type Transfer, transferTitle } from '../trace';
import { isAcknowledgement } from './iax-label';
import { isAnswer, isFailure, labelOf } from './label';
import type { Ladder, LadderLane, LadderRow, MessageRow, NoteRow } from './row';

export interface LadderOptions {
  /** Which messages to show; all unless given. */
  readonly filter?: (message: TraceMessage) => boolean;
  /** Whether a message sent again is a number at its first arrow instead of an arrow of its own; true unless given. */
  readonly fold?: boolean;
  /** Whether an ACK of IAX2 has an arrow of its own; true unless given. */
  readonly acknowledgements?: boolean;
  /** Whether notes are shown: hold, resume, verdicts, who hears whom; true unless given. */
  readonly notes?: boolean;
}

/** The ladder of a trace as it stands: the lanes that its messages go between, and a row for each message and note. */
export function buildLadder(model: TraceModel, options: LadderOptions = {}): Ladder {
  const fold = options.fold ?? true;
  const shown = options.filter === undefined ? model.messages : model.messages.filter(options.filter);
  const folded = fold ? countRepeats(shown) : new Map<TraceMessage, number>();
  const notes = (options.notes ?? true) ? notesByMessage(model) : new Map<string, NoteRow[]>();
  const used = new Set<string>();
  const rows: LadderRow[] = [];
  let number = 0;
  for (const message of shown) {
    const isLeftOut = options.acknowledgements === false && isAcknowledgement(message);
    const isFolded = fold && message.retransmissionOf !== undefined && folded.has(message.retransmissionOf);
    if (!isFolded && !isLeftOut) {
      number += 1;
      const row = messageRow(model, message, number, folded.get(message) ?? 0);
      used.add(row.from).add(row.to);
      rows.push(row);
    }
    for (const note of notes.get(message.id) ?? []) rows.push(note);
  }
  if ((options.notes ?? true) && options.filter === undefined) rows.push(...hearsRows(model));
  const lanes = model.participants.filter(({ id }) => used.has(id)).map(laneOf);
  return { lanes, rows: rows.flatMap((row) => clip(row, used)) };
}

/** First sendings that are shown, and how often each was sent again. */
function countRepeats(shown: readonly TraceMessage[]): Map<TraceMessage, number> {
  const repeats = new Map<TraceMessage, number>();
  for (const message of shown) {
    if (message.retransmissionOf === undefined) {
      repeats.set(message, 0);
    } else if (repeats.has(message.retransmissionOf)) {
      repeats.set(message.retransmissionOf, (repeats.get(message.retransmissionOf) ?? 0) + 1);
    }
  }
  return repeats;
}

function messageRow(model: TraceModel, message: TraceMessage, number: number, folded: number): MessageRow {
  return {
    kind: 'message',
    number,
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

/** Notes behind the message that each belongs to; a verdict behind the message that decided it. */
function notesByMessage(model: TraceModel): Map<string, NoteRow[]> {
  const notes = new Map<string, NoteRow[]>();
  const add = (messageId: string, row: NoteRow | undefined): void => {
    if (row === undefined) return;
    const others = notes.get(messageId);
    if (others === undefined) notes.set(messageId, [row]);
    else others.push(row);
  };
  for (const note of model.notes) add(note.message.id, callNote(model, note));
  for (const transfer of model.transfers) {
    if (transfer.decidedBy !== undefined) add(transfer.decidedBy, verdictNote(model, transfer));
  }
  return notes;
}

/** Only hold, resume and the switch of a native transfer: that a call is up or over, the arrows say themselves. */
function callNote(model: TraceModel, { kind, call, by, message }: TraceNote): NoteRow | undefined {
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

function verdictNote(model: TraceModel, transfer: Transfer): NoteRow | undefined {
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

/** Who hears whom at the end, where it was measured: one note for each phone. */
function hearsRows(model: TraceModel): NoteRow[] {
  const rows: NoteRow[] = [];
  for (const phone of model.hearing.phones) {
    const lane = model.participants.find((participant) => participant.phone === phone);
    if (lane === undefined) continue;
    const { phones, hold } = model.hearing.of(phone);
    const heard = [...phones].map((name) => nameIn({ name }));
    if (hold) heard.push('the hold tone');
    const text = `${nameIn({ name: phone })} hears ${heard.length === 0 ? 'nobody' : heard.join(' and ')}`;
    rows.push({
      kind: 'note',
      tone: 'hears',
      at: model.hearing.changedAt,
      over: [lane.id],
      text,
      messageId: undefined,
      transferId: undefined,
    });
  }
  return rows;
}

/** The lanes of the addresses that the trace has seen. */
function lanesOf(model: TraceModel, addresses: readonly (TraceMessage['source'] | undefined)[]): string[] {
  const known = addresses.flatMap((address) =>
    address === undefined ? [] : (model.findParticipant(address)?.id ?? []),
  );
  return [...new Set(known)];
}

/** A note over lanes that are not drawn is drawn over those that are, or not at all. */
function clip(row: LadderRow, used: ReadonlySet<string>): LadderRow[] {
  if (row.kind === 'message') return [row];
  const over = row.over.filter((lane) => used.has(lane));
  return over.length === 0 ? [] : [{ ...row, over }];
}

function laneOf({ id, name, addresses }: TraceModel['participants'][number]): LadderLane {
  return { id, name, addresses: addresses.map(formatAddress) };
}
