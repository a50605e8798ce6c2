import type { VerbName } from '../../lab';
import { say } from '../say';

/** What a target is asked for with. */
export function targetQuestion(verb: VerbName): string {
  switch (verb) {
    case 'consult':
      return say('Whom to consult? A phone of the lab, or type any URI on this machine');
    case 'redirect':
      return say('Where shall the caller go? Phones of the lab or SIP URIs; with several: charlie dave, or +');
    case 'transfer':
      return say('To whom? A phone of the lab, or type a URI');
    case 'watch':
      return say('Whom to watch? A phone of the lab, or type a SIP URI');
    case 'attended-transfer':
      return say('To whom, after consulting them? A phone of the lab, or type a URI');
    case 'blonde-transfer':
      return say('To whom, while they still ring? A phone of the lab, or type a URI');
    default:
      return say('Whom to call? A phone of the lab, or type any URI on this machine');
  }
}
