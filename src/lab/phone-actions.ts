import { CallLabError } from '../core';
import { formatAddress } from '../net';
import { escapeUriHeader, type SipUri, type TransferOutcome, uriAddress } from '../sip';
import type { Call } from './call';
import type { Directory } from './directory';
import type { Phone } from './phone';
import type { PhoneVerb, Verb, VerbName } from './verb';

/** A verb for a phone that works: all but those about the phone as a program. */
export type CallVerb = Exclude<Verb, PhoneVerb>;
import { allTakeable, pickUp } from './pick-up';
import { unwatch, watch } from './watch-actions';

/** What an action tells the person when it worked. */
type Sentence = string;

/** Carries out one verb on its phone. Throws a CallLabError that says why it could not be done. */
export async function act(phone: Phone, verb: CallVerb, directory: Directory): Promise<Sentence> {
  if (!phone.isWorking) {
    throw new CallLabError('CL3003', `${phone.name} does not work: ${phone.problem ?? 'it is being started'}`);
  }
  switch (verb.verb) {
    case 'place':
    case 'consult':
      return place(phone, verb.target, directory);
    case 'answer':
      await untilRinging(phone);
      return answer(phone, chooseCall(phone, verb.verb, verb.call));
    case 'reject':
      chooseCall(phone, verb.verb, verb.call).session.reject(verb.status ?? 603);
      return 'rejected';
    case 'redirect': {
      const target = directory.resolve(verb.target, phone.options.transport ?? 'udp').toString();
      chooseCall(phone, verb.verb, verb.call).session.redirect([target]);
      return `redirected to ${verb.target}`;
    }
    case 'hold':
      return hold(phone, chooseCall(phone, verb.verb, verb.call), verb.style);
    case 'resume':
      return resume(phone, chooseCall(phone, verb.verb, verb.call));
    case 'swap':
      return swap(phone);
    case 'dtmf':
      return sendDigits(chooseCall(phone, verb.verb, verb.call), verb.digits);
    case 'hangup':
      return hangUp(phone, chooseCall(phone, verb.verb, verb.call));
    case 'transfer':
      return blindTransfer(phone, chooseCall(phone, verb.verb, verb.call), verb.target, directory);
    case 'attended-transfer':
      return attendedTransfer(phone, verb, directory);
    case 'pick-up':
      return pickUp(phone, verb, directory, () => holdOthers(phone, undefined));
    case 'watch':
      return watch(phone, verb.target, verb.once === true, directory);
    case 'unwatch':
      return unwatch(phone, verb.target);
  }
}

/** The calls of `phone` that `verb` could act on, the likeliest first. */
export function callsFor(phone: Phone, verb: VerbName): readonly Call[] {
  const { calls } = phone;
  const up = calls.filter((call) => call.isUp);
  switch (verb) {
    case 'answer':
    case 'reject':
    case 'redirect':
      return calls.filter((call) => call.state === 'incoming');
    case 'hold':
    case 'dtmf':
      return up.filter((call) => !call.holding).sort(byAttention);
    case 'resume':
      return up.filter((call) => call.holding).sort(byAttention);
    case 'hangup':
      return [...calls].sort((a, b) => Number(a.holding) - Number(b.holding) || byAttention(a, b));
    case 'transfer':
      return [...up].sort(byAttention);
    case 'attended-transfer':
      return [...up].sort((a, b) => Number(b.holding) - Number(a.holding) || byAttention(a, b));
    case 'swap':
      return canSwap(phone) ? up : [];
    case 'place':
    case 'consult':
    case 'crash':
    case 'restart':
    case 'pick-up':
    case 'watch':
    case 'unwatch':
      return [];
  }
}

/** Whether `verb` makes sense on this phone now. */
export function canAct(phone: Phone, verb: VerbName): boolean {
  if (!phone.isWorking) return false;
  if (verb === 'place' || verb === 'watch' || verb === 'crash' || verb === 'restart') return true;
  if (verb === 'unwatch') return (phone.watch?.watching.targets ?? []).length > 0;
  if (verb === 'pick-up') return allTakeable(phone).length > 0;
  if (verb === 'consult') return phone.calls.some((call) => call.isUp);
  return callsFor(phone, verb).length > 0;
}

function byAttention(a: Call, b: Call): number {
  return b.attention - a.attention;
}

