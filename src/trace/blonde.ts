import type { Milliseconds } from '../core';
import type { CallRecord } from './call';
import type { MessageRecord } from './message';
import { attempt } from './message';
import { type Party, sameParty } from './party';
import { type Destination, sameTarget } from './refer-to';

/** A device that waits for the answer refers at once; a person who has talked to the target does not. */
const noTimeToTalk: Milliseconds = 20;
/** After so long a blind transfer to somebody who did not answer is an idea of its own. */
const sameThought: Milliseconds = 1_000;
/** How many of the newest calls are looked at for one that was given up. */
const mostCompared = 50;

/**
 * The consultation call of a blonde transfer: one that still rang when the person completed the transfer (reference 14.5).
 * Either the REFER names it while it rings, which only a server can do; or it follows right upon its answer; or the call was
 * given up first, and the REFER is that of a blind transfer. Undefined when the transfer is none of these.
 */
export function blondeConsultation(
  refer: MessageRecord,
  transferor: Party,
  destination: Destination,
  consultation: CallRecord | undefined,
  calls: readonly CallRecord[],
): CallRecord | undefined {
  if (destination.replaces !== undefined) {
    return consultation !== undefined && (consultation.isOpen || isJustAnswered(consultation, transferor, refer.at))
      ? consultation
      : undefined;
  }
  return calls.slice(-mostCompared).findLast((call) => isGivenUp(call, transferor, destination, refer.at));
}

function isJustAnswered({ caller, final, state }: CallRecord, transferor: Party, now: Milliseconds): boolean {
  if (state !== 'up' || final === undefined || !sameParty(caller, transferor)) return false;
  return now - (final.receivedAt ?? final.at) < noTimeToTalk;
}

/** Rang at the very target, and was cancelled by the one who transfers. */
function isGivenUp(call: CallRecord, transferor: Party, { uri }: Destination, now: Milliseconds): boolean {
  if (call.state !== 'cancelled' || call.endedBy !== 'caller' || call.dialogs.length === 0) return false;
  if (call.endedAt === undefined || now - call.endedAt > sameThought || !sameParty(call.caller, transferor)) return false;
  const { sip } = call.invite;
  return sip?.kind === 'request' && attempt(() => sameTarget(sip.uri, uri) || sameTarget(sip.to.uri, uri)) === true;
}
