import type { CommandName, ElementValues, FullFrame } from '../frame';
import type { Leg } from './leg';

/** Tokens taken for one request: a server that gives another each time would go on for ever. */
const mostTokens = 3;

/** The first request of a leg, NEW or REGREQ, with the dance of the call token (IAX2 reference 4.3). */
export class Opening {
  readonly #leg: Leg;
  readonly #command: CommandName;
  readonly #elements: ElementValues;
  #tokens = 0;

  constructor(leg: Leg, command: CommandName, elements: ElementValues) {
    this.#leg = leg;
    this.#command = command;
    this.#elements = elements;
  }

  /** Sends it with an empty token, which says that we know of tokens (step 1). An old server just serves it. */
  begin(): void {
    this.#send(new Uint8Array(0));
  }

  /** Whether this reply is a token: then the same request goes out once more, with it (step 3). */
  onReply(frame: FullFrame): boolean {
    const token = frame.command === 'CALLTOKEN' ? frame.element('callToken') : undefined;
    if (token === undefined || this.#tokens >= mostTokens) return false;
    this.#tokens += 1;
    this.#leg.restart();
    this.#send(token);
    return true;
  }

  #send(callToken: Uint8Array): void {
    this.#leg.command(this.#command, { ...this.#elements, callToken });
  }
}
