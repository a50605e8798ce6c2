import type { Milliseconds } from '../../core';
import type { PlacedMessage } from '../correlator';
import type { Horizon } from '../horizon';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { headerPlace } from './places';
import { isReferral } from './referral';

/** Credentials that are known are sent at once; a person who must be asked has this long. */
const patience: Milliseconds = 2_500;

/** T9, a REFER that was challenged and never came again. */
export class ChallengeLint implements Lint {
  readonly methods = ['REFER'];
  readonly #context: LintContext;
  /** The newest CSeq number of REFER by Call-ID and sender's tag, as long as one waits for it. */
  readonly #waiting = new Map<string, { newest: number; since: Milliseconds }>();

  constructor(context: LintContext) {
    this.#context = context;
  }

  forget(horizon: Horizon): void {
    for (const [key, { since }] of this.#waiting) if (horizon.isQuietSince(since)) this.#waiting.delete(key);
  }

  onMessage({ record, sip, facts, transaction }: PlacedMessage): void {
    const key = `${facts.callId}|${facts.fromTag}`;
    if (sip.kind === 'request') {
      const waiting = this.#waiting.get(key);
      if (waiting !== undefined) waiting.newest = Math.max(waiting.newest, facts.sequence);
      return;
    }
    if (sip.status !== 401 && sip.status !== 407) return;
    const before = this.#waiting.get(key) ?? { newest: facts.sequence, since: record.at };
    before.since = record.at;
    this.#waiting.set(key, before);
    this.#context.later(patience, () => {
      if (before.newest > facts.sequence) return;
      this.#waiting.delete(key);
      const transferor = record.transfers.find(isReferral)?.transferor;
      const hadTried = transaction.request?.sip?.header('Authorization') ?? transaction.request?.sip?.header('Proxy-Authorization');
      this.#context.report({
        id: 'T9',
        clause: `${transferor === undefined ? 'the sender' : nameIn(transferor)} was asked for a password (${sip.status}) and ${hadTried === undefined ? 'never sent the REFER again' : 'gave none that was taken'}`,
        message: record,
        range: headerPlace(sip, sip.status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'),
        related: [transaction.request],
      });
    });
  }
}
