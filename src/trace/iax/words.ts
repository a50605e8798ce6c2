import { causeOf } from '../../iax';
import type { CallCause } from '../call';

/** `busy`: what people call a cause of Q.850; `cause 99` for one without a name. */
export function causeName(code: number): string {
  const { text } = causeOf(code);
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/** `17, busy`, `3, "No such context/extension"`; empty when the peer gave no cause. */
export function describeCause(cause: CallCause | undefined): string {
  if (cause === undefined) return '';
  const own = cause.text.replace(/[\p{C}\s]+/gu, ' ').trim().slice(0, 60);
  const said = own === '' ? (cause.code === undefined || cause.code === 0 ? '' : causeName(cause.code)) : `"${own}"`;
  return [cause.code === undefined ? '' : String(cause.code), said].filter((part) => part !== '').join(', ');
}

/** ` (cause 17, busy)`, or nothing. */
export function causeInBrackets(cause: CallCause | undefined): string {
  const text = describeCause(cause);
  return text === '' ? '' : ` (cause ${text})`;
}
