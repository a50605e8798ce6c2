import { CallLabError } from '../core';
import { type SipUri, type TransferOutcome, type TransferPlan, usualReferStyle } from '../sip';
import { callsFor, chooseAsk, chooseCall, endedError } from './call-choice';
import type { Directory } from './directory';
import { holdOthers } from './hold-actions';
import type { ProtocolVerb } from './phone';
import type { SipCall } from './sip-call';
import type { SipPhone } from './sip-phone';
import type { VerbName } from './verb';

interface Consulted {
  readonly call?: string | undefined;
  readonly target: string;
}

export type TransferVerb = Extract<
  ProtocolVerb,
  { readonly verb: 'transfer' | 'attended-transfer' | 'blonde-transfer' | 'allow-transfer' | 'refuse-transfer' }
>;

/** Carries out a verb that is about transfers. */
export async function actOnTransfer(phone: SipPhone, verb: TransferVerb, directory: Directory): Promise<string> {
  switch (verb.verb) {
    case 'transfer':
      return blindTransfer(phone, chooseCall(phone, verb.verb, verb.call), verb.target, directory);
    case 'attended-transfer':
      return attendedTransfer(phone, verb, directory);
    case 'blonde-transfer':
      return blondeTransfer(phone, verb, directory);
    case 'allow-transfer':
      return decideTransfer(phone, verb.call, true);
    case 'refuse-transfer':
      return decideTransfer(phone, verb.call, false);
  }
}

async function blindTransfer(phone: SipPhone, call: SipCall, target: string, directory: Directory): Promise<string> {
  const uri = directory.resolve(target, phone.options.transport ?? 'udp');
  refuseCircle(phone, call, uri, directory);
  const outcome = await phone.transfers.transfer({ ...plan(phone, call), referTo: `<${uri.toString()}>` });
  return judge(outcome, call, target);
}

async function attendedTransfer(phone: SipPhone, verb: Consulted, directory: Directory): Promise<string> {
  const call = chooseTransferee(phone, 'attended-transfer', verb);
  const consultation = await findConsultation(phone, call, verb.target, directory);
  await phone.until(() => consultation.isUp || consultation.hasEnded || call.hasEnded);
  if (consultation.hasEnded) throw endedError(consultation);
  if (call.hasEnded) throw endedError(call);
  const outcome = await phone.transfers.transfer({ ...plan(phone, call), consultation: consultation.session });
  return judge(outcome, call, verb.target);
}

/** Completed while the target rings, or has just answered (reference 14.5). */
async function blondeTransfer(phone: SipPhone, verb: Consulted, directory: Directory): Promise<string> {
  const call = chooseTransferee(phone, 'blonde-transfer', verb);
  const consultation = await findConsultation(phone, call, verb.target, directory);
  const mode = phone.options.transfer?.blonde ?? 'wait';
  const outcome = await phone.transfers.blonde({ ...plan(phone, call), consultation: consultation.session, mode });
  return judge(outcome, call, verb.target);
}

/** The person's answer to a REFER that waits for consent. */
function decideTransfer(phone: SipPhone, word: string | undefined, isAllowed: boolean): string {
  const ask = chooseAsk(phone, word);
  phone.transfers.decide(ask, isAllowed);
  return isAllowed ? `going to ${ask.target}` : `${ask.by} was told no`;
}

function leadsTo(phone: SipPhone, uri: SipUri, directory: Directory): boolean {
  return directory.nameBehind(uri) === phone.name;
}

function plan({ options }: SipPhone, call: SipCall): Pick<TransferPlan, 'transferee' | 'holdStyle' | 'style' | 'hangUp' | 'refer' | 'isHasty'> {
  const { hangUp = 'final', refer = 'transferee', subscription, referSub, referredBy, place } = options.transfer ?? {};
  return {
    transferee: call.session,
    holdStyle: options.holdStyle ?? 'sendonly',
    hangUp,
    refer,
    isHasty: options.defects?.includes('T1') === true,
    style: {
      subscription: subscription ?? usualReferStyle.subscription,
      referSub: referSub ?? usualReferStyle.referSub,
      referredBy: referredBy ?? usualReferStyle.referredBy,
      place: place ?? usualReferStyle.place,
    },
  };
}

function chooseTransferee(phone: SipPhone, verb: VerbName, { call, target }: Consulted): SipCall {
  const others = callsFor(phone, verb).filter((other) => !other.isMeantBy(target));
  const [first, second] = others;
  return call === undefined && first !== undefined && second === undefined ? first : chooseCall(phone, verb, call);
}

async function findConsultation(phone: SipPhone, call: SipCall, target: string, directory: Directory): Promise<SipCall> {
  const known = phone.calls.find((other) => other !== call && other.isMeantBy(target));
  if (known !== undefined) return known;
  const uri = directory.resolve(target, phone.options.transport ?? 'udp');
  refuseCircle(phone, call, uri, directory);
  await holdOthers(phone, undefined);
  return phone.placeAt(uri);
}

/** Field failure T13: a call sent to one of its own two parties would ring in a circle. */
function refuseCircle(phone: SipPhone, call: SipCall, uri: SipUri, directory: Directory): void {
  if (leadsTo(phone, uri, directory)) {
    throw new CallLabError('CL3003', `${call.peer} cannot be transferred to ${phone.name}: they are in a call already`);
  }
  const { remoteUri } = call.session;
  const name = directory.nameBehind(uri);
  // Behind one address there may be many parties, unless it is a phone of the lab.
  const isSame = name === undefined ? uri.toString() === remoteUri : name === call.peer;
  if (isSame) throw new CallLabError('CL3003', `${call.peer} cannot be transferred to ${call.peer}`);
}

function judge({ result, text }: TransferOutcome, call: SipCall, target: string): string {
  if (result !== 'done') throw new CallLabError('CL3005', `${call.peer} was not transferred to ${target}: ${text}`);
  const [what = text, ...more] = text.split('; ');
  return [`${call.peer} ${what} to ${target}`, ...more].join('; ');
}
