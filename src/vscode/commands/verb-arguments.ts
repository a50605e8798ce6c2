import { CallLabError } from '../../core';
import { parseVerb, type Verb, type VerbName } from '../../lab';
import type { HoldStyle } from '../../sip';

/** What a verb command got to know so far; what is missing is asked for. */
export interface VerbArguments {
  readonly phone?: string;
  readonly call?: string;
  readonly target?: string;
  /** Of a redirection, in falling preference. */
  readonly targets?: readonly string[];
  readonly digits?: string;
  readonly status?: number;
  readonly style?: HoldStyle;
  /** Takes a call that was answered as well. */
  readonly barge?: boolean;
  /** Looks once, and watches no further. */
  readonly once?: boolean;
}

const textFields = ['phone', 'call', 'target', 'digits', 'style'] as const;
const flags = ['barge', 'once'] as const;
const holdStyles: readonly string[] = ['sendonly', 'inactive', 'c0'] satisfies HoldStyle[];

/**
 * Reads the first argument of a verb command, as keybindings, tasks and other extensions give it: nothing, a verb line
 * such as `"bob hold alice"`, or an object such as `{ "phone": "bob", "call": "alice" }`. The trees' rows are such
 * objects too; fields that no verb knows are passed over. Throws CL3008 with a sentence that says what was expected.
 */
export function readVerbArguments(verb: VerbName, argument: unknown): VerbArguments {
  if (argument === undefined || argument === null) return {};
  if (typeof argument === 'string') return fromLine(verb, argument);
  if (typeof argument !== 'object') {
    throw wrong(`${verb}: a line of text or an object was expected, not ${typeof argument}`);
  }
  const given = argument as Readonly<Record<string, unknown>>;
  const read: Record<string, string | number | boolean | readonly string[]> = {};
  for (const field of textFields) {
    const value = given[field];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value === '') throw wrong(`${verb}: "${field}" must be a text`);
    read[field] = value;
  }
  for (const flag of flags) {
    const value = given[flag];
    if (value === undefined) continue;
    if (typeof value !== 'boolean') throw wrong(`${verb}: "${flag}" must be true or false`);
    read[flag] = value;
  }
  if (given['targets'] !== undefined) read['targets'] = readTargets(verb, given['targets']);
  if (given['status'] !== undefined) read['status'] = readStatus(verb, given['status']);
  if (read['style'] !== undefined && !holdStyles.includes(String(read['style']))) {
    throw wrong(`${verb}: "style" is one of ${holdStyles.join(', ')}`);
  }
  return read;
}

function readTargets(verb: VerbName, value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '');
  if (isList) return value as readonly string[];
  throw wrong(`${verb}: "targets" is a list of phones or SIP URIs`);
}

function readStatus(verb: VerbName, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 699) return value;
  throw wrong(`${verb}: "status" is a number from 400 to 699`);
}

function fromLine(verb: VerbName, line: string): VerbArguments {
  const parsed = parseVerb(line);
  if (parsed.verb !== verb) throw wrong(`"${line}" says ${parsed.verb}, and this command is ${verb}`);
  return Object.fromEntries(Object.entries(parsed).filter(([name, value]) => name !== 'verb' && value !== undefined));
}

/** The verb, when all that it needs is there; otherwise the name of the first thing missing. */
export function completeVerb(verb: VerbName, known: VerbArguments): Verb | keyof VerbArguments {
  const { phone, call, digits, status, style } = known;
  if (phone === undefined) return 'phone';
  switch (verb) {
    case 'swap':
    case 'crash':
    case 'restart':
    case 'register':
    case 'unregister':
      return { verb, phone };
    case 'reject':
      return { verb, phone, call, status };
    case 'hold':
      return { verb, phone, call, style };
    case 'dtmf':
      return digits === undefined ? 'digits' : { verb, phone, call, digits: digits.toUpperCase() };
    case 'answer':
    case 'resume':
    case 'hangup':
    case 'allow-transfer':
    case 'refuse-transfer':
      return { verb, phone, call };
    default:
      return withTarget(verb, { ...known, phone });
  }
}

type VerbWithTarget = Extract<Verb, { readonly target: string } | { readonly targets: readonly string[] }>['verb'];

function withTarget(verb: VerbWithTarget, known: VerbArguments & { readonly phone: string }): Verb | 'target' {
  const { phone, call, targets, target, barge, once } = known;
  if (verb === 'redirect') {
    const all = targets ?? (target === undefined ? [] : [target]);
    return all.length === 0 ? 'target' : { verb, phone, call, targets: all };
  }
  if (target === undefined) return 'target';
  switch (verb) {
    case 'place':
    case 'consult':
    case 'unwatch':
      return { verb, phone, target };
    case 'watch':
      return { verb, phone, target, ...(once === true && { once }) };
    case 'pick-up':
      return { verb, phone, call, target, ...(barge === true && { barge }) };
    case 'transfer':
    case 'attended-transfer':
    case 'blonde-transfer':
      return { verb, phone, call, target };
  }
}

const withoutCall: ReadonlySet<VerbName> = new Set(['place', 'consult', 'swap', 'register', 'unregister', 'crash', 'restart', 'pick-up', 'watch', 'unwatch']);

/** Whether the verb acts on one call of the phone, which must be chosen when several fit. */
export function needsCall(verb: VerbName): boolean {
  return !withoutCall.has(verb);
}

function wrong(why: string): CallLabError {
  return new CallLabError('CL3008', why);
}
