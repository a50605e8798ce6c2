import type { Say } from '../core';
import { nameIn, type TraceModel, type TraceNote, type TraceTimeout, type Transfer, type TransferProgress } from '../trace';
import { kindTitle } from './kind-title';
import { lanesOf } from './make-rows';
import type { NoteRow } from './row';

/** What each timer of RFC 3261 (table 4) waits for. */
function awaited(timer: string, who: string, say: Say): string {
  switch (timer) {
    case 'B':
      return say('{0} has no answer to its INVITE', who);
    case 'C':
      return say('{0} has no final answer to the INVITE it passed on', who);
    case 'F':
      return say('{0} has no answer to its request', who);
    case 'H':
      return say('{0} has no ACK of its final answer', who);
    default:
      return say('{0} has no answer', who);
  }
}

/** Somebody has waited in vain; undefined for somebody without a lane. */
export function timeoutNote(model: TraceModel, { entry, after }: TraceTimeout, say: Say): NoteRow | undefined {
  const lane = model.participants.find(({ phone }) => phone === entry.owner)?.id;
  if (lane === undefined) return undefined;
  const missing = awaited(entry.timer, nameIn({ name: entry.owner }), say);
  return {
    kind: 'note',
    tone: 'failed',
    at: entry.at,
    over: [lane],
    text:
      entry.delay > 0
        ? say('Timer {0} after {1} s: {2}', entry.timer, (entry.delay / 1000).toFixed(1), missing)
        : say('Timer {0}: {1}', entry.timer, missing),
    messageId: model.messageAt(after)?.id,
    transferId: undefined,
  };
}

/** That a call is up or over, which the arrows say themselves to whoever knows SIP well. */
export function stateNote(model: TraceModel, { kind, call, by, message }: TraceNote, say: Say): NoteRow | undefined {
  if (kind !== 'up' && kind !== 'ended') return undefined;
  const { caller, callee } = call;
  const names = [nameIn(caller), nameIn(callee)];
  const over = (): string => (by === undefined ? say('The call of {0} and {1} is over', ...names) : say('The call of {0} and {1} is over: {2} hung up', ...names, nameIn(by)));
  const text = kind === 'up' ? say('{0} and {1} are connected', ...names) : over();
  return { kind: 'note', tone: kind, at: message.at, over: lanesOf(model, [caller.address, callee.address]), text, messageId: message.id, transferId: undefined };
}

/** A step of a transfer: what its transferor was told. */
export function progressNote(model: TraceModel, transfer: Transfer, progress: TransferProgress, say: Say): NoteRow {
  const { kind, transferor, transferee, target } = transfer;
  const news = `${progress.status} ${progress.reason}`.trim();
  const told = [kindTitle(kind, say), nameIn(transferor), news];
  return {
    kind: 'note',
    tone: 'up',
    at: progress.at,
    over: lanesOf(model, [transferor.address, transferee.address, target.address]),
    text: progress.final ? say('{0}: {1} is told "{2}", the last news', ...told) : say('{0}: {1} is told "{2}"', ...told),
    messageId: progress.message,
    transferId: transfer.id,
  };
}
