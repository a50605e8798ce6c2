import type { Clock, RandomSource } from '../../core';
import type { DigestServer } from '../auth';
import type { MediaNegotiation } from '../sdp';
import type { SubscriptionHub } from '../subscription';
import {
  defaultTimers,
  type Hop,
  type ProtocolObserver,
  type TimerValues,
  TransactionLayer,
} from '../transaction';
import { ClientAuthorizer } from './authorizer';
import { blame } from './blame';
import { DialogRequests } from './dialog-requests';
import { DialogTable } from './dialog-table';
import { IncomingCalls } from './incoming-calls';
import { Intake } from './intake';
import type { Invitation } from './invite-attempt';
import { ReferDesk } from './refer/desk';
import { ReferDialogs } from './refer/dialogs';
import type { Referral } from './refer/referral';
import { RequestDispatch } from './request-dispatch';
import type { AgentProblem, AgentServices, AgentSettings } from './services';
import { Session } from './session';
import type { SessionObserver, SessionOwner } from './session-state';
import { createSubscriptions } from './subscriptions';

/** Everything a user agent needs from outside. */
export interface UserAgentOptions {
  readonly settings: AgentSettings;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers?: TimerValues;
  readonly observer: ProtocolObserver;
  /** Callers must authenticate against it; without one, anybody may call. */
  readonly digest?: DigestServer | undefined;
  readonly events: AgentEvents;
  /** Our address over `transport` as it stands in Via: host:port. */
  sentBy(transport: Hop['transport']): string;
  /** Sends octets; `onFailure` is called later, at most once, when they certainly did not leave. */
  transmit(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void;
}

export interface AgentEvents extends SessionObserver {
  /** A call came in: ring, answer, reject or redirect it, now or later. */
  onIncoming(session: Session): void;
  /**
   * The peer asks us to call somebody; accepted already. To be done by a `Transferee`, when `referral.isPending` only after
   * our person has allowed it.
   */
  onReferral(session: Session, referral: Referral): void;
  onProblem(problem: AgentProblem): void;
}

/**
 * A SIP user agent without I/O: octets and fired timers go in, octets and reports come out. It holds the parts together:
 * the intake, the transactions, the dispatch of requests, the calls. RFC 3261 sections 8, 12 and 13.
 */
export class UserAgent {
  /** Subscriptions outside of calls, ours and those of others (RFC 6665). */
  readonly subscriptions: SubscriptionHub;
  readonly #options: UserAgentOptions;
  readonly #services: AgentServices;
  readonly #owner: SessionOwner;
  readonly #transactions: TransactionLayer;
  readonly #intake: Intake;
  readonly #dispatch: RequestDispatch;
  readonly #incoming: IncomingCalls;
  readonly #dialogs: DialogTable;
  /** Every session that is not finished. */
  readonly #sessions = new Set<Session>();
  #sessionCount = 0;
  #isAbandoned = false;

  constructor(options: UserAgentOptions) {
    this.#options = options;
    const { clock, random, observer, settings, events } = options;
    const timers = options.timers ?? defaultTimers;
    this.#dialogs = new DialogTable(clock);
    const transactions = this.#createTransactions(timers);
    this.#transactions = transactions;
    const authorizer = new ClientAuthorizer((realm) => settings.credentialsFor(realm), random);
    this.#services = {
      settings,
      clock,
      random,
      timers,
      observer,
      transactions,
      authorizer,
      requests: new DialogRequests(clock, transactions, authorizer),
      referDialogs: new ReferDialogs(),
      reportProblem: (problem) => {
        events.onProblem(problem);
      },
    };
    this.#owner = this.#createOwner(events);
    this.#intake = new Intake(this.#services, this.#dialogs);
    this.#incoming = this.#createIncoming(events);
    this.#dispatch = new RequestDispatch(this.#services, this.#intake, this.#dialogs);
    this.subscriptions = createSubscriptions(this.#services, this.#dispatch);
    this.#dispatch.outside('INVITE', (request, transaction) => {
      this.#incoming.onInvite(request, transaction);
    });
    new ReferDesk(this.#services, this.#sessions, this.#dialogs, events, options.digest).serve(this.#dispatch);
  }

  get settings(): AgentSettings {
    return this.#options.settings;
  }

