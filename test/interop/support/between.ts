import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { PhoneOptions } from '../../../src/lab';
import { Kamailio, type KamailioOptions } from './kamailio';
import { Place } from './place';
import { InteropRun } from './run';

export const password = 'wonderland';

export interface Between {
  readonly run: InteropRun;
  readonly kamailio: Kamailio;
}

export interface BetweenOptions extends Omit<KamailioOptions, 'users'> {
  /** Who may register besides the phones, with the same password. */
  readonly strangers?: readonly string[];
}

/**
 * Phones that Kamailio has between them: they register with it, which asks for a password, send all their calls through it,
 * and it stays in the dialogs.
 */
export async function between(
  context: TestContext,
  name: string,
  phones: readonly PhoneOptions[],
  { strangers = [], ...options }: BetweenOptions = {},
): Promise<Between> {
  const names = phones.map((phone) => phone.name);
  const users = [...names, ...strangers].map((username) => ({ username, password }));
  const place = new Place(name);
  const kamailio = await Kamailio.start(place, { users, ...options }).catch(async (error: unknown) => {
    await place.stop();
    throw error;
  });
  const registering = phones.map((phone) => {
    const uri = phone.transport === undefined ? kamailio.uri : `${kamailio.uri};transport=${phone.transport}`;
    return { ...phone, register: { registrar: uri, password }, outboundProxy: uri };
  });
  const run = await InteropRun.start(context, name, registering, { place });
  await run.until('all have registered', () => run.lab.phones.every(({ registration }) => registration?.state === 'registered'), 10_000);
  return { run, kamailio };
}

/** Everybody has hung up: nothing is left in the lab, and Kamailio saw nothing that it complained about. */
export async function finish({ run, kamailio }: Between): Promise<void> {
  await run.until('all calls are over', () => run.lab.calls.every(({ state }) => state === 'ended'));
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
  assert.deepEqual(kamailio.complaints, []);
  // Each was asked for a password when it came, and again at the most when it left (a nonce may be used more than once).
  for (const { name } of run.lab.phones) assert.ok(kamailio.deeds.includes(`challenged REGISTER of ${name}`), name);
}
