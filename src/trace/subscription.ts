import type { SipMessage } from '../sip';
import type { DialogRecord, TraceDialog } from './call';
import type { CallTable } from './call-table';
import { Chronicle } from './chronicle';
import type { Horizon } from './horizon';
import { attempt, type MessageFacts, type MessageRecord, type TraceMessage } from './message';
import type { TransactionRecord } from './transaction';

/** A subscription of RFC 6665: what SUBSCRIBE asked for, or what a REFER brought with it (RFC 3515 section 2.4.4). */
export interface TraceSubscription {
  readonly id: string;
  readonly package: string;
  /** The `id` of its Event header; for a REFER its CSeq number. */
  readonly eventId: string;
  /** The SUBSCRIBE or REFER that made it. */
  readonly request: TraceMessage;
  readonly dialog: TraceDialog | undefined;
  readonly state: 'asked' | 'active' | 'terminated' | 'refused';
  readonly notifies: readonly TraceMessage[];
  /** The status that the subscriber refused a NOTIFY with, if it did. */
  readonly refusedNotify: number | undefined;
}

export class SubscriptionRecord implements TraceSubscription {
  readonly id: string;
  readonly package: string;
  readonly eventId: string;
  readonly request: MessageRecord;
  readonly notifies: MessageRecord[] = [];
  dialog: DialogRecord | undefined;
  state: TraceSubscription['state'] = 'asked';
  refusedNotify: number | undefined;
  newest: MessageRecord;

  constructor(id: string, eventPackage: string, eventId: string, request: MessageRecord) {
    this.id = id;
    this.package = eventPackage;
    this.eventId = eventId;
    this.request = request;
    this.newest = request;
    this.dialog = request.dialog;
  }

  get usage(): string {
    return `${this.package};id=${this.eventId}`;
  }
}

