import type { PlacedMessage } from '../correlator';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { isReferral } from './referral';

/** T17, a REFER from nobody in particular that was accepted. */
export class ConsentLint implements Lint {
  readonly methods = ['REFER'];
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, transaction: { request } }: PlacedMessage): void {
    if (sip.kind !== 'response' || sip.status < 200 || sip.status >= 300) return;
    const asked = request?.sip;
    if (request === undefined || asked === undefined || request.facts?.toTag !== '') return;
    // Who names a call that they are in, or who they are, is no stranger (RFC 4538, RFC 3261 section 22).
    const credentials = ['Target-Dialog', 'Authorization', 'Proxy-Authorization'];
    if (credentials.some((name) => asked.header(name) !== undefined)) return;
    const referral = record.transfers.find(isReferral);
    const [transferor, transferee, target] =
      referral === undefined
        ? ['a stranger', 'the phone', 'somebody']
        : [nameIn(referral.transferor), nameIn(referral.asked), nameIn(referral.called)];
    this.#context.report({
      id: 'T17',
      clause: `${transferee} agrees to call ${target} because ${transferor} says so, without a call between them`,
      message: record,
      range: sip.startLineRange,
      related: [request],
    });
  }
}
