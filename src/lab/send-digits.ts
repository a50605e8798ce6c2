import { CallLabError } from '../core';
import type { SipCall } from './sip-call';

/**
 * Sends keys in INFO, one after the other: the next when the one before was taken. Throws CL3004 when one was not. `ended`
 * resolves with the end of the call, also when the phone has crashed and hears of no answer any more.
 */
export async function sendByInfo(call: SipCall, digits: string, ended: Promise<void>): Promise<void> {
  const over = ended.then(() => ({ status: 487, reason: 'The call is over' }));
  for (const digit of digits) {
    const answered = new Promise<{ readonly status: number; readonly reason: string } | undefined>((resolve) => {
      call.session.sendDigit(digit, resolve);
    });
    const failure = await Promise.race([answered, over]);
    if (failure === undefined) continue;
    throw new CallLabError('CL3004', `${call.peer} did not take the key ${digit}: ${String(failure.status)} ${failure.reason}`);
  }
}
