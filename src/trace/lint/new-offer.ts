import type { PlacedMessage } from '../correlator';
import { mediaDirection } from '../media-direction';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { bodyPlace } from './places';
import { referralOf } from './referral';

/** T16, the offer of the new call looks like the one of the call that was held. */
export class NewOfferLint implements Lint {
  readonly methods = ['INVITE'];
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts }: PlacedMessage): void {
    if (sip.kind !== 'request' || facts.toTag !== '') return;
    const referral = referralOf(record.call);
    if (referral === undefined) return;
    const direction = mediaDirection(sip);
    if (direction === undefined || direction === 'sendrecv') return;
    const { asked: transferee, called: target } = referral;
    this.#context.report({
      id: 'T16',
      clause: `${nameIn(transferee)} offers ${nameIn(target)} a call that is ${direction === 'c0' ? 'on hold' : direction} from the start, as the held call was`,
      message: record,
      range: direction === 'c0' ? bodyPlace(sip, /c=IN IP[46] \S+/) : bodyPlace(sip, new RegExp(`a=${direction}`)),
      related: [referral.opened],
    });
  }
}
