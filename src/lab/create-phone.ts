import type { Phone } from './phone';
import type { PhoneOptions } from './phone-options';
import type { PhoneSurroundings } from './phone-surroundings';
import { SipPhone } from './sip-phone';

/** A phone of the protocol that its options name; it is not started. */
export function createPhone(options: PhoneOptions, around: PhoneSurroundings): Phone {
  return new SipPhone(options, around);
}
