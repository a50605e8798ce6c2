import { randomToken } from '../../core';
import { Dialog } from '../dialog';
import { parseUri, type SipRequest, type SipResponse, type SipUri, uriAddress, uriEquals } from '../message';
import { type ClientTransaction, giveUpAfter, type Hop, ProtocolTimers, type RequestDraft } from '../transaction';
import { credentialsOf } from './authorizer';
import { type AgentServices, capabilityHeaders, sdpContentType } from './services';

/** An INVITE to be sent: whom to, and what it says besides the usual. */
export interface Invitation {
  readonly target: SipUri;
  /** Where to send it if not to the address in `target`: an outbound proxy, or the flow of a known dialog. */
  readonly hop?: Hop;
  /** Replaces, Referred-By and the like. */
  readonly headers: readonly (readonly [string, string])[];
  /** The SDP offer. */
  readonly offer: string;
}

export interface InviteFailure {
  readonly status: number;
  readonly reason: string;
  /** The response that decided, or undefined when none came (408, 503) or we gave up ourselves (487). */
  readonly response: SipResponse | undefined;
}

export interface InviteAttemptUser {
  /** A provisional response; with the early dialog it made or belongs to, when it had a To tag. */
  onProgress(response: SipResponse, dialog: Dialog | undefined): void;
  /** The first 2xx. The ACK is sent already. */
  onAnswer(response: SipResponse, dialog: Dialog): void;
  onFailure(failure: InviteFailure): void;
  /** A 2xx of another branch of a fork, or one that crossed our CANCEL: acknowledged here, to be hung up by the user. */
  onUnwanted(dialog: Dialog): void;
}

/** More hops than this are taken for a loop (reference: our choice). */
const maximumRedirects = 10;

type AttemptTimer = 'ring limit' | 'cancel';

/**
 * One attempt to call somebody: an initial INVITE with all that may become of it before a dialog is confirmed: forks,
 * challenges, redirections, CANCEL and its races. RFC 3261 sections 8.1.3, 9.1, 13.2.
 */
export class InviteAttempt {
  readonly callId: string;
  readonly localTag: string;
  readonly #services: AgentServices;
  readonly #invitation: Invitation;
  readonly #user: InviteAttemptUser;
  readonly #timers: ProtocolTimers<AttemptTimer>;
  /** One early dialog for each To tag (RFC 3261 section 13.2.2.1). */
  readonly #early = new Map<string, Dialog>();
  readonly #acks = new Map<string, { readonly ack: SipRequest; readonly hop: Hop }>();
  /** Targets still to be tried, best first, and all that were tried (RFC 3261 section 8.1.3.4). */
  #targets: SipUri[] = [];
  readonly #used: SipUri[] = [];
  #redirectHeaders: [string, string][] = [];
  #sequence = 0;
  #transaction: ClientTransaction | undefined;
  #provisional = false;
  #cancelWanted: { readonly reason: string | undefined } | undefined;
  #cancelSent = false;
  #answered = false;
  #over = false;
  #best: InviteFailure | undefined;

