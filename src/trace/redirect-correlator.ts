import type { Milliseconds } from '../core';
import type { CallRecord } from './call';
import type { Correlator, CorrelatorContext, PlacedMessage } from './correlator';
import type { Horizon } from './horizon';
import { attempt, type MessageRecord } from './message';
import { PartyRecord, sameParty } from './party';
import { type Destination, destinationOf, sameTarget } from './refer-to';
import type { Signalling, TransferRecord, TransferRule } from './transfer-record';
import { nameIn, outcomeClause } from './words';

interface Redirection {
  readonly transfer: TransferRecord;
  readonly call: CallRecord;
  readonly destinations: readonly Destination[];
}

/** How long a B2BUA may think before it follows a redirection inside. */
const atOnce: Milliseconds = 500;

/** Redirection: a 3xx with Contacts, and the INVITE that follows it (RFC 3261 sections 8.1.3.4 and 21.3). */
export class RedirectCorrelator implements Correlator {
  readonly #context: CorrelatorContext;
  /** Redirections without a verdict. */
  #open: Redirection[] = [];

  constructor(context: CorrelatorContext) {
    this.#context = context;
  }

  forget(horizon: Horizon): void {
    this.#open = this.#open.filter(({ transfer }) => !horizon.isPastTransfer(transfer));
  }

  onMessage(message: PlacedMessage): void {
    const { record, sip, facts } = message;
    if (facts.method !== 'INVITE') return;
    const { call } = record;
    if (call === undefined) return;
    if (sip.kind === 'request') {
      if (facts.toTag === '') this.#onInvite(record, call);
    } else if (sip.status >= 300 && sip.status < 400 && call.final === record) {
      this.#onRedirect(record, call);
    }
  }

  #onRedirect(record: MessageRecord, call: CallRecord): void {
    const { directory } = this.#context;
    const contacts = attempt(() => record.sip?.contacts) ?? [];
    const destinations = contacts.flatMap((contact) => (contact === '*' ? [] : [destinationOf(contact.uri)]));
    const [first] = destinations;
    if (first === undefined) return;
    const transfer = this.#context.open('redirect', record, {
      transferor: call.callee,
      transferee: call.caller,
      target: new PartyRecord(directory, first.address, first.party),
    });
    transfer.replace(call);
    transfer.rule = new RedirectRule(transfer, record);
    this.#open.push({ transfer, call, destinations });
    this.#context.attach(transfer, record);
  }

  /**
   * A call that follows a redirection is the survivor of that, and of whatever transfer the redirected call was the
   * survivor of.
   */
  #onInvite(record: MessageRecord, call: CallRecord): void {
    this.#open = this.#open.filter(({ transfer }) => transfer.isOpen);
    const before = call.redirectedFrom ?? this.#open.find((redirection) => isFollowedBy(redirection, call))?.call;
    if (before === undefined) return;
    const followed = before.transfers.filter((transfer) => transfer.survivingCall === before && transfer.isOpen);
    for (const redirection of this.#open) if (redirection.call === before) followed.push(redirection.transfer);
    for (const transfer of followed) {
      transfer.survive(call);
      this.#context.attach(transfer, record);
    }
  }
}

/**
 * Whether a call with a Call-ID of its own follows a redirection: it goes to a Contact of the 3xx; or it comes from a
 * B2BUA that knows better where that Contact is, and is then the caller's next INVITE with the same From, right after
 * the 3xx.
 */
function isFollowedBy({ transfer, call: redirected, destinations }: Redirection, call: CallRecord): boolean {
  const { sip } = call.invite;
  if (transfer.survivingCall !== undefined || call.transfers.length > 0 || sip?.kind !== 'request') return false;
  // Who has not got the 3xx yet calls there for reasons of their own (RFC 3261 section 17.1.1.3: its ACK is sent at once).
  if (redirected.final?.transaction?.ack === undefined) return false;
  if (!sameParty(call.caller, transfer.transferee)) return false;
  const isAtOnce = call.caller.uri === transfer.transferee.uri && call.startedAt - transfer.startedAt < atOnce;
  return isAtOnce || destinations.some(({ uri }) => attempt(() => sameTarget(sip.uri, uri)) === true);
}

class RedirectRule implements TransferRule {
  readonly #transfer: TransferRecord;
  readonly #redirect: MessageRecord;

  constructor(transfer: TransferRecord, redirect: MessageRecord) {
    this.#transfer = transfer;
    this.#redirect = redirect;
  }

  signalling(): Signalling {
    const { transferor, transferee, target, survivingCall: call } = this.#transfer;
    if (call === undefined) {
      const news = `${nameIn(transferor)} sends ${nameIn(transferee)} on to ${nameIn(target)}.`;
      return {
        state: 'open',
        news,
        lacking: `${nameIn(transferee)} did not follow the redirection to ${nameIn(target)}`,
        by: this.#redirect,
      };
    }
    if (call.upAt !== undefined) return { state: 'done', by: call.final };
    if (call.state === 'cancelled') {
      return {
        state: 'failed',
        cause: `${nameIn(target)} did not answer, and ${nameIn(transferee)} gave up`,
        by: call.final,
      };
    }
    if (call.isOver) {
      const status = call.final?.facts?.status ?? 408;
      const reason = call.final?.sip?.kind === 'response' ? call.final.sip.reason : '';
      const lacking = outcomeClause(nameIn(target), status, reason);
      // The next Contact may be tried (RFC 3261 section 8.1.3.4).
      return { state: 'open', news: `${lacking}.`, lacking, since: call.endedAt ?? 0, by: call.final };
    }
    const news =
      call.state === 'ringing'
        ? `${nameIn(target)} is ringing.`
        : `${nameIn(transferee)} is calling ${nameIn(target)}.`;
    return { state: 'open', news, lacking: `${nameIn(target)} never answered`, by: call.invite };
  }

  success(): string {
    const { transferor, transferee, target } = this.#transfer;
    return `${nameIn(transferee)} talks to ${nameIn(target)}; ${nameIn(transferor)} sent the call on`;
  }

  /** The call is over for everybody; there is nothing to go back to. */
  recovery(): string {
    return '';
  }
}
