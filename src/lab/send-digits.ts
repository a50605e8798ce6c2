import { CallLabError } from '../core';
import type { Call } from './call';
import type { Phone } from './phone';

/** Sends keys in INFO, one after the other: the next when the one before was taken. Throws CL3004 when one was not. */
export async function sendByInfo(phone: Phone, call: Call, digits: string): Promise<void> {
  for (const digit of digits) {
    const answered = new Promise<{ readonly status: number; readonly reason: string } | undefined>((resolve) => {
      call.session.sendDigit(digit, resolve);
    });
    // A phone that crashes hears of no answer any more.
    const over = phone.until(() => call.hasEnded).then(() => ({ status: 487, reason: 'The call is over' }));
    const failure = await Promise.race([answered, over]);
    if (failure === undefined) continue;
    throw new CallLabError('CL3004', `${call.peer} did not take the key ${digit}: ${String(failure.status)} ${failure.reason}`);
  }
}
