import type { Credentials, PhoneOptions, ServerOptions, ServerUser } from '../../lab';
import { say } from '../say';
import type { PhoneSettings } from './check-phones';
import type { ServerSettings } from './check-servers';

/** Where passwords are kept, by the name of the user. */
export interface PasswordStore {
  get(username: string): Promise<string | undefined>;
}

/** The phones and servers of the settings. */
export interface LabSettings {
  readonly phones: readonly PhoneSettings[];
  readonly servers: readonly ServerSettings[];
}

export interface CompletedLab {
  readonly phones: readonly PhoneOptions[];
  readonly servers: readonly ServerOptions[];
  /** Users that the settings name and nobody has set a password for. */
  readonly missing: readonly string[];
}

/** Phones and servers with the passwords of the users that their settings name; a user without one is left out. */
export async function withPasswords(settings: LabSettings, store: PasswordStore): Promise<CompletedLab> {
  const found = new Map<string, string | undefined>();
  for (const { username } of usersOf(settings)) found.set(username, await store.get(username));
  const credentials = (username: string): Credentials[] => {
    const password = found.get(username);
    return password === undefined ? [] : [{ username, password }];
  };
  const phones = settings.phones.map((phone): PhoneOptions => {
    const { username, requires } = phone;
    const { register, ...options } = phone.options;
    const [own] = username === undefined ? [] : credentials(username);
    const registersAs = userOfRegistration(phone, settings);
    const password = registersAs === undefined ? undefined : found.get(registersAs);
    return {
      ...options,
      ...(own === undefined ? {} : { credentials: own }),
      ...(register === undefined ? {} : { register: { ...register, ...(password !== undefined && { password }) } }),
      // A phone that asks stays a phone that asks, even when nobody can answer yet.
      ...(requires === undefined ? {} : { requires: { ...requires, users: requires.users.flatMap(credentials) } }),
    };
  });
  const servers = settings.servers.map(({ options, registrar }): ServerOptions => {
    if (registrar === undefined) return options;
    const users = registrar.users?.flatMap(credentials).map((user): ServerUser => (registrar.withoutToken?.includes(user.username) === true ? { ...user, token: 'optional' } : user));
    return { ...options, registrar: { ...registrar.options, ...(users !== undefined && { users }) } };
  });
  return { phones, servers, missing: [...found].filter(([, password]) => password === undefined).map(([username]) => username) };
}

/** A user that the settings name, and what for, in words. */
export interface NamedUser {
  readonly username: string;
  readonly uses: readonly string[];
}

/** Every user that the settings name, in their order. */
export function usersOf(settings: LabSettings): readonly NamedUser[] {
  const uses = new Map<string, string[]>();
  const add = (username: string, use: string): void => {
    uses.set(username, [...(uses.get(username) ?? []), use]);
  };
  for (const phone of settings.phones) {
    const { options, username, requires } = phone;
    if (username !== undefined) add(username, say('{0} calls as this user', options.name));
    const registersAs = userOfRegistration(phone, settings);
    if (registersAs !== undefined) add(registersAs, say('{0} registers as this user', options.name));
    for (const user of requires?.users ?? []) add(user, say('may call {0}', options.name));
  }
  for (const { options, registrar } of settings.servers) {
    for (const user of registrar?.users ?? []) add(user, say('may register at {0}', options.name));
  }
  return [...uses].map(([username, list]) => ({ username, uses: list }));
}

/**
 * The user whose password a phone's registration needs: the one it names, or else, at a server of the settings that asks,
 * the phone's own name. Undefined where the phone answers with its `username`, or nobody asks.
 */
function userOfRegistration({ options, username }: PhoneSettings, { servers }: LabSettings): string | undefined {
  const { register } = options;
  if (register === undefined) return undefined;
  const server = servers.find(({ options: { name } }) => name === register.registrar);
  if (server !== undefined && server.registrar?.users === undefined) return undefined;
  if (register.username !== undefined) return register.username;
  return server === undefined || username !== undefined ? undefined : options.name;
}
