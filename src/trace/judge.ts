import type { Milliseconds } from '../core';
import type { SocketAddress } from '../net';
import type { CallRecord } from './call';
import type { Hearing } from './hearing';
import type { TraceMedia } from './media';
import { judgeCaptured } from './judge-captured';
import { mediaAddress } from './media-direction';
import type { MessageRecord } from './message';
import type { TransferRecord } from './transfer-record';
import { listed, nameIn, notMeasured } from './words';

/** The moment at which a transfer is judged. */
export interface Moment {
  readonly now: Milliseconds;
  /** Whether no more entries will come. */
  readonly over: boolean;
  /** How long the media may take to follow the signalling, and missing signalling to come. */
  readonly settleTime: Milliseconds;
}

/** What is known of media: what phones have measured, or what a stranger's capture holds. */
export interface Evidence {
  readonly hearing: Hearing;
  /** Undefined for anything but a capture. */
  readonly media: TraceMedia | undefined;
}

/** One frame of audio: nothing is recognised sooner after a call is up. */
const shortestTone: Milliseconds = 20;

/**
 * Reaches a verdict if one can be reached. A success needs both: signalling that says so and, where it is measured, the
 * right people hearing each other. Returns when to judge again though nothing happens, if that can change anything.
 */
export function judge(transfer: TransferRecord, { hearing, media }: Evidence, moment: Moment): Milliseconds | undefined {
  if (transfer.verdict !== 'pending') return undefined;
  const signalling = transfer.rule?.signalling();
  if (signalling === undefined) return undefined;
  if (signalling.state === 'failed') {
    transfer.decide('failed', moment.now, signalling.by?.id, signalling.cause);
    return undefined;
  }
  if (signalling.state === 'open') {
    const due = signalling.since === undefined ? undefined : signalling.since + moment.settleTime;
    if (!moment.over && (due === undefined || moment.now < due)) return due;
    if (signalling.isEnough !== true) {
      transfer.decide('failed', moment.now, signalling.by?.id, signalling.lacking);
      return undefined;
    }
  }
  transfer.signalledAt ??= moment.now;
  if (media !== undefined) return judgeCaptured(transfer, media, moment, signalling.by?.id);
  return judgeMedia(transfer, hearing, moment, signalling.by?.id, signalling.state === 'done' ? signalling.knownAt : undefined);
}

function judgeMedia(
  transfer: TransferRecord,
  hearing: Hearing,
  moment: Moment,
  by: string | undefined,
  knownAt: Milliseconds = 0,
): Milliseconds | undefined {
  const { transferee, target } = transfer;
  const connected = connectedAt(transfer) ?? moment.now;
  const due = Math.max(transfer.signalledAt ?? moment.now, connected, knownAt) + moment.settleTime;
  const isLate = moment.over || moment.now >= due;
  const isLab = transferee.phone !== '' && target.phone !== '';
  // The first measurement of all follows the answer that starts the audio.
  if (isLab && !hearing.measured && !isLate) return due;
  if (!isLab || !hearing.measured) {
    transfer.caveat = transfer.rule?.caveat?.() ?? notMeasured;
    transfer.decide('success', moment.now, by, '');
    return undefined;
  }
  const faults = couldBeHeard(transfer, moment.now)
    ? mediaFaults(transfer, hearing)
    : [`${nameIn(transferee)} never took note of the answer`];
  if (faults.length === 0) {
    transfer.decide('success', moment.now, by, '');
    return undefined;
  }
  const names = `${nameIn(transferee)} and ${nameIn(target)}`;
  if (transfer.survivingCall?.isOver === true) {
    transfer.decide(
      'failed',
      moment.now,
      by,
      `${names} were connected, but the call ended before they were heard to hear each other`,
    );
  } else if (isLate) {
    transfer.decide('failed', moment.now, by, `the phones say that it worked, but ${listed(faults)}`);
  } else {
    return moment.now < connected + shortestTone ? connected + shortestTone : due;
  }
  return undefined;
}

/** Whether what is heard now can come from the new call; before it and after it, the two hear each other in some other. */
function couldBeHeard(transfer: TransferRecord, now: Milliseconds): boolean {
  const connected = connectedAt(transfer);
  return connected !== undefined && now >= connected + shortestTone && transfer.survivingCall?.isOver !== true;
}

/**
 * When the new call's audio could begin; undefined as long as it cannot. The caller sends none before it has the 2xx,
 * which its ACK shows (RFC 3261 section 13.2.2.4): where packets are lost, that takes its time.
 */
function connectedAt({ survivingCall }: TransferRecord): Milliseconds | undefined {
  // Of IAX2 it is the acknowledgement of the ANSWER that shows it.
  if (survivingCall?.final?.iax !== undefined) return survivingCall.final.acknowledgedBy?.at;
  const answered = survivingCall?.final?.transaction;
  return answered === undefined ? 0 : answered.ack?.at;
}

/**
 * Where this phone wants the audio of the call, by the offer and answer that made it (RFC 3264); undefined where that is
 * not known. A phone keeps the port of a call as long as it lasts.
 */
function audioAddress(call: CallRecord | undefined, phone: string): SocketAddress | undefined {
  if (call === undefined || call.caller.phone === call.callee.phone) return undefined;
  if (phone === call.callee.phone) return addressIn(call.final);
  if (phone !== call.caller.phone) return undefined;
  // An INVITE without an offer is answered with one, and the ACK brings the answer (RFC 3261 section 13.2.1).
  return addressIn(call.invite) ?? addressIn(call.final?.transaction?.ack);
}

function addressIn(message: MessageRecord | undefined): SocketAddress | undefined {
  return message?.sip === undefined ? undefined : mediaAddress(message.sip);
}

/** Who does not hear whom but should, and who hears whom but should not; empty when all is right. */
function mediaFaults(transfer: TransferRecord, hearing: Hearing): string[] {
  const { transferor, transferee, target, survivingCall } = transfer;
  const faults: string[] = [];
  const there = hearing.hearsAt(transferee.phone, audioAddress(survivingCall, transferee.phone), target.phone);
  const back = hearing.hearsAt(target.phone, audioAddress(survivingCall, target.phone), transferee.phone);
  if (!there && !back) faults.push(`${nameIn(transferee)} and ${nameIn(target)} do not hear each other`);
  else if (!there) faults.push(`${nameIn(transferee)} does not hear ${nameIn(target)}`);
  else if (!back) faults.push(`${nameIn(target)} does not hear ${nameIn(transferee)}`);
  if (transferor.phone === '') return faults;
  for (const listener of [transferee, target]) {
    if (hearing.hears(listener.phone, transferor.phone)) {
      faults.push(`${nameIn(listener)} still hears ${nameIn(transferor)}`);
    }
  }
  return faults;
}
