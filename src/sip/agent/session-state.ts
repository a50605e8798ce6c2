import type { Dialog } from '../dialog';
import type { SipRequest } from '../message';
import type { MediaNegotiation } from '../sdp';
import type { ServerTransaction } from '../transaction';
import type { Invitation } from './invite-attempt';
import type { Session } from './session';

/**
 * Where a call stands for the person who has it.
 * Outgoing: calling, ringing, connected, ended. Incoming: incoming, answering (2xx sent, no ACK yet), connected, ended.
 */
export type SessionState = 'calling' | 'ringing' | 'incoming' | 'answering' | 'connected' | 'ended';

/** Why a call ended. */
export interface EndCause {
  readonly by: 'us' | 'peer' | 'network';
  /** The SIP status that ended it; 200 for an orderly hang-up. */
  readonly status: number;
  readonly text: string;
}

/** Hears of everything that happens to the sessions of an agent. */
export interface SessionObserver {
  onState(session: Session, from: SessionState, to: SessionState): void;
  /** What may be sent and received changed: look at `negotiation.media`. */
  onMedia(session: Session): void;
  /** The other party of the call is somebody else now, or has a new name (RFC 4916, RFC 3325). */
  onIdentity?(session: Session): void;
  /** A DTMF digit by INFO. */
  onDigit(session: Session, digit: string): void;
}

/** What the owner of the sessions does for one of them. */
export interface SessionOwner extends SessionObserver {
  /** The session's dialog is known now: requests for it shall be given to it. */
  addDialog(dialog: Dialog, session: Session): void;
  /** Nothing more can come for this session; it may be forgotten. */
  onFinished(session: Session): void;
}

/** What never changes about a session. */
export interface SessionFields {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly dialled: string;
  readonly replaces?: Session | undefined;
  readonly invite?: SipRequest;
}

/** A call to be made. */
export interface PlacedCall {
  readonly id: string;
  readonly invitation: Omit<Invitation, 'offer'>;
  readonly negotiation: MediaNegotiation;
}

/** A call that came in, with the call whose place it takes if there is one. */
export interface IncomingCall {
  readonly id: string;
  readonly transaction: ServerTransaction;
  readonly dialog: Dialog;
  readonly replaces: Session | undefined;
}
