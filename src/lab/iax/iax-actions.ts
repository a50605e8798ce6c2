import { CallLabError, type Milliseconds } from '../../core';
import type { TransferOutcome } from '../../iax';
import { callsFor, chooseAsk, chooseCall, endedError } from '../call-choice';
import { holdOthers } from '../hold-actions';
import type { ProtocolVerb } from '../phone';
import type { IaxPhone } from './iax-phone';
import type { IaxPhoneCall } from './iax-phone-call';

/** Carries out what IAX2 does in a way of its own. Throws a CallLabError that says why it could not be done. */
export async function actByIax(phone: IaxPhone, verb: ProtocolVerb): Promise<string> {
  switch (verb.verb) {
    case 'redirect':
      throw lacking(phone, 'has no redirection: a call can be refused, or answered and then transferred');
    case 'pick-up':
      throw lacking(phone, "cannot take a call that rings elsewhere: it knows of no call but the phone's own");
    case 'watch':
    case 'unwatch':
      throw lacking(phone, 'cannot watch others: it has no messages about their calls');
    case 'transfer':
      return blindTransfer(phone, chooseCall(phone, verb.verb, verb.call), verb.target);
    case 'attended-transfer':
    case 'blonde-transfer':
      return nativeTransfer(phone, verb);
    case 'allow-transfer':
    case 'refuse-transfer':
      return decide(phone, verb.call, verb.verb === 'allow-transfer');
  }
}

function lacking({ name }: IaxPhone, what: string): CallLabError {
  return new CallLabError('CL3003', `${name} speaks IAX2, which ${what}`);
}

/**
 * How long the other side may take to do what TRANSFER asked; it says nothing when it does not. One that calls the number
 * first may have to repeat its NEW for half a minute (IAX2 reference 3.3).
 */
const waitForHandover: Milliseconds = 35_000;

/** TRANSFER (IAX2 reference 6.7): the other side dials; that it hangs up is all it says. */
async function blindTransfer(phone: IaxPhone, call: IaxPhoneCall, target: string): Promise<string> {
  const { number, context } = phone.numberOf(target);
  const { peer } = call;
  if (number === phone.number) throw new CallLabError('CL3003', `${peer} cannot be transferred to ${phone.name}: they are in a call already`);
  if (number === call.number) throw new CallLabError('CL3003', `${peer} cannot be transferred to ${peer}`);
  call.forgetText();
  const handing = phone.transfers.handOver(call, number, context);
  const isSettled = (): boolean => ['handed-over', 'refused', 'lost'].includes(handing.state) || call.lastText !== undefined;
  await phone.within(phone.until(isSettled), waitForHandover);
  const failure = (why: string): CallLabError => new CallLabError('CL3005', `${peer} was not transferred to ${target}: ${why}`);
  switch (handing.state) {
    case 'handed-over':
      return `${peer} was handed over to ${target}; nobody will say whether they are connected`;
    case 'refused':
      throw failure('the other side cannot do it (UNSUPPORT)');
    case 'lost':
      throw endedError(call);
    default:
      // A server that checks the number first has no other way to tell than TEXT.
      throw failure(call.lastText ?? 'the other side has acknowledged TRANSFER and done nothing');
  }
}

/** Native transfer with this phone in the middle (IAX2 reference 6.6); blonde while the target still rings (6.8). */
async function nativeTransfer(phone: IaxPhone, verb: Extract<ProtocolVerb, { readonly verb: 'attended-transfer' | 'blonde-transfer' }>): Promise<string> {
  const call = chooseTransferee(phone, verb);
  const isBlonde = verb.verb === 'blonde-transfer';
  const consultation = await findConsultation(phone, call, verb.target);
  // The protocol needs both legs accepted; whoever wants to speak with the target first waits for the answer.
  await phone.until(() => (isBlonde ? consultation.iax.isAccepted : consultation.isUp) || consultation.hasEnded || call.hasEnded);
  if (consultation.hasEnded) throw endedError(consultation);
  if (call.hasEnded) throw endedError(call);
  const [peer, target] = [call.peer, consultation.peer];
  const outcome = await phone.transfers.connect(call, consultation);
  return tell(outcome, peer, target);
}

function tell({ is, text }: TransferOutcome, peer: string, target: string): string {
  switch (is) {
    case 'done':
      return `${peer} is connected to ${target}; this phone has left both calls`;
    case 'media':
      return `${peer} and ${target} send each other their voice; the calls stay with this phone`;
    default:
      throw new CallLabError('CL3005', `${peer} was not transferred to ${target}: ${text.replace(/\.$/u, '')}`);
  }
}

function chooseTransferee(phone: IaxPhone, { verb, call, target }: Extract<ProtocolVerb, { readonly verb: 'attended-transfer' | 'blonde-transfer' }>): IaxPhoneCall {
  const others = callsFor(phone, verb).filter((other) => !other.isMeantBy(target));
  const [first, second] = others;
  return call === undefined && first !== undefined && second === undefined ? first : chooseCall(phone, verb, call);
}

async function findConsultation(phone: IaxPhone, call: IaxPhoneCall, target: string): Promise<IaxPhoneCall> {
  const known = phone.calls.find((other) => other !== call && other.isMeantBy(target));
  if (known !== undefined) return known;
  const callee = phone.find(target);
  if (callee.phone === phone.name) throw new CallLabError('CL3003', `${call.peer} cannot be transferred to ${phone.name}: they are in a call already`);
  if (callee.phone === call.peer) throw new CallLabError('CL3003', `${call.peer} cannot be transferred to ${call.peer}`);
  await holdOthers(phone, undefined);
  return phone.place(callee);
}

/** The person's answer to a transfer that waits for consent. */
function decide(phone: IaxPhone, word: string | undefined, isAllowed: boolean): string {
  const ask = chooseAsk(phone, word);
  phone.guests.decide(ask, isAllowed);
  return isAllowed ? `going to ${ask.target}` : `${ask.by} was told no`;
}
