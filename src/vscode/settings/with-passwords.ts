import type { Credentials, PhoneOptions } from '../../lab';
import type { PhoneSettings } from './check-phones';

/** Where passwords are kept, by the name of the user. */
export interface PasswordStore {
  get(username: string): Promise<string | undefined>;
}

export interface CompletedPhones {
  readonly phones: readonly PhoneOptions[];
  /** Users that the settings name and nobody has set a password for. */
  readonly missing: readonly string[];
}

/** The phones with the passwords of the users that their settings name; a user without one is left out. */
export async function withPasswords(
  settings: readonly PhoneSettings[],
  store: PasswordStore,
): Promise<CompletedPhones> {
  const found = new Map<string, string | undefined>();
  for (const { username } of usersOf(settings)) found.set(username, await store.get(username));
  const credentials = (username: string): Credentials[] => {
    const password = found.get(username);
    return password === undefined ? [] : [{ username, password }];
  };
  const phones = settings.map(({ options, username, requires }) => {
    const [own] = username === undefined ? [] : credentials(username);
    return {
      ...options,
      ...(own === undefined ? {} : { credentials: own }),
      // A phone that asks stays a phone that asks, even when nobody can answer yet.
      ...(requires === undefined ? {} : { requires: { ...requires, users: requires.users.flatMap(credentials) } }),
    };
  });
  return { phones, missing: [...found].filter(([, password]) => password === undefined).map(([username]) => username) };
}

/** A user that the settings name, and what for, in words. */
export interface NamedUser {
  readonly username: string;
  readonly uses: readonly string[];
}

/** Every user that the settings name, in their order. */
export function usersOf(settings: readonly PhoneSettings[]): readonly NamedUser[] {
  const uses = new Map<string, string[]>();
  const add = (username: string, use: string): void => {
    uses.set(username, [...(uses.get(username) ?? []), use]);
  };
  for (const { options, username, requires } of settings) {
    if (username !== undefined) add(username, `${options.name} calls as this user`);
    for (const user of requires?.users ?? []) add(user, `may call ${options.name}`);
  }
  return [...uses].map(([username, list]) => ({ username, uses: list }));
}
