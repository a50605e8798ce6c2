import { Chronicle } from './chronicle';
import type { Horizon } from './horizon';
import type { MessageFacts, MessageRecord, TraceMessage } from './message';

/** A request and what answered it, on one hop. */
export interface TraceTransaction {
  readonly id: string;
  readonly method: string;
  /** Undefined when the trace begins after it. */
  readonly request: TraceMessage | undefined;
  /** Without retransmissions, in order. */
  readonly responses: readonly TraceMessage[];
  /** The first final response. */
  readonly final: TraceMessage | undefined;
  /** The ACK of an INVITE's final response. */
  readonly ack: TraceMessage | undefined;
  /** The transaction of the hop before, when a proxy forwarded its request here. */
  readonly forwardOf: TraceTransaction | undefined;
}

export class TransactionRecord implements TraceTransaction {
  readonly id: string;
  readonly method: string;
  readonly responses: MessageRecord[] = [];
  request: MessageRecord | undefined;
  final: MessageRecord | undefined;
  ack: MessageRecord | undefined;
  forwardOf: TransactionRecord | undefined;
  newest: MessageRecord | undefined;

  constructor(id: string, method: string) {
    this.id = id;
    this.method = method;
  }

  /** The transaction of the first hop: the one its sender knows. */
  get root(): TransactionRecord {
    return this.forwardOf?.root ?? this;
  }
}

/** Groups messages into transactions, by the rules of RFC 3261 sections 17.1.3 and 17.2.3. */
export class TransactionTable {
  readonly #all = new Chronicle<TransactionRecord>();
  readonly #byKey = new Map<string, TransactionRecord>();
  /** Requests that may be hops of one request, and the INVITE that an ACK of a 2xx belongs to. */
  readonly #byRequest = new Map<string, TransactionRecord[]>();
  /** Sent by whom to whom with which meaning: the first message of each. */
  readonly #first = new Map<string, MessageRecord>();

  get list(): readonly TransactionRecord[] {
    return this.#all.items;
  }

  forget(horizon: Horizon): void {
    const isPast = (transaction: TransactionRecord | undefined): boolean => transaction === undefined || horizon.isPastTransaction(transaction);
    this.#all.forget(isPast);
    for (const [key, transaction] of this.#byKey) if (isPast(transaction)) this.#byKey.delete(key);
    for (const [key, { transaction }] of this.#first) if (isPast(transaction)) this.#first.delete(key);
    for (const [key, transactions] of this.#byRequest) {
      const left = transactions.filter((transaction) => !isPast(transaction));
      if (left.length === 0) this.#byRequest.delete(key);
      else if (left.length < transactions.length) this.#byRequest.set(key, left);
    }
  }

  /** Puts a message into its transaction, a new one if need be, and says when it is one sent before. */
  place(record: MessageRecord, facts: MessageFacts): TransactionRecord {
    const transaction = facts.method === 'ACK' ? this.#ofAck(facts) : this.#ofKey(facts, facts.method);
    record.transaction = transaction;
    // A 1xx may be sent twice with different meaning (RFC 3262 section 3); only the same octets are a retransmission of
    // it.
    if (facts.status === undefined || facts.status >= 200) {
      const sending = `${transaction.id}|${facts.status ?? facts.method}|${facts.toTag}|${facts.hops}`;
      const first = this.#first.get(sending);
      if (first === undefined) this.#first.set(sending, record);
      else record.retransmissionOf ??= first;
    }
    if (record.retransmissionOf !== undefined) return transaction;
    if (facts.status !== undefined) addResponse(transaction, record, facts.status);
    else if (facts.method === 'ACK' && transaction.method === 'INVITE') transaction.ack = record;
    else this.#addRequest(transaction, record, facts);
    return transaction;
  }

  #ofKey(facts: MessageFacts, method: string): TransactionRecord {
    const key = transactionKey(facts, method);
    return this.#byKey.get(key) ?? this.#create(key, method);
  }

  /**
   * The ACK of a 3xx-6xx has the INVITE's branch (RFC 3261 section 17.1.1.3); that of a 2xx has its own (section
   * 13.2.2.4) and is found by Call-ID, From tag and CSeq number.
   */
  #ofAck(facts: MessageFacts): TransactionRecord {
    const key = transactionKey(facts, 'ACK');
    const known = this.#byKey.get(transactionKey(facts, 'INVITE')) ?? this.#byKey.get(key);
    if (known !== undefined) return known;
    return this.#byRequest.get(requestKey(facts, 'INVITE'))?.[0] ?? this.#create(key, 'ACK');
  }

  #addRequest(transaction: TransactionRecord, record: MessageRecord, facts: MessageFacts): void {
    transaction.request = record;
    const key = requestKey(facts, facts.method);
    const others = this.#byRequest.get(key);
    if (others === undefined) {
      this.#byRequest.set(key, [transaction]);
      return;
    }
    others.push(transaction);
    // A proxy puts its own Via on top and leaves those below as they were (RFC 3261 section 16.6, step 8).
    if (facts.hops < 2) return;
    const below = new Set(record.sip?.vias.slice(1).map((via) => via.branch));
    for (const other of others) {
      const branch = other.request?.facts?.branch;
      if (other !== transaction && branch !== undefined && below.has(branch)) transaction.forwardOf = other;
    }
  }

  #create(key: string, method: string): TransactionRecord {
    const transaction = new TransactionRecord(`t${this.#all.total + 1}`, method);
    this.#all.push(transaction);
    this.#byKey.set(key, transaction);
    return transaction;
  }
}

function addResponse(transaction: TransactionRecord, record: MessageRecord, status: number): void {
  transaction.responses.push(record);
  if (status >= 200) transaction.final ??= record;
}

/** The branch names a transaction; the CSeq number guards against scripts that never change theirs. */
function transactionKey(facts: MessageFacts, method: string): string {
  return `${facts.branch}|${facts.sentBy}|${method}|${facts.sequence}`;
}

function requestKey(facts: MessageFacts, method: string): string {
  return `${facts.callId}|${facts.fromTag}|${facts.sequence}|${method}`;
}
