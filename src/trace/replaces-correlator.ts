import type { Milliseconds } from '../core';
import type { Replaces, SipRequest } from '../sip';
import { type CallRecord, type DialogRecord, otherSide } from './call';
import { uriOf } from './call-table';
import type { Correlator, CorrelatorContext, PlacedMessage } from './correlator';
import { attempt, type MessageRecord } from './message';
import { PartyRecord } from './party';
import { explainReplaces } from './replaces-cause';
import type { CallTable } from './call-table';
import type { Signalling, TransferRecord, TransferRule } from './transfer-record';
import { nameIn, outcomeClause } from './words';

/**
 * Call pick-up: an INVITE with Replaces that no REFER asked for (RFC 3891, RFC 5359 section 2.16). With a Referred-By
 * it is the second half of an attended transfer whose REFER is not in the trace (RFC 3892).
 */
export class ReplacesCorrelator implements Correlator {
  readonly #context: CorrelatorContext;

  constructor(context: CorrelatorContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts }: PlacedMessage): void {
    if (facts.method !== 'INVITE' || sip.kind !== 'request' || facts.toTag !== '') return;
    const { call } = record;
    if (call?.replaces === undefined || call.invite !== record || call.transfers.length > 0) return;
    const { replaces } = call;
    const dialog = this.#context.calls.findDialog(replaces.callId, replaces.toTag, replaces.fromTag);
    const isAttended = !replaces.earlyOnly && attempt(() => sip.referredBy) !== undefined;
    const transfer = isAttended
      ? this.#openAttended(record, sip, call, dialog)
      : this.#openPickUp(record, sip, call, dialog, replaces);
    transfer.replace(dialog?.call);
    transfer.survive(call);
    transfer.rule = new ReplacesRule(transfer, call, replaces, this.#context.calls);
    this.#context.attach(transfer, record);
  }

  /** The caller of the INVITE takes a call from whoever is at the other end of it. */
  #openPickUp(
    record: MessageRecord,
    sip: SipRequest,
    call: CallRecord,
    dialog: DialogRecord | undefined,
    replaces: Replaces,
  ): TransferRecord {
    const { directory } = this.#context;
    const kept = dialog === undefined ? undefined : dialog.sideOf(replaces.toTag);
    const loser = kept === undefined ? undefined : dialog?.call?.[otherSide(kept)];
    return this.#context.open('pick-up', record, {
      transferor: loser ?? new PartyRecord(directory, undefined, undefined),
      transferee: call.callee,
      target: new PartyRecord(directory, record.source, uriOf(sip, 'from')),
    });
  }

  #openAttended(
    record: MessageRecord,
    sip: SipRequest,
    call: CallRecord,
    dialog: DialogRecord | undefined,
  ): TransferRecord {
    const { directory } = this.#context;
    const referrer = attempt(() => sip.referredBy);
    const replaced = dialog?.call;
    const transferor =
      replaced === undefined ? undefined : replaced[otherSide(dialog?.sideOf(call.replaces?.toTag ?? '') ?? 'callee')];
    const named =
      referrer === undefined ? undefined : { text: referrer.uriText, user: referrer.uri.user, host: referrer.uri.host };
    return this.#context.open(replaced?.isOpen === true ? 'blonde' : 'attended', record, {
      transferor: transferor ?? new PartyRecord(directory, undefined, named),
      transferee: call.caller,
      target: new PartyRecord(directory, record.destination, uriOf(sip, 'to')),
    });
  }
}

/** Answers after which the same INVITE may come once more, with what was missing (RFC 3261 section 22, RFC 4028). */
const repeatable = new Set([401, 407, 422]);

const repeatedFor: Milliseconds = 32_000;

class ReplacesRule implements TransferRule {
  readonly #transfer: TransferRecord;
  readonly #call: CallRecord;
  readonly #replaces: Replaces;
  readonly #calls: CallTable;
  readonly #wasRinging: boolean;

  constructor(transfer: TransferRecord, call: CallRecord, replaces: Replaces, calls: CallTable) {
    this.#transfer = transfer;
    this.#call = call;
    this.#replaces = replaces;
    this.#calls = calls;
    this.#wasRinging = transfer.replacedCalls[0]?.isOpen ?? replaces.earlyOnly;
  }

  signalling(): Signalling {
    const call = this.#call;
    if (call.upAt !== undefined) return { state: 'done', by: call.final };
    if (call.isOver) return this.#refused(call);
    const news = `${nameIn(this.#call.caller)} asks ${nameIn(this.#call.callee)} for the call.`;
    return { state: 'open', news, lacking: `${nameIn(this.#call.callee)} never answered`, by: call.invite };
  }

  #refused(call: CallRecord): Signalling {
    const { final } = call;
    const cause = this.#failure(call);
    if (final === undefined || !repeatable.has(final.facts?.status ?? 0)) return { state: 'failed', cause, by: final };
    const news = `${nameIn(call.callee)} did not accept the INVITE as it was; it may be repeated.`;
    // Until it is acknowledged the answer may not have come, and it is repeated for so long (RFC 3261 section 17.2.1, timer H).
    const heardAt = final.transaction?.ack?.at ?? final.at + repeatedFor;
    return { state: 'open', news, lacking: cause, since: heardAt, by: final };
  }

  success(leftover: CallRecord | undefined): string {
    const { kind, transferor, transferee, target } = this.#transfer;
    const talks = `${nameIn(transferee)} talks to ${nameIn(target)}`;
    if (leftover !== undefined) {
      return `${talks}; the call between ${nameIn(leftover.caller)} and ${nameIn(leftover.callee)} is still up`;
    }
    if (kind === 'attended' || kind === 'blonde') return `${talks}; ${nameIn(transferor)} has left`;
    return `${talks}, who ${this.#wasRinging ? 'picked up' : 'took over'} the call${this.#lostBy()}`;
  }

  /** What became of the call that was to be taken. */
  recovery(): string {
    const [replaced] = this.#transfer.replacedCalls;
    if (replaced === undefined || this.#call.upAt !== undefined) return '';
    const both = `${nameIn(replaced.caller)} and ${nameIn(replaced.callee)}`;
    if (replaced.state === 'up') return `${both} are talking`;
    return replaced.isOpen ? `${nameIn(replaced.callee)} is still being called` : '';
  }

  #lostBy(): string {
    const { transferor } = this.#transfer;
    if (transferor.uri === '' && transferor.address === undefined) return '';
    return ` ${this.#wasRinging ? 'to' : 'of'} ${nameIn(transferor)}`;
  }

  #failure(call: CallRecord): string {
    const status = call.final?.facts?.status ?? 408;
    const asked = this.#call.callee;
    // The receiver's answers of RFC 3891 section 3.
    if (status === 486 && this.#replaces.earlyOnly) return 'the call had already been answered (486)';
    if (status === 603) return 'the call had already ended (603)';
    if (status === 481) {
      const why = explainReplaces(this.#replaces, asked, undefined, call, this.#calls);
      return `${nameIn(asked)} knew no call to be replaced (481${why === '' ? '' : `: ${why}`})`;
    }
    return outcomeClause(nameIn(asked), status, call.final?.sip?.kind === 'response' ? call.final.sip.reason : '');
  }
}
