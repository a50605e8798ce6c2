import { CallLabError } from '../core';
import type { Call } from './call';

/** Sends keys in INFO, one after the other: the next when the one before was taken. Throws CL3004 when one was not. */
export async function sendByInfo(call: Call, digits: string): Promise<void> {
  for (const digit of digits) {
    const failure = await new Promise<{ readonly status: number; readonly reason: string } | undefined>((resolve) => {
      call.session.sendDigit(digit, resolve);
    });
    if (failure === undefined) continue;
    throw new CallLabError('CL3004', `${call.peer} did not take the key ${digit}: ${String(failure.status)} ${failure.reason}`);
  }
}
