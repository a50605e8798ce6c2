import { CallLabError } from '../core';
import type { Call } from './call';
import { callsFor, chooseCall, endedError } from './call-choice';
import { hold, holdOthers, resume, swap } from './hold-actions';
import type { Phone } from './phone';
import type { PhoneVerb, RegistrationVerb, Verb, VerbName } from './verb';

/** A verb about calls: all but those about the phone as a program, and its place at a registrar. */
export type CallVerb = Exclude<Verb, PhoneVerb | RegistrationVerb>;

/** What an action tells the person when it worked. */
type Sentence = string;

/** Carries out one verb on its phone. Throws a CallLabError that says why it could not be done. */
export async function act(phone: Phone, verb: CallVerb): Promise<Sentence> {
  if (!phone.isWorking) {
    throw new CallLabError('CL3003', `${phone.name} does not work: ${phone.problem ?? 'it is being started'}`);
  }
  if (forCallsThatAreUp.has(verb.verb)) await untilAcknowledged(phone, 'call' in verb ? verb.call : undefined);
  switch (verb.verb) {
    case 'place':
    case 'consult':
      return place(phone, verb.target);
    case 'answer':
      await untilRinging(phone);
      return answer(phone, chooseCall(phone, verb.verb, verb.call));
    case 'reject':
      chooseCall(phone, verb.verb, verb.call).reject(verb.status);
      return 'rejected';
    case 'hold':
      return hold(chooseCall(phone, verb.verb, verb.call), verb.style);
    case 'resume':
      return resume(phone, chooseCall(phone, verb.verb, verb.call));
    case 'swap':
      return swap(phone);
    case 'dtmf':
      return sendDigits(chooseCall(phone, verb.verb, verb.call), verb.digits);
    case 'hangup':
      return hangUp(phone, chooseCall(phone, verb.verb, verb.call));
    default:
      return phone.perform(verb);
  }
}

const forCallsThatAreUp: ReadonlySet<VerbName> = new Set(['hold', 'resume', 'swap', 'dtmf', 'transfer', 'attended-transfer', 'blonde-transfer']);

/** Who has just answered talks already, while the ACK may be on its way. It comes, or the call ends (RFC 3261 13.3.1.4). */
function untilAcknowledged(phone: Phone, call: string | undefined): Promise<void> {
  return phone.until(() => !phone.calls.some((each) => each.state === 'answering' && (call === undefined || each.isMeantBy(call))));
}

/** How long `place` waits to see the call arrive before it says that the call is on its way. */
const waitForFirstResponse = 1_000;

async function place(phone: Phone, target: string): Promise<Sentence> {
  const callee = phone.find(target);
  if (callee.phone === phone.name) throw new CallLabError('CL3003', `${phone.name} cannot call itself`);
  await holdOthers(phone, undefined);
  const call = await phone.place(callee);
  // So that "alice place bob" and "bob answer", said in one breath, find each other.
  await phone.within(phone.until(() => call.state !== 'calling'), waitForFirstResponse);
  const missing = call.state === 'calling' ? await phone.missingAt(callee) : undefined;
  if (missing === undefined) return `calling ${call.peer}`;
  // It is still tried, for half a minute in SIP (timer B): the program may only be starting. But the person should know.
  phone.reportProblem('CL1004', `Nobody listens at ${missing}.`);
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
  // A call may be over as soon as it is up: it was answered all the same.
  const seen = { up: false };
  await phone.until(() => (seen.up ||= call.isUp) || call.hasEnded);
  if (!call.hasEnded) return `talking to ${call.peer}`;
  // A transfer may replace the call before its ACK is here: the person has answered all the same.
  const successor = phone.calls.find((other) => other.replaces(call));
  if (successor !== undefined) return `talking to ${successor.peer}, to whom ${call.peer} has given the call`;
  if (!seen.up) throw endedError(call);
  return `answered ${call.peer}, who hung up`;
}

async function sendDigits(call: Call, digits: string): Promise<Sentence> {
  await call.sendDigits(digits);
  return `sent ${digits} to ${call.peer}`;
}

async function hangUp(phone: Phone, call: Call): Promise<Sentence> {
  call.hangUp();
  await phone.until(() => call.hasEnded);
  return `the call with ${call.peer} is over`;
}
