import { type Behaviour, type PhoneOptions, type PhoneProtocol, phoneTransports, type TransferOptions } from '../../lab';
import { parseDuration } from '../../scenario';
import { defectIds } from '../../sip';
import { callOptionKeys, checkCallOptions } from './check-call-options';
import { Checker } from './checker';
import { checkRegistration, registrationKeys, type RegisterSettings } from './check-registration';

/** A phone as the settings describe it: users are named there, their passwords are kept apart. */
export interface PhoneSettings {
  readonly options: Omit<PhoneOptions, 'credentials' | 'requires' | 'register'> & { readonly register?: RegisterSettings };
  /** Whom the phone says it is when a callee asks. */
  readonly username: string | undefined;
  /** Whom the phone lets call it. */
  readonly requires:
    { readonly realm: string; readonly users: readonly string[]; readonly algorithm?: 'MD5' | 'SHA-256' } | undefined;
}

export interface CheckedPhones {
  readonly phones: readonly PhoneSettings[];
  /** A sentence for each thing that is wrong; what it speaks of was left out. */
  readonly problems: readonly string[];
}

/** The fields of a phone; the manifest's schema has the same. */
export const phoneKeys: readonly string[] = [
  ...['name', 'displayName', 'protocol', 'host', 'port', 'transport', 'tlsPort', 'wsPort', 'answers', 'busy', 'declines', 'redirects'],
  ...['laws', 'holdStyle', 'holdTone', 'username', 'requires', 'ringLimit', 'firewall', 'defects', 'watches', 'watchers', 'refer', 'referStatus', 'refusesReplaces', 'transfer'],
  ...registrationKeys,
  ...callOptionKeys,
];

export const requiresKeys: readonly string[] = ['realm', 'users', 'algorithm'];

