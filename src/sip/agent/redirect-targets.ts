import { asRequestUri } from '../dialog';
import { type NameAddr, type SipResponse, type SipUri, uriEquals } from '../message';

/** More targets than this in one call are taken for a loop (reference: our choice). */
const mostTargets = 10;

/**
 * The targets of one attempt to call somebody: those still to be tried, best first, and those that were tried, which is
 * what breaks a loop (RFC 3261 section 8.1.3.4).
 */
export class RedirectTargets {
  readonly #tried: SipUri[];
  #waiting: SipUri[] = [];

  constructor(first: SipUri) {
    this.#tried = [first];
  }

  /**
   * Takes the Contacts of a 3xx, the highest q first. 300, 301 and 302 name other places where the person may be. A 305
   * names a proxy and a 380 another service: neither is somewhere to send this call. `isAllowed` may refuse a target.
   */
  add(response: SipResponse, isAllowed: (contact: NameAddr) => boolean): void {
    if (response.status > 302) return;
    const contacts = response.contacts
      .filter((contact) => contact !== '*')
      .map((contact) => ({ contact, uri: asRequestUri(contact.uri), q: preference(contact.params.get('q')) }))
      .sort((a, b) => b.q - a.q);
    for (const { contact, uri } of contacts) {
      const isKnown = [...this.#tried, ...this.#waiting].some((other) => uriEquals(other, uri));
      if (!isKnown && isAllowed(contact)) this.#waiting.push(uri);
    }
  }

  /** The next target to try, or undefined when there is none. */
  next(): SipUri | undefined {
    if (this.#tried.length >= mostTargets) this.#waiting = [];
    const next = this.#waiting.shift();
    if (next !== undefined) this.#tried.push(next);
    return next;
  }
}

/** RFC 3261 section 20.10: 0 to 1; a Contact without q comes first. */
function preference(q: string | undefined): number {
  const value = Number(q ?? '1');
  return Number.isFinite(value) ? value : 1;
}