/** The call a person means; `word` names the other party or the call, and may be left out where only one call fits. */
function chooseCall(phone: Phone, verb: VerbName, word: string | undefined): Call {
  const able = callsFor(phone, verb);
  if (word !== undefined) {
    const meant = able.find((call) => call.isMeantBy(word));
    if (meant !== undefined) return meant;
    const other = phone.calls.find((call) => call.isMeantBy(word));
    if (other === undefined) throw new CallLabError('CL3002', `${phone.name} has no call with ${word}`);
    throw new CallLabError('CL3003', `${phone.name} cannot ${verb}: the call with ${word} is ${describe(other)}`);
  }
  const [first, second] = able;
  if (first === undefined) {
    const [any] = phone.calls;
    const why = any === undefined ? `${phone.name} has no call` : `the call with ${any.peer} is ${describe(any)}`;
    throw new CallLabError(any === undefined ? 'CL3002' : 'CL3003', `${phone.name} cannot ${verb}: ${why}`);
  }
  // Hanging up, holding or pressing keys means the call the person is in; for the rest a guess could hit the wrong party.
  const takesTheFirst = verb === 'hangup' || verb === 'hold' || verb === 'dtmf';
  if (second === undefined || takesTheFirst) return first;
  const peers = able.map((call) => call.peer).join(', ');
  throw new CallLabError('CL3006', `${phone.name} cannot ${verb}: several calls fit (${peers}); name one`);
}

function describe(call: Call): string {
  if (call.isUp && call.holding) return 'on hold';
  return call.isUp ? 'up' : call.state;
}

/** How long `place` waits to see the INVITE arrive before it says that the call is on its way. */
const waitForFirstResponse = 1_000;

/** How long a second call waits for the party of the first to agree to be held. */
const waitForHold = 4_000;

async function place(phone: Phone, target: string, directory: Directory): Promise<Sentence> {
  const uri = directory.resolve(target, phone.options.transport ?? 'udp');
  if (leadsTo(phone, uri, directory)) throw new CallLabError('CL3003', `${phone.name} cannot call itself`);
  await holdOthers(phone, undefined);
  const call = await phone.place(uri);
  // So that "alice place bob" and "bob answer", said in one breath, find each other.
  await phone.within(phone.until(() => call.state !== 'calling'), waitForFirstResponse);
  const hop = uriAddress(uri);
  if (call.state !== 'calling' || (await phone.isHeardAt(hop)) !== false) return `calling ${call.peer}`;
  // The INVITE is still repeated, for 32 s (timer B): the program may only be starting. But the person should know.
  phone.reportProblem('CL1004', `Nobody listens at ${hop.transport.toUpperCase()} ${formatAddress(hop)}.`);
  return `calling ${call.peer}, but nobody listens there yet`;
}

/** How long a person's hand waits over a phone that is about to ring. */
const waitForRinging = 1_000;

/** "bob transfer alice to charlie" and "charlie answer", said in one breath: the call is still on its way. */
function untilRinging(phone: Phone): Promise<void> {
  return phone.within(phone.until(() => callsFor(phone, 'answer').length > 0), waitForRinging);
}

async function answer(phone: Phone, call: Call): Promise<Sentence> {
  await holdOthers(phone, call);
  await phone.accept(call);
  await phone.until(() => call.isUp || call.hasEnded);
  if (call.hasEnded) throw ended(call);
  return `talking to ${call.peer}`;
}

/** A person has one mouth: whoever they were talking to is put on hold first. A refusal does not stop the second call. */
async function holdOthers(phone: Phone, except: Call | undefined): Promise<void> {
  for (const call of phone.calls) {
    if (call === except || !call.isUp || call.holding) continue;
    const held = changeHold(call, true, phone.options.holdStyle ?? 'sendonly').then((failure) => {
      if (failure !== undefined) phone.reportProblem('CL3004', `${call.peer} could not be put on hold: ${failure}`);
    });
    await phone.within(held, waitForHold);
  }
}

async function hold(phone: Phone, call: Call, style: 'sendonly' | 'inactive' | 'c0' | undefined): Promise<Sentence> {
  const failure = await changeHold(call, true, style ?? phone.options.holdStyle ?? 'sendonly');
  if (failure !== undefined) throw new CallLabError('CL3004', `${call.peer} could not be put on hold: ${failure}`);
  return `${call.peer} is on hold`;
}

async function resume(phone: Phone, call: Call): Promise<Sentence> {
  await holdOthers(phone, call);
  const failure = await changeHold(call, false, call.session.negotiation?.holdStyle ?? 'sendonly');
  if (failure !== undefined) throw new CallLabError('CL3004', `The call with ${call.peer} could not be resumed: ${failure}`);
  phone.turnTo(call);
  return `talking to ${call.peer} again`;
}

function canSwap(phone: Phone): boolean {
  const up = phone.calls.filter((call) => call.isUp);
  return up.length === 2 && up.filter((call) => call.holding).length === 1;
}

async function swap(phone: Phone): Promise<Sentence> {
  const held = phone.calls.find((call) => call.isUp && call.holding);
  if (!canSwap(phone) || held === undefined) {
    throw new CallLabError('CL3003', `${phone.name} cannot swap: that takes two calls, one of them on hold`);
  }
  return resume(phone, held);
}

