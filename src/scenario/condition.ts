import { type CallInfo, type WatchedState, Words } from '../lab';
import type { Verdict } from '../trace';

/** A state a call can be waited for, in words: each says what the phone's user would say of the call. */
export const callWords = ['calling', 'ringing', 'incoming', 'connected', 'talking', 'holding', 'held', 'ended'] as const;
export type CallWord = (typeof callWords)[number];

/** `connected to bob`, `held by alice`, `ended with bob 486`. */
export interface CallPhrase {
  readonly word: CallWord;
  readonly peer: string | undefined;
  /** Only for `ended`: the SIP status, or the Q.850 cause of an IAX2 call. */
  readonly status: number | undefined;
}

/**
 * What a scenario can wait for:
 *
 *     alice calling [bob]        the INVITE is out, nothing has come back
 *     alice ringing [bob]        the call rings, here or at the other end
 *     bob incoming [from alice]  the call rings here and may be answered
 *     alice connected [to bob]   the call is up, whether held or not
 *     alice talking [to bob]     the call is up, and nobody holds anybody
 *     alice holding [bob]        alice has put the other one on hold
 *     alice held [by bob]        the other one has put alice on hold
 *     alice ended [with bob] [486]
 *     alice idle                 no call but ended ones
 *     alice hears bob [and charlie] | nobody | hold tone     exactly that, measured from the audio
 *     alice registered           the registrar has her contact
 *     alice unregistered         she has no binding, and none is asked for
 *     alice got 123#             these keys have arrived, one after the other
 *     charlie sees bob ringing | calling | talking | idle    told by dialog-info to charlie, who watches bob
 *     alice asked [by bob]       a transfer waits for alice's consent
 *     transfer success | failed | pending                    the newest transfer's verdict
 */
export type Condition =
  | ({ readonly kind: 'call'; readonly phone: string } & CallPhrase)
  | { readonly kind: 'idle'; readonly phone: string }
  | { readonly kind: 'registration'; readonly phone: string; readonly is: 'registered' | 'unregistered' }
  | { readonly kind: 'hears'; readonly phone: string; readonly phones: readonly string[]; readonly hold: boolean }
  | { readonly kind: 'digits'; readonly phone: string; readonly digits: string }
  | { readonly kind: 'sees'; readonly phone: string; readonly target: string; readonly state: WatchedState }
  | { readonly kind: 'asked'; readonly phone: string; readonly by: string | undefined }
  | { readonly kind: 'transfer'; readonly verdict: Verdict };

export const verdicts = ['success', 'failed', 'pending'] as const satisfies readonly Verdict[];

/** All words that can follow the phone in a condition. */
export const conditionWords: readonly string[] = [...callWords, 'idle', 'registered', 'unregistered', 'hears', 'got', 'sees', 'asked'];

const watchedStates = ['ringing', 'calling', 'talking', 'idle'] as const satisfies readonly WatchedState[];

const prepositions = new Set(['to', 'with', 'by', 'from']);

