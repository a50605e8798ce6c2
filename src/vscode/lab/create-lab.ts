import { CryptoRandom, RealClock } from '../../core';
import { Lab, type PhoneOptions, type ServerOptions } from '../../lab';
import { RealNetwork } from '../../net';

/**
 * A lab on real sockets of this machine's loopback. Its network and its clock are its own: what it leaves behind can be
 * counted.
 */
export function createLab(phones: readonly PhoneOptions[], servers: readonly ServerOptions[]): Lab {
  return new Lab({
    network: new RealNetwork(),
    clock: new RealClock(),
    random: new CryptoRandom(),
    startedAt: new Date(),
    phones,
    servers,
  });
}
