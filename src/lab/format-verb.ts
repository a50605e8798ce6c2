import type { Verb, VerbName } from './verb';

/** The verb as one line that `parseVerb` reads back. */
export function formatVerb(verb: Verb): string {
  // Each writer is asked about its own verb only.
  const write = writers[verb.verb] as (verb: Verb) => string;
  return `${verb.phone} ${verb.verb}${write(verb)}`;
}

/** Writes what stands behind the verb, with a blank before each word. */
const writers: { readonly [Name in VerbName]: (verb: Extract<Verb, { readonly verb: Name }>) => string } = {
  place: ({ target }) => ` ${target}`,
  consult: ({ target }) => ` ${target}`,
  answer: ({ call }) => word(call),
  resume: ({ call }) => word(call),
  hangup: ({ call }) => word(call),
  swap: () => '',
  crash: () => '',
  register: () => '',
  unregister: () => '',
  restart: () => '',
  reject: ({ call, status }) => `${word(call)}${word(status)}`,
  hold: ({ call, style }) => `${word(call)}${word(style)}`,
  dtmf: ({ digits, call }) => ` ${digits}${call === undefined ? '' : ` to ${call}`}`,
  redirect: ({ call, targets }) => `${word(call)} to ${targets.join(' ')}`,
  transfer: ({ call, target }) => `${word(call)} to ${target}`,
  'attended-transfer': ({ call, target }) => `${word(call)} to ${target}`,
  'blonde-transfer': ({ call, target }) => `${word(call)} to ${target}`,
  'allow-transfer': ({ call }) => word(call),
  'refuse-transfer': ({ call }) => word(call),
  'pick-up': ({ call, target, barge }) => `${call === undefined ? '' : ` ${call} from`} ${target}${barge === true ? ' barge' : ''}`,
  watch: ({ target, once }) => ` ${target}${once === true ? ' once' : ''}`,
  unwatch: ({ target }) => ` ${target}`,
};

function word(text: string | number | undefined): string {
  return text === undefined ? '' : ` ${text}`;
}
