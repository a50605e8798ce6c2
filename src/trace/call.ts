import type { Milliseconds } from '../core';
import { formatAddress } from '../net';
import type { Replaces } from '../sip';
import type { LegRecord, TraceLeg } from './iax';
import type { MessageRecord, TraceMessage } from './message';
import type { Party, PartyRecord } from './party';
import type { Transfer } from './transfer';
import type { TransferRecord } from './transfer-record';

/** The two ends of a dialog: `caller` sent the request that made it. */
export type Side = 'caller' | 'callee';

/** A dialog of RFC 3261 section 12, as the wire shows it. */
export interface TraceDialog {
  readonly id: string;
  readonly callId: string;
  readonly callerTag: string;
  readonly calleeTag: string;
  readonly state: 'early' | 'confirmed' | 'terminated';
  /** The method of the request that made it. */
  readonly createdBy: 'INVITE' | 'SUBSCRIBE' | 'REFER';
  /** Undefined unless an INVITE made it. */
  readonly call: TraceCall | undefined;
  /** What still lives in it: `invite`, `refer`, `refer;id=2`, ... It ends when nothing does (RFC 5057 section 4). */
  readonly usages: ReadonlySet<string>;
  /** Who holds whom: `caller` means that the caller has put the callee on hold. */
  readonly held: Readonly<Record<Side, boolean>>;
}

export type CallState = 'calling' | 'ringing' | 'up' | 'ended' | 'failed' | 'cancelled';

/** Why a call ended, as IAX2 says it: a number of Q.850, and a text of the peer's. */
export interface CallCause {
  readonly code: number | undefined;
  readonly text: string;
}

/**
 * A call: one INVITE outside any dialog, tried again with credentials if need be, and the dialogs it made; or an IAX2 leg that
 * a NEW opened, or that a transfer put in the place of two.
 */
export interface TraceCall {
  readonly id: string;
  readonly state: CallState;
  readonly caller: Party;
  readonly callee: Party;
  /** The INVITE, the NEW, or the TXREL that made it. */
  readonly invite: TraceMessage;
  /** The confirmed dialog, or else the newest early one. */
  readonly dialog: TraceDialog | undefined;
  readonly dialogs: readonly TraceDialog[];
  readonly startedAt: Milliseconds;
  readonly upAt: Milliseconds | undefined;
  readonly endedAt: Milliseconds | undefined;
  /** Who hung up or gave up; undefined while nobody did. */
  readonly endedBy: Side | undefined;
  /** The final response to the INVITE, the message that answered or failed the call. */
  readonly final: TraceMessage | undefined;
  readonly held: Readonly<Record<Side, boolean>>;
  /** The call whose 3xx made the caller place this one (RFC 3261 section 8.1.3.4). */
  readonly redirectedFrom: TraceCall | undefined;
  /** What the INVITE asked to replace (RFC 3891). */
  readonly replaces: Replaces | undefined;
  /** Of an IAX2 call. */
  readonly leg: TraceLeg | undefined;
  readonly cause: CallCause | undefined;
  /** Who is behind an end that only passes the call on: the other call of that host. */
  readonly behind: Readonly<Record<Side, TraceCall | undefined>>;
  /** The call that took its place when a transfer moved it. */
  readonly continuedAs: TraceCall | undefined;
  readonly transfers: readonly Transfer[];
}

export class DialogRecord implements TraceDialog {
  readonly id: string;
  readonly callId: string;
  readonly callerTag: string;
  readonly calleeTag: string;
  readonly createdBy: 'INVITE' | 'SUBSCRIBE' | 'REFER';
  readonly call: CallRecord | undefined;
  readonly usages = new Set<string>();
  readonly held: Record<Side, boolean> = { caller: false, callee: false };
  confirmed = false;
  newest: MessageRecord | undefined;

  constructor(
    id: string,
    identity: { readonly callId: string; readonly callerTag: string; readonly calleeTag: string },
    createdBy: 'INVITE' | 'SUBSCRIBE' | 'REFER',
    call: CallRecord | undefined,
  ) {
    this.id = id;
    this.callId = identity.callId;
    this.callerTag = identity.callerTag;
    this.calleeTag = identity.calleeTag;
    this.createdBy = createdBy;
    this.call = call;
  }

  get state(): TraceDialog['state'] {
    if (this.usages.size === 0) return 'terminated';
    return this.confirmed ? 'confirmed' : 'early';
  }

  /** The end whose tag this is. */
  sideOf(tag: string): Side {
    return tag === this.callerTag ? 'caller' : 'callee';
  }
}

export class CallRecord implements TraceCall {
  readonly id: string;
  readonly caller: PartyRecord;
  readonly startedAt: Milliseconds;
  readonly dialogs: DialogRecord[] = [];
  readonly transfers: TransferRecord[] = [];
  readonly callee: PartyRecord;
  state: CallState = 'calling';
  invite: MessageRecord;
  confirmedDialog: DialogRecord | undefined;
  upAt: Milliseconds | undefined;
  endedAt: Milliseconds | undefined;
  endedBy: Side | undefined;
  /** The message that ended it. */
  endedWith: MessageRecord | undefined;
  final: MessageRecord | undefined;
  redirectedFrom: CallRecord | undefined;
  replaces: Replaces | undefined;
  leg: LegRecord | undefined;
  cause: CallCause | undefined;
  readonly behind: Record<Side, CallRecord | undefined> = { caller: undefined, callee: undefined };
  continuedAs: CallRecord | undefined;
  newest: MessageRecord;

  constructor(id: string, invite: MessageRecord, caller: PartyRecord, callee: PartyRecord) {
    this.id = id;
    this.invite = invite;
    this.newest = invite;
    this.startedAt = invite.at;
    this.caller = caller;
    this.callee = callee;
  }

  get dialog(): DialogRecord | undefined {
    return this.confirmedDialog ?? this.dialogs.at(-1);
  }

  get held(): Readonly<Record<Side, boolean>> {
    return this.dialog?.held ?? this.leg?.held ?? { caller: false, callee: false };
  }

  /** The same call, asked for once more. */
  tryAgain(invite: MessageRecord): void {
    this.invite = invite;
    this.state = 'calling';
    this.final = undefined;
    this.endedAt = undefined;
    this.endedBy = undefined;
    this.endedWith = undefined;
  }

  end(state: 'ended' | 'failed' | 'cancelled', message: MessageRecord, by: Side | undefined): void {
    this.state = state;
    this.endedAt = message.at;
    this.endedBy = by;
    this.endedWith = message;
  }

  /** Still to be answered. */
  /** Whether it reached the callee by way of a proxy that we saw pass it on. */
  get isForwarded(): boolean {
    const { address } = this.callee;
    return address !== undefined && formatAddress(address) !== formatAddress(this.invite.destination);
  }

  get isOpen(): boolean {
    return this.state === 'calling' || this.state === 'ringing';
  }

  get isOver(): boolean {
    return this.state === 'ended' || this.state === 'failed' || this.state === 'cancelled';
  }
}

export function otherSide(side: Side): Side {
  return side === 'caller' ? 'callee' : 'caller';
}
