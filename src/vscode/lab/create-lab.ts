import { type Clock, CryptoRandom } from '../../core';
import { Lab, type PhoneOptions } from '../../lab';
import { RealNetwork } from '../../net';

/** A lab on real sockets of this machine's loopback. The journal of a long session keeps its newest entries. */
export function createLab(clock: Clock, phones: readonly PhoneOptions[]): Lab {
  return new Lab({ network: new RealNetwork(), clock, random: new CryptoRandom(), startedAt: new Date(), phones });
}
