import type { SipMessage, SipRequest, SipResponse } from '../sip';
import { CallRecord, DialogRecord, otherSide, type Side } from './call';
import { Chronicle } from './chronicle';
import type { Directory } from './directory';
import type { Horizon } from './horizon';
import { attempt, type MessageFacts, type MessageRecord } from './message';
import { holdsAfter, type MediaDirection, mediaDirection, refusesToHear } from './media-direction';
import { PartyRecord, type PartyUri } from './party';
import type { TransactionRecord } from './transaction';

/** Something about a call that a person would want to see between two messages. */
export interface CallChange {
  readonly kind: 'held' | 'resumed' | 'up' | 'ended' | 'moved';
  readonly call: CallRecord;
  /** Who did it; undefined where nobody in particular did. */
  readonly by: Side | undefined;
  readonly message: MessageRecord;
}

interface Offer {
  readonly by: Side;
  readonly direction: MediaDirection;
}

/**
 * Failures after which the same call is tried again: credentials, or a header that the response asked for (RFC 3261
 * section 8.1.3.5).
 */
const retriedAfter = new Set([401, 407, 413, 415, 416, 420, 421, 422, 423, 494]);
/**
 * Responses to a request inside a dialog that end its invite usage (RFC 5057 section 5.1). 408 is the transaction's own
 * timeout.
 */
const endsUsage = new Set([404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 502, 604]);
/** The methods whose failure means the invite usage. */
const ofInviteUsage = new Set(['INVITE', 'UPDATE', 'PRACK', 'INFO']);
/** The methods that show, sent inside a dialog, that a call is up. */
const inCall = new Set(['INVITE', 'UPDATE', 'INFO', 'REFER', 'BYE']);

/**
 * Follows calls and their dialogs (RFC 3261 sections 12 to 15). It is told of first hops only, and of nothing sent
 * again.
 */
export class CallTable {
  /** All calls of the trace, of whatever protocol. */
  readonly all = new Chronicle<CallRecord>();
  readonly #dialogs = new Chronicle<DialogRecord>();
  readonly #directory: Directory;
  readonly #onChange: (change: CallChange) => void;
  readonly #byDialog = new Map<string, DialogRecord>();
  /** The newest call of a Call-ID and From tag. */
  readonly #byCaller = new Map<string, CallRecord>();
  readonly #byTransaction = new WeakMap<TransactionRecord, CallRecord>();
  /** The offer of a transaction that waits for its answer. */
  readonly #offers = new WeakMap<TransactionRecord, Offer>();

  constructor(directory: Directory, onChange: (change: CallChange) => void) {
    this.#directory = directory;
    this.#onChange = onChange;
  }

  get calls(): readonly CallRecord[] {
    return this.all.items;
  }

  get dialogs(): readonly DialogRecord[] {
    return this.#dialogs.items;
  }

