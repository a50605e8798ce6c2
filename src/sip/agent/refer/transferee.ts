import type { Clock } from '../../../core';
import { asRequestUri } from '../../dialog';
import { formatNameAddr, formatReplaces, reasonPhrase } from '../../message';
import type { MediaNegotiation } from '../../sdp';
import { defaultTimers, giveUpAfter, type ProtocolObserver } from '../../transaction';
import type { Referral } from './referral';
import type { Session } from '../session';
import type { Sipfrag } from './sipfrag';
import type { UserAgent } from '../user-agent';

type TransfereeState = 'calling' | 'ringing' | 'connected' | 'failed';

/**
 * The transferee of one REFER: calls the target, tells the transferor how that call fares, and waits for the transferor's
 * BYE. RFC 3515 section 2.4; the table of roles in the reference, section 13.
 */
export class Transferee {
  readonly referred: Session;
  readonly #original: Session;
  readonly #referral: Referral;
  readonly #observer: ProtocolObserver;
  #state: TransfereeState = 'calling';

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
    this.#observer = services.observer;
    const { target, replaces, referredBy, headers: fromReferTo } = referral.request;
    const headers: (readonly [string, string])[] = fromReferTo.filter(([name]) => name.toLowerCase() !== 'referred-by' || referredBy === undefined);
    if (replaces !== undefined) headers.push(['Replaces', formatReplaces(replaces)], ['Require', 'replaces']);
    // RFC 3892 section 2.2: unchanged, so that the target sees who sent us, and the third hop the last one (T12).
    if (referredBy !== undefined) headers.push(['Referred-By', formatNameAddr(referredBy)]);
    this.referred = agent.place({ target: asRequestUri(target), headers }, negotiation);
    this.#observer.stateChanged('transfer', this.#name, 'none', 'calling', `RFC 3515 2.4.3: REFER to ${target.toString()}`);
  }

  concerns(session: Session): boolean {
    return session === this.referred || session === this.#original;
  }

  /** One of the two calls changed its state. */
  update(): void {
    const { state } = this.referred;
    if (state === 'ringing' && this.#state === 'calling') {
      this.#move('ringing');
      this.#referral.report({ status: 180, reason: 'Ringing' });
    } else if (state === 'connected' && this.#state !== 'connected') {
      this.#move('connected');
      this.#referral.report({ status: 200, reason: 'OK' });
      // Field failure T8: a transferor that never hangs up must not leave a ghost leg (reference 13: 32 s).
      this.#original.expectHangUp(giveUpAfter(defaultTimers), 'the transferor never hung up');
    } else if (state === 'ended' && this.#state !== 'connected' && this.#state !== 'failed') {
      this.#move('failed');
      this.#referral.report(this.#failure());
    }
  }

  /** Gives up watching: the lab is stopping, and its calls and referrals end by themselves. */
  abandon(): void {
    if (this.#state !== 'connected') this.#state = 'failed';
  }

  get #name(): string {
    return `refer in ${this.#original.id}`;
  }

  #failure(): Sipfrag {
    const { endCause } = this.referred;
    // Only an answer of the target has words of its own.
    if (endCause === undefined || endCause.status < 300) return { status: 487, reason: reasonPhrase(487) };
    const { by, status, text } = endCause;
    return { status, reason: by === 'peer' ? text : reasonPhrase(status) };
  }

  #move(to: TransfereeState): void {
    const from = this.#state;
    this.#state = to;
    this.#observer.stateChanged('transfer', this.#name, from, to, `the referred call is ${this.referred.state}`);
  }
}
