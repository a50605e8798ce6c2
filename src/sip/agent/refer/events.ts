import { randomToken } from '../../../core';
import { parseUri, type SipRequest } from '../../message';
import type { Referral } from './referral';
import type { AgentServices } from '../services';

/** The URI parameter that names one REFER among those whose events can be asked for. */
const parameter = 'refer-events';

/** More REFERs than this are not kept for SUBSCRIBE; the oldest is forgotten. */
const mostKept = 64;

/** Whether a REFER asks for no subscription in the way of RFC 4488, so that our 2xx must echo it. */
export function echoable(refer: SipRequest): boolean {
  return refer.header('Refer-Sub')?.split(';', 1)[0]?.trim().toLowerCase() === 'false';
}

/** REFERs whose outcome is told only to those who subscribe (RFC 7614), each under a URI that nobody can guess. */
export class ReferEvents {
  readonly #services: AgentServices;
  readonly #referrals = new Map<string, Referral>();

  constructor(services: AgentServices) {
    this.#services = services;
  }

  /** The URI for Refer-Events-At; `contact` is ours. */
  publish(referral: Referral, contact: string): string {
    const token = randomToken(this.#services.random, 96);
    this.#referrals.set(token, referral);
    const oldest = this.#referrals.keys().next();
    if (this.#referrals.size > mostKept && oldest.done === false) this.#referrals.delete(oldest.value);
    return `${contact};${parameter}=${token}`;
  }

  /** The REFER that a SUBSCRIBE outside any dialog means, if it is still remembered. */
  find(subscribe: SipRequest): Referral | undefined {
    const token = parseUri(subscribe.requestUri).params.get(parameter);
    const referral = token === undefined ? undefined : this.#referrals.get(token);
    return referral?.isLive === true ? referral : undefined;
  }

  /** Forgets a REFER that has ended. */
  forget(referral: Referral): void {
    for (const [token, kept] of this.#referrals) if (kept === referral) this.#referrals.delete(token);
  }
}
