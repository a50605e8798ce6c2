import type { Replaces } from '../sip';
import type { CallRecord } from './call';
import type { CallTable } from './call-table';
import { type Party, sameParty } from './party';
import { nameIn } from './words';

/**
 * Why a Replaces fits no call at `target`, found by comparing it with every dialog of the trace, also with its tags
 * exchanged; empty when nothing explains it. The orientation is RFC 3891 section 3: to-tag is the local tag of the one
 * who receives it.
 */
export function explainReplaces(
  replaces: Replaces,
  target: Party,
  firstCall: CallRecord | undefined,
  newCall: CallRecord | undefined,
  calls: CallTable,
): string {
  const dialog = calls.findDialog(replaces.callId, replaces.toTag, replaces.fromTag);
  if (dialog === undefined) {
    return calls.dialogsOf(replaces.callId).length > 0
      ? 'the Replaces has the right Call-ID and wrong tags'
      : 'the Call-ID in the Replaces belongs to no call of this trace';
  }
  const { call } = dialog;
  if (call === undefined) return 'the Replaces names no call';
  if (call === firstCall) return 'the Replaces names the very call that was to be transferred';
  const targetSide = sameParty(call.caller, target) ? 'caller' : 'callee';
  const targetTag = targetSide === 'caller' ? dialog.callerTag : dialog.calleeTag;
  if (dialog.callerTag !== dialog.calleeTag && replaces.toTag !== targetTag) {
    return 'the tags of the Replaces are exchanged';
  }
  const asked = newCall?.startedAt ?? Number.POSITIVE_INFINITY;
  if (call.endedAt !== undefined && call.endedAt <= asked) return 'the call to be replaced had ended';
  // RFC 3891 section 3: an early dialog can be replaced only at the one who started it.
  if ((call.upAt ?? Number.POSITIVE_INFINITY) > asked && targetSide === 'callee') {
    return `the call to be replaced was still ringing at ${nameIn(target)}`;
  }
  return '';
}
