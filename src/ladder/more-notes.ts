import { nameIn, type TraceModel, type TraceNote, type TraceTimeout, type Transfer, type TransferProgress, transferTitle } from '../trace';
import { lanesOf } from './make-rows';
import type { NoteRow } from './row';

/** What each timer of RFC 3261 (table 4) waits for. */
const awaited: Readonly<Record<string, string>> = {
  B: 'no answer to its INVITE',
  C: 'no final answer to the INVITE it passed on',
  F: 'no answer to its request',
  H: 'no ACK of its final answer',
};

/** Somebody has waited in vain; undefined for somebody without a lane. */
export function timeoutNote(model: TraceModel, { entry, after }: TraceTimeout): NoteRow | undefined {
  const lane = model.participants.find(({ phone }) => phone === entry.owner)?.id;
  if (lane === undefined) return undefined;
  const waited = entry.delay > 0 ? ` after ${(entry.delay / 1000).toFixed(1)} s` : '';
  return {
    kind: 'note',
    tone: 'failed',
    at: entry.at,
    over: [lane],
    text: `Timer ${entry.timer}${waited}: ${nameIn({ name: entry.owner })} has ${awaited[entry.timer] ?? 'no answer'}`,
    messageId: model.messageAt(after)?.id,
    transferId: undefined,
  };
}

/** That a call is up or over, which the arrows say themselves to whoever knows SIP well. */
export function stateNote(model: TraceModel, { kind, call, by, message }: TraceNote): NoteRow | undefined {
  if (kind !== 'up' && kind !== 'ended') return undefined;
  const { caller, callee } = call;
  const names = `${nameIn(caller)} and ${nameIn(callee)}`;
  const text = kind === 'up' ? `${names} are connected` : `The call of ${names} is over${by === undefined ? '' : `: ${nameIn(by)} hung up`}`;
  return { kind: 'note', tone: kind, at: message.at, over: lanesOf(model, [caller.address, callee.address]), text, messageId: message.id, transferId: undefined };
}

/** A step of a transfer: what its transferor was told. */
export function progressNote(model: TraceModel, transfer: Transfer, progress: TransferProgress): NoteRow {
  const { kind, transferor, transferee, target } = transfer;
  const news = `${progress.status} ${progress.reason}`.trim();
  return {
    kind: 'note',
    tone: 'up',
    at: progress.at,
    over: lanesOf(model, [transferor.address, transferee.address, target.address]),
    text: `${transferTitle(kind)}: ${nameIn(transferor)} is told "${news}"${progress.final ? ', the last news' : ''}`,
    messageId: progress.message,
    transferId: transfer.id,
  };
}
