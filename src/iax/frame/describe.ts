import type { InformationElement } from './element';
import type { ElementName, ElementValue } from './element-table';
import type { FullFrame } from './full-frame';
import { codecName, commandName, frameTypes } from './names';

/** Longer texts than this many UTF-16 units are cut. */
const longestText = 120;

const authMethods: readonly (readonly [number, string])[] = [
  [1, 'plaintext'],
  [2, 'MD5'],
  [4, 'RSA'],
];

const dialPlanFlags: readonly (readonly [number, string])[] = [
  [1, 'exists'],
  [2, 'can exist'],
  [4, 'does not exist'],
  [0x4000, 'keep dialtone'],
  [0x8000, 'more digits may match'],
];

const encryptions: readonly (readonly [number, string])[] = [
  [1, 'AES-128'],
  [0x8000, 'keys change'],
];

type Describe = { readonly [Name in ElementName]?: (value: ElementValue<Name>) => string };

/** The elements whose value says more than its kind. */
const special: Describe = {
  capability: codecsOf,
  format: codecsOf,
  capability2: ({ mask }) => codecsOf(mask),
  format2: ({ mask }) => codecsOf(mask),
  authMethods: (mask) => flagsOf(mask, authMethods),
  dialPlanStatus: (mask) => flagsOf(mask, dialPlanFlags),
  encryption: (mask) => flagsOf(mask, encryptions),
  refresh: (seconds) => `${String(seconds)} s`,
  transferId: (id) => `0x${id.toString(16).padStart(8, '0')}`,
  iaxUnknown: (command) => withName(command, commandName(command)),
  messageCount: (count) => `${String(count & 0xff)} new, ${String(count >>> 8)} old`,
  receivedDelay: (delay) => `${String(delay)} ms`,
  receivedJitter: (jitter) => `${String(jitter)} ms`,
};

/**
 * The value of an element in the words of its field: `"101"`, `PCMU, PCMA`, `127.0.0.3:4569`, `60 s`. Text of the peer's stands
 * in quotation marks, escaped as in JSON; it is untrusted all the same.
 */
export function describeElement({ name, value, dataRange }: InformationElement): string {
  if (name === undefined || value === undefined) return octetsOf(dataRange.end - dataRange.start);
  const describe = special[name] as ((known: typeof value) => string) | undefined;
  return describe === undefined ? describeValue(value) : describe(value);
}

/** What a frame carries that is no element: `"hello"` of a TEXT, `160 octets` of a VOICE; empty when it carries nothing. */
export function describeData({ type, data }: FullFrame): string {
  if (data.length === 0) return '';
  // Asterisk ends a text with a zero octet (IAX2 reference 2.1).
  if (type === frameTypes.text || type === frameTypes.html) return quote(Buffer.from(data).toString('utf8').replace(/\0$/u, ''));
  return octetsOf(data.length);
}

/** `PCMU, PCMA`; a codec without a name by its bit. */
export function codecsOf(mask: number | bigint): string {
  const bits = BigInt(mask);
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit += 1) {
    if ((bits & (1n << BigInt(bit))) !== 0n) names.push(codecName(2 ** bit) ?? `bit ${String(bit)}`);
  }
  return names.length === 0 ? 'none' : names.join(', ');
}

function describeValue(value: NonNullable<InformationElement['value']>): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return String(value);
  if (value === true) return 'set';
  if (value instanceof Uint8Array) return octetsOf(value.length);
  if ('host' in value) return `${value.host}:${String(value.port)}`;
  if ('percent' in value) return `${String(value.percent)} %, ${String(value.count)} in all`;
  if ('mask' in value) return codecsOf(value.mask);
  const { year, month, day, hour, minute, second } = value;
  return `${String(year)}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

function flagsOf(mask: number, names: readonly (readonly [number, string])[]): string {
  const known = names.filter(([flag]) => (mask & flag) !== 0).map(([, name]) => name);
  const rest = names.reduce((left, [flag]) => left & ~flag, mask);
  if (rest !== 0) known.push(`0x${rest.toString(16)}`);
  return known.length === 0 ? 'none' : known.join(', ');
}

function withName(number: number, name: string | undefined): string {
  return name === undefined ? String(number) : `${String(number)}, ${name}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > longestText ? `${text.slice(0, longestText)}…` : text);
}

function octetsOf(count: number): string {
  if (count === 0) return 'empty';
  return count === 1 ? '1 octet' : `${String(count)} octets`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