  constructor(services: AgentServices, invitation: Invitation, user: InviteAttemptUser) {
    this.#services = services;
    this.#invitation = invitation;
    this.#user = user;
    this.callId = `${randomToken(services.random, 96)}@${parseUri(services.settings.uri).host}`;
    this.localTag = randomToken(services.random, 64);
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.callId);
  }

  start(): void {
    this.#timers.set('ring limit', this.#services.settings.ringLimit, () => {
      this.cancel('SIP;cause=487;text="No answer"');
    });
    this.#invite(this.#invitation.target, []);
  }

  /**
   * Gives up. CANCEL waits for the first provisional response (RFC 3261 section 9.1); when the answer comes first, it
   * is acknowledged and hung up.
   */
  cancel(reason?: string): void {
    if (this.#over || this.#answered || this.#cancelWanted !== undefined) return;
    this.#cancelWanted = { reason };
    if (this.#provisional) this.#sendCancel();
  }

  /** Forgets everything at once: the lab is stopping. */
  abandon(): void {
    this.#over = true;
    this.#timers.clearAll();
  }

  #invite(target: SipUri, credentials: readonly (readonly [string, string])[]): void {
    const { settings, transactions } = this.#services;
    const hop = this.#invitation.hop ?? uriAddress(target);
    this.#sequence += 1;
    this.#provisional = false;
    if (this.#sequence === 1 || credentials.length === 0) this.#used.push(target);
    const name = settings.displayName === '' ? '' : `"${settings.displayName.replace(/["\\]/gu, '\\$&')}" `;
    const draft: RequestDraft = {
      method: 'INVITE',
      uri: target.toString(),
      headers: [
        ['Max-Forwards', '70'],
        ['From', `${name}<${settings.uri}>;tag=${this.localTag}`],
        // RFC 3261 8.1.3.4: To stays what the person dialled, however often the call is redirected.
        ['To', `<${this.#invitation.target.toString()}>`],
        ['Call-ID', this.callId],
        ['CSeq', `${String(this.#sequence)} INVITE`],
        ...capabilityHeaders(settings, hop.transport),
        ...this.#invitation.headers,
        ...this.#redirectHeaders,
        ...credentials,
        ['Content-Type', sdpContentType],
      ],
      body: this.#invitation.offer,
    };
    const transaction = transactions.request(draft, hop, {
      onResponse: (response) => {
        this.#onResponse(transaction, target, response);
      },
      onTimeout: () => {
        this.#onFailed({ status: 408, reason: 'No answer from the other side', response: undefined });
      },
      onTransportError: (error) => {
        this.#onFailed({ status: 503, reason: error.message, response: undefined });
      },
    });
    this.#transaction = transaction;
  }

  #onResponse(transaction: ClientTransaction, target: SipUri, response: SipResponse): void {
    if (response.status < 200) this.#onProvisional(response);
    else if (response.status < 300) this.#onAccepted(transaction, response);
    else this.#onRefused(transaction, target, response);
  }

  #onProvisional(response: SipResponse): void {
    if (this.#over) return;
    this.#provisional = true;
    if (this.#cancelWanted !== undefined) {
      this.#sendCancel(); // RFC 3261 9.1: now it may go
      return;
    }
    const dialog = response.status > 100 && response.toTag !== undefined ? this.#earlyDialog(response) : undefined;
    this.#user.onProgress(response, dialog);
  }

  #earlyDialog(response: SipResponse): Dialog {
    const tag = response.toTag ?? '';
    const known = this.#early.get(tag);
    if (known !== undefined) return known;
    const dialog = this.#newDialog(response);
    this.#early.set(tag, dialog);
    return dialog;
  }

  #newDialog(response: SipResponse): Dialog {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new Error('a response without a request');
    return Dialog.asCaller(transaction.request, response, transaction.hop.transport);
  }

  #onAccepted(transaction: ClientTransaction, response: SipResponse): void {
    const tag = response.toTag ?? '';
    const acknowledged = this.#acks.get(tag);
    if (acknowledged !== undefined) {
      // RFC 3261 13.2.2.4: each repeated 2xx gets the same ACK again.
      this.#services.transactions.resend(acknowledged.ack, acknowledged.hop);
      return;
    }
    const dialog = this.#early.get(tag) ?? this.#newDialog(response);
    dialog.confirm(response);
    const { draft, hop } = dialog.createAck(transaction.request.cseq.sequence, credentialsOf(transaction.request));
    this.#acks.set(tag, { ack: this.#services.transactions.acknowledge(draft, hop), hop });
    if (this.#answered || this.#over || this.#cancelWanted !== undefined) {
      // Another branch of the fork (RFC 3261 13.2.2.4), or the answer crossed our CANCEL (15.1.1 of RFC 3261, RFC 5407).
      this.#user.onUnwanted(dialog);
      if (!this.#answered) this.#finish({ status: 487, reason: 'Hung up before the answer', response: undefined });
      return;
    }
    this.#answered = true;
    this.#timers.clearAll();
    this.#user.onAnswer(response, dialog);
  }

  #onRefused(transaction: ClientTransaction, target: SipUri, response: SipResponse): void {
    if (this.#over || this.#answered) return;
    this.#early.clear(); // RFC 3261 13.2.2.3: a final refusal ends all early dialogs of the INVITE
    const { status } = response;
    if (this.#cancelWanted === undefined) {
      if (status === 401 || status === 407) {
        const credentials = this.#services.authorizer.authorize(response, transaction.request);
        if (credentials !== undefined) {
          this.#invite(target, credentials); // RFC 3261 22.2
          return;
        }
      }
      if (status >= 300 && status < 400 && this.#follow(response)) return;
    }
    this.#onFailed({ status, reason: response.reason, response });
  }

  /** Takes the Contacts of a 3xx as new targets: RFC 3261 section 8.1.3.4. Returns false when none is left to try. */
  #follow(response: SipResponse): boolean {
    const contacts = response.contacts.filter((contact) => contact !== '*');
    const byPreference = contacts
      .map((contact) => ({ contact, q: Number(contact.params.get('q') ?? '1') }))
      .sort((a, b) => b.q - a.q);
    for (const { contact } of byPreference) {
      const known = [...this.#used, ...this.#targets].some((other) => uriEquals(other, contact.uri));
      const refusal = this.#services.settings.refusalToCall(contact.uri);
      if (refusal !== undefined) this.#services.reportProblem({ code: 'CL2005', text: refusal, message: response });
      else if (!known) this.#targets.push(bareUri(contact.uri));
    }
    // Who forwarded the call goes on with it (RFC 5806 section 6, RFC 7044).
    this.#redirectHeaders = ['Diversion', 'History-Info'].flatMap((name) =>
      response.headerValues(name).map((value): [string, string] => [name, value]),
    );
    return this.#tryNext();
  }

  #tryNext(): boolean {
    const next = this.#targets.shift();
    if (next === undefined || this.#used.length > maximumRedirects) return false;
    this.#invite(next, []);
    return true;
  }

  #onFailed(failure: InviteFailure): void {
    if (this.#over || this.#answered) return;
    const isGlobal = failure.status >= 600;
    // RFC 3261 16.7 step 6: a 6xx decides; otherwise the lowest class wins.
    if (this.#best === undefined || isGlobal || failure.status < this.#best.status) this.#best = failure;
    if (!isGlobal && this.#cancelWanted === undefined && this.#tryNext()) return;
    this.#finish(this.#cancelWanted === undefined ? this.#best : failure);
  }

  #sendCancel(): void {
    const transaction = this.#transaction;
    if (transaction === undefined || this.#cancelSent || this.#over) return;
    this.#cancelSent = true;
    // A CANCEL that gets no answer, or 481, changes nothing: only the INVITE's own final response counts (RFC 3261 9.1).
    const ignore = (): void => undefined;
    const user = { onResponse: ignore, onTimeout: ignore, onTransportError: ignore };
    this.#services.transactions.cancel(transaction, user, this.#cancelWanted?.reason);
    this.#timers.set('cancel', giveUpAfter(this.#services.timers), () => {
      transaction.abandon();
      this.#finish({ status: 487, reason: 'Cancelled, and never confirmed by the other side', response: undefined });
    });
  }

  #finish(failure: InviteFailure): void {
    this.#over = true;
    this.#timers.clearAll();
    this.#user.onFailure(failure);
  }
}

/** A Contact as a Request-URI: without method and headers (RFC 3261 section 19.1.5). */
function bareUri(uri: SipUri): SipUri {
  const text = uri.toString();
  const question = text.indexOf('?');
  return question === -1 ? uri : parseUri(text.slice(0, question));
}
