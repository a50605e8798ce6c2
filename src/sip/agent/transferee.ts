import type { Clock } from '../../core';
import { formatReplaces, parseUri } from '../message';
import type { MediaNegotiation } from '../sdp';
import { defaultTimers, giveUpAfter, type ProtocolObserver, ProtocolTimers } from '../transaction';
import type { Referral } from './referral';
import type { Session } from './session';
import type { UserAgent } from './user-agent';

/**
 * The transferee of one REFER: calls the target, tells the transferor how that call fares, and waits for the transferor's
 * BYE. RFC 3515 section 2.4; the table of roles in the reference, section 13.
 */
export class Transferee {
  readonly referred: Session;
  readonly #original: Session;
  readonly #referral: Referral;
  readonly #timers: ProtocolTimers<'transferor'>;

  /**
   * Sends the INVITE that the REFER asks for: to the target, with Replaces and Referred-By (RFC 3891 section 4, RFC
   * 3892). `negotiation` is a fresh one: the held call's direction is not inherited (field failure T16).
   */
  constructor(
    agent: UserAgent,
    services: { readonly clock: Clock; readonly observer: ProtocolObserver },
    original: Session,
    referral: Referral,
    negotiation: MediaNegotiation,
  ) {
    this.#original = original;
    this.#referral = referral;
    const { target, replaces, referredBy } = referral.request;
    const headers: [string, string][] = [];
    if (replaces !== undefined) headers.push(['Replaces', formatReplaces(replaces)], ['Require', 'replaces']);
    if (referredBy !== undefined) headers.push(['Referred-By', `<${referredBy.uriText}>`]);
    const [bare = ''] = target.toString().split('?', 1);
    this.referred = agent.place({ target: parseUri(bare), headers }, negotiation);
    this.#timers = new ProtocolTimers(services.clock, services.observer, `transferee in ${original.id}`);
  }

  concerns(session: Session): boolean {
    return session === this.referred || session === this.#original;
  }

  /** One of the two calls changed its state. */
  update(): void {
    const { referred } = this;
    switch (referred.state) {
      case 'ringing':
        this.#referral.report({ status: 180, reason: 'Ringing' });
        break;
      case 'connected':
        this.#referral.report({ status: 200, reason: 'OK' });
        this.#awaitBye();
        break;
      case 'ended':
        this.#timers.clearAll();
        this.#reportEnd();
        break;
      default:
        break;
    }
    if (this.#original.state === 'ended') this.#timers.clearAll();
  }

  abandon(): void {
    this.#timers.clearAll();
  }

  /** A call that was up has told its 200 already; the referral drops what follows. */
  #reportEnd(): void {
    const status = this.referred.endCause?.status ?? 487;
    if (status >= 300) this.#referral.report({ status, reason: this.referred.endCause?.text ?? '' });
    else this.#referral.report({ status: 487, reason: 'Request Terminated' });
  }

  /** Field failure T8: a transferor that never hangs up must not leave a ghost leg (reference 13: 32 s). */
  #awaitBye(): void {
    if (this.#original.state !== 'connected') return;
    this.#timers.set('transferor', giveUpAfter(defaultTimers), () => {
      this.#original.hangUp('the transferor never hung up');
    });
  }
}
