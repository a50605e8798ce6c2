import type { HoldStyle } from '../sip';

/**
 * What a person can do with a phone. The same words serve the palette, scenario files, the command line and the API:
 *
 *     alice place bob                      alice place sip:echo@127.0.0.2:5060
 *     bob answer [alice]                   bob reject [alice] [486]           bob redirect [alice] to charlie [dave]
 *     bob hold [alice] [sendonly|inactive|c0]                                bob resume [alice]
 *     alice register                       alice unregister
 *     bob swap                             bob dtmf 123# [to alice]          bob hangup [alice]
 *     bob consult charlie                  a second call, the first one held
 *     bob transfer alice to charlie        blind
 *     bob attended-transfer alice to charlie   through a consultation call, which is placed when there is none
 *     bob crash                            gone without a word to anybody     bob restart   and back, remembering nothing
 *     charlie pick-up bob                  the call that rings at bob; with "barge" also one that bob has answered
 *     charlie pick-up alice from bob       of several calls there, the one of alice
 *     charlie watch bob [once]             charlie unwatch bob
 *     bob blonde-transfer alice to charlie     the same, completed while charlie still rings
 *     alice allow-transfer [bob]           alice refuse-transfer [bob]    where a transfer waits for consent
 *
 * A call is named by the other party: a phone, the user part of a URI, or a call id such as `bob/2`. It may be left out
 * where only one call fits.
 */
export type Verb =
  | { readonly verb: 'place'; readonly phone: string; readonly target: string }
  | { readonly verb: 'consult'; readonly phone: string; readonly target: string }
  | { readonly verb: 'answer'; readonly phone: string; readonly call?: string | undefined }
  | { readonly verb: 'reject'; readonly phone: string; readonly call?: string | undefined; readonly status?: number | undefined }
  | { readonly verb: 'redirect'; readonly phone: string; readonly call?: string | undefined; readonly targets: readonly string[] }
  | { readonly verb: 'hold'; readonly phone: string; readonly call?: string | undefined; readonly style?: HoldStyle | undefined }
  | { readonly verb: 'resume'; readonly phone: string; readonly call?: string | undefined }
  | { readonly verb: 'swap'; readonly phone: string }
  | PhoneVerb
  | RegistrationVerb
  | { readonly verb: 'dtmf'; readonly phone: string; readonly call?: string | undefined; readonly digits: string }
  | { readonly verb: 'hangup'; readonly phone: string; readonly call?: string | undefined }
  | { readonly verb: 'transfer'; readonly phone: string; readonly call?: string | undefined; readonly target: string }
  | { readonly verb: 'attended-transfer'; readonly phone: string; readonly call?: string | undefined; readonly target: string }
  | {
      readonly verb: 'pick-up';
      readonly phone: string;
      readonly call?: string | undefined;
      readonly target: string;
      readonly barge?: boolean | undefined;
    }
  | { readonly verb: 'watch'; readonly phone: string; readonly target: string; readonly once?: boolean | undefined }
  | { readonly verb: 'unwatch'; readonly phone: string; readonly target: string }
  | { readonly verb: 'blonde-transfer'; readonly phone: string; readonly call?: string | undefined; readonly target: string }
  | { readonly verb: 'allow-transfer'; readonly phone: string; readonly call?: string | undefined }
  | { readonly verb: 'refuse-transfer'; readonly phone: string; readonly call?: string | undefined };

/** What happens to a phone as a program. */
export type PhoneVerb = { readonly verb: 'crash'; readonly phone: string } | { readonly verb: 'restart'; readonly phone: string };

/** Where a phone can be found. */
export type RegistrationVerb = { readonly verb: 'register'; readonly phone: string } | { readonly verb: 'unregister'; readonly phone: string };

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
  'register',
  'unregister',
  'dtmf',
  'hangup',
  'transfer',
  'attended-transfer',
  'crash',
  'restart',
  'pick-up',
  'watch',
  'unwatch',
  'blonde-transfer',
  'allow-transfer',
  'refuse-transfer',
] as const satisfies readonly VerbName[];