  /** Sessions that are not finished: calls, and ended calls that still have a subscription or an unanswered BYE. */
  get sessions(): readonly Session[] {
    return [...this.#sessions];
  }

  /** What it keeps just now: sessions, dialogs and transactions, lingering ones included. To find leaks. */
  get footprint(): { readonly sessions: number; readonly dialogs: number; readonly transactions: number } {
    return { sessions: this.#sessions.size, dialogs: this.#dialogs.size, transactions: this.#transactions.size };
  }

  /**
   * No call is up or on its way, and nothing waits for an answer; machines that only linger do not count, nor subscriptions
   * that are up.
   */
  get isQuiet(): boolean {
    return this.sessions.every((session) => session.isQuiet) && this.#transactions.unsettled === 0;
  }

  /** What requests outside every call stand on too: the registration of a phone (RFC 3261 section 10). */
  get services(): AgentServices {
    return this.#services;
  }

  /** Calls somebody. `negotiation` is fresh and has our media address. */
  place(invitation: Omit<Invitation, 'offer'>, negotiation: MediaNegotiation): Session {
    const session = Session.place(this.#services, this.#owner, { id: this.#nextId(), invitation, negotiation });
    this.#sessions.add(session);
    return session;
  }

  /** Octets from the wire: one datagram, or one framed message of a stream. Never throws, whatever they hold. */
  receive(bytes: Uint8Array, source: Hop): void {
    // What is still on its way when all is dropped must not start a timer that nobody stops.
    if (!this.#isAbandoned) this.#intake.receive(bytes, source);
  }

  /** Drops all calls and timers at once, for good. Hang up first and wait: this says nothing to the peers. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const session of this.sessions) session.abandon();
    this.subscriptions.abandon();
    this.#services.requests.abandon();
    this.#transactions.abandonAll();
    this.#sessions.clear();
    this.#dialogs.clear();
    this.#incoming.clear();
  }

  #createTransactions(timers: TimerValues): TransactionLayer {
    const options = this.#options;
    return new TransactionLayer({
      clock: options.clock,
      random: options.random,
      timers,
      observer: options.observer,
      sentBy: (transport) => options.sentBy(transport),
      transmit: (message, hop, onFailure) => {
        options.transmit(message.bytes, hop, onFailure);
      },
      turnAway: (request) => this.#incoming.turnAway(request),
      onRequest: (request, transaction) => {
        this.#dispatch.receive(request, transaction);
      },
      onCancel: (cancel, transaction, invite) => {
        this.#incoming.onCancel(cancel, transaction, invite);
      },
      onAck: (ack) => {
        const found = this.#dialogs.find(ack);
        if (found !== undefined && found.dialog === found.session.dialog) found.session.acknowledge(ack);
      },
      onStrayResponse: (response) => {
        const text = `A response (${String(response.status)}) that belongs to no request was dropped`;
        options.events.onProblem(blame('CL2006', text, response, 'via'));
      },
    });
  }

  #createOwner(events: AgentEvents): SessionOwner {
    return {
      onState: (session, from, to) => {
        events.onState(session, from, to);
      },
      onMedia: (session) => {
        events.onMedia(session);
      },
      onIdentity: (session) => {
        events.onIdentity?.(session);
      },
      onDigit: (session, digit) => {
        events.onDigit(session, digit);
      },
      addDialog: (dialog, session) => {
        this.#dialogs.add(dialog, session);
      },
      onFinished: (session) => {
        this.#forget(session);
      },
    };
  }

  #createIncoming(events: AgentEvents): IncomingCalls {
    const parts = { intake: this.#intake, dialogs: this.#dialogs, digest: this.#options.digest };
    return new IncomingCalls(this.#services, parts, {
      onCall: (call) => {
        const session = Session.incoming(this.#services, this.#owner, { ...call, id: this.#nextId() });
        this.#sessions.add(session);
        return session;
      },
      onIncoming: (session) => {
        events.onIncoming(session);
      },
    });
  }

  #nextId(): string {
    this.#sessionCount += 1;
    return `call ${String(this.#sessionCount)}`;
  }

  #forget(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.#dialogs.remove(session);
    this.#incoming.forget(session);
  }
}
