import type { Milliseconds } from '../../core';

/** `registering`, `refreshing` and `releasing` wait for an answer; `failed` may try again by itself. */
export type IaxRegistrationState = 'unregistered' | 'registering' | 'registered' | 'refreshing' | 'releasing' | 'failed';

export type RegistrationEvent =
  | { readonly is: 'register' }
  | { readonly is: 'release' }
  /** `refresh` in seconds. */
  | { readonly is: 'granted'; readonly refresh: number }
  | { readonly is: 'refused' }
  | { readonly is: 'unanswered'; readonly failures: number }
  | { readonly is: 'due' }
  | { readonly is: 'expired' };

export type RegistrationAction =
  | { readonly do: 'send'; readonly command: 'REGREQ' | 'REGREL' }
  | { readonly do: 'cancel' }
  | { readonly do: 'renew'; readonly after: Milliseconds }
  | { readonly do: 'expire'; readonly after: Milliseconds }
  | { readonly do: 'forget' };

export interface RegistrationStep {
  readonly to: IaxRegistrationState;
  readonly actions: readonly RegistrationAction[];
  readonly rule: string;
}

/** The pauses before a registrar that did not answer is asked again: they double from the first to the last. */
const firstPause: Milliseconds = 10_000;
const longestPause: Milliseconds = 300_000;

/** A registration at one registrar: IAX2 reference 5.4. Undefined for what means nothing in this state. */
export function stepRegistration(state: IaxRegistrationState, event: RegistrationEvent): RegistrationStep | undefined {
  switch (event.is) {
    case 'register':
      return register(state);
    case 'release':
      return release(state);
    case 'granted':
      return granted(state, event.refresh);
    case 'refused':
      if (!isWaiting(state)) return undefined;
      return { to: state === 'releasing' ? 'unregistered' : 'failed', actions: [{ do: 'forget' }], rule: 'IAX2 5.4: REGREJ: refused, and not asked again' };
    case 'unanswered':
      return unanswered(state, event.failures);
    case 'due':
      if (state === 'registered') return { to: 'refreshing', actions: [{ do: 'send', command: 'REGREQ' }], rule: 'IAX2 5.4: five sixths of the time are over' };
      return state === 'failed' ? { to: 'registering', actions: [{ do: 'send', command: 'REGREQ' }], rule: 'IAX2 5.4: one more try' } : undefined;
    case 'expired':
      return state === 'refreshing' ? { to: 'registering', actions: [], rule: 'IAX2 5.4: the time is over before it was renewed' } : undefined;
  }
}

function register(state: IaxRegistrationState): RegistrationStep | undefined {
  if (isWaiting(state) && state !== 'releasing') return undefined;
  const send: RegistrationAction = { do: 'send', command: 'REGREQ' };
  return state === 'registered'
    ? { to: 'refreshing', actions: [send], rule: 'IAX2 5.4: renewed before its time' }
    : { to: 'registering', actions: [{ do: 'cancel' }, send], rule: 'IAX2 5.4: REGREQ' };
}

function release(state: IaxRegistrationState): RegistrationStep | undefined {
  switch (state) {
    case 'unregistered':
    case 'releasing':
      return undefined;
    case 'failed':
      return { to: 'unregistered', actions: [{ do: 'forget' }], rule: 'IAX2 5.4: there is nothing to be released' };
    default:
      return {
        to: 'releasing',
        actions: [{ do: 'cancel' }, { do: 'forget' }, { do: 'send', command: 'REGREL' }],
        rule: 'IAX2 5.4: REGREL: the same dance as REGREQ',
      };
  }
}

function granted(state: IaxRegistrationState, refresh: number): RegistrationStep | undefined {
  if (state === 'releasing') return { to: 'unregistered', actions: [{ do: 'forget' }], rule: 'IAX2 5.4: REGACK for REGREL' };
  if (state !== 'registering' && state !== 'refreshing') return undefined;
  const time = refresh * 1_000;
  return {
    to: 'registered',
    actions: [
      { do: 'renew', after: (time * 5) / 6 },
      { do: 'expire', after: time },
    ],
    rule: 'IAX2 5.4: REGACK: renewed at five sixths of the time granted',
  };
}

function unanswered(state: IaxRegistrationState, failures: number): RegistrationStep | undefined {
  if (state === 'releasing') return { to: 'unregistered', actions: [{ do: 'forget' }], rule: 'IAX2 3.3: nobody answers REGREL: what was registered runs out by itself' };
  if (state !== 'registering' && state !== 'refreshing') return undefined;
  const pause = Math.min(longestPause, firstPause * 2 ** failures);
  return { to: 'failed', actions: [{ do: 'renew', after: pause }], rule: 'IAX2 3.3: the registrar does not answer: once more after a pause' };
}

function isWaiting(state: IaxRegistrationState): boolean {
  return state === 'registering' || state === 'refreshing' || state === 'releasing';
}
