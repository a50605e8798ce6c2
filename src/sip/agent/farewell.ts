import type { Dialog } from '../dialog';
import type { SipRequest } from '../message';
import type { AgentServices } from './services';

/** How often a BYE is sent whose number was too low. */
const mostByes = 3;

/**
 * The BYE of one call. The call is over for its owner at once; here is kept what the wire still owes: a BYE that must
 * wait for the ACK to our 2xx, and one that has no answer yet (RFC 3261 section 15).
 */
export class Farewell {
  readonly #services: AgentServices;
  readonly #onSaid: () => void;
  /** The Reason header of the BYE that waits for the ACK; empty for none. */
  #onAck: string | undefined;
  #unanswered = 0;

  /** `onSaid` is called when a BYE was answered, or never will be. */
  constructor(services: AgentServices, onSaid: () => void) {
    this.#services = services;
    this.#onSaid = onSaid;
  }

  /** A BYE is owed or unanswered. */
  get isPending(): boolean {
    return this.#onAck !== undefined || this.#unanswered > 0;
  }

  get waitsForAck(): boolean {
    return this.#onAck !== undefined;
  }

  /** RFC 3261 15: no BYE before the ACK has come or the 2xx has given up. Then call {@link acknowledged}. */
  afterAck(reason = ''): void {
    this.#onAck = reason;
  }

  /** The ACK has come, or never will: a BYE that waited for it goes out. */
  acknowledged(dialog: Dialog): void {
    const reason = this.#onAck;
    if (reason === undefined) return;
    this.#onAck = undefined;
    this.say(dialog, reason);
  }

  /** Sends BYE. RFC 3261 section 15.1.1: whatever the answer is, or if none comes, the call is over. */
  say(dialog: Dialog, reason = '', tries = 1): void {
    const headers: [string, string][] = reason === '' ? [] : [['Reason', reason]];
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#unanswered -= 1;
      this.#onSaid();
    };
    this.#unanswered += 1;
    this.#services.requests.send({ dialog, method: 'BYE', headers, body: undefined }, {
      onResponse: ({ status }) => {
        if (status < 200) return;
        // RFC 3261 12.2.2: a later request, a NOTIFY say, has overtaken the BYE, whose number is too low now: with the next one.
        if (status === 500 && tries < mostByes) this.say(dialog, reason, tries + 1);
        close();
      },
      onTimeout: close,
      onTransportError: close,
    });
  }

  /** The peer hung up: nothing is owed any more, but the answer to a BYE of ours may still come. */
  cancel(): void {
    this.#onAck = undefined;
  }

  /** Forgets all of it: the lab is stopping. */
  abandon(): void {
    this.#onAck = undefined;
    this.#unanswered = 0;
  }
}

/** Why the other side hung up, as one clause. */
export function reasonOf(bye: SipRequest): string {
  const reason = bye.header('Reason');
  return reason === undefined ? 'hung up by the other side' : `hung up by the other side (${reason})`;
}
