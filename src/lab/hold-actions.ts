import { CallLabError } from '../core';
import type { HoldStyle } from '../sip';
import type { Call } from './call';
import { canSwap } from './call-choice';
import type { Phone } from './phone';

/** How long a second call waits for the party of the first to agree to be held. */
const waitForHold = 4_000;

/** What holding needs of a phone. */
export type HoldingPhone = Pick<Phone, 'name' | 'calls' | 'asks' | 'until' | 'within' | 'turnTo' | 'reportProblem'>;

/** A person has one mouth: whoever they were talking to is put on hold first. A refusal does not stop the second call. */
export async function holdOthers(phone: HoldingPhone, except: Call | undefined): Promise<void> {
  for (const call of phone.calls) {
    // Answered, and its ACK has yet to come: people talk already. It comes, or the call ends (RFC 3261 13.3.1.4).
    if (call !== except) await phone.until(() => call.state !== 'answering');
    if (call === except || !call.isUp || call.holding) continue;
    const held = call.hold(undefined).then((failure) => {
      if (failure !== undefined) phone.reportProblem('CL3004', `${call.peer} could not be put on hold: ${failure}`);
    });
    await phone.within(held, waitForHold);
  }
}

/** `style` is the phone's own unless given. */
export async function hold(call: Call, style: HoldStyle | undefined): Promise<string> {
  const failure = await call.hold(style);
  if (failure !== undefined) throw new CallLabError('CL3004', `${call.peer} could not be put on hold: ${failure}`);
  return `${call.peer} is on hold`;
}

export async function resume(phone: HoldingPhone, call: Call): Promise<string> {
  await holdOthers(phone, call);
  const failure = await call.resume();
  if (failure !== undefined) throw new CallLabError('CL3004', `The call with ${call.peer} could not be resumed: ${failure}`);
  phone.turnTo(call);
  return `talking to ${call.peer} again`;
}

export async function swap(phone: HoldingPhone): Promise<string> {
  const held = phone.calls.find((call) => call.isUp && call.holding);
  if (!canSwap(phone) || held === undefined) {
    throw new CallLabError('CL3003', `${phone.name} cannot swap: that takes two calls, one of them on hold`);
  }
  return resume(phone, held);
}
