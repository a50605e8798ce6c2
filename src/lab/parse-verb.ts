import type { HoldStyle } from '../sip';
import { type Verb, type VerbName, verbNames } from './verb';
import { Words } from './words';

/** Reads what stands behind the verb. */
type Reader<Name extends VerbName> = (words: Words) => Omit<Extract<Verb, { readonly verb: Name }>, 'verb' | 'phone'>;

/**
 * Reads one line of the language of {@link Verb}. Throws a WordError (CL3008) with a sentence that says what was expected.
 */
export function parseVerb(line: string): Verb {
  const words = new Words(line, 'CL3008');
  const phone = words.next('a phone and a verb are needed, such as "alice place bob"');
  const word = words.next('a phone and a verb are needed, such as "alice place bob"');
  const verb = verbNames.find((known) => known === word);
  if (verb === undefined) throw words.wrong(`"${word}" is none of the verbs: ${verbNames.join(', ')}`);
  return { verb, phone, ...readers[verb](words) } as Verb;
}

const readTarget = (words: Words): { target: string } => {
  const target = words.next('whom to call is missing');
  words.finish();
  return { target };
};

const readNothing = (words: Words): object => {
  words.finish();
  return {};
};

const readCall = (words: Words): { call: string | undefined } => ({ call: words.last() });

/** Targets of one redirection: each gets a q of its own, from 1 down to 0.1. */
const mostTargets = 10;

/** `[alice] to` */
function readCallBeforeTo(words: Words, verb: VerbName): string | undefined {
  const pattern = `it reads "${verb} alice to charlie"`;
  const call = words.peek === 'to' ? undefined : words.next(pattern);
  if (words.next(pattern) !== 'to') throw words.wrong(pattern);
  return call;
}

/** `[alice] to charlie [dave]` */
function readRedirect(words: Words): { call: string | undefined; targets: readonly string[] } {
  const call = readCallBeforeTo(words, 'redirect');
  const targets = [words.next('where to is missing')];
  while (words.peek !== undefined) targets.push(words.next(''));
  if (targets.length > mostTargets) throw words.wrong(`a call is sent to ${String(mostTargets)} targets at the most`);
  return { call, targets };
}

/** `[alice] to charlie` */
function readTransfer(verb: VerbName): (words: Words) => { call: string | undefined; target: string } {
  return (words) => {
    const call = readCallBeforeTo(words, verb);
    const target = words.next('where to is missing');
    words.finish();
    return { call, target };
  };
}

const readers: { readonly [Name in VerbName]: Reader<Name> } = {
  place: readTarget,
  consult: readTarget,
  answer: readCall,
  resume: readCall,
  hangup: readCall,
  reject: (words) => {
    const status = words.take(/^[4-6]\d\d$/u);
    return { call: words.last(), status: status === undefined ? undefined : Number(status) };
  },
  redirect: readRedirect,
  hold: (words) => {
    const style = words.take(/^(?:sendonly|inactive|c0)$/u) as HoldStyle | undefined;
    return { call: words.last(), style };
  },
  swap: readNothing,
  crash: readNothing,
  register: readNothing,
  unregister: readNothing,
  restart: readNothing,
  dtmf: readDigits,
  transfer: readTransfer('transfer'),
  'attended-transfer': readTransfer('attended-transfer'),
  'blonde-transfer': readTransfer('blonde-transfer'),
  'allow-transfer': readCall,
  'refuse-transfer': readCall,
  'pick-up': readPickUp,
  watch: (words) => {
    const target = words.next('whom to watch is missing');
    const once = words.last();
    if (once !== undefined && once !== 'once') throw words.wrong('it reads "watch bob" or "watch bob once"');
    return { target, ...(once !== undefined && { once: true }) };
  },
  unwatch: (words) => {
    const target = words.next('whom to watch no longer is missing');
    words.finish();
    return { target };
  },
};

/** `[alice from] bob [barge]` */
function readPickUp(words: Words): { call: string | undefined; target: string; barge?: true } {
  const pattern = 'it reads "pick-up bob" or "pick-up alice from bob"';
  const first = words.next('the phone that rings is missing');
  const isNamed = words.peek === 'from';
  if (isNamed) words.next(pattern);
  const target = isNamed ? words.next('the phone that rings is missing') : first;
  const barge = words.last();
  if (barge !== undefined && barge !== 'barge') throw words.wrong(pattern);
  return { call: isNamed ? first : undefined, target, ...(barge !== undefined && { barge: true }) };
}

/** `123# [to alice]` */
function readDigits(words: Words): { digits: string; call: string | undefined } {
  const digits = words.next('the keys to press are missing').toUpperCase();
  if (!/^[0-9A-D*#]+$/u.test(digits)) throw words.wrong('the keys of a telephone are 0-9, *, # and A-D');
  if (words.peek === undefined) return { digits, call: undefined };
  if (words.next('') !== 'to') throw words.wrong('it reads "dtmf 123 to alice"');
  return { digits, call: words.last() };
}
