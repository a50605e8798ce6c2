import { type Behaviour, type Credentials, type PhoneOptions, type PhoneProtocol, phoneTransports, type TransferOptions } from '../lab';
import { type DefectId, defectIds } from '../sip';
import { callOptionReaders } from './call-options-section';
import { parseDuration } from './duration';
import { Names } from './names';
import { readDuration } from './read-duration';
import { checkServerWord, readRegister } from './server-section';
import type { YamlField, YamlFields, YamlValue } from './yaml-value';

/** Words of the waits; a phone of this name could not be told from them. */
const reservedNames = new Set(['transfer', 'nobody', 'hold', 'to', 'with', 'by', 'from', 'and']);

const behaviourKeys = ['answers', 'busy', 'declines', 'redirects'] as const;

/** Reads `phones:`, a map from name to options; a phone without options has nothing behind its colon. */
export function readPhones(value: YamlValue, servers: readonly string[] = []): readonly PhoneOptions[] {
  const phones = value.fields('the phones, such as "alice:"').all.map((field) => readPhone(field, servers));
  const names = new Names(phones.map(({ options }) => options.name));
  for (const { options, redirects, watches } of phones) {
    checkRedirects(options, redirects, names);
    checkWatches(options, watches, names);
  }
  if (phones.length === 0) value.problem('There are no phones.', 'Name at least one under "phones:", such as "alice:".');
  return phones.map(({ options }) => options);
}

interface ReadPhone {
  readonly options: PhoneOptions;
  readonly redirects: readonly YamlValue[];
  readonly watches: readonly YamlValue[];
}

function readPhone({ key, name, value }: YamlField, servers: readonly string[]): ReadPhone {
  if (!/^[\w-]+$/u.test(name)) key.problem(`"${name}" is no name for a phone.`, 'Use letters, digits, "-" and "_".');
  if (reservedNames.has(name)) key.problem(`"${name}" is a word of the waits and cannot name a phone.`, 'Choose another name.');
  if (value.isEmpty) return { options: { name }, redirects: [], watches: [] };
  const fields = value.fields('a phone', [...behaviourKeys, ...Object.keys(optionReaders)]);
  const itemsOf = (key: string): readonly YamlValue[] => fields.get(key)?.items() ?? [];
  const options: PhoneOptions = { name, ...readBehaviour(fields), ...readOptions(fields) };
  checkServerWord(fields.get('register'), options.register?.registrar, servers);
  checkServerWord(fields.get('outbound-proxy'), options.outboundProxy, servers);
  return { options, redirects: itemsOf('redirects'), watches: itemsOf('watches') };
}

/** Every key that says nothing of incoming calls, and what it sets. */
const optionReaders: Readonly<Record<string, (value: YamlValue) => Partial<PhoneOptions>>> = {
  'display-name': (value) => option('displayName', value.text('a name for people to read')),
  protocol: (value) => option('protocol', value.word<PhoneProtocol>('a protocol', ['sip', 'iax2'])),
  host: (value) => option('host', value.text('a loopback address, such as 127.0.0.11')),
  port: (value) => option('port', value.integer('a port', { min: 0, max: 65_535 })),
  transport: (value) => option('transport', value.word('a transport', phoneTransports)),
  'tls-port': (value) => option('tlsPort', value.integer('a port', { min: 0, max: 65_535 })),
  'ws-port': (value) => option('wsPort', value.integer('a port', { min: 0, max: 65_535 })),
  laws: (value) => option('laws', readLaws(value)),
  'hold-style': (value) => option('holdStyle', value.word('a way to hold', ['sendonly', 'inactive', 'c0'])),
  'hold-tone': (value) => option('holdTone', value.boolean()),
  credentials: (value) => option('credentials', readCredentials(value)),
  register: (value) => option('register', readRegister(value)),
  'outbound-proxy': (value) => option('outboundProxy', value.text('a server or a SIP URI')),
  requires: (value) => option('requires', readRequires(value)),
  defects: (value) => option('defects', value.items().flatMap((item) => item.word<DefectId>('a defect', defectIds) ?? [])),
  firewall: (value) => option('firewall', value.boolean()),
  lag: (value) => option('lag', readDuration(value)),
  watches: (value) => option('watches', readNames(value)),
  watchers: (value) => option('watchers', value.word('who may watch the phone', ['lab', 'anybody', 'nobody'])),
  refer: (value) => option('refer', value.word('what becomes of a wish to transfer', ['accept', 'ask', 'refuse', 'unknown'])),
  'refer-status': (value) => option('referStatus', readReferStatus(value)),
  'refuses-replaces': (value) => option('refusesReplaces', readReplacesRefusal(value)),
  transfer: (value) => option('transfer', readTransfer(value)),
  'ring-limit': (value) => option('ringLimit', readDuration(value)),
  ...callOptionReaders,
};

function option<Key extends keyof PhoneOptions>(key: Key, value: PhoneOptions[Key] | undefined): Partial<PhoneOptions> {
  return value === undefined ? {} : { [key]: value };
}

function readOptions(fields: YamlFields): Partial<PhoneOptions> {
  const options: Partial<PhoneOptions> = {};
  for (const { name, value } of fields.all) Object.assign(options, optionReaders[name]?.(value));
  return options;
}

function readNames(value: YamlValue): readonly string[] | undefined {
  const names = value.items().flatMap((item) => item.text('a phone or a SIP URI') ?? []);
  return names.length > 0 ? names : undefined;
}

function readReferStatus(value: YamlValue): 200 | 202 | undefined {
  const status = value.word('a status that accepts', ['200', '202']);
  return status === undefined ? undefined : status === '200' ? 200 : 202;
}

