import { type BindingInfo, type CallInfo, type Hearing, type PhoneInfo, type RegistrationInfo, type ServerInfo, stateOfWatchedCall, type WatchInfo } from '../../lab';
import { kindTitle } from '../../ladder';
import { nameIn, type Transfer, type TransferKind } from '../../trace';
import { say } from '../say';

/** What the views, the panel and the log say of phones, calls and transfers: one place for their words. */

/** `Alice hears Bob and a hold tone.` */
export function hearingSentence(phone: string, { phones, hold }: Hearing): string {
  const heard = phones.map((name) => nameIn({ name }));
  if (hold) heard.push(say('a hold tone'));
  const listener = nameIn({ name: phone });
  return heard.length === 0 ? say('{0} hears nobody.', listener) : say('{0} hears {1}.', listener, list(heard));
}

/** Where a call stands, for the phone that has it: `calls bob`, `talks to bob, holds him`. */
export function callState(call: CallInfo): string {
  switch (call.state) {
    case 'calling':
      return say('calling');
    case 'ringing':
      return say('ringing there');
    case 'incoming':
      return say('ringing here');
    case 'answering':
      return say('answering');
    case 'connected':
      return connectedState(call);
    case 'ended':
      return call.end?.text ?? say('ended');
  }
}

function connectedState({ holding, held }: CallInfo): string {
  if (holding && held) return say('holding and held');
  if (holding) return say('holding');
  return held ? say('held') : say('talking');
}

/** What a phone is doing, in two or three words. */
export function phoneState({ problem, calls }: PhoneInfo): string {
  if (problem !== undefined) return say('does not work');
  const live = calls.filter(isLive);
  const [first] = live;
  if (first === undefined) return say('idle');
  if (live.length > 1) return say('{0} calls', live.length);
  switch (first.state) {
    case 'incoming':
      return say('{0} rings', first.peer);
    case 'connected':
      return first.holding ? say('holds {0}', first.peer) : say('talks to {0}', first.peer);
    default:
      return say('calls {0}', first.peer);
  }
}

/** What somebody who is watched is doing: `rings: alice`, `talks to alice`, `idle`, or why that is not known. */
export function watchState({ phase, why, calls }: WatchInfo): string {
  if (phase !== 'active' && phase !== 'snapshot') return phase === 'asking' ? say('not known yet') : say('not known: {0}', why);
  const said = calls.map((call) => {
    const state = stateOfWatchedCall(call);
    if (state === undefined) return say('is called by {0}', call.peer);
    if (state === 'ringing') return say('rings: {0}', call.peer);
    return state === 'talking' ? say('talks to {0}', call.peer) : say('calls {0}', call.peer);
  });
  const told = said.length === 0 ? say('idle') : list(said);
  return phase === 'snapshot' ? say('{0} (when asked)', told) : told;
}

/** Whether a phone is registered, and as whom if not by its own name: `registered`, `not registered: 403 Forbidden`. */
export function registrationState({ state, addressOfRecord, problem }: RegistrationInfo, phone: string): string {
  switch (state) {
    case 'registering':
      return say('registering');
    case 'registered':
    case 'refreshing':
      return userOf(addressOfRecord) === phone ? say('registered') : say('registered as {0}', withoutScheme(addressOfRecord));
    case 'releasing':
      return say('unregistering');
    case 'unregistered':
      return say('not registered');
    case 'failed':
      return problem === undefined ? say('not registered') : say('not registered: {0}', problem);
  }
}

/** What a phone's row says: what it does, where it is registered and found; while it talks, only what is amiss with that. */
export function phoneRow(info: PhoneInfo): string {
  const { problem, calls, registration, uri } = info;
  if (problem !== undefined) return problem;
  const isKnown = registration?.state === 'registered' || registration?.state === 'refreshing';
  const registered = registration === undefined ? [] : [registrationState(registration, info.name)];
  if (!calls.some(isLive)) return [say('idle'), ...registered, withoutUser(uri)].join(', ');
  return [phoneState(info), ...heard(info), ...(isKnown ? [] : registered)].join(', ');
}

function heard({ calls, hears: { phones, hold } }: PhoneInfo): readonly string[] {
  if (!calls.some(({ state }) => state === 'connected')) return [];
  const names = hold ? [...phones, say('hold tone')] : phones;
  return [names.length === 0 ? say('hears nobody') : say('hears {0}', names.join(', '))];
}

/** A server in its row: `lab.test, 2 registered, 127.0.0.1:5060`, `IAX2, nobody registered, 127.0.0.1:4569`. */
export function serverState({ problem, kind, domain, isRegistrar, bindings, uri }: ServerInfo): string {
  if (problem !== undefined) return problem;
  const people = new Set(bindings.map(({ addressOfRecord }) => addressOfRecord)).size;
  const registered = people === 0 ? say('nobody registered') : say('{0} registered', people);
  return [kind === 'iax2' ? 'IAX2' : domain, ...(isRegistrar ? [registered] : []), withoutUser(uri)].join(', ');
}

/** Who is registered; the domain is that of the server, whose row stands above. */
export function bindingTitle({ addressOfRecord }: BindingInfo): string {
  return userOf(addressOfRecord) ?? withoutScheme(addressOfRecord);
}

/** A binding in its row: `until 11:34:05, 127.0.0.1:5070`, with the user where it is another one, and a preference if it has any. */
export function bindingState({ addressOfRecord, contact, q }: BindingInfo, until: Date): string {
  const where = userOf(contact) === userOf(addressOfRecord) ? withoutUser(contact) : withoutScheme(contact);
  const said = say('until {0}, {1}', clockTime(until), where);
  return q === 1 ? said : `${said}, q ${q}`;
}

/** `11:34:05`, of this machine's day. */
function clockTime(date: Date): string {
  return date.toTimeString().slice(0, 8);
}

/** Of an IAX2 URI the number. */
function userOf(uri: string): string | undefined {
  return /^sips?:([^@]*)@/u.exec(uri)?.[1] ?? /^iax2:[^/]*\/(.+)$/u.exec(uri)?.[1];
}

function withoutScheme(uri: string): string {
  return uri.replace(/^(?:sips?|iax2):/u, '');
}

/** The address alone. */
function withoutUser(uri: string): string {
  return uri.replace(/^(?:sips?|iax2):(?:[^@]*@)?/u, '').replace(/\/.*$/u, '');
}

export function isLive(call: CallInfo): boolean {
  return call.state !== 'ended';
}

/** A call in a list where several phones' calls stand: `bob with alice`. */
export function callTitle({ phone, peer }: CallInfo): string {
  return say('{0} with {1}', phone, peer);
}

export function kindWord(kind: TransferKind): string {
  return kindTitle(kind, say);
}

/** `blind, success` */
export function transferSummary(transfer: Transfer): string {
  return `${transfer.kind}, ${transferState(transfer)}`;
}

/** `Blind transfer: Bob gives Alice to Charlie` */
export function transferTitle({ kind, transferor, transferee, target }: Transfer): string {
  return say('{0}: {1} gives {2} to {3}', kindWord(kind), nameIn(transferor), nameIn(transferee), nameIn(target));
}

/** `success`, or what was heard of it last: `under way, 180 Ringing`. */
export function transferState({ verdict, progress }: Transfer): string {
  if (verdict !== 'pending') return verdict === 'success' ? say('success') : say('failed');
  const last = progress.at(-1);
  return last === undefined ? say('under way') : say('under way, {0}', `${last.status} ${last.reason}`.trim());
}

/** `a`, `a and b`, `a, b and c` */
export function list(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : say('{0} and {1}', parts.slice(0, -1).join(', '), last);
}
