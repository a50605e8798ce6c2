import type { CallCause } from '../call';

/** What people call the causes of Q.850 that IAX2 peers send (IAX2 reference 2.4). */
const causes: Readonly<Record<number, string>> = {
  1: 'no such number',
  3: 'no route to the number',
  16: 'normal clearing',
  17: 'busy',
  18: 'no response',
  19: 'no answer',
  20: 'absent',
  21: 'rejected',
  27: 'destination out of order',
  28: 'incomplete number',
  29: 'facility rejected',
  31: 'normal, unspecified',
  34: 'no circuit free',
  38: 'network out of order',
  41: 'temporary failure',
  42: 'congestion',
  44: 'circuit not available',
  50: 'not allowed',
  52: 'outgoing calls barred',
  58: 'no common codec',
  88: 'incompatible destination',
  102: 'timer expired',
  127: 'interworking',
};

/** `busy`, or nothing for a number without a name. */
export function causeName(code: number): string {
  return causes[code] ?? '';
}

/** `17, busy`, `3, "No such context/extension"`; empty when the peer gave no cause. */
export function describeCause(cause: CallCause | undefined): string {
  if (cause === undefined) return '';
  const own = cause.text.replace(/[\p{C}\s]+/gu, ' ').trim().slice(0, 60);
  const said = own === '' ? causeName(cause.code ?? -1) : `"${own}"`;
  return [cause.code === undefined ? '' : String(cause.code), said].filter((part) => part !== '').join(', ');
}

/** ` (cause 17, busy)`, or nothing. */
export function causeInBrackets(cause: CallCause | undefined): string {
  const text = describeCause(cause);
  return text === '' ? '' : ` (cause ${text})`;
}
