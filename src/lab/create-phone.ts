import { IaxPhone } from './iax/iax-phone';
import { IaxServer } from './iax/iax-server';
import type { Phone } from './phone';
import type { PhoneOptions } from './phone-options';
import type { PhoneSurroundings, ServerSurroundings } from './surroundings';
import { type Server, SipServer } from './server';
import type { ServerOptions } from './server-options';
import { SipPhone } from './sip-phone';

/** A phone of the protocol that its options name; it is not started. */
export function createPhone(options: PhoneOptions, around: PhoneSurroundings): Phone {
  return options.protocol === 'iax2' ? new IaxPhone(options, around) : new SipPhone(options, around);
}

/** A server of the kind that its options name; it is not started. */
export function createServer(options: ServerOptions, around: ServerSurroundings): Server {
  return options.kind === 'iax2' ? new IaxServer(options, around) : new SipServer(options, around);
}