/** Reads `callLab.phones`, which may hold anything: what is wrong is named and left out, the rest counts. `servers` are those of `callLab.servers`. */
export function checkPhones(value: unknown, servers: readonly string[] = []): CheckedPhones {
  const checker = new Checker();
  const phones: PhoneSettings[] = [];
  const names = new Set<string>();
  for (const [index, item] of checker.list(value, 'callLab.phones').entries()) {
    const phone = checkPhone(checker, item, `callLab.phones[${index}]`, servers);
    if (phone === undefined) continue;
    const { name } = phone.options;
    if (names.has(name)) checker.complain(`callLab.phones[${index}]`, `there is a phone named ${name} already`);
    // They share one ladder.
    else if (servers.includes(name)) checker.complain(`callLab.phones[${index}]`, `a server is named ${name} already`);
    else phones.push(phone);
    names.add(name);
  }
  return { phones, problems: checker.problems };
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function checkPhone(checker: Checker, item: unknown, where: string, servers: readonly string[]): PhoneSettings | undefined {
  const fields = checker.fields(item, where, phoneKeys);
  if (fields === undefined) return undefined;
  const name = fields.text('name');
  if (name === undefined || !/^[\w-]+$/u.test(name)) {
    checker.complain(where, 'a phone needs a "name" of letters, digits, - and _');
    return undefined;
  }
  const options: Mutable<PhoneSettings['options']> = {
    name,
    ...whatIsGiven({
      displayName: fields.text('displayName'),
      protocol: fields.word<PhoneProtocol>('protocol', ['sip', 'iax2']),
      firewall: fields.boolean('firewall'),
      host: fields.text('host'),
      port: fields.integer('port', 0, 65_535),
      transport: fields.word('transport', phoneTransports),
      tlsPort: fields.integer('tlsPort', 0, 65_535),
      wsPort: fields.integer('wsPort', 0, 65_535),
      behaviour: checkBehaviour(fields),
      laws: notEmpty(fields.words('laws', ['pcmu', 'pcma'])),
      holdStyle: fields.word('holdStyle', ['sendonly', 'inactive', 'c0']),
      holdTone: fields.boolean('holdTone'),
      watches: notEmpty(fields.texts('watches')),
      watchers: fields.word('watchers', ['lab', 'anybody', 'nobody']),
      defects: notEmpty(fields.words('defects', defectIds)),
    }),
    ...checkTransfers(fields),
    ...checkRegistration(fields, servers),
  };
  const ringLimit = fields.text('ringLimit');
  if (ringLimit !== undefined) {
    const limit = parseDuration(ringLimit);
    if (limit === undefined) checker.complain(`${where}.ringLimit`, `"${ringLimit}" is no time; write 30s or 3min`);
    else options.ringLimit = limit;
  }
  Object.assign(options, checkCallOptions(fields));
  return { options, username: fields.text('username'), requires: checkRequires(fields) };
}

/** The fields that have a value. */
function whatIsGiven<Given extends object>(fields: Given): { [Key in keyof Given]?: Exclude<Given[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ReturnType<typeof whatIsGiven<Given>>;
}

function notEmpty<Item>(items: readonly Item[] | undefined): readonly Item[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items;
}

type Fields = NonNullable<ReturnType<Checker['fields']>>;

/** What the phone does with an incoming call: one of four keys says it. */
function checkBehaviour(fields: Fields): Behaviour | undefined {
  const answers = fields.text('answers');
  const redirects = fields.texts('redirects');
  const said: Behaviour[] = [];
  if (answers !== undefined) {
    const behaviour = readAnswers(answers);
    if (behaviour === undefined) {
      fields.complain('answers', `"${answers}" is none of: by hand, at once, after 2s, never`);
    } else {
      said.push(behaviour);
    }
  }
  if (fields.boolean('busy') === true) said.push({ kind: 'busy' });
  if (fields.boolean('declines') === true) said.push({ kind: 'decline' });
  if (redirects !== undefined && redirects.length > 0) said.push({ kind: 'redirect', to: redirects });
  if (said.length > 1) {
    fields.complain('', 'only one of "answers", "busy", "declines" and "redirects" can be meant; the first counts');
  }
  return said[0];
}

export const transferKeys: readonly string[] = ['hangUp', 'referSub', 'subscription', 'referredBy', 'place', 'refer', 'media', 'attempts', 'blonde'];

/** How the phone transfers, and lets itself be transferred. */
function checkTransfers(fields: Fields): Pick<PhoneOptions, 'refer' | 'referStatus' | 'refusesReplaces' | 'transfer'> {
  const refer = fields.word('refer', ['accept', 'ask', 'refuse', 'unknown']);
  const referStatus = fields.word('referStatus', [200, 202]);
  const refusesReplaces = fields.word('refusesReplaces', [486, 603]);
  const transfer = fields.fields('transfer', transferKeys);
  return { ...(refer && { refer }), ...(referStatus && { referStatus }), ...(refusesReplaces && { refusesReplaces }), ...(transfer && { transfer: checkTransfer(transfer) }) };
}

function checkTransfer(transfer: Fields): TransferOptions {
  const given = {
    hangUp: transfer.word('hangUp', ['accepted', 'ringing', 'final']),
    referSub: transfer.boolean('referSub'),
    subscription: transfer.word('subscription', ['implicit', 'none', 'explicit']),
    referredBy: transfer.boolean('referredBy'),
    place: transfer.word('place', ['inside', 'outside']),
    refer: transfer.word('refer', ['transferee', 'target']),
    media: transfer.boolean('media'),
    attempts: transfer.integer('attempts', 1, 20),
    blonde: transfer.word('blonde', ['wait', 'cancel', 'replaces']),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function readAnswers(text: string): Behaviour | undefined {
  if (text === 'by hand') return { kind: 'manual' };
  if (text === 'never') return { kind: 'ignore' };
  if (text === 'at once') return { kind: 'answer', after: 0 };
  const duration = /^after (?<duration>.+)$/u.exec(text)?.groups?.['duration'];
  const after = duration === undefined ? undefined : parseDuration(duration);
  return after === undefined ? undefined : { kind: 'answer', after };
}

function checkRequires(fields: Fields): PhoneSettings['requires'] {
  const requires = fields.fields('requires', requiresKeys);
  if (requires === undefined) return undefined;
  const users = requires.texts('users') ?? [];
  if (users.length === 0) {
    requires.complain('users', 'nobody is named who may call; the phone lets everybody call');
    return undefined;
  }
  const algorithm = requires.word('algorithm', ['MD5', 'SHA-256']);
  return { realm: requires.text('realm') ?? 'call-lab', users, ...(algorithm === undefined ? {} : { algorithm }) };
}