  /** `inUse` are the dialogs of subscriptions that live on. */
  forget(horizon: Horizon, inUse: ReadonlySet<DialogRecord>): void {
    const isPast = (dialog: DialogRecord): boolean => {
      const { call, newest } = dialog;
      if (inUse.has(dialog) || (call !== undefined && !horizon.isPastCall(call))) return false;
      return newest === undefined || horizon.hasPassed(newest);
    };
    this.#dialogs.forget(isPast);
    for (const [key, dialog] of this.#byDialog) if (isPast(dialog)) this.#byDialog.delete(key);
    this.all.forget((call) => horizon.isPastCall(call));
    for (const [key, call] of this.#byCaller) if (horizon.isPastCall(call)) this.#byCaller.delete(key);
  }

  /** The dialog with this Call-ID and these two tags, whichever end's they are. */
  findDialog(callId: string, tag: string, otherTag: string): DialogRecord | undefined {
    return this.#byDialog.get(dialogKey(callId, tag, otherTag));
  }

  /** All dialogs of a Call-ID, for explaining why one was not found. */
  dialogsOf(callId: string): DialogRecord[] {
    return this.dialogs.filter((dialog) => dialog.callId === callId);
  }

  onRequest(record: MessageRecord, sip: SipRequest, facts: MessageFacts, transaction: TransactionRecord): void {
    if (facts.method === 'INVITE' && facts.toTag === '') {
      this.#onInvite(record, sip, facts, transaction);
      return;
    }
    if (facts.method === 'CANCEL') {
      record.call = this.#byCaller.get(callerKey(facts));
      return;
    }
    const dialog = this.findDialog(facts.callId, facts.fromTag, facts.toTag) ?? this.#adopt(record, sip, facts);
    this.#attach(record, dialog);
    // The ACK of a failed INVITE: its To tag made no dialog that lasted.
    record.call ??= facts.method === 'ACK' ? this.#byTransaction.get(transaction) : undefined;
    if (dialog === undefined) return;
    const side = dialog.sideOf(facts.fromTag);
    const direction = mediaDirection(sip);
    if (facts.method === 'ACK') {
      this.#answer(transaction, dialog, direction, record);
    } else if (direction !== undefined) {
      this.#offers.set(transaction, { by: side, direction });
      if (refusesToHear(direction)) record.offers = 'hold';
      else if (dialog.held[side]) record.offers = 'resume';
    }
    // Its sender has left with the BYE, whatever becomes of the request (RFC 3261 section 15.1.1).
    if (facts.method === 'BYE') this.#endUsage(dialog, record, side);
  }

  onResponse(record: MessageRecord, sip: SipResponse, facts: MessageFacts, transaction: TransactionRecord): void {
    const call = this.#byTransaction.get(transaction);
    if (call !== undefined) {
      this.#onInviteResponse(call, record, sip, facts, transaction);
      return;
    }
    const dialog = this.findDialog(facts.callId, facts.fromTag, facts.toTag);
    this.#attach(record, dialog);
    record.call ??= transaction.request?.call;
    if (dialog === undefined || sip.status < 200) return;
    if (sip.status < 300) {
      this.#answerOrOffer(transaction, dialog, mediaDirection(sip), record, dialog.sideOf(facts.fromTag));
    } else {
      // A refused offer leaves the session as it was (RFC 3261 section 14.1).
      this.#offers.delete(transaction);
      if (endsUsage.has(sip.status) && ofInviteUsage.has(facts.method)) this.#endUsage(dialog, record, undefined);
    }
  }

  /** A proxy passed a request on: the one asked sits where it went last, or where its answer comes from. */
  onForward(record: MessageRecord, transaction: TransactionRecord): void {
    const call = this.#byTransaction.get(transaction.root);
    record.call = call ?? transaction.root.request?.call;
    record.dialog = transaction.root.request?.dialog;
    if (call?.isOpen !== true) return;
    if (record.sip?.kind === 'request') call.callee.address = record.destination;
    // Of several who were asked, it is the one who answers.
    else if (record.facts?.method === 'INVITE' && (record.facts.status ?? 0) >= 200 && (record.facts.status ?? 0) < 300) call.callee.address = record.source;
  }

  /** A dialog made by SUBSCRIBE, or by REFER outside of any (RFC 6665 section 4.4.1). */
  openSubscriptionDialog(
    facts: MessageFacts,
    createdBy: 'SUBSCRIBE' | 'REFER',
    callerTag: string,
    calleeTag: string,
  ): DialogRecord {
    const known = this.findDialog(facts.callId, callerTag, calleeTag);
    if (known !== undefined) return known;
    const dialog = this.#openDialog({ callId: facts.callId, callerTag, calleeTag }, createdBy, undefined);
    dialog.confirmed = true;
    return dialog;
  }

  #onInvite(record: MessageRecord, sip: SipRequest, facts: MessageFacts, transaction: TransactionRecord): void {
    const before = this.#byCaller.get(callerKey(facts));
    const isAgain = before !== undefined && isRetry(before, sip);
    if (isAgain) before.tryAgain(record);
    const call = isAgain ? before : this.#open(record, sip, facts, before);
    record.call = call;
    this.#byTransaction.set(transaction, call);
    const direction = mediaDirection(sip);
    if (direction !== undefined) this.#offers.set(transaction, { by: 'caller', direction });
  }

  #open(record: MessageRecord, sip: SipRequest, facts: MessageFacts, before: CallRecord | undefined): CallRecord {
    const redirectedFrom = before === undefined ? undefined : redirectionBefore(before);
    const caller = this.#party(record, 'source', uriOf(sip, 'from'));
    // A redirected INVITE keeps its To (RFC 3261 section 8.1.3.4): only the Request-URI names the new callee.
    const callee = this.#party(record, 'destination', uriOf(sip, redirectedFrom === undefined ? 'to' : 'request'));
    const call = new CallRecord(`c${this.all.total + 1}`, record, caller, callee);
    call.redirectedFrom = redirectedFrom;
    call.replaces = attempt(() => sip.replaces);
    this.all.push(call);
    this.#byCaller.set(callerKey(facts), call);
    return call;
  }