function readReplacesRefusal(value: YamlValue): 486 | 603 | undefined {
  const status = value.word('a status that refuses', ['486', '603']);
  return status === undefined ? undefined : status === '486' ? 486 : 603;
}

/** How the phone transfers. */
const transferReaders: Readonly<Record<string, (value: YamlValue) => Partial<TransferOptions>>> = {
  'hang-up': (value) => given('hangUp', value.word('when to hang up', ['accepted', 'ringing', 'final'])),
  'refer-sub': (value) => given('referSub', value.boolean()),
  subscription: (value) => given('subscription', value.word('a subscription', ['implicit', 'none', 'explicit'])),
  'referred-by': (value) => given('referredBy', value.boolean()),
  place: (value) => given('place', value.word('a place for the REFER', ['inside', 'outside'])),
  refer: (value) => given('refer', value.word('whom to refer', ['transferee', 'target'])),
  media: (value) => given('media', value.boolean()),
  attempts: (value) => given('attempts', value.integer('a number of attempts', { min: 1, max: 20 })),
  blonde: (value) => given('blonde', value.word('a way to transfer while it rings', ['wait', 'cancel', 'replaces'])),
};

function given<Key extends keyof TransferOptions>(key: Key, value: TransferOptions[Key] | undefined): Partial<TransferOptions> {
  return value === undefined ? {} : { [key]: value };
}

function readTransfer(value: YamlValue): TransferOptions {
  const fields = value.fields('how the phone transfers', Object.keys(transferReaders));
  const options: Partial<TransferOptions> = {};
  for (const field of fields.all) Object.assign(options, transferReaders[field.name]?.(field.value));
  return options;
}

function readLaws(value: YamlValue): readonly ('pcmu' | 'pcma')[] | undefined {
  const laws = value.items().flatMap((item) => item.word<'pcmu' | 'pcma'>('a G.711 law', ['pcmu', 'pcma']) ?? []);
  return laws.length > 0 ? laws : undefined;
}

/** What the phone does with an incoming call: at most one of four keys says it. */
function readBehaviour(fields: YamlFields): { behaviour?: Behaviour } {
  const [field, second] = fields.all.filter(({ name }) => behaviourKeys.some((key) => key === name));
  if (field === undefined) return {};
  if (second !== undefined) {
    second.key.problem(`"${second.name}" contradicts "${field.name}": a phone does one thing with a call.`, 'Keep one of the two.');
  }
  switch (field.name) {
    case 'busy':
    case 'declines': {
      const isSo = field.value.boolean() === true;
      return isSo ? { behaviour: { kind: field.name === 'busy' ? 'busy' : 'decline' } } : {};
    }
    case 'redirects':
      return { behaviour: { kind: 'redirect', to: field.value.items().flatMap((item) => item.text('a phone or a SIP URI') ?? []) } };
    default:
      return { behaviour: readAnswers(field.value) };
  }
}

function readAnswers(value: YamlValue): Behaviour {
  const text = value.text('when the phone answers') ?? '';
  if (text === 'by hand') return { kind: 'manual' };
  if (text === 'never') return { kind: 'ignore' };
  if (text === 'at once') return { kind: 'answer', after: 0 };
  const after = /^after (?<duration>.+)$/u.exec(text)?.groups?.['duration'];
  const duration = after === undefined ? undefined : parseDuration(after);
  if (duration !== undefined) return { kind: 'answer', after: duration };
  if (text !== '') value.problem(`"${text}" does not say when the phone answers.`, 'Write: by hand, at once, after 200ms, or never.');
  return { kind: 'manual' };
}

function readCredentials(value: YamlValue): Credentials {
  const fields = value.fields('the credentials', ['username', 'password']);
  const read = (name: string): string => {
    if (fields.get(name) === undefined && value.isMap) value.problem(`"${name}" is missing.`, `Add a line "${name}: ...".`);
    return fields.get(name)?.text(`the ${name}`) ?? '';
  };
  return { username: read('username'), password: read('password') };
}

function readRequires(value: YamlValue): NonNullable<PhoneOptions['requires']> {
  const fields = value.fields('what callers need', ['realm', 'users', 'algorithm']);
  const users = fields.get('users')?.fields('the users, such as "alice: secret"').all ?? [];
  const algorithm = fields.get('algorithm')?.word('an algorithm', ['MD5', 'SHA-256']);
  if (users.length === 0) value.problem('Nobody could call: there are no users.', 'Add "users:" with lines such as "alice: secret".');
  return {
    realm: fields.get('realm')?.text('the realm') ?? 'call-lab',
    users: users.map((user) => ({ username: user.name, password: user.value.text('a password') ?? '' })),
    ...(algorithm === undefined ? {} : { algorithm }),
  };
}

function checkRedirects({ behaviour, name }: PhoneOptions, items: readonly YamlValue[], names: Names): void {
  if (behaviour?.kind !== 'redirect') return;
  behaviour.to.forEach((target, index) => {
    const fault = target === name ? { message: `${name} cannot redirect to itself.`, remedy: 'Name another phone.' } : names.checkTarget(target);
    if (fault !== undefined) items[index]?.problem(fault.message, fault.remedy);
  });
}

function checkWatches({ name }: PhoneOptions, items: readonly YamlValue[], names: Names): void {
  for (const item of items) {
    if (!item.isText) continue; // noted already
    const target = item.text('') ?? '';
    const fault = target === name ? { message: `${name} cannot watch itself.`, remedy: 'Name another phone.' } : names.checkTarget(target);
    if (fault !== undefined) item.problem(fault.message, fault.remedy);
  }
}