/** Responses to a NOTIFY that end its subscription (RFC 6665 section 4.2.2, RFC 5057 section 5.1). */
const endsSubscription = new Set([404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/** Follows subscriptions. A subscription lives on in its dialog after the call's BYE (RFC 5057 section 4.1). */
export class SubscriptionTable {
  readonly #all = new Chronicle<SubscriptionRecord>();
  readonly #calls: CallTable;
  /** By Call-ID and the subscriber's tag. */
  readonly #bySubscriber = new Map<string, SubscriptionRecord[]>();
  readonly #byNotify = new WeakMap<TransactionRecord, SubscriptionRecord>();

  constructor(calls: CallTable) {
    this.#calls = calls;
  }

  get list(): readonly SubscriptionRecord[] {
    return this.#all.items;
  }

  forget(horizon: Horizon): void {
    const isPast = (subscription: SubscriptionRecord): boolean => horizon.isPastSubscription(subscription);
    this.#all.forget(isPast);
    for (const { notifies } of this.#all.items) {
      // That one has come at all is worth knowing.
      const listed = notifies.findIndex((notify) => horizon.isListed(notify));
      notifies.splice(0, listed === -1 ? notifies.length - 1 : listed);
    }
    for (const [key, subscriptions] of this.#bySubscriber) {
      const left = subscriptions.filter((subscription) => !isPast(subscription));
      if (left.length === 0) this.#bySubscriber.delete(key);
      else if (left.length < subscriptions.length) this.#bySubscriber.set(key, left);
    }
  }

  /** The subscription that a REFER or SUBSCRIBE makes or refreshes, or that a NOTIFY speaks for. */
  onRequest(
    record: MessageRecord,
    sip: SipMessage,
    facts: MessageFacts,
    transaction: TransactionRecord,
  ): SubscriptionRecord | undefined {
    if (facts.method === 'NOTIFY') return this.#onNotify(record, sip, facts, transaction);
    if (facts.method === 'REFER') return this.#open(record, facts, 'refer', String(facts.sequence));
    if (facts.method !== 'SUBSCRIBE') return undefined;
    const event = attempt(() => sip.event);
    if (event === undefined) return undefined;
    const known = this.#find(facts.callId, facts.fromTag, event.package, event.id);
    if (known !== undefined) known.newest = record;
    return known ?? this.#open(record, facts, event.package, event.id ?? '');
  }

  /** The subscription whose request or NOTIFY a response answers. */
  onResponse(facts: MessageFacts, status: number, transaction: TransactionRecord): SubscriptionRecord | undefined {
    if (status < 200) return undefined;
    if (facts.method === 'NOTIFY') {
      const subscription = this.#byNotify.get(transaction);
      if (subscription !== undefined && status >= 300) {
        subscription.refusedNotify = status;
        if (endsSubscription.has(status)) this.#end(subscription);
      }
      return subscription;
    }
    if (facts.method !== 'REFER' && facts.method !== 'SUBSCRIBE') return undefined;
    const subscription = this.#ofRequest(facts, transaction);
    if (subscription?.state !== 'asked') return subscription;
    if (status >= 300) subscription.state = 'refused';
    else this.#activate(subscription, facts, facts.toTag);
    return subscription;
  }

  #open(record: MessageRecord, facts: MessageFacts, eventPackage: string, eventId: string): SubscriptionRecord {
    const subscription = new SubscriptionRecord(`s${this.#all.total + 1}`, eventPackage, eventId, record);
    this.#all.push(subscription);
    const key = `${facts.callId}|${facts.fromTag}`;
    const others = this.#bySubscriber.get(key);
    if (others === undefined) this.#bySubscriber.set(key, [subscription]);
    else others.push(subscription);
    return subscription;
  }

  #onNotify(
    record: MessageRecord,
    sip: SipMessage,
    facts: MessageFacts,
    transaction: TransactionRecord,
  ): SubscriptionRecord | undefined {
    const event = attempt(() => sip.event);
    if (event === undefined) return undefined;
    const subscription = this.#find(facts.callId, facts.toTag, event.package, event.id);
    if (subscription === undefined) return undefined;
    this.#byNotify.set(transaction, subscription);
    subscription.notifies.push(record);
    subscription.newest = record;
    // A NOTIFY may come before the 2xx (RFC 6665 section 4.4.1); one after the end changes nothing.
    if (subscription.state === 'asked') this.#activate(subscription, facts, facts.fromTag);
    record.dialog ??= subscription.dialog;
    record.call ??= subscription.dialog?.call;
    if (attempt(() => sip.subscriptionState?.state) === 'terminated') this.#end(subscription);
    return subscription;
  }

  /**
   * An `id` must match exactly; without one it is the oldest live subscription of the package, since the id may be left
   * out for the first REFER of a dialog (RFC 3515 section 2.4.6).
   */
  #find(
    callId: string,
    subscriberTag: string,
    eventPackage: string,
    eventId: string | undefined,
  ): SubscriptionRecord | undefined {
    const all =
      this.#bySubscriber.get(`${callId}|${subscriberTag}`)?.filter((known) => known.package === eventPackage) ?? [];
    if (eventId !== undefined) {
      const exact = all.find((known) => known.eventId === eventId);
      if (exact !== undefined) return exact;
      // Some number their subscriptions by the first try of a REFER that was challenged; there is then only one it can
      // be.
      return all.length === 1 && eventPackage === 'refer' ? all[0] : undefined;
    }
    return all.find((known) => known.state === 'active' || known.state === 'asked') ?? all.at(-1);
  }

  #ofRequest(facts: MessageFacts, transaction: TransactionRecord): SubscriptionRecord | undefined {
    return this.#bySubscriber
      .get(`${facts.callId}|${facts.fromTag}`)
      ?.find((known) => known.request.transaction === transaction);
  }

  #activate(subscription: SubscriptionRecord, facts: MessageFacts, notifierTag: string): void {
    subscription.state = 'active';
    const { request } = subscription;
    const createdBy = request.facts?.method === 'SUBSCRIBE' ? 'SUBSCRIBE' : 'REFER';
    subscription.dialog ??= this.#calls.openSubscriptionDialog(
      facts,
      createdBy,
      request.facts?.fromTag ?? '',
      notifierTag,
    );
    request.dialog ??= subscription.dialog;
    subscription.dialog.usages.add(subscription.usage);
  }

  #end(subscription: SubscriptionRecord): void {
    subscription.state = 'terminated';
    subscription.dialog?.usages.delete(subscription.usage);
  }
}
