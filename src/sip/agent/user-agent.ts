import { type Clock, describeError, type RandomSource, randomToken } from '../../core';
import type { DigestServer } from '../auth';
import { Dialog, dialogKey, dialogKeyOf } from '../dialog';
import {
  parseMessage,
  type Replaces,
  respond,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  SipParseError,
  type UasPolicy,
  validateRequest,
  validateResponse,
} from '../message';
import type { MediaNegotiation } from '../sdp';
import {
  defaultTimers,
  type Hop,
  type ProtocolObserver,
  type RequestDraft,
  type ServerTransaction,
  type TimerValues,
  TransactionLayer,
} from '../transaction';
import { ClientAuthorizer } from './authorizer';
import { blame, blameRequest } from './blame';
import type { Invitation } from './invite-attempt';
import { findReplaced, Tombstones } from './replaced';
import { checkRefer } from './refer-policy';
import {
  type AgentProblem,
  type AgentServices,
  type AgentSettings,
  allowedMethods,
  type DialogRequestUser,
  sdpContentType,
  supportedOptions,
} from './services';
import { Session, type SessionObserver, type SessionOwner } from './session';

/** What this user agent can do; the validator refuses the rest with 405, 415, 420 or 501 (RFC 3261 section 8.2). */
const uasPolicy: UasPolicy = {
  methods: allowedMethods,
  extensions: supportedOptions,
  sessionTypes: [sdpContentType],
};

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
  transmit(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void;
}

export interface AgentEvents extends SessionObserver {
  /** A call came in: ring, answer, reject or redirect it, now or later. */
  onIncoming(session: Session): void;
  onProblem(problem: AgentProblem): void;
}

/**
 * A SIP user agent without I/O: octets and fired timers go in, octets and reports come out. It keeps the dialogs, finds
 * the session each message belongs to, and answers what no session can. RFC 3261 sections 8, 12 and 13.
 */
export class UserAgent {
  readonly #options: UserAgentOptions;
  readonly #services: AgentServices;
  readonly #owner: SessionOwner;
  readonly #transactions: TransactionLayer;
  /** Every session that is not finished, and the dialogs (several for a forked call) that lead to it. */
  readonly #sessions = new Map<Session, { readonly dialogs: string[]; invite: ServerTransaction | undefined }>();
  readonly #dialogs = new Map<string, Session>();
  readonly #invites = new Map<ServerTransaction, Session>();
  readonly #tombstones: Tombstones;
  #sessionCount = 0;