  /** The trace begins in the middle of this call: all that is known of it is that it is up. */
  #adopt(record: MessageRecord, sip: SipRequest, facts: MessageFacts): DialogRecord | undefined {
    if (facts.toTag === '' || !inCall.has(facts.method)) return undefined;
    const call = this.#open(record, sip, facts, undefined);
    const dialog = this.#dialogOf(call, facts);
    dialog.confirmed = true;
    call.confirmedDialog = dialog;
    call.state = 'up';
    return dialog;
  }

  #onInviteResponse(
    call: CallRecord,
    record: MessageRecord,
    sip: SipResponse,
    facts: MessageFacts,
    transaction: TransactionRecord,
  ): void {
    record.call = call;
    // 100 never makes a dialog, even with a tag (RFC 3261 section 12.1).
    const makesDialog = sip.status > 100 && sip.status < 300 && facts.toTag !== '';
    const dialog = makesDialog
      ? this.#dialogOf(call, facts)
      : this.findDialog(facts.callId, facts.fromTag, facts.toTag);
    record.dialog = dialog;
    if (sip.status < 200) {
      if (call.state === 'calling' && sip.status > 100) call.state = 'ringing';
      return;
    }
    if (sip.status >= 300) {
      this.#fail(call, record, transaction);
      return;
    }
    if (dialog === undefined) return;
    dialog.confirmed = true;
    dialog.usages.add('invite');
    this.#answerOrOffer(transaction, dialog, mediaDirection(sip), record, 'caller');
    // Another callee of a forked INVITE has answered too: a dialog of its own (RFC 3261 section 13.2.2.4), not this
    // call's.
    if (call.confirmedDialog !== undefined) return;
    call.confirmedDialog = dialog;
    call.final = record;
    call.state = 'up';
    call.upAt = record.at;
    this.#onChange({ kind: 'up', call, by: undefined, message: record });
  }

  /** A final failure ends the early dialogs of its INVITE (RFC 3261 section 12.3). */
  #fail(call: CallRecord, record: MessageRecord, transaction: TransactionRecord): void {
    this.#offers.delete(transaction);
    if (!call.isOpen || transaction.request !== call.invite) return;
    const cancelled = record.facts?.status === 487;
    call.end(cancelled ? 'cancelled' : 'failed', record, cancelled ? 'caller' : 'callee');
    call.final = record;
    for (const dialog of call.dialogs) dialog.usages.delete('invite');
    this.#onChange({ kind: 'ended', call, by: call.endedBy, message: record });
  }

  #dialogOf(call: CallRecord, facts: MessageFacts): DialogRecord {
    const known = this.findDialog(facts.callId, facts.fromTag, facts.toTag);
    if (known !== undefined) return known;
    const dialog = this.#openDialog(
      { callId: facts.callId, callerTag: facts.fromTag, calleeTag: facts.toTag },
      'INVITE',
      call,
    );
    dialog.usages.add('invite');
    call.dialogs.push(dialog);
    return dialog;
  }

  #openDialog(
    identity: { readonly callId: string; readonly callerTag: string; readonly calleeTag: string },
    createdBy: 'INVITE' | 'SUBSCRIBE' | 'REFER',
    call: CallRecord | undefined,
  ): DialogRecord {
    const dialog = new DialogRecord(`d${this.#dialogs.total + 1}`, identity, createdBy, call);
    this.#dialogs.push(dialog);
    this.#byDialog.set(dialogKey(identity.callId, identity.callerTag, identity.calleeTag), dialog);
    return dialog;
  }

  #endUsage(dialog: DialogRecord, message: MessageRecord, by: Side | undefined): void {
    if (!dialog.usages.delete('invite')) return;
    const { call } = dialog;
    if (call === undefined || call.isOver || (call.confirmedDialog !== undefined && call.confirmedDialog !== dialog)) {
      return;
    }
    call.end('ended', message, by);
    this.#onChange({ kind: 'ended', call, by, message });
  }

  /**
   * A 2xx answers the offer of its request, or makes the offer when the request had none (RFC 3264, RFC 6337 section
   * 2).
   */
  #answerOrOffer(
    transaction: TransactionRecord,
    dialog: DialogRecord,
    direction: MediaDirection | undefined,
    message: MessageRecord,
    requester: Side,
  ): void {
    if (this.#offers.has(transaction)) this.#answer(transaction, dialog, direction, message);
    else if (direction !== undefined) this.#offers.set(transaction, { by: otherSide(requester), direction });
  }

  #answer(
    transaction: TransactionRecord,
    dialog: DialogRecord,
    direction: MediaDirection | undefined,
    message: MessageRecord,
  ): void {
    const offer = this.#offers.get(transaction);
    if (offer === undefined) return;
    this.#offers.delete(transaction);
    if (direction === undefined) return;
    const { by } = offer;
    const answerer = otherSide(by);
    const holds = holdsAfter(offer.direction, direction, { offerer: dialog.held[by], answerer: dialog.held[answerer] });
    this.#hold(dialog, by, holds.offerer, message);
    this.#hold(dialog, answerer, holds.answerer, message);
  }

  #hold(dialog: DialogRecord, by: Side, held: boolean, message: MessageRecord): void {
    if (dialog.held[by] === held) return;
    dialog.held[by] = held;
    if (dialog.call !== undefined) this.#onChange({ kind: held ? 'held' : 'resumed', call: dialog.call, by, message });
  }

  #attach(record: MessageRecord, dialog: DialogRecord | undefined): void {
    record.dialog = dialog;
    record.call = dialog?.call;
  }

  #party(record: MessageRecord, end: 'source' | 'destination', uri: PartyUri | undefined): PartyRecord {
    return new PartyRecord(this.#directory, record[end], uri);
  }
}

