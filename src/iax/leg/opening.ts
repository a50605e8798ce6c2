import type { CommandName, ElementValues, FullFrame } from '../frame';
import type { Leg } from './leg';

/** How often one request begins anew: a server that gives another token each time would go on for ever. */
const mostBeginnings = 4;

/** The first request of a leg, NEW or REGREQ, with the dance of the call token (IAX2 reference 4.3). */
export class Opening {
  readonly #leg: Leg;
  readonly #command: CommandName;
  readonly #elements: ElementValues;
  /** The times of the requests sent: a reply without a call repeats the time of what it answers (IAX2 reference 4.3). */
  readonly #times: number[] = [];
  #hasToken = false;

  constructor(leg: Leg, command: CommandName, elements: ElementValues) {
    this.#leg = leg;
    this.#command = command;
    this.#elements = elements;
  }

  /** Sends it with an empty token, which says that we know of tokens (step 1). An old server just serves it. */
  begin(): void {
    this.#send(new Uint8Array(0));
  }

  /**
   * Whether this reply is a token: then the same request goes out once more, with it (step 3). A bare refusal of a token that
   * was under way for too long is a reason to ask for another. False for a refusal that counts.
   */
  onReply(frame: FullFrame): boolean {
    const token = frame.command === 'CALLTOKEN' ? frame.element('callToken') : undefined;
    const isTooOld = this.#hasToken && frame.elements.length === 0 && (frame.command === 'REJECT' || frame.command === 'REGREJ');
    // The repeat of a reply that has had its effect; but who gives a cause means it.
    const answered = this.#times.lastIndexOf(frame.timestamp);
    const isRepeat = answered >= 0 && answered < this.#times.length - 1;
    if (isRepeat && (token !== undefined || frame.elements.length === 0)) return true;
    if ((token === undefined && !isTooOld) || this.#times.length >= mostBeginnings) return false;
    this.#hasToken = token !== undefined;
    this.#leg.restart();
    this.#send(token ?? new Uint8Array(0));
    return true;
  }

  #send(callToken: Uint8Array): void {
    this.#times.push(this.#leg.time);
    this.#leg.command(this.#command, { ...this.#elements, callToken });
  }
}
