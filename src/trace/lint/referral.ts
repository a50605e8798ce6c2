import type { CallRecord } from '../call';
import type { MessageRecord } from '../message';
import { sameParty } from '../party';
import type { TransferRecord } from '../transfer-record';

/** A transfer that a REFER asked for. */
export type Referral = TransferRecord;

export function isReferral(transfer: TransferRecord): boolean {
  return transfer.opened.facts?.method === 'REFER';
}

/** The REFER that asked for this call, if one did. */
export function referralOf(call: CallRecord | undefined): Referral | undefined {
  return call?.transfers.find((transfer) => transfer.survivingCall === call && isReferral(transfer));
}

/** The newest referral that wants to end this call. */
export function referralIn(call: CallRecord | undefined): Referral | undefined {
  return call?.transfers.findLast((transfer) => transfer.askedIn === call && isReferral(transfer));
}

/** Whether a request within the first call comes from the one who transfers; its tag says so. */
export function isByTransferor(transfer: Referral, request: MessageRecord): boolean {
  const { facts } = transfer.opened;
  if (facts !== undefined && facts.callId === request.facts?.callId) return facts.fromTag === request.facts.fromTag;
  const call = request.call;
  if (call === undefined) return false;
  const side = request.dialog?.sideOf(request.facts?.fromTag ?? '') ?? 'caller';
  return sameParty(call[side], transfer.transferor);
}

/** The answer to the REFER, if it has come. */
export function answerOf(transfer: Referral): MessageRecord | undefined {
  return transfer.opened.transaction?.final;
}
