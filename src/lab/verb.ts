import { CallLabError } from '../core';
import type { HoldStyle } from '../sip';

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
  | { readonly verb: 'dtmf'; readonly phone: string; readonly call?: string | undefined; readonly digits: string }
  | { readonly verb: 'hangup'; readonly phone: string; readonly call?: string | undefined }
  | { readonly verb: 'transfer'; readonly phone: string; readonly call?: string | undefined; readonly target: string }
  | { readonly verb: 'attended-transfer'; readonly phone: string; readonly call?: string | undefined; readonly target: string };

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
] as const satisfies readonly VerbName[];

const holdStyles: readonly string[] = ['sendonly', 'inactive', 'c0'] satisfies HoldStyle[];

/**
 * Reads one line of the language above. Throws CL3008 with a sentence that says what was expected.
 */
export function parseVerb(line: string): Verb {
  const words = line.trim().split(/\s+/u);
  const [phone, verb, ...rest] = words;
  if (phone === undefined || phone === '' || verb === undefined) {
    throw wrong(line, 'a phone and a verb are needed, such as "alice place bob"');
  }
  switch (verb) {
    case 'place':
    case 'consult':
      return { verb, phone, target: only(line, rest, 'whom to call') };
    case 'answer':
    case 'resume':
    case 'hangup':
      return { verb, phone, call: optional(line, rest) };
    case 'swap':
      if (rest.length > 0) throw wrong(line, 'swap takes nothing more');
      return { verb, phone };
    case 'reject': {
      const status = rest.find((word) => /^\d{3}$/u.test(word));
      const others = rest.filter((word) => word !== status);
      if (status !== undefined && (Number(status) < 400 || Number(status) > 699)) {
        throw wrong(line, 'a call is rejected with a status from 400 to 699');
      }
      return { verb, phone, call: optional(line, others), status: status === undefined ? undefined : Number(status) };
    }
    case 'hold': {
      const style = rest.find((word) => holdStyles.includes(word)) as HoldStyle | undefined;
      return { verb, phone, call: optional(line, rest.filter((word) => word !== style)), style };
    }
    case 'dtmf': {
      const [digits, ...where] = rest;
      if (digits === undefined || !/^[0-9A-D*#]+$/iu.test(digits)) throw wrong(line, 'the keys to press are needed: 0-9, *, #, A-D');
      if (where.length > 0 && where[0] !== 'to') throw wrong(line, 'it reads "dtmf 123 to alice"');
      return { verb, phone, digits: digits.toUpperCase(), call: optional(line, where.slice(1)) };
    }
    case 'redirect':
    case 'transfer':
    case 'attended-transfer': {
      const to = rest.lastIndexOf('to');
      if (to === -1) throw wrong(line, `it reads "${verb} alice to charlie"`);
      const target = only(line, rest.slice(to + 1), 'where to');
      return { verb, phone, call: optional(line, rest.slice(0, to)), target };
    }
    default:
      throw wrong(line, `"${verb}" is none of the verbs: ${verbNames.join(', ')}`);
  }
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
      return `${verb.phone} swap`;
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

function only(line: string, words: readonly string[], what: string): string {
  const [word, ...more] = words;
  if (word === undefined) throw wrong(line, `${what} is missing`);
  if (more.length > 0) throw wrong(line, `"${more.join(' ')}" is too much`);
  return word;
}

function optional(line: string, words: readonly string[]): string | undefined {
  if (words.length > 1) throw wrong(line, `"${words.slice(1).join(' ')}" is too much`);
  return words[0];
}

function wrong(line: string, why: string): CallLabError {
  return new CallLabError('CL3008', `"${line.trim()}": ${why}`);
}
