import type { Clock, Milliseconds } from '../core';
import { canonicalHost, type Located, type SipLocator } from '../net';
import { defaultPort, formatHop, type Hop } from '../sip';
import { isNobody } from './nobody';
import type { StreamHop } from './sip-streams';

/** How long an answer of DNS serves: what a transaction repeats goes where it went before (RFC 3263 section 4.3). */
const memory: Milliseconds = 64_000;

const mostRemembered = 256;

type SendTo = (bytes: Uint8Array, hop: StreamHop, onFailure: (error: Error) => void) => void;

interface Known {
  readonly places: Promise<readonly Located[]>;
  readonly until: Milliseconds;
  /** Of the places, the one to try first: those before it have failed. */
  best: number;
}

/** Sends to hosts that have a name: to the places DNS names, one after the other until one can be reached. */
export class NamedHops {
  readonly #locator: SipLocator;
  readonly #clock: Clock;
  readonly #sendTo: SendTo;
  readonly #known = new Map<string, Known>();

  constructor(locator: SipLocator, clock: Clock, sendTo: SendTo) {
    this.#locator = locator;
    this.#clock = clock;
    this.#sendTo = sendTo;
  }

  send(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void {
    const known = this.#find(hop);
    known.places.then(
      (places) => {
        this.#try(bytes, places, known, onFailure);
      },
      (error: unknown) => {
        onFailure(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  #find(hop: Hop): Known {
    const key = formatHop(hop);
    const found = this.#known.get(key);
    if (found !== undefined && this.#clock.now() < found.until) return found;
    const { host, port, transport } = hop;
    // The port that is meant when none is named says nothing against SRV (RFC 3263 section 4.2).
    const places = this.#locator.locate({ host, transport, ...(port !== defaultPort(transport) && { port }) });
    const known: Known = { places, until: this.#clock.now() + memory, best: 0 };
    this.#known.delete(key);
    this.#known.set(key, known);
    const oldest = this.#known.keys().next();
    if (this.#known.size > mostRemembered && oldest.done === false) this.#known.delete(oldest.value);
    return known;
  }

  #try(bytes: Uint8Array, places: readonly Located[], known: Known, onFailure: (error: Error) => void): void {
    const at = known.best;
    const place = places[at];
    if (place === undefined) return;
    this.#sendTo(bytes, place, (error) => {
      if (at + 1 >= places.length) {
        known.best = 0; // next time from the start
        onFailure(error);
        return;
      }
      known.best = Math.max(known.best, at + 1);
      this.#try(bytes, places, known, onFailure);
    });
  }
}

/** Whether DNS must say where this is. */
export function isNamed(hop: Hop): boolean {
  return canonicalHost(hop.host) === undefined && !isNobody(hop);
}
