import { chooseCall } from './call-choice';
import { holdOthers } from './hold-actions';
import type { ProtocolVerb } from './phone';
import { pickUp } from './pick-up';
import type { SipPhone } from './sip-phone';
import { actOnTransfer } from './sip-transfer-actions';
import { unwatch, watch } from './watch-actions';

/** Carries out what SIP does in a way of its own. Throws a CallLabError that says why it could not be done. */
export async function actBySip(phone: SipPhone, verb: ProtocolVerb): Promise<string> {
  const { directory } = phone;
  switch (verb.verb) {
    case 'redirect': {
      const targets = verb.targets.map((target) => phone.resolve(target).toString());
      chooseCall(phone, verb.verb, verb.call).session.redirect(targets);
      return `redirected to ${verb.targets.join(', ')}`;
    }
    case 'pick-up':
      return pickUp(phone, verb, directory, () => holdOthers(phone, undefined));
    case 'watch':
      return watch(phone, verb.target, verb.once === true, directory);
    case 'unwatch':
      return unwatch(phone, verb.target);
    default:
      return actOnTransfer(phone, verb, directory);
  }
}
