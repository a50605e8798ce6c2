import type { HoldStyle } from '../sip';
import { Words } from './words';

/**
 * What a person can do with a phone. The same words serve the palette, scenario files, the command line and the API:
 *
 *     alice place bob                      alice place sip:echo@127.0.0.2:5060
 *     bob answer [alice]                   bob reject [alice] [486]           bob redirect [alice] to charlie
 *     bob hold [alice] [sendonly|inactive|c0]                                bob resume [alice]
 *     bob swap                             bob dtmf 123# [to alice]          bob hangup [alice]
 *     bob consult charlie                  a second call, the first one held
 *     bob transfer alice to charlie        blind
 *     bob attended-transfer alice to charlie   through a consultation call, which is placed when there is none
 *     bob crash                            gone without a word to anybody     bob restart   and back, remembering nothing
 *
 * A call is named by the other party: a phone, the user part of a URI, or a call id such as `bob/2`. It may be left out
 * where only one call fits.
 */
export type Verb =
  | { readonly verb: 'place'; readonly phone: string; readonly target: string }
  | { readonly verb: 'consult'; readonly phone: string; readonly target: string }
  | { readonly verb: 'answer'; readonly phone: string; readonly call?: string | undefined }
  | { readonly verb: 'reject'; readonly phone: string; readonly call?: string | undefined; readonly status?: number | undefined }
  | { readonly verb: 'redirect'; readonly phone: string; readonly call?: string | undefined; readonly target: string }
  | { readonly verb: 'hold'; readonly phone: string; readonly call?: string | undefined; readonly style?: HoldStyle | undefined }
  | { readonly verb: 'resume'; readonly phone: string; readonly call?: string | undefined }
  | { readonly verb: 'swap'; readonly phone: string }
  | PhoneVerb
  | { readonly verb: 'dtmf'; readonly phone: string; readonly call?: string | undefined; readonly digits: string }
  | { readonly verb: 'hangup'; readonly phone: string; readonly call?: string | undefined }
  | { readonly verb: 'transfer'; readonly phone: string; readonly call?: string | undefined; readonly target: string }
  | { readonly verb: 'attended-transfer'; readonly phone: string; readonly call?: string | undefined; readonly target: string };

/** What happens to a phone as a program. */
export type PhoneVerb = { readonly verb: 'crash'; readonly phone: string } | { readonly verb: 'restart'; readonly phone: string };

export type VerbName = Verb['verb'];

export const verbNames = [
  'place',
  'consult',
  'answer',
  'reject',
  'redirect',
  'hold',
  'resume',
  'swap',
  'dtmf',
  'hangup',
  'transfer',
  'attended-transfer',
  'crash',
  'restart',
] as const satisfies readonly VerbName[];

/**
 * Reads one line of the language above. Throws a WordError (CL3008) with a sentence that says what was expected.
 */
export function parseVerb(line: string): Verb {
  const words = new Words(line, 'CL3008');
  const phone = words.next('a phone and a verb are needed, such as "alice place bob"');
  const verb = words.next('a phone and a verb are needed, such as "alice place bob"');
  switch (verb) {
    case 'place':
    case 'consult': {
      const target = words.next('whom to call is missing');
      words.finish();
      return { verb, phone, target };
    }
    case 'answer':
    case 'resume':
    case 'hangup':
      return { verb, phone, call: words.last() };
    case 'swap':
    case 'crash':
    case 'restart':
      words.finish();
      return { verb, phone };
    case 'reject': {
      const status = words.take(/^[4-6]\d\d$/u);
      return { verb, phone, call: words.last(), status: status === undefined ? undefined : Number(status) };
    }
    case 'hold': {
      const style = words.take(/^(?:sendonly|inactive|c0)$/u) as HoldStyle | undefined;
      return { verb, phone, call: words.last(), style };
    }
    case 'dtmf':
      return { verb, phone, ...readDigits(words) };
    case 'redirect':
    case 'transfer':
    case 'attended-transfer': {
      const pattern = `it reads "${verb} alice to charlie"`;
      const call = words.peek === 'to' ? undefined : words.next(pattern);
      if (words.next(pattern) !== 'to') throw words.wrong(pattern);
      const target = words.next('where to is missing');
      words.finish();
      return { verb, phone, call, target };
    }
    default:
      throw words.wrong(`"${verb}" is none of the verbs: ${verbNames.join(', ')}`);
  }
}

/** `123# [to alice]` */
function readDigits(words: Words): { digits: string; call: string | undefined } {
  const digits = words.next('the keys to press are missing').toUpperCase();
  if (!/^[0-9A-D*#]+$/u.test(digits)) throw words.wrong('the keys of a telephone are 0-9, *, # and A-D');
  if (words.peek === undefined) return { digits, call: undefined };
  if (words.next('') !== 'to') throw words.wrong('it reads "dtmf 123 to alice"');
  return { digits, call: words.last() };
}

/** The verb as one line that {@link parseVerb} reads back. */
export function formatVerb(verb: Verb): string {
  const call = 'call' in verb && verb.call !== undefined ? ` ${verb.call}` : '';
  switch (verb.verb) {
    case 'place':
    case 'consult':
      return `${verb.phone} ${verb.verb} ${verb.target}`;
    case 'answer':
    case 'resume':
    case 'hangup':
      return `${verb.phone} ${verb.verb}${call}`;
    case 'swap':
    case 'crash':
    case 'restart':
      return `${verb.phone} ${verb.verb}`;
    case 'reject':
      return `${verb.phone} reject${call}${verb.status === undefined ? '' : ` ${String(verb.status)}`}`;
    case 'hold':
      return `${verb.phone} hold${call}${verb.style === undefined ? '' : ` ${verb.style}`}`;
    case 'dtmf':
      return `${verb.phone} dtmf ${verb.digits}${call === '' ? '' : ` to${call}`}`;
    case 'redirect':
    case 'transfer':
    case 'attended-transfer':
      return `${verb.phone} ${verb.verb}${call} to ${verb.target}`;
  }
}
