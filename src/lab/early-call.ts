import type { Session } from '../sip';

/** What a pick-up must know of the call it takes: one dialog, from the view of the phone it is taken from. */
export interface TakeableCall {
  /** Where the call is: the phone it rings at, by name or URI. */
  readonly at: string;
  /** The other party, as people say. */
  readonly peer: string;
  /** Where the other party is reached: its Contact. */
  readonly target: string;
  readonly callId: string;
  /** The tag of the phone it is taken from. */
  readonly localTag: string;
  /** The tag of the other party. */
  readonly remoteTag: string;
  /** Answered already. */
  readonly isAnswered: boolean;
  /** The phone it is taken from was called; undefined where that is not known. */
  readonly isCallee: boolean | undefined;
  /** Said by dialog-info, or known because the phone is one of ours. */
  readonly source: 'watched' | 'known';
}

/** A call of a phone of the lab, for another one that is to take it; undefined before it has both tags, and after its end. */
export function takeableCall(at: string, peer: string, session: Session, hasRung: boolean): TakeableCall | undefined {
  const { dialog, state } = session;
  const isAnswered = state === 'answering' || state === 'connected';
  const rings = state === 'incoming' ? hasRung : state === 'ringing';
  if (dialog === undefined || dialog.remoteTag === '' || !(isAnswered || rings)) return undefined;
  const { callId, localTag, remoteTag, remoteTarget } = dialog;
  const isCallee = session.direction === 'incoming';
  return { at, peer, target: remoteTarget, callId, localTag, remoteTag, isAnswered, isCallee, source: 'known' };
}
