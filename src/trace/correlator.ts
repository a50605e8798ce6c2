import type { SipMessage } from '../sip';
import type { CallTable } from './call-table';
import type { Directory } from './directory';
import type { Horizon } from './horizon';
import type { MessageFacts, MessageRecord } from './message';
import { RedirectCorrelator } from './redirect-correlator';
import { ReferCorrelator } from './refer-correlator';
import { ReplacesCorrelator } from './replaces-correlator';
import type { SubscriptionRecord } from './subscription';
import type { TransactionRecord } from './transaction';
import type { TransferKind } from './transfer';
import type { TransferParties, TransferRecord } from './transfer-record';

/** A message, and all that the tables before the correlators found out about it. */
export interface PlacedMessage {
  readonly record: MessageRecord;
  readonly sip: SipMessage;
  readonly facts: MessageFacts;
  readonly transaction: TransactionRecord;
  /** The subscription that its request makes or speaks for. */
  readonly subscription: SubscriptionRecord | undefined;
}

/** What a correlator may use of the model. */
export interface CorrelatorContext {
  readonly calls: CallTable;
  readonly directory: Directory;
  /** The kind of transfer that a person has just asked this phone of the lab for, if they have. */
  wantedBy(phone: string): TransferKind | undefined;
  /** Begins a transfer with the message that asks for it. */
  open(kind: TransferKind, message: MessageRecord, parties: TransferParties): TransferRecord;
  /** Attaches a message to a transfer, which is then judged again. */
  attach(transfer: TransferRecord, message: MessageRecord): void;
}

/**
 * Finds the transfers of one transfer system in the messages that pass by. Of first hops it sees all but what is sent
 * again, of further hops the requests.
 */
export interface Correlator {
  onMessage(message: PlacedMessage): void;
  /** A proxy passed a request on to a further hop; `first` is its transaction on the first. */
  onForward?(record: MessageRecord, first: TransactionRecord): void;
  forget?(horizon: Horizon): void;
}

/**
 * All transfer systems, in the order in which they look at a message. A new one is one file beside these, one line here
 * and, if it needs one, a kind in {@link TransferKind}.
 */
export const correlators: readonly ((context: CorrelatorContext) => Correlator)[] = [
  (context) => new ReferCorrelator(context),
  (context) => new RedirectCorrelator(context),
  (context) => new ReplacesCorrelator(context),
];
