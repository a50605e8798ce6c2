import type { RandomSource } from '../../../src/core';
import type { PhoneOptions, ServerOptions } from '../../../src/lab';
import { chance, oneOf } from '../../support/chance';
import { serverHost, serverName, sipPort } from './story';

/** Who is in a story: phones, and the proxy at which they register, if there is one. */
export interface Cast {
  readonly phones: readonly PhoneOptions[];
  readonly servers: readonly ServerOptions[];
}

/** Lets the phones register at a proxy, most of them; not in every story. */
export function drawServers(random: RandomSource, phones: readonly PhoneOptions[]): Cast {
  if (!chance(random, 0.25)) return { phones, servers: [] };
  const isAllUdp = phones.every(({ transport }) => transport === 'udp');
  const hasPasswords = chance(random, 0.5);
  const users = phones.map(({ name }) => ({ username: name, password: `${name} at the proxy` }));
  const server: ServerOptions = {
    name: serverName,
    kind: 'proxy',
    host: serverHost,
    port: sipPort,
    // Off the route, it leaves phones alone with each other: they must speak the same transport then.
    ...(chance(random, 0.5) && { recordRoute: !isAllUdp || chance(random, 0.4) }),
    ...(chance(random, 0.3) && { fork: oneOf(random, ['parallel', 'serial'] as const) }),
    registrar: hasPasswords ? { users, ...(chance(random, 0.5) && { challengeCalls: true }) } : {},
  };
  return {
    servers: [server],
    phones: phones.map((phone, index): PhoneOptions => {
      if (chance(random, 0.9)) {
        const password = hasPasswords ? { password: users[index]!.password } : {};
        return { ...phone, register: { registrar: serverName, ...password, ...(chance(random, 0.3) && { expires: 60 }) } };
      }
      return chance(random, 0.5) ? { ...phone, outboundProxy: serverName } : phone;
    }),
  };
}
