import { asRequestUri } from '../dialog';
import type { NameAddr, SipResponse, SipUri } from '../message';
import { blame } from './blame';
import { usableHeaderParts } from './refer/header-parts';
import { retargeted } from './history-info';
import { RedirectTargets } from './redirect-targets';
import { isOurs } from './refer/policy';
import type { AgentServices } from './services';

type Headers = readonly (readonly [string, string])[];

/** Where the next INVITE of a redirected call goes. */
export interface RedirectStep {
  readonly target: SipUri;
  /** The proxy it must take, as a value of Route (RFC 3261 section 21.3.4); undefined for the usual way. */
  readonly route: string | undefined;
}

/** Why a 3xx led nowhere. */
export interface DeadEnd {
  readonly status: number;
  readonly reason: string;
}

/**
 * Follows the redirections of one attempt to call somebody (RFC 3261 section 8.1.3.4): serially, the best q first, no target
 * twice, never back to ourselves. Who forwarded the call goes on with it (RFC 5806, RFC 7044).
 */
export class Redirections {
  readonly #services: AgentServices;
  readonly #targets: RedirectTargets;
  #headers: Headers = [];
  #history: readonly string[];
  /** Header parts of the Contacts, by the URI they came with. */
  readonly #parts = new Map<string, Headers>();
  #proxies: RedirectStep[] = [];
  readonly #usedProxies = new Set<string>();
  #current: SipUri;
  #ledBack = false;

  constructor(services: AgentServices, first: SipUri) {
    this.#services = services;
    this.#targets = new RedirectTargets(first);
    this.#current = first;
    this.#history = [`<${asRequestUri(first).toString()}>;index=1`];
  }

  /** What the next INVITE says of the way that the call has taken. */
  get headers(): Headers {
    return [...(this.#parts.get(this.#current.toString()) ?? []), ...this.#headers];
  }

  /** Takes up a 3xx. */
  take(response: SipResponse): void {
    if (response.status === 380) this.#report('An alternative service (380) was offered, which a person must choose', response);
    else if (response.status === 305) this.#takeProxies(response);
    else this.#targets.add(response, (contact) => this.#isUsable(contact, response));
    const history = response.headerValues('History-Info');
    this.#history = retargeted(history.length > 0 ? history : this.#history, response);
    this.#headers = response.headerValues('Diversion').map((value) => ['Diversion', value] as const);
  }

  /** The next target to try; undefined when there is none. */
  next(): RedirectStep | undefined {
    const proxied = this.#proxies.shift();
    if (proxied !== undefined) return proxied;
    const target = this.#targets.next();
    if (target === undefined) return undefined;
    this.#current = target;
    const last = /;index=(?<index>[\d.]+)/u.exec(this.#history.at(-1) ?? '')?.groups?.['index'] ?? '1';
    this.#history = [...this.#history, `<${target.toString()}>;index=${last}.1;mp=${last}`];
    this.#headers = [
      ...this.#headers.filter(([name]) => name !== 'History-Info'),
      ...this.#history.map((value) => ['History-Info', value] as const),
    ];
    return { target, route: undefined };
  }

  /** What to tell of a 3xx that could not be followed. */
  deadEnd({ status, reason }: SipResponse): DeadEnd {
    return this.#ledBack ? { status: 482, reason: 'the redirection leads back to the caller' } : { status, reason };
  }

  #takeProxies(response: SipResponse): void {
    for (const contact of response.contacts) {
      if (contact === '*' || !this.#isUsable(contact, response)) continue;
      const route = `<${contact.uriText}${contact.uri.params.has('lr') ? '' : ';lr'}>`;
      if (this.#usedProxies.has(route) || this.#usedProxies.size >= mostProxies) continue;
      this.#usedProxies.add(route);
      this.#proxies.push({ target: this.#current, route });
    }
  }

  #isUsable({ uri }: NameAddr, response: SipResponse): boolean {
    if (isOurs(uri, this.#services.settings)) {
      // A phone that obeyed would ring itself.
      this.#ledBack = true;
      this.#report('A redirection back to ourselves was not followed', response);
      return false;
    }
    const refusal = this.#services.settings.refusalToCall(uri);
    if (refusal !== undefined) this.#services.reportProblem(blame('CL1002', refusal, response, 'contact'));
    const { headers, stripped } = usableHeaderParts(uri);
    if (stripped.length > 0) this.#report(`A Contact may not set ${stripped.join(', ')} of our INVITE: left out`, response);
    if (headers.length > 0) this.#parts.set(asRequestUri(uri).toString(), headers);
    return refusal === undefined;
  }

  #report(text: string, response: SipResponse): void {
    this.#services.reportProblem(blame('CL2011', text, response, 'contact'));
  }
}

/** Proxies that 305s may name in one call; more are a circle. */
const mostProxies = 5;