/** Reads a condition. Throws a WordError (CL4002). */
export function parseCondition(line: string): Condition {
  const words = new Words(line, 'CL4002');
  const phone = words.next('a phone and its state are needed, such as "bob incoming"');
  const word = words.next(`what ${phone} shall do is missing: ${conditionWords.join(', ')}`);
  if (phone === 'transfer') {
    const verdict = verdicts.find((known) => known === word);
    if (verdict === undefined) throw words.wrong(`"${word}" is no verdict: ${verdicts.join(', ')}`);
    words.finish();
    return { kind: 'transfer', verdict };
  }
  switch (word) {
    case 'idle':
      words.finish();
      return { kind: 'idle', phone };
    case 'asked': {
      const by = readPeer(words);
      words.finish();
      return { kind: 'asked', phone, by };
    }
    case 'registered':
    case 'unregistered':
      words.finish();
      return { kind: 'registration', phone, is: word };
    case 'hears':
      return { kind: 'hears', phone, ...readHeard(words) };
    case 'got': {
      const digits = words.next('the keys are missing, such as "got 123#"').toUpperCase();
      if (!/^[0-9A-D*#]+$/u.test(digits)) throw words.wrong('the keys of a telephone are 0-9, *, # and A-D');
      words.finish();
      return { kind: 'digits', phone, digits };
    }
    case 'sees': {
      const target = words.next('whom is missing, as in "charlie sees bob ringing"');
      const text = words.next(`what ${target} does is missing: ${watchedStates.join(', ')}`);
      const state = watchedStates.find((known) => known === text);
      if (state === undefined) throw words.wrong(`"${text}" is nothing that is seen: ${watchedStates.join(', ')}`);
      words.finish();
      return { kind: 'sees', phone, target, state };
    }
    default:
      return { kind: 'call', phone, ...readCall(words, word) };
  }
}

/** Reads what stands behind the phone in a condition on a call: `connected to bob`. Throws a WordError (CL4002). */
export function parseCallPhrase(line: string): CallPhrase {
  const words = new Words(line, 'CL4002');
  return readCall(words, words.next('the state of a call is missing, such as "connected to bob"'));
}

function readCall(words: Words, word: string): CallPhrase {
  const state = callWords.find((known) => known === word);
  if (state === undefined) throw words.wrong(`"${word}" is no state: ${conditionWords.join(', ')}`);
  if (state !== 'ended') return { word: state, peer: readPeer(words) ?? words.last(), status: undefined };
  // A status stands alone or last; a number behind a preposition is an extension.
  const isAlone = /^\d{1,3}$/u.test(words.peek ?? '');
  const peer = readPeer(words) ?? (isAlone || words.peek === undefined ? undefined : words.next(''));
  const status = words.last();
  if (status !== undefined && !isStatusOrCause(status)) throw words.wrong(`"${status}" is no SIP status, nor a Q.850 cause: "ended with bob 486"`);
  return { word: state, peer, status: status === undefined ? undefined : Number(status) };
}

/** 200 to 699, or 1 to 127. */
function isStatusOrCause(text: string): boolean {
  return /^(?:[2-6]\d\d|[1-9]\d?|1[01]\d|12[0-7])$/u.test(text);
}

/** The party behind a preposition. */
function readPeer(words: Words): string | undefined {
  if (!prepositions.has(words.peek ?? '')) return undefined;
  return words.next(`who is missing behind "${words.next('')}"`);
}

function readHeard(words: Words): { phones: readonly string[]; hold: boolean } {
  const phones: string[] = [];
  let hold = false;
  const missing = 'whom is missing: phones, "hold tone" or "nobody"';
  if (words.peek === 'nobody') {
    words.next(missing);
    words.finish();
    return { phones, hold };
  }
  do {
    const word = words.next(missing);
    const isTone = word === 'hold' && words.peek === 'tone';
    if (isTone) words.next(missing);
    else phones.push(word);
    hold ||= isTone;
    if (words.peek === undefined) return { phones: phones.sort(), hold };
  } while (words.next('') === 'and');
  throw words.wrong('several are joined by "and": "alice hears bob and charlie"');
}

/** Whether a call is in the state that the phrase names. */
export function callMatches({ word, peer, status }: CallPhrase, call: CallInfo): boolean {
  if (peer !== undefined && peer !== call.peer) return false;
  if (status !== undefined && status !== call.end?.status) return false;
  return isIn[word](call);
}

const isIn: Readonly<Record<CallWord, (call: CallInfo) => boolean>> = {
  calling: (call) => call.state === 'calling',
  ringing: (call) => call.state === 'ringing' || call.state === 'incoming',
  incoming: (call) => call.state === 'incoming',
  connected: (call) => call.state === 'connected',
  talking: (call) => call.state === 'connected' && !call.holding && !call.held,
  holding: (call) => call.state === 'connected' && call.holding,
  held: (call) => call.state === 'connected' && call.held,
  ended: (call) => call.state === 'ended',
};
