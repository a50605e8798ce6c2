import { CallLabError } from '../../core';
import type { TransferConsent } from '../../iax';
import type { ReferPolicy } from '../../sip';
import type { TransferAsk } from '../phone-transfers';

export interface CallGuestsOptions {
  readonly policy: ReferPolicy;
  onAsked(ask: TransferAsk): void;
  onChanged(): void;
}

/** What becomes of the wish to transfer a phone, by the words of the endpoint. */
const consents: Readonly<Record<ReferPolicy, TransferConsent>> = { accept: 'allow', ask: 'ask', refuse: 'off', unknown: 'unknown' };

/** Those who want to transfer an IAX2 phone, and wait for its person to say yes or no. */
export class CallGuests {
  readonly #options: CallGuestsOptions;
  readonly #asked = new Map<TransferAsk, (isAllowed: boolean) => void>();

  constructor(options: CallGuestsOptions) {
    this.#options = options;
  }

  /** What the endpoint is told of the phone's policy. */
  get endpointOptions(): { readonly transferPolicy: TransferConsent } {
    return { transferPolicy: consents[this.#options.policy] };
  }

  /** The oldest first. */
  get asks(): readonly TransferAsk[] {
    return [...this.#asked.keys()];
  }

  ask(ask: TransferAsk, decide: (isAllowed: boolean) => void): void {
    // The newest wish of a call counts (IAX2 reference 6.2).
    this.forget(ask.call);
    this.#asked.set(ask, decide);
    this.#options.onAsked(ask);
  }

  /** What the person says to it. Throws CL3003 when it is not asked any more. */
  decide(ask: TransferAsk, isAllowed: boolean): void {
    const decide = this.#asked.get(ask);
    if (decide === undefined) throw new CallLabError('CL3003', `${ask.by} does not ask any more`);
    this.#asked.delete(ask);
    decide(isAllowed);
    this.#options.onChanged();
  }

  /** The call is over, or was asked for anew. */
  forget(call: string): void {
    for (const ask of this.#asked.keys()) if (ask.call === call) this.#asked.delete(ask);
  }

  /** The phone is being switched off: nobody can consent any more. */
  refuseAll(): void {
    for (const ask of this.asks) this.decide(ask, false);
  }

  clear(): void {
    this.#asked.clear();
  }
}
