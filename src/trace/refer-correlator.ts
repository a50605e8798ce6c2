import type { Replaces, SipMessage } from '../sip';
import { blondeConsultation } from './blonde';
import type { CallRecord, DialogRecord } from './call';
import { uriOf } from './call-table';
import type { Correlator, CorrelatorContext, PlacedMessage } from './correlator';
import type { Horizon } from './horizon';
import { attempt, type MessageFacts, type MessageRecord } from './message';
import { PartyRecord, sameParty } from './party';
import { ReferRule } from './refer-rule';
import { type Destination, readReferTo, sameTarget } from './refer-to';
import { readSipfrag } from './sipfrag';
import type { SubscriptionRecord } from './subscription';
import type { TransactionRecord } from './transaction';
import type { TransferRecord } from './transfer-record';

interface Referral {
  readonly transfer: TransferRecord;
  readonly transferee: PartyRecord;
  readonly rule: ReferRule;
  readonly destination: Destination;
  readonly referredBy: string | undefined;
}

/**
 * Blind and attended transfer: REFER, its implicit subscription, and the INVITE it triggers (RFC 3515, RFC 3891, RFC
 * 5589).
 */
export class ReferCorrelator implements Correlator {
  readonly #context: CorrelatorContext;
  readonly #byTransaction = new WeakMap<TransactionRecord, Referral>();
  /** By Call-ID and From tag of the REFER. */
  readonly #bySender = new Map<string, Referral[]>();
  readonly #bySubscription = new WeakMap<SubscriptionRecord, Referral>();
  /** Referrals whose INVITE has not been seen, newest first. */
  #waiting: Referral[] = [];

  constructor(context: CorrelatorContext) {
    this.#context = context;
  }

  forget(horizon: Horizon): void {
    const isLeft = ({ transfer }: Referral): boolean => !horizon.isPastTransfer(transfer);
    this.#waiting = this.#waiting.filter(isLeft);
    for (const [key, referrals] of this.#bySender) {
      const left = referrals.filter(isLeft);
      if (left.length === 0) this.#bySender.delete(key);
      else if (left.length < referrals.length) this.#bySender.set(key, left);
    }
  }

  onMessage(message: PlacedMessage): void {
    const { record, sip, facts, subscription } = message;
    if (facts.method === 'REFER') {
      if (sip.kind === 'request') this.#onRefer(message);
      else this.#onReferResponse(message, sip.status);
    } else if (facts.method === 'NOTIFY' && subscription !== undefined) {
      const referral = this.#bySubscription.get(subscription);
      if (referral === undefined) return;
      const line = readSipfrag(sip);
      if (sip.kind === 'request' && line !== undefined) referral.rule.told(record, line);
      if (sip.kind === 'response' && sip.status >= 300) referral.rule.notifyRefused = sip.status;
      this.#context.attach(referral.transfer, record);
    } else if (facts.method === 'INVITE' && sip.kind === 'request' && facts.toTag === '') {
      this.#onInvite(message);
    }
  }

  /** The one asked sits where the REFER went last: on the first hop that is only the proxy (RFC 3261 section 16.12). */
  onForward(record: MessageRecord, first: TransactionRecord): void {
    const referral = record.facts?.method === 'REFER' ? this.#byTransaction.get(first) : undefined;
    if (referral === undefined || record.sip === undefined) return;
    if (record.sip.kind === 'request') {
      referral.transferee.address = record.destination;
      this.#context.attach(referral.transfer, record);
    } else if (record.sip.status >= 200 && record.sip.status < 300) {
      // Who accepts calls at once, and the answer takes longer by way of the proxy: of two like REFERs it is this one.
      referral.rule.answered(record, record.sip.status, record.sip.reason);
    }
  }

  #onRefer(message: PlacedMessage): void {
    const { record, sip, transaction, subscription } = message;
    const destination = readReferTo(sip);
    if (destination === undefined) return;
    const referral = this.#repeated(message, destination) ?? this.#open(message, destination);
    referral.rule.asked(record);
    this.#byTransaction.set(transaction, referral);
    if (subscription !== undefined) this.#bySubscription.set(subscription, referral);
    if (!this.#waiting.includes(referral)) this.#waiting.unshift(referral);
    this.#context.attach(referral.transfer, record);
  }

