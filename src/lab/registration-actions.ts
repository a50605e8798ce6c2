import { CallLabError } from '../core';
import type { Phone } from './phone';
import type { RegistrationInfo } from './phone-registration';

/** Whether the registrar has been asked and has not answered yet. */
export function isAtWork(phone: Phone): boolean {
  const state = phone.registration?.state;
  return state === 'registering' || state === 'refreshing' || state === 'releasing';
}

/** Registers, or refreshes at once; resolves with what a person is told. Throws CL3003 or CL3010. */
export async function register(phone: Phone): Promise<string> {
  find(phone);
  phone.register();
  await settled(phone);
  const { state, problem, registrar, addressOfRecord, expires } = find(phone);
  if (state === 'registered') return `registered at ${registrar} as ${addressOfRecord} for ${String(expires ?? 0)} s`;
  throw new CallLabError('CL3010', `${phone.name} is not registered at ${registrar}: ${problem ?? state}`);
}

/** Takes the binding back; resolves with what a person is told. Throws CL3003. */
export async function unregister(phone: Phone): Promise<string> {
  find(phone);
  phone.unregister();
  await settled(phone);
  return `no longer registered at ${find(phone).registrar}`;
}

/** The registrar has answered or was given up; or the phone has crashed, and then no answer finds it. */
function settled(phone: Phone): Promise<void> {
  return phone.until(() => !phone.isWorking || !isAtWork(phone));
}

function find(phone: Phone): RegistrationInfo {
  if (!phone.isWorking) throw new CallLabError('CL3003', `${phone.name} does not work: ${phone.problem ?? 'it is being started'}`);
  if (phone.registration !== undefined) return phone.registration;
  throw new CallLabError('CL3003', `${phone.name} has no registrar: give the phone one with "register"`);
}
