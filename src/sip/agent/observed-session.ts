import type { DialogEvent, DialogParty, ObservedDialog } from '../dialog-info';
import type { NameAddr } from '../message';
import type { AgentSettings } from './services';
import type { Session } from './session';
import type { EndCause } from './session-state';

/** What a session does not tell of itself. */
export interface SessionFacts {
  /** An incoming call has been told to its caller as ringing: there is an early dialog on both sides. */
  readonly hasRung: boolean;
  /** Another call that named it in Replaces was answered. */
  readonly wasReplaced: boolean;
}

/** A call as those see it who watch this user agent: RFC 4235 section 3.7.1 and 4.1. */
export function observeSession(
  session: Session,
  settings: Pick<AgentSettings, 'uri' | 'displayName' | 'contactUri'>,
  facts: SessionFacts,
): ObservedDialog {
  const { dialog, callId, remoteUri, remoteDisplayName, replaces, referredBy } = session;
  const isOutgoing = session.direction === 'outgoing';
  const localTag = dialog?.localTag ?? '';
  const remoteTag = dialog?.remoteTag ?? '';
  const local: DialogParty = {
    identity: settings.uri,
    ...(settings.displayName !== '' && { displayName: settings.displayName }),
    target: settings.contactUri(dialog?.transport ?? 'udp'),
  };
  const remote: DialogParty = {
    identity: remoteUri,
    ...(remoteDisplayName !== undefined && { displayName: remoteDisplayName }),
    ...(dialog !== undefined && { target: dialog.remoteTarget }),
  };
  const replaced = replaces?.dialog;
  return {
    id: session.id.replace(/\s+/gu, '-'),
    ...(callId !== '' && { callId }),
    ...(localTag !== '' && { localTag }),
    ...(remoteTag !== '' && { remoteTag }),
    direction: isOutgoing ? 'initiator' : 'recipient',
    ...phaseOf(session, facts),
    ...(replaced !== undefined && {
      replaces: { callId: replaced.callId, localTag: replaced.localTag, remoteTag: replaced.remoteTag },
    }),
    ...(referredBy !== undefined && { referredBy: partyOf(referredBy) }),
    local,
    remote,
  };
}

function phaseOf(session: Session, facts: SessionFacts): Pick<ObservedDialog, 'phase' | 'event' | 'code'> {
  const { state, dialog, endCause } = session;
  switch (state) {
    case 'calling':
      return { phase: 'trying' }; // RFC 4235 3.7.1: the INVITE is out
    case 'ringing':
      // RFC 4235 3.7.1: a provisional response with a tag makes the dialog early; one without only proceeds.
      return { phase: dialog === undefined ? 'proceeding' : 'early' };
    case 'incoming':
      return { phase: facts.hasRung ? 'early' : 'trying' };
    case 'answering':
    case 'connected':
      return { phase: 'confirmed' }; // RFC 4235 3.7.1: a 2xx was sent or received
    case 'ended':
      return { phase: 'terminated', ...(endCause !== undefined && eventOf(endCause, facts)) };
  }
}

/** RFC 4235 section 3.7.1. */
function eventOf({ by, status }: EndCause, { wasReplaced }: SessionFacts): { readonly event: DialogEvent; readonly code?: number } {
  if (wasReplaced) return { event: 'replaced' };
  if (status === 200) return { event: by === 'peer' ? 'remote-bye' : 'local-bye' };
  if (status === 487) return { event: 'cancelled' };
  // The network ended it: no answer came, or the peer no longer knew it.
  if (by === 'network') return status === 408 ? { event: 'timeout', code: status } : { event: 'error', code: status };
  return { event: 'rejected', code: status };
}

function partyOf({ uriText, displayName }: NameAddr): DialogParty {
  return { identity: uriText, ...(displayName !== undefined && { displayName }) };
}
