import type { PlacedMessage } from '../correlator';
import { readReferTo } from '../refer-to';
import { nameIn } from '../words';
import { isReferral } from './referral';
import type { Lint, LintContext } from './lint';
import { headerPlace, replacesPlace } from './places';

/** T2 and T3, what stands in a Refer-To. */
export class ReferToLint implements Lint {
  readonly methods = ['REFER'];
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts }: PlacedMessage): void {
    if (sip.kind !== 'request') return;
    const transferor = record.transfers.find(isReferral)?.transferor;
    const sender = transferor === undefined ? 'the sender' : nameIn(transferor);
    const text = sip.header('Refer-To');
    if (text === undefined) return;
    const fault = faultOf(text);
    if (fault !== undefined) {
      const anonymous = sip.header('Referred-By') === undefined ? ', and there is no Referred-By' : '';
      this.#context.report({
        id: 'T2',
        clause: `${sender} writes a Refer-To ${fault}${anonymous}`,
        message: record,
        range: headerPlace(sip, 'Refer-To'),
      });
    }
    const replaces = readReferTo(sip)?.replaces;
    if (replaces?.callId !== facts.callId || facts.toTag === '') return;
    const tags = [replaces.toTag, replaces.fromTag];
    if (!tags.includes(facts.fromTag) || !tags.includes(facts.toTag)) return;
    this.#context.report({
      id: 'T3',
      clause: `${sender} asks to replace the very call that is being transferred`,
      message: record,
      range: replacesPlace(sip),
    });
  }
}

/** What is wrong with the form of a Refer-To, as the end of a clause; undefined when nothing is. */
function faultOf(text: string): string | undefined {
  if (!text.includes('<') && /[;?]/.test(text)) {
    return text.includes('?')
      ? 'without angle brackets, though its URI has headers'
      : 'without angle brackets, so that its parameters are not those of the URI';
  }
  const uri = /<([^>]*)>/.exec(text)?.[1] ?? text;
  // RFC 3261 section 19.1.1: hvalue has no ";", "=" or "@" that is not escaped.
  if (/[?&][^=&]+=[^&]*[;=@]/.test(uri)) return 'whose headers are not escaped';
  const address = /^sips?:(?:[^@]*@)?(?<host>[^;?:]*)/i.exec(uri.trim());
  if (address !== null && (address.groups?.['host'] ?? '').trim() === '') return 'that names no host';
  return undefined;
}
