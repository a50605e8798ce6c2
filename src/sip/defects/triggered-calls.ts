import type { SipMessage } from '../message';

/** How many referrals are remembered: a phone has few at a time. */
const mostRemembered = 100;

/** Which call a phone places because of which REFER. */
export class TriggeredCalls {
  /** Call-ID of the new call by that of the call in which the REFER came. */
  readonly #newCalls = new Map<string, string>();
  #asked: string | undefined;

  /** Watches all that comes in. */
  seeIncoming(message: SipMessage): void {
    if (message.kind === 'request' && message.method === 'REFER') this.#asked = message.callId;
  }

  /** Watches all that goes out. Returns true for the INVITE of a new call that a REFER asked for. */
  seeOutgoing(message: SipMessage): boolean {
    if (message.kind !== 'request' || message.method !== 'INVITE' || message.toTag !== undefined) return false;
    if (this.#asked !== undefined && (message.header('Referred-By') !== undefined || message.header('Replaces') !== undefined)) {
      this.#newCalls.set(this.#asked, message.callId);
      this.#asked = undefined;
      const oldest = this.#newCalls.keys().next();
      if (this.#newCalls.size > mostRemembered && oldest.done === false) this.#newCalls.delete(oldest.value);
    }
    return [...this.#newCalls.values()].includes(message.callId);
  }

  /** The Call-ID of the call that a REFER within this one brought about. */
  newCallOf(callId: string): string | undefined {
    return this.#newCalls.get(callId);
  }

  /** The Call-ID of the call whose REFER brought this one about. */
  firstCallOf(newCallId: string): string | undefined {
    return [...this.#newCalls].find(([, callId]) => callId === newCallId)?.[0];
  }
}