  constructor(options: UserAgentOptions) {
    this.#options = options;
    const timers = options.timers ?? defaultTimers;
    this.#tombstones = new Tombstones(options.clock);
    this.#transactions = new TransactionLayer({
      clock: options.clock,
      random: options.random,
      timers,
      observer: options.observer,
      sentBy: (transport) => options.sentBy(transport),
      transmit: (message, hop, onFailure) => {
        options.transmit(message.bytes, hop, onFailure);
      },
      onRequest: (request, transaction) => {
        this.#onRequest(request, transaction);
      },
      onCancel: (cancel, transaction, invite) => {
        this.#onCancel(cancel, transaction, invite);
      },
      onAck: (ack) => this.#dialogs.get(dialogKeyOf(ack))?.acknowledge(ack),
      onStrayResponse: (response) => {
        const text = `A response (${String(response.status)}) that belongs to no request was dropped`;
        options.events.onProblem(blame('CL2006', text, response, 'via'));
      },
    });
    this.#services = {
      settings: options.settings,
      clock: options.clock,
      random: options.random,
      timers,
      observer: options.observer,
      transactions: this.#transactions,
      authorizer: new ClientAuthorizer((realm) => options.settings.credentialsFor(realm), options.random),
      requestInDialog: (dialog, method, headers, body, user) => {
        this.#requestInDialog(dialog, method, headers, body, user);
      },
      reportProblem: (problem) => {
        options.events.onProblem(problem);
      },
    };
    this.#owner = {
      onState: (session, from, to) => {
        options.events.onState(session, from, to);
      },
      onMedia: (session) => {
        options.events.onMedia(session);
      },
      onReferral: (session, referral) => {
        options.events.onReferral(session, referral);
      },
      onDigit: (session, digit) => {
        options.events.onDigit(session, digit);
      },
      addDialog: (dialog, session) => {
        this.#addDialog(dialog.key, session);
      },
      onFinished: (session) => {
        this.#forget(session);
      },
    };
  }

  /** Sessions that are not finished: calls, and ended calls that still have a subscription or an unanswered BYE. */
  get sessions(): readonly Session[] {
    return [...this.#sessions.keys()];
  }

  /** No call is up or on its way, and nothing waits for an answer; machines that only linger do not count. */
  get isQuiet(): boolean {
    return this.sessions.every((session) => session.isQuiet) && this.#transactions.unsettled === 0;
  }

  /** Calls somebody. `negotiation` is fresh and has our media address. */
  place(invitation: Omit<Invitation, 'offer'>, negotiation: MediaNegotiation): Session {
    const session = Session.place(this.#services, this.#owner, this.#nextId(), invitation, negotiation);
    this.#sessions.set(session, { dialogs: [], invite: undefined });
    return session;
  }

  /** Octets from the wire: one datagram, or one framed message of a stream. Never throws, whatever they hold. */
  receive(bytes: Uint8Array, source: Hop): void {
    let message: SipMessage;
    try {
      message = parseMessage(bytes);
    } catch (error) {
      // Nothing to answer: what cannot be read has no Via to send to (RFC 3261 16.11 drops it silently, and so do we).
      if (error instanceof SipParseError) {
        this.#options.events.onProblem({ code: error.code, text: `Dropped: ${error.message}`, range: error.range });
        return;
      }
      throw error;
    }
    if (message.kind === 'response') this.#receiveResponse(message, source);
    else this.#receiveRequest(message, source);
  }

  /** Drops all calls and timers at once. Hang up first and wait: this says nothing to the peers. */
  abandon(): void {
    for (const session of [...this.#sessions.keys()]) session.abandon();
    this.#transactions.abandonAll();
    this.#sessions.clear();
    this.#dialogs.clear();
    this.#invites.clear();
  }

  #nextId(): string {
    this.#sessionCount += 1;
    return `call ${String(this.#sessionCount)}`;
  }

  #receiveResponse(response: SipResponse, source: Hop): void {
    const fault = validateResponse(response);
    if (fault === undefined) {
      this.#transactions.receive(response, source);
      return;
    }
    const text = `A response (${String(response.status)}) was dropped: ${fault.rule}`;
    this.#options.events.onProblem({ code: 'CL2001', text, message: response, range: fault.range });
  }

  #receiveRequest(request: SipRequest, source: Hop): void {
    const refusal = validateRequest(request, uasPolicy);
    if (refusal === undefined) {
      this.#transactions.receive(request, source);
      return;
    }
    const text = `${request.method} refused with ${String(refusal.status)}: ${refusal.rule}`;
    this.#options.events.onProblem({ code: 'CL2001', text, message: request, range: refusal.range });
    if (request.method === 'ACK') return; // RFC 3261 17: an ACK is never answered
    if (request.header('via') === undefined) return; // RFC 3261 18.2.2: no Via, no way back
    try {
      const { status, reason, headers } = refusal;
      const response = respond(request, status, { reason, source, toTag: this.#newTag(), ...(headers && { headers }) });
      this.#transactions.resend(response, source);
    } catch {
      // No usable Via, From or To: there is nowhere to send an answer, and the journal has the problem.
    }
  }

  #onRequest(request: SipRequest, transaction: ServerTransaction): void {
    if (request.toTag !== undefined) {
      this.#onRequestInDialog(request, transaction);
      return;
    }
    // RFC 3261 8.2.2.2: the same request over a second path.
    if (this.#transactions.isMerged(request, transaction)) {
      this.#turnDown(transaction, 482);
      return;
    }
    switch (request.method) {
      case 'INVITE':
        this.#onInvite(request, transaction);
        return;
      case 'OPTIONS':
        this.#onOptions(transaction);
        return;
      case 'REFER':
        this.#options.events.onProblem(
          blame('CL2007', 'A REFER outside any call was refused: it would let a stranger dial on our behalf', request, 'to'),
        );
        this.#refuse(transaction, 403); // reference 9.2
        return;
      case 'SUBSCRIBE':
        this.#turnDown(transaction, 489); // RFC 6665 4.2.1.1: no event package to offer
        return;
      case 'NOTIFY':
      case 'BYE':
      case 'INFO':
        this.#turnDown(transaction, 481); // RFC 3261 12.2.2, RFC 6665 4.1.3
        return;
      default:
        this.#turnDown(transaction, 481);
    }
  }

  #onRequestInDialog(request: SipRequest, transaction: ServerTransaction): void {
    const session = this.#dialogs.get(dialogKeyOf(request));
    const dialog = session?.dialog;
    if (session === undefined || dialog === undefined) {
      this.#turnDown(transaction, 481); // RFC 3261 12.2.2
      return;
    }
    if (!dialog.acceptSequence(request.cseq.sequence)) {
      this.#turnDown(transaction, 500, 'CSeq out of order'); // RFC 3261 12.2.2
      return;
    }
    if (request.method === 'REFER') this.#onRefer(session, request, transaction);
    else if (request.method === 'OPTIONS') this.#onOptions(transaction);
    else session.receive(request, transaction);
  }

  #onInvite(request: SipRequest, transaction: ServerTransaction): void {
    if (!this.#authenticate(request, transaction)) return;
    let replaces: Replaces | undefined;
    try {
      replaces = request.replaces;
    } catch (error) {
      this.#options.events.onProblem(blame('CL2004', describeError(error), request, 'replaces'));
      this.#refuse(transaction, 400, 'Malformed Replaces'); // RFC 3891 3
      return;
    }
    let replaced: Session | undefined;
    if (replaces !== undefined) {
      const found = findReplaced(replaces, this.#dialogs.get(replacedKey(replaces)), this.#tombstones);
      if (found.refusal !== undefined) {
        this.#options.events.onProblem(blame('CL2008', found.refusal.text, request, 'replaces'));
        this.#refuse(transaction, found.refusal.status);
        return;
      }
      replaced = found.session;
    }
    const dialog = Dialog.asCallee(request, this.#newTag(), transaction.source.transport);
    const session = Session.incoming(this.#services, this.#owner, this.#nextId(), transaction, dialog, replaced);
    this.#sessions.set(session, { dialogs: [], invite: transaction });
    this.#addDialog(dialog.key, session);
    this.#invites.set(transaction, session);
    this.#options.events.onIncoming(session);
  }

  #onCancel(cancel: SipRequest, transaction: ServerTransaction, invite: ServerTransaction | undefined): void {
    const session = invite === undefined ? undefined : this.#invites.get(invite);
    if (invite === undefined) {
      this.#turnDown(transaction, 481); // RFC 3261 9.2
      return;
    }
    // RFC 3261 9.2: 200 to the CANCEL with the To tag of the INVITE's responses; it has no effect after a final one.
    transaction.respond(
      respond(cancel, 200, { source: transaction.source, toTag: session?.dialog?.localTag ?? this.#newTag() }),
    );
    if (invite.finalStatus === undefined) session?.cancelled();
  }

  #onRefer(session: Session, request: SipRequest, transaction: ServerTransaction): void {
    const checked = checkRefer(session, request, this.#options.settings);
    if (checked.refusal === undefined) {
      session.acceptRefer(transaction, checked.request);
      return;
    }
    this.#options.events.onProblem(blame('CL2007', checked.refusal.text, request, 'refer-to'));
    this.#refuse(transaction, checked.refusal.status, checked.refusal.reason);
  }

  #onOptions(transaction: ServerTransaction): void {
    // RFC 3261 11.2: what an INVITE would find here.
    const headers: [string, string][] = [
      ['Allow', allowedMethods.join(', ')],
      ['Accept', 'application/sdp'],
      ['Supported', supportedOptions.join(', ')],
    ];
    this.#refuse(transaction, 200, undefined, headers);
  }

  /** Returns false when the caller must authenticate first: the challenge is sent. RFC 3261 section 22.2. */
  #authenticate(request: SipRequest, transaction: ServerTransaction): boolean {
    const digest = this.#options.digest;
    if (digest === undefined) return true;
    const result = digest.verify(request, 'Authorization');
    if (result.ok) return true;
    const challenges = digest.challenge(result.stale);
    const headers = challenges.map((value): [string, string] => ['WWW-Authenticate', value]);
    this.#refuse(transaction, 401, undefined, headers);
    return false;
  }

  #requestInDialog(
    dialog: Dialog,
    method: string,
    headers: readonly (readonly [string, string])[],
    body: string | undefined,
    user: DialogRequestUser,
  ): void {
    let built: { readonly draft: RequestDraft; readonly hop: Hop; readonly sequence: number };
    try {
      built = dialog.createRequest(method, headers, body);
    } catch (error) {
      // The peer's Contact cannot be sent to. Told later, as any failure to send is.
      this.#services.clock.setTimer(0, () => {
        user.onTransportError(error instanceof Error ? error : new Error(String(error)));
      });
      return;
    }
    user.onSent?.(built.sequence);
    const transaction = this.#transactions.request(built.draft, built.hop, {
      onResponse: (response) => {
        if (response.status === 401 || response.status === 407) {
          const credentials = this.#services.authorizer.authorize(response, transaction.request);
          if (credentials !== undefined) {
            // RFC 3261 22.2: again, with the next CSeq.
            const kept = headers.filter(([name]) => !/^(?:Proxy-)?Authorization$/iu.test(name));
            this.#requestInDialog(dialog, method, [...kept, ...credentials], body, user);
            return;
          }
        }
        user.onResponse(response);
      },
      onTimeout: () => {
        user.onTimeout();
      },
      onTransportError: (error) => {
        user.onTransportError(error);
      },
    });
  }

  #addDialog(key: string, session: Session): void {
    if (this.#dialogs.get(key) === session) return;
    this.#dialogs.set(key, session);
    this.#sessions.get(session)?.dialogs.push(key);
  }

  #forget(session: Session): void {
    const held = this.#sessions.get(session);
    if (held === undefined) return;
    this.#sessions.delete(session);
    if (held.invite !== undefined) this.#invites.delete(held.invite);
    for (const key of held.dialogs) {
      this.#dialogs.delete(key);
      this.#tombstones.add(key);
    }
  }

  /** Refuses a request that breaks a rule, and tells so. */
  #turnDown(transaction: ServerTransaction, status: number, reason?: string): void {
    this.#options.events.onProblem(blameRequest(transaction.request, status));
    this.#refuse(transaction, status, reason);
  }

  #refuse(
    transaction: ServerTransaction,
    status: number,
    reason?: string,
    headers: readonly (readonly [string, string])[] = [],
  ): void {
    transaction.respond(
      respond(transaction.request, status, {
        source: transaction.source,
        toTag: this.#newTag(),
        headers,
        ...(reason === undefined ? {} : { reason }),
      }),
    );
  }

  #newTag(): string {
    return randomToken(this.#options.random, 64);
  }

}

/** The dialog that Replaces means, as we hold it: its to-tag is ours (RFC 3891 section 3). */
function replacedKey(replaces: Replaces): string {
  return dialogKey({ callId: replaces.callId, localTag: replaces.toTag, remoteTag: replaces.fromTag });
}
