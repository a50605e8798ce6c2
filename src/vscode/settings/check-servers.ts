import type { RegistrarOptions, ServerOptions, ServerTransfer } from '../../lab';
import { parseDuration } from '../../scenario';
import { Checker } from './checker';

/** A server as the settings describe it: users are named there, their passwords are kept apart. */
export interface ServerSettings {
  readonly options: Omit<ServerOptions, 'registrar'>;
  /** There is none unless given. */
  readonly registrar: RegistrarSettings | undefined;
}

export interface RegistrarSettings {
  readonly options: Omit<RegistrarOptions, 'users'>;
  /** Who may register; anybody may, and unasked, unless given. */
  readonly users: readonly string[] | undefined;
  /** IAX2: of the users, those who are let in without a call token. */
  readonly withoutToken?: readonly string[];
}

export interface CheckedServers {
  readonly servers: readonly ServerSettings[];
  /** A sentence for each thing that is wrong; what it speaks of was left out. */
  readonly problems: readonly string[];
}

/** The fields of a server; the manifest's schema has the same. */
export const serverKeys: readonly string[] = ['kind', 'host', 'port', 'domain', 'recordRoute', 'fork', 'ringFor', 'registrar', 'extensions', 'transfer', 'transferAttempts', 'maxCalls'];

export const registrarKeys: readonly string[] = ['realm', 'users', 'algorithm', 'minExpires', 'maxExpires', 'challengeCalls', 'withoutToken'];

/** Longest time of a registration, in seconds: below 2^32 by RFC 3261, and more than a year helps nobody. */
export const mostSeconds = 31_536_000;

type Fields = NonNullable<ReturnType<Checker['fields']>>;

/** Reads `callLab.servers`, which may hold anything: what is wrong is named and left out, the rest counts. */
export function checkServers(value: unknown): CheckedServers {
  const checker = new Checker();
  const servers = checker.entries(value, 'callLab.servers').flatMap(([name, item]) => checkServer(checker, name, item) ?? []);
  return { servers, problems: checker.problems };
}

function checkServer(checker: Checker, name: string, item: unknown): ServerSettings | undefined {
  const where = `callLab.servers.${name}`;
  if (!/^[\w-]+$/u.test(name)) {
    checker.complain(where, 'a server needs a name of letters, digits, - and _');
    return undefined;
  }
  const fields = checker.fields(item, where, serverKeys);
  if (fields === undefined) return undefined;
  const ringFor = fields.text('ringFor');
  const ringLimit = ringFor === undefined ? undefined : parseDuration(ringFor);
  if (ringFor !== undefined && ringLimit === undefined) fields.complain('ringFor', `"${ringFor}" is no time; write 20s or 1min`);
  const host = fields.text('host');
  const port = fields.integer('port', 0, 65_535);
  const domain = fields.text('domain');
  const recordRoute = fields.boolean('recordRoute');
  const extensions = fields.textsByName('extensions', /^[\w*#+.-]+$/u);
  const transfer = fields.word<ServerTransfer>('transfer', ['off', 'native', 'media']);
  const maxCalls = fields.integer('maxCalls', 0, 32_766);
  const transferAttempts = fields.integer('transferAttempts', 1, 20);
  const fork = fields.word('fork', ['parallel', 'serial']);
  return {
    options: {
      name,
      kind: fields.word<ServerOptions['kind']>('kind', ['proxy', 'iax2']) ?? 'proxy',
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(domain !== undefined && { domain }),
      ...(recordRoute !== undefined && { recordRoute }),
      ...(fork !== undefined && { fork }),
      ...(ringLimit !== undefined && { ringFor: ringLimit }),
      ...(extensions !== undefined && { extensions }),
      ...(transfer !== undefined && { transfer }),
      ...(transferAttempts !== undefined && { transferAttempts }),
      ...(maxCalls !== undefined && { maxCalls }),
    },
    registrar: checkRegistrar(fields.fields('registrar', registrarKeys)),
  };
}

function checkRegistrar(fields: Fields | undefined): RegistrarSettings | undefined {
  if (fields === undefined) return undefined;
  const realm = fields.text('realm');
  const algorithm = fields.word('algorithm', ['MD5', 'SHA-256']);
  const minExpires = fields.integer('minExpires', 1, mostSeconds);
  const maxExpires = fields.integer('maxExpires', 1, mostSeconds);
  const challengeCalls = fields.boolean('challengeCalls');
  const withoutToken = fields.texts('withoutToken');
  return {
    options: {
      ...(realm !== undefined && { realm }),
      ...(algorithm !== undefined && { algorithm }),
      ...(minExpires !== undefined && { minExpires }),
      ...(maxExpires !== undefined && { maxExpires }),
      ...(challengeCalls !== undefined && { challengeCalls }),
    },
    // A list that cannot be read must not open the registrar to everybody.
    users: fields.texts('users') ?? (fields.has('users') ? [] : undefined),
    ...(withoutToken !== undefined && { withoutToken }),
  };
}
