import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { PhoneOptions } from '../../../src/lab';
import { peerPath } from '../../support/peers';
import { Kamailio, type KamailioOptions } from './kamailio';
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

/** Phones that Kamailio has between them: whom they call by its domain, it finds, and it stays in the dialogs. */
export async function between(
  context: TestContext,
  name: string,
  phones: readonly PhoneOptions[],
  { strangers = [], ...options }: BetweenOptions = {},
): Promise<Between> {
  const run = await InteropRun.start(context, name, phones);
  const names = phones.map((phone) => phone.name);
  const users = [...names, ...strangers].map((username) => ({ username, password }));
  const kamailio = await Kamailio.start(run.place, { users, ...options });
  for (const username of names) await register(kamailio, username, run.lab.phone(username).uri);
  return { run, kamailio };
}

/** Tells Kamailio where a user is, which asks for a password. */
async function register(kamailio: Kamailio, user: string, contact: string): Promise<void> {
  const args = ['-U', '-C', contact, '-s', kamailio.uriOf(user), '-u', user, '-a', password, '-x', '300'];
  await promisify(execFile)(peerPath('sipsak'), args, { timeout: 10_000 });
  await kamailio.until(`registered ${user}`);
}

/** Everybody has hung up: nothing is left in the lab, and Kamailio saw nothing that it complained about. */
export async function finish({ run, kamailio }: Between): Promise<void> {
  await run.until('all calls are over', () => run.lab.calls.every(({ state }) => state === 'ended'));
  assert.deepEqual(run.problems, []);
  await run.stopCleanly();
  assert.deepEqual(kamailio.complaints, []);
}