  /**
   * The same REFER once more, after an answer that asks for that: the same Call-ID, From and target (RFC 3261 section
   * 22.2).
   */
  #repeated({ facts }: PlacedMessage, destination: Destination): Referral | undefined {
    return this.#bySender
      .get(senderKey(facts))
      ?.find(
        ({ rule, transfer, destination: before }) =>
          rule.mayBeRepeated && transfer.isOpen && before.uri.toString() === destination.uri.toString(),
      );
  }

  #open({ record, sip, facts }: PlacedMessage, destination: Destination): Referral {
    const { calls, directory } = this.#context;
    const dialog = record.dialog ?? this.#targetDialog(sip);
    const transferee = new PartyRecord(directory, record.destination, uriOf(sip, 'to'));
    const transferor = new PartyRecord(directory, record.source, uriOf(sip, 'from'));
    const { replaces } = destination;
    const named =
      replaces === undefined ? undefined : calls.findDialog(replaces.callId, replaces.toTag, replaces.fromTag)?.call;
    const ringing = blondeConsultation(record, transferor, destination, named, calls.calls);
    const seen = ringing === undefined ? (replaces === undefined ? 'blind' : 'attended') : 'blonde';
    const kind = this.#context.wantedBy(transferor.phone) ?? seen;
    const transfer = this.#context.open(kind, record, {
      transferor,
      transferee,
      target: new PartyRecord(directory, destination.address, destination.party),
    });
    transfer.askedIn = dialog?.call;
    transfer.isTargetAsked = isTargetAsked(dialog?.call, named, transferor);
    if (transfer.isTargetAsked) transfer.replace(named);
    transfer.replace(dialog?.call);
    // A REFER that names its own dialog (failure T3) consults nobody.
    transfer.replace(kind === 'blonde' ? (named ?? ringing) : named);
    const rule = new ReferRule(transfer, record, transfer.isTargetAsked ? named?.dialog : dialog, replaces, calls);
    transfer.rule = rule;
    const referral = { transfer, transferee, rule, destination, referredBy: attempt(() => sip.referredBy?.uri.toString()) };
    this.#bySender.set(senderKey(facts), [...(this.#bySender.get(senderKey(facts)) ?? []), referral]);
    return referral;
  }

  /** A REFER outside the dialog says which one it means (RFC 4538); its tags are from the recipient's point of view. */
  #targetDialog(sip: SipMessage): DialogRecord | undefined {
    const [callId, ...params] = (sip.header('Target-Dialog') ?? '').split(';').map((part) => part.trim());
    const tag = (name: string): string =>
      params.find((param) => param.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    return callId === undefined || callId === ''
      ? undefined
      : this.#context.calls.findDialog(callId, tag('local-tag'), tag('remote-tag'));
  }

  #onReferResponse({ record, sip, transaction }: PlacedMessage, status: number): void {
    const referral = this.#byTransaction.get(transaction);
    if (referral === undefined) return;
    if (status >= 200 && sip.kind === 'response') referral.rule.answered(record, status, sip.reason);
    this.#context.attach(referral.transfer, record);
  }

  #onInvite({ record, sip, facts }: PlacedMessage): void {
    const { call } = record;
    if (call === undefined) return;
    this.#waiting = this.#waiting.filter((referral) => referral.transfer.isOpen && !isSure(referral));
    const possible = this.#waiting.filter((waiting) => isTriggered(waiting, call, sip));
    const triggered = literalOnes(possible, call);
    // Of two like REFERs the one at work is followed; a second one is refused meanwhile, though it is the newer.
    const referral = triggered.findLast(({ rule }) => rule.isAccepted) ?? triggered[0];
    if (referral === undefined || facts.method !== 'INVITE') return;
    // The REFER was seen only as far as a proxy, and the INVITE comes straight from who got it there.
    if (referral.transferee.phone === '') referral.transferee.address = call.caller.address;
    referral.transfer.survive(call);
    this.#context.attach(referral.transfer, record);
  }
}

