import { type RandomSource, randomInteger } from '../core';
import { MediaNegotiation } from '../sip';
import type { MediaPort } from './media-ports';
import type { PhoneOptions } from './phone-options';

/** Offer and answer of one call of a phone, at the port that is to take its audio. */
export function createNegotiation({ name, laws, holdStyle }: PhoneOptions, port: MediaPort, random: RandomSource): MediaNegotiation {
  const negotiation = new MediaNegotiation({
    origin: name,
    sessionId: 1 + randomInteger(random, 0x7fff_fffe),
    address: port.local.host,
    port: port.local.port,
    laws: laws ?? ['pcmu', 'pcma'],
  });
  negotiation.holdStyle = holdStyle ?? 'sendonly';
  return negotiation;
}
