import { Dialog } from '../../dialog';
import type { SipResponse } from '../../message';
import { ProtocolTimers } from '../../transaction';
import { glareBackOff } from '../back-off';
import { OutsideRequest } from './outside-request';
import { mendedStyle, type ReferStyle, styleHeaders } from './style';
import type { AgentServices } from '../services';

/** A peer that is busy with something else in the dialog (491, or 500 with Retry-After) is asked this often. */
const maximumTries = 4;
const longestRetryAfter = 10;
/** What is missing or too much may be mended this often. */
const mostMendings = 3;

/** What to ask, and where. */
export interface ReferDraft {
  /** The dialog of the call. */
  readonly dialog: Dialog;
  /** The whole Refer-To value. */
  readonly referTo: string;
  readonly style: ReferStyle;
  readonly name: string;
}

export interface ReferAttemptUser {
  /** It left; called again for each repeat. `outside` is set when it is in no dialog: a NOTIFY to this id may come any time. */
  onSent(sequence: number, outside: { readonly callId: string; readonly localTag: string } | undefined): void;
  /** A 2xx; `dialog` is where the peer's implicit subscription would live. */
  onAccepted(response: SipResponse, dialog: Dialog): void;
  onRefused(status: number, reason: string): void;
  onTimeout(): void;
}

/** One REFER until it has its final answer: sent again with what was missing, or when the peer has time (reference 9.3). */
export class ReferAttempt {
  readonly #services: AgentServices;
  readonly #draft: ReferDraft;
  readonly #user: ReferAttemptUser;
  readonly #timers: ProtocolTimers<'retry'>;
  #style: ReferStyle;
  #outside: OutsideRequest | undefined;
  #tries = 0;
  #mendings = 0;
  #isOver = false;
  #callEnded = false;

  constructor(services: AgentServices, draft: ReferDraft, user: ReferAttemptUser) {
    this.#services = services;
    this.#draft = draft;
    this.#style = draft.style;
    this.#user = user;
    this.#timers = new ProtocolTimers(services.clock, services.observer, draft.name);
  }

  /** How it was asked last: a peer may have had its way. */
  get style(): ReferStyle {
    return this.#style;
  }

  start(): void {
    if (this.#isOver) return;
    this.#tries += 1;
    if (this.#style.place === 'outside') this.#sendOutside();
    else this.#sendInside();
  }

  /** The call of the dialog ended: what waits for another try has nothing to transfer any more. */
  onCallEnded(): void {
    this.#callEnded = true;
    if (!this.#timers.isIdle) this.#refused(487, 'The call ended meanwhile');
  }

  /** No answer is waited for any more. */
  stop(): void {
    this.#isOver = true;
    this.#timers.clearAll();
    this.#outside?.dispose();
  }

  #sendInside(): void {
    const { dialog } = this.#draft;
    this.#services.requests.send({ dialog, method: 'REFER', headers: this.#headers(), body: undefined }, {
      onSent: (refer) => this.#user.onSent(refer.cseq.sequence, undefined),
      onResponse: (response) => this.#onResponse(response, dialog),
      onTimeout: () => this.#onTimeout(),
      onTransportError: (error) => this.#refused(503, error.message),
    });
  }

  /** RFC 7647, RFC 4538: a dialog of its own, and proof that we are the peer of the call. */
  #sendOutside(): void {
    const { dialog } = this.#draft;
    const { callId, localTag, remoteTag } = dialog;
    // RFC 4538 section 3: written as the receiver sees it.
    const target: [string, string] = ['Target-Dialog', `${callId};local-tag=${remoteTag};remote-tag=${localTag}`];
    const outside: OutsideRequest = new OutsideRequest(
      this.#services,
      { method: 'REFER', uri: dialog.remoteTarget, to: dialog.remoteUri, headers: [...this.#headers(), target] },
      {
        onSent: (refer) => this.#user.onSent(refer.cseq.sequence, outside),
        onResponse: (response, refer) => {
          const made = response.status < 300 ? Dialog.asCaller(refer, response, dialog.transport) : dialog;
          this.#onResponse(response, made);
        },
        onTimeout: () => this.#onTimeout(),
        onTransportError: (error) => this.#refused(503, error.message),
      },
    );
    this.#outside = outside;
    outside.start();
  }

  #headers(): [string, string][] {
    const { settings } = this.#services;
    return [
      ['Contact', `<${settings.contactUri(this.#draft.dialog.transport)}>`],
      ['Refer-To', this.#draft.referTo],
      ...styleHeaders(this.#style, settings.uri),
    ];
  }

  #onResponse(response: SipResponse, dialog: Dialog): void {
    if (this.#isOver || response.status < 200) return;
    if (response.status >= 300) {
      this.#onRefused(response);
      return;
    }
    this.#isOver = true;
    this.#user.onAccepted(response, dialog);
  }

  #onRefused(response: SipResponse): void {
    const { status, reason, retryAfter } = response;
    const mended = this.#callEnded || this.#mendings >= mostMendings ? undefined : mendedStyle(this.#style, response);
    if (mended !== undefined) {
      this.#style = mended;
      this.#mendings += 1;
      this.start();
      return;
    }
    // Reference 9.3: as for a re-INVITE (RFC 3261 14.1), but never after the call has ended.
    const isBusy = status === 491 || (status === 500 && retryAfter !== undefined && retryAfter <= longestRetryAfter);
    if (!isBusy || this.#tries >= maximumTries || this.#callEnded) {
      this.#refused(status, reason);
      return;
    }
    const { isCaller } = this.#draft.dialog;
    const delay = status === 500 && retryAfter !== undefined ? retryAfter * 1000 : glareBackOff(this.#services.random, isCaller);
    this.#timers.set('retry', delay, () => this.start());
  }

  #onTimeout(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#user.onTimeout();
  }

  #refused(status: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timers.clearAll();
    this.#user.onRefused(status, reason);
  }
}

/** RFC 4488 section 4: the receiver has done without the subscription only if its 2xx says so too. */
export function echoesNoSubscription(response: SipResponse): boolean {
  return response.header('Refer-Sub')?.split(';', 1)[0]?.trim().toLowerCase() === 'false';
}