/**
 * Two may name the same call from its two ends, or send the transferee to the same target: what the INVITE has word for word
 * from one of them, its Replaces or its Referred-By, says which it comes from. All when that says nothing.
 */
function literalOnes(possible: readonly Referral[], call: CallRecord): readonly Referral[] {
  const referrer = referrerOf(call);
  const byReplaces = possible.filter(({ destination }) => sameReplaces(destination.replaces, call.replaces));
  const rest = byReplaces.length > 0 ? byReplaces : possible;
  const byReferrer = rest.filter(({ referredBy }) => referrer !== undefined && referredBy === referrer);
  return byReferrer.length > 0 ? byReferrer : rest;
}

/**
 * Whether a REFER goes to the one who was consulted, to take the place of the first call: it is in the newer call, which its
 * sender has placed, and its Replaces names the older one, which its sender has put on hold (reference 14.4).
 */
function isTargetAsked(inCall: CallRecord | undefined, replaced: CallRecord | undefined, sender: PartyRecord): boolean {
  if (inCall === undefined || replaced === undefined || inCall.startedAt <= replaced.startedAt) return false;
  if (replaced.state !== 'up' || !sameParty(inCall.caller, sender)) return false;
  const side = sameParty(replaced.caller, sender) ? 'caller' : 'callee';
  return sameParty(replaced[side], sender) && replaced.held[side];
}

/**
 * Whether an INVITE is the one a REFER asked for: from the transferee, with the Replaces of the Refer-To (RFC 3891
 * section 3), or without one to the URI of the Refer-To or with the REFER's Referred-By (RFC 3892 section 2.2).
 */
function isTriggered({ transfer, destination, referredBy }: Referral, call: CallRecord, sip: SipMessage): boolean {
  if (sip.kind !== 'request') return false;
  if (!sameParty(call.caller, transfer.asked) && !isReferredOverStream(call, transfer)) {
    // Who has the very Replaces of the Refer-To has it from the REFER, wherever we saw that go.
    return transfer.survivingCall === undefined && transfer.asked.phone === '' && sameReplaces(destination.replaces, call.replaces);
  }
  if (transfer.survivingCall !== undefined) return referrerOf(call) === referredBy;
  const wanted = destination.replaces;
  const given = call.replaces;
  if (wanted !== undefined || given !== undefined) return wanted?.callId === given?.callId;
  const goesThere = attempt(() => sameTarget(sip.uri, destination.uri) || sameTarget(sip.to.uri, destination.uri));
  if (goesThere === true) return true;
  return referredBy !== undefined && referrerOf(call) === referredBy;
}

/**
 * Whether the INVITE that was found is beyond doubt the one asked for. A transferee may happen to call the same party just
 * then; if the REFER said who refers, the INVITE that says so too may still come.
 */
function isSure({ transfer: { survivingCall }, destination, referredBy }: Referral): boolean {
  if (survivingCall === undefined) return false;
  return destination.replaces !== undefined || referredBy === undefined || referrerOf(survivingCall) === referredBy;
}

/**
 * Whether a call comes from the transferee over a connection of its own: that begins at any port, and not at the one where
 * the transferee listens, to which the REFER went (RFC 3261 section 18.1.1).
 */
function isReferredOverStream({ invite, caller }: CallRecord, { asked: transferee }: TransferRecord): boolean {
  if (invite.transport === 'udp' || caller.phone !== '' || transferee.phone !== '') return false;
  return caller.address !== undefined && caller.address.host === transferee.address?.host && caller.name === transferee.name;
}

function sameReplaces(one: Replaces | undefined, other: Replaces | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.callId === other.callId && one.toTag === other.toTag && one.fromTag === other.fromTag;
}

function referrerOf(call: CallRecord): string | undefined {
  const { sip } = call.invite;
  return sip?.kind === 'request' ? attempt(() => sip.referredBy?.uri.toString()) : undefined;
}

function senderKey({ callId, fromTag }: MessageFacts): string {
  return `${callId}|${fromTag}`;
}