/** What From, To or the Request-URI gives to name a party by. */
export function uriOf(sip: SipMessage, place: 'from' | 'to' | 'request'): PartyUri | undefined {
  return attempt(() => {
    if (place === 'request') {
      return sip.kind === 'request' ? { text: sip.requestUri, user: sip.uri.user, host: sip.uri.host } : undefined;
    }
    const { uriText, uri } = sip[place];
    return { text: uriText, user: uri.user, host: uri.host };
  });
}

/**
 * The same INVITE again, with what its failure asked for: same Call-ID, From and To, CSeq one higher (RFC 3261 section
 * 8.1.3.5).
 */
function isRetry(call: CallRecord, sip: SipRequest): boolean {
  const status = call.final?.facts?.status;
  const first = call.invite.sip;
  return (
    call.state === 'failed' &&
    status !== undefined &&
    retriedAfter.has(status) &&
    first?.kind === 'request' &&
    first.requestUri === sip.requestUri
  );
}

/**
 * The redirected call that a new INVITE of the same caller follows: the last one, or the one whose other Contact has
 * failed (RFC 3261 section 8.1.3.4).
 */
function redirectionBefore(call: CallRecord): CallRecord | undefined {
  const status = call.final?.facts?.status ?? 0;
  if (status >= 300 && status < 400) return call;
  return status >= 400 ? call.redirectedFrom : undefined;
}

/** Tags and Call-ID alone make a dialog's identity, never URIs (RFC 3261 section 12); both ends must find the same. */
function dialogKey(callId: string, tag: string, otherTag: string): string {
  return tag < otherTag ? `${callId}|${tag}|${otherTag}` : `${callId}|${otherTag}|${tag}`;
}

function callerKey(facts: MessageFacts): string {
  return `${facts.callId}|${facts.fromTag}`;
}
