import type { CallInfo } from '../lab';
import { nameIn, type Transfer } from '../trace';
import { kindWord } from './trees/words';
import { say } from './say';

/** What a person is told without having asked. */
export interface Notice {
  /** The same notice is not given twice. */
  readonly id: string;
  readonly text: string;
}

/**
 * A call that its caller wanted and did not get. Not a call given up by the caller, nor one that a transfer placed: of
 * that the transfer tells.
 */
export function callFailure(call: CallInfo): Notice | undefined {
  const { end } = call;
  if (call.state !== 'ended' || end === undefined || end.by === 'us' || call.direction !== 'outgoing') return undefined;
  // 487 answers our own CANCEL (RFC 3261 section 9.2): the caller gave up, or somebody picked the call up elsewhere.
  if (end.status < 400 || end.status === 487 || call.transferredBy !== undefined) return undefined;
  return {
    id: call.id,
    text: say("{0}'s call to {1} failed: {2}", nameIn({ name: call.phone }), nameIn({ name: call.peer }), sentence(end.text)),
  };
}

export function transferFailure(transfer: Transfer): Notice | undefined {
  if (transfer.verdict !== 'failed') return undefined;
  return { id: transfer.id, text: say('{0} failed. {1}', kindWord(transfer.kind), transfer.reason) };
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