function changeHold(call: Call, on: boolean, style: 'sendonly' | 'inactive' | 'c0'): Promise<string | undefined> {
  return new Promise((resolve) => {
    call.session.changeHold(on, style, (failure) => {
      resolve(failure === undefined ? undefined : `${String(failure.status)} ${failure.reason}`);
    });
  });
}

async function sendDigits(call: Call, digits: string): Promise<Sentence> {
  const { audio } = call;
  if (audio === undefined) throw new CallLabError('CL3003', `The call with ${call.peer} has no audio to send keys in`);
  if (!audio.maySend) throw new CallLabError('CL3003', `${call.peer} takes no audio now, and so no keys: the call is on hold`);
  await audio.sendDigits(digits);
  return `sent ${digits} to ${call.peer}`;
}

async function hangUp(phone: Phone, call: Call): Promise<Sentence> {
  call.session.hangUp();
  await phone.until(() => call.hasEnded);
  return `the call with ${call.peer} is over`;
}

async function blindTransfer(phone: Phone, call: Call, target: string, directory: Directory): Promise<Sentence> {
  const uri = directory.resolve(target, phone.options.transport ?? 'udp');
  refuseCircle(phone, call, uri, directory);
  const outcome = await phone.transfer({
    transferee: call.session,
    referTo: `<${uri.toString()}>`,
    holdStyle: phone.options.holdStyle ?? 'sendonly',
  });
  return judge(outcome, call, target);
}

async function attendedTransfer(
  phone: Phone,
  verb: { readonly call?: string | undefined; readonly target: string },
  directory: Directory,
): Promise<Sentence> {
  const { target } = verb;
  const isTarget = (call: Call): boolean => call.isMeantBy(target);
  const others = callsFor(phone, 'attended-transfer').filter((call) => !isTarget(call));
  const [first, second] = others;
  const call =
    verb.call === undefined && first !== undefined && second === undefined
      ? first
      : chooseCall(phone, 'attended-transfer', verb.call);
  const consultation = phone.calls.find((other) => other !== call && isTarget(other)) ?? (await consult(phone, call, target, directory));
  await phone.until(() => consultation.isUp || consultation.hasEnded || call.hasEnded);
  if (consultation.hasEnded) throw ended(consultation);
  if (call.hasEnded) throw ended(call);
  const { session } = consultation;
  const { dialog, replacesValue } = session;
  if (dialog === undefined || replacesValue === undefined) throw ended(consultation);
  const outcome = await phone.transfer({
    transferee: call.session,
    // RFC 5589 7.2: to the target's Contact, naming the consultation dialog as the target knows it.
    referTo: `<${dialog.remoteTarget}?Replaces=${escapeUriHeader(replacesValue)}>`,
    consultation: session,
    holdStyle: phone.options.holdStyle ?? 'sendonly',
  });
  return judge(outcome, call, target);
}

async function consult(phone: Phone, call: Call, target: string, directory: Directory): Promise<Call> {
  const uri = directory.resolve(target, phone.options.transport ?? 'udp');
  refuseCircle(phone, call, uri, directory);
  await holdOthers(phone, undefined);
  return phone.place(uri);
}

/** Field failure T13: a call sent to one of its own two parties would ring in a circle. */
function refuseCircle(phone: Phone, call: Call, uri: SipUri, directory: Directory): void {
  if (leadsTo(phone, uri, directory)) {
    throw new CallLabError('CL3003', `${call.peer} cannot be transferred to ${phone.name}: they are in a call already`);
  }
  const { remoteUri } = call.session;
  const address = uriAddress(uri);
  // Behind one address there may be many parties, unless it is a phone of the lab.
  const isSame = directory.nameAt(address) === undefined ? uri.toString() === remoteUri : directory.nameAt(address) === call.peer;
  if (isSame) throw new CallLabError('CL3003', `${call.peer} cannot be transferred to ${call.peer}`);
}

function leadsTo(phone: Phone, uri: SipUri, directory: Directory): boolean {
  return directory.nameAt(uriAddress(uri)) === phone.name;
}

function judge(outcome: TransferOutcome, call: Call, target: string): Sentence {
  if (outcome.result === 'done') return `${call.peer} ${outcome.text} to ${target}`;
  throw new CallLabError('CL3005', `${call.peer} was not transferred to ${target}: ${outcome.text}`);
}

function ended(call: Call): CallLabError {
  const cause = call.session.endCause;
  return new CallLabError('CL3004', `The call with ${call.peer} ended: ${String(cause?.status ?? '')} ${cause?.text ?? ''}`);
}
