import type { Dialog } from '../dialog';
import { respond, type SipRequest, type SipResponse } from '../message';
import { giveUpAfter, ProtocolTimers, type ServerTransaction } from '../transaction';
import type { AgentServices } from './services';
import { parseSipfrag, type Sipfrag } from './sipfrag';

/** Hears what becomes of a REFER that we sent. One of `onRefused` and `onFinal` comes, once, and it is the last. */
export interface ReferUser {
  onAccepted?(): void;
  /** A provisional sipfrag: the target rings, say. */
  onProgress?(frag: Sipfrag): void;
  /** The final sipfrag; undefined when the subscription ended without one: the outcome is unknown. */
  onFinal(frag: Sipfrag | undefined): void;
  onRefused(status: number, reason: string): void;
}

type State = 'referring' | 'waiting' | 'active' | 'ended';

/**
 * The transferor's side of one REFER: the request and its implicit subscription (RFC 3515 section 2.4, RFC 6665). It
 * lives in the dialog of the REFER and outlives that dialog's call.
 */
export class ReferSubscription {
  readonly #services: AgentServices;
  readonly #user: ReferUser;
  readonly #timers: ProtocolTimers<'N' | 'expires'>;
  readonly #name: string;
  readonly #onEnded: () => void;
  #state: State = 'referring';
  /** The CSeq of the REFER that was accepted names the subscription (RFC 3515 section 2.4.6). */
  #id: number | undefined;
  /** A second NOTIFY path never reopens what one has told. */
  #told = false;

  constructor(services: AgentServices, name: string, user: ReferUser, onEnded: () => void) {
    this.#services = services;
    this.#user = user;
    this.#name = name;
    this.#onEnded = onEnded;
    this.#timers = new ProtocolTimers(services.clock, services.observer, name);
  }

  get isLive(): boolean {
    return this.#state !== 'ended';
  }

  get id(): number | undefined {
    return this.#id;
  }

  start(dialog: Dialog, referTo: string): void {
    const { settings } = this.#services;
    const headers: [string, string][] = [
      ['Contact', `<${settings.contactUri(dialog.transport)}>`],
      ['Refer-To', referTo],
      ['Referred-By', `<${settings.uri}>`],
    ];
    this.#services.requestInDialog(dialog, 'REFER', headers, undefined, {
      onSent: (sequence) => {
        this.#id = sequence;
      },
      onResponse: (response) => {
        this.#onResponse(response);
      },
      onTimeout: () => {
        // The peer may have acted on it all the same (reference 9.3): whoever asked must not simply repeat it.
        this.#refused(408, 'No answer to the REFER');
      },
      onTransportError: (error) => {
        this.#refused(503, error.message);
      },
    });
  }

  /** Whether a NOTIFY with this Event id belongs here; without one it does, if we are the only live one. */
  matches(id: string | undefined, isOnly: boolean): boolean {
    if (!this.isLive) return false;
    return id === undefined ? isOnly : id === String(this.#id);
  }

  /** A NOTIFY, which may come before the 2xx to the REFER (RFC 6665 section 4.1.2.4). */
  receive(notify: SipRequest, transaction: ServerTransaction): void {
    const state = notify.subscriptionState;
    if (state === undefined) {
      transaction.respond(respond(notify, 400, { reason: 'Missing Subscription-State' })); // RFC 6665 8.2.1
      return;
    }
    transaction.respond(respond(notify, 200));
    this.#timers.clear('N');
    this.#move('active', 'RFC 6665 4.1.2.4: a NOTIFY');
    const frag = parseSipfrag(notify.body);
    const isOver = state.state === 'terminated';
    if (frag !== undefined && frag.status >= 200) this.#final(frag);
    else if (frag !== undefined && !isOver) this.#user.onProgress?.(frag);
    if (isOver) {
      // A terminated subscription with a provisional body, or none, means "no more news", not failure (reference 9.4).
      this.#final(undefined);
      this.#end('RFC 6665 4.1.3: the notifier ended it');
    } else if (state.expires !== undefined) {
      this.#timers.set('expires', state.expires * 1000, () => {
        this.#final(undefined);
        this.#end('RFC 6665 4.1.2: it expired');
      });
    }
  }

  /** Forgets it: the dialog is gone. */
  abandon(why: string): void {
    if (!this.isLive) return;
    this.#final(undefined);
    this.#end(why);
  }

  #onResponse(response: SipResponse): void {
    if (response.status < 200) return;
    if (response.status < 300) {
      if (this.#state === 'referring') {
        this.#move('waiting', 'RFC 3515 2.4.4: the REFER was accepted');
        this.#timers.set('N', giveUpAfter(this.#services.timers), () => {
          this.#final(undefined);
          this.#end('RFC 6665 4.1.2.4: timer N, no NOTIFY came');
        });
      }
      if (!this.#told) this.#user.onAccepted?.();
      return;
    }
    this.#refused(response.status, response.reason);
  }

  #refused(status: number, reason: string): void {
    if (!this.isLive) return;
    this.#told = true;
    this.#end(`RFC 3515 2.4.2: refused with ${String(status)}`);
    this.#user.onRefused(status, reason);
  }

  #final(frag: Sipfrag | undefined): void {
    if (this.#told) return;
    this.#told = true;
    this.#user.onFinal(frag);
  }

  #end(why: string): void {
    if (!this.isLive) return;
    this.#timers.clearAll();
    this.#move('ended', why);
    this.#onEnded();
  }

  #move(to: State, why: string): void {
    if (this.#state === to) return;
    const from = this.#state;
    this.#state = to;
    this.#services.observer.stateChanged('subscription', this.#name, from, to, why);
  }
}
