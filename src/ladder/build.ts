import { nameIn, type TraceMessage, type TraceModel } from '../trace';
import { isAcknowledgement } from './iax-label';
import { barsOf, type BarPlace } from './captured-bars';
import { callNote, clip, laneOf, messageRow, verdictNote } from './make-rows';
import type { Ladder, LadderRow, NoteRow } from './row';

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
  const notes = (options.notes ?? true) ? notesByMessage(model, options.filter === undefined ? 'in time' : 'in its call') : new Map<string, NoteRow[]>();
  const used = new Set<string>();
  const rows: LadderRow[] = [];
  for (const message of shown) {
    const isLeftOut = options.acknowledgements === false && isAcknowledgement(message);
    const isFolded = fold && message.retransmissionOf !== undefined && folded.has(message.retransmissionOf);
    if (!isFolded && !isLeftOut) {
      const row = messageRow(model, message, folded.get(message) ?? 0);
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

/** Notes behind the message that each belongs to; a verdict behind the message that decided it. */
function notesByMessage(model: TraceModel, place: BarPlace): Map<string, NoteRow[]> {
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
  for (const { row, after } of barsOf(model, place)) {
    const { at, from, to, text } = row;
    const messageId = model.messages[after - model.firstIndex]?.id;
    if (messageId !== undefined) add(messageId, { kind: 'note', tone: 'hears', at, over: [from, to], text, messageId, transferId: undefined });
  }
  return notes;
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
