import { CallLabError } from '../core';
import type { Directory } from './directory';
import type { SipPhone } from './sip-phone';
import { statesOf } from './watch-info';

/** Watches somebody, or looks `once`; tells the person what is known first. */
export async function watch(phone: SipPhone, target: string, once: boolean, directory: Directory): Promise<string> {
  const uri = directory.resolve(target, phone.options.transport ?? 'udp');
  if (directory.nameBehind(uri) === phone.name) throw new CallLabError('CL3003', `${phone.name} cannot watch itself`);
  phone.watch?.watching.watch(target, uri, once);
  const isSettled = (phase: string | undefined): boolean => phase !== 'asking' && !(once && (phase === 'active' || phase === 'pending'));
  await phone.until(() => isSettled(phone.watch?.watching.find(target)?.phase));
  const info = phone.watch?.watching.find(target);
  switch (info?.phase) {
    case undefined:
      return `${target} is watched no longer`;
    case 'pending':
      return `${target} has yet to allow that it is watched`;
    case 'waiting':
      return `${target} cannot be watched now (${info.why}); it is asked again`;
    case 'ended':
      throw new CallLabError('CL3015', `${target} cannot be watched: ${info.why}`);
    case 'asking':
    case 'active':
    case 'snapshot':
      return `${once ? 'looked at' : 'watching'} ${target}: ${statesOf(info).join(' and ')}`;
  }
}

export function unwatch(phone: SipPhone, target: string): string {
  phone.watch?.watching.unwatch(target);
  return `${target} is watched no longer`;
}
