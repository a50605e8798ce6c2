import type { RegisterOptions, RegistrarOptions, ServerOptions, ServerTransfer, ServerUser } from '../lab';
import type { Forking } from '../sip';
import { readDuration } from './read-duration';
import { suggestion, type YamlField, type YamlValue } from './yaml-value';

/** Longest time of a registration, in seconds: below 2^32 by RFC 3261, and more than a year helps nobody. */
const mostSeconds = 31_536_000;

const serverKeys = ['kind', 'host', 'port', 'domain', 'record-route', 'fork', 'ring-for', 'registrar', 'extensions', 'transfer', 'transfer-attempts', 'max-calls'] as const;
const userKeys = ['password', 'token'] as const;
const registrarKeys = ['realm', 'users', 'algorithm', 'min-expires', 'max-expires', 'challenge-calls'] as const;
const registerKeys = ['registrar', 'domain', 'username', 'password', 'expires', 'q'] as const;

export interface ReadServer {
  readonly options: ServerOptions;
  readonly key: YamlValue;
}

/** Reads `servers:`, a map from name to options. */
export function readServers(value: YamlValue | undefined): readonly ReadServer[] {
  if (value === undefined || value.isEmpty) return [];
  return value.fields('the servers, such as "proxy:"').all.map((field) => ({ options: readServer(field), key: field.key }));
}

/** Phones and servers share one ladder, so no two of them may have the same name. */
export function checkServerNames(servers: readonly ReadServer[], phones: readonly string[]): void {
  for (const { options, key } of servers) {
    if (phones.includes(options.name)) key.problem(`"${options.name}" is a phone already.`, 'Choose another name.');
  }
}

function readServer({ key, name, value }: YamlField): ServerOptions {
  if (!/^[\w-]+$/u.test(name)) key.problem(`"${name}" is no name for a server.`, 'Use letters, digits, "-" and "_".');
  if (value.isEmpty) return { name, kind: 'proxy' };
  const fields = value.fields('a server', serverKeys);
  const registrar = fields.get('registrar');
  return {
    name,
    kind: fields.get('kind')?.word<ServerOptions['kind']>('a kind of server', ['proxy', 'iax2']) ?? 'proxy',
    ...given('host', fields.get('host')?.text('a loopback address, such as 127.0.0.1')),
    ...given('port', fields.get('port')?.integer('a port', { min: 0, max: 65_535 })),
    ...given('domain', fields.get('domain')?.text('a domain, such as lab.test')),
    ...given('recordRoute', fields.get('record-route')?.boolean()),
    ...given('fork', fields.get('fork')?.word<Forking>('a way to call several phones', ['parallel', 'serial'])),
    ...given('ringFor', mapped(fields.get('ring-for'), readDuration)),
    ...given('registrar', mapped(registrar, readRegistrar)),
    ...given('extensions', mapped(fields.get('extensions'), readExtensions)),
    ...given('transfer', fields.get('transfer')?.word<ServerTransfer>('what becomes of connected calls', ['off', 'native', 'media'])),
    ...given('maxCalls', fields.get('max-calls')?.integer('a number of calls', { min: 0, max: 32_766 })),
    ...given('transferAttempts', fields.get('transfer-attempts')?.integer('a number of attempts', { min: 1, max: 20 })),
  };
}

function readRegistrar(value: YamlValue): RegistrarOptions {
  if (value.isEmpty) return {};
  const fields = value.fields('a registrar', registrarKeys);
  const users = fields.get('users')?.fields('the users, such as "alice: secret"').all;
  const time = { min: 1, max: mostSeconds };
  return {
    ...given('realm', fields.get('realm')?.text('the realm')),
    ...given('users', users?.map(readUser)),
    ...given('algorithm', fields.get('algorithm')?.word<'MD5' | 'SHA-256'>('an algorithm', ['MD5', 'SHA-256'])),
    ...given('minExpires', fields.get('min-expires')?.integer('a number of seconds', time)),
    ...given('maxExpires', fields.get('max-expires')?.integer('a number of seconds', time)),
    ...given('challengeCalls', fields.get('challenge-calls')?.boolean()),
  };
}

/** A password, or a map that says more of the user. */
function readUser({ name, value }: YamlField): ServerUser {
  if (!value.isMap) return { username: name, password: value.text('a password') ?? '' };
  const fields = value.fields('a user', userKeys);
  if (fields.get('password') === undefined) value.problem('"password" is missing.', 'Add a line "password: ...".');
  return {
    username: name,
    password: fields.get('password')?.text('a password') ?? '',
    ...given('token', fields.get('token')?.word<'required' | 'optional'>('whether a call token is needed', ['required', 'optional'])),
  };
}

/** Numbers, and what they lead to. */
function readExtensions(value: YamlValue): ReadonlyMap<string, string> {
  const extensions = new Map<string, string>();
  if (value.isEmpty) return extensions;
  for (const { key, name, value: target } of value.fields('the extensions, such as "101: alice"').all) {
    if (!/^[\w*#+.-]+$/u.test(name)) key.problem(`"${name}" is no number.`, 'Use letters, digits and the signs * # + . - and _.');
    extensions.set(name, target.text('a user, a number or an iax2: URI') ?? '');
  }
  return extensions;
}

/** Reads `register:`: a server of the file or a SIP URI, or a map that says more. */
export function readRegister(value: YamlValue): RegisterOptions | undefined {
  if (!value.isMap) return mapped(value.text('a server, a URI, or a map with "registrar"'), (registrar) => ({ registrar }));
  const fields = value.fields('a registration', registerKeys);
  const registrar = fields.get('registrar')?.text('a server or a SIP URI');
  if (registrar === undefined) {
    value.problem('"registrar" is missing: where does the phone register?', 'Add a line such as "registrar: proxy".');
    return undefined;
  }
  return {
    registrar,
    ...given('domain', fields.get('domain')?.text('a domain, such as lab.test')),
    ...given('username', fields.get('username')?.text('the user name')),
    ...given('password', fields.get('password')?.text('the password')),
    ...given('q', mapped(fields.get('q'), readPreference)),
    ...given('expires', fields.get('expires')?.integer('a number of seconds', { min: 1, max: mostSeconds })),
  };
}

/** RFC 3261 section 25.1, `qvalue`. */
function readPreference(value: YamlValue): number | undefined {
  const text = value.text('a preference from 0 to 1');
  if (text === undefined || /^(?:0(?:\.\d{1,3})?|1(?:\.0{1,3})?)$/u.test(text)) return text === undefined ? undefined : Number(text);
  value.problem(`"${text}" is no preference.`, 'Write a number from 0 to 1 with at most three decimals, such as 0.5.');
  return undefined;
}

/** Notes a problem when the value names neither a server of the file nor a SIP URI. */
export function checkServerWord(value: YamlValue | undefined, word: string | undefined, servers: readonly string[]): void {
  if (value === undefined || word === undefined || servers.includes(word) || /^(?:sip|iax2?):/iu.test(word)) return;
  value.problem(`"${word}" is neither a server of this file nor a URI.`, suggestion(word, servers));
}

function given<Key extends string, Value>(key: Key, value: Value | undefined): Partial<Readonly<Record<Key, Value>>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Readonly<Record<Key, Value>>>);
}

function mapped<From, To>(value: From | undefined, map: (value: From) => To | undefined): To | undefined {
  return value === undefined ? undefined : map(value);
}
