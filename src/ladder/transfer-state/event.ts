import { readSipfrag, type TraceCall, type TraceMessage, type Transfer } from '../../trace';
import type { SipMessage } from '../../sip';
import { frameEvent } from './frame-event';
import type { TransferEvent } from './machine';

/** The call of a transfer that a message belongs to. */
export type Role = 'first' | 'consultation' | 'new' | 'none';

/** What a message means for a transfer; undefined when it moves nothing. */
export function eventOf(message: TraceMessage, transfer: Transfer): TransferEvent | undefined {
  const { sip, iax } = message;
  if (iax !== undefined) return message.retransmissionOf === undefined ? frameEvent(iax.title, message, roleOf(message, transfer)) : undefined;
  // A repetition says nothing new, and a proxy's copy is the same request once more.
  if (sip === undefined || message.retransmissionOf !== undefined || message.transaction?.forwardOf !== undefined) return undefined;
  const role = roleOf(message, transfer);
  return sip.kind === 'request' ? requestEvent(message, sip.method, role, transfer) : responseEvent(message, sip.status, role);
}

/** Whether a message may be one of a transfer's steps: those of its calls, from their beginning on. */
export function concerns(message: TraceMessage, transfer: Transfer): boolean {
  return message.transfers.includes(transfer) || roleOf(message, transfer) !== 'none';
}

function roleOf({ call, transfers }: TraceMessage, transfer: Transfer): Role {
  const [first, consultation] = transfer.replacedCalls;
  if (is(call, first)) return 'first';
  if (is(call, consultation)) return 'consultation';
  return is(call, transfer.survivingCall) || (call !== undefined && transfers.includes(transfer)) ? 'new' : 'none';
}

function is(call: TraceCall | undefined, other: TraceCall | undefined): boolean {
  return call !== undefined && call === other;
}

function requestEvent(message: TraceMessage, method: string, role: Role, transfer: Transfer): TransferEvent | undefined {
  if (message.offers !== undefined) return role === 'first' ? message.offers : undefined;
  switch (method) {
    case 'INVITE':
      if (message.call?.invite.transaction !== message.transaction) return undefined;
      return role === 'new' ? 'call' : role === 'consultation' ? 'consult' : undefined;
    case 'REFER':
      return message.transfers.includes(transfer) ? 'asked' : undefined;
    case 'NOTIFY':
      return message.sip !== undefined && message.transfers.includes(transfer) ? news(message.sip) : undefined;
    case 'CANCEL':
      return role === 'consultation' ? 'consult-called-off' : role === 'first' ? 'first-ends' : undefined;
    case 'BYE':
      return role === 'first' ? 'first-ends' : undefined;
    default:
      return undefined;
  }
}

/** RFC 3515 section 2.4.5: only a final status line decides anything. */
function news(sip: SipMessage): TransferEvent | undefined {
  const status = sip.kind === 'request' ? (readSipfrag(sip)?.status ?? 0) : 0;
  if (status < 200) return undefined;
  return status < 300 ? 'told-success' : 'told-failure';
}

/** Answered by a new request with what was missing: no failure (RFC 3261 section 22.2). */
const challenges = new Set([401, 407]);

function responseEvent(message: TraceMessage, status: number, role: Role): TransferEvent | undefined {
  const { transaction } = message;
  // A challenge is answered by the request once more, and 100 says nothing of the call.
  if (transaction === undefined || status === 100 || challenges.has(status)) return undefined;
  if (transaction.method === 'REFER') return referAnswer(message, status);
  // A re-INVITE changes a call that is there.
  const isFirst = transaction.request === undefined || transaction.request.call?.invite.transaction === transaction;
  return transaction.method === 'INVITE' && isFirst ? inviteAnswer(status, role) : undefined;
}

function referAnswer({ transfers }: TraceMessage, status: number): TransferEvent | undefined {
  if (transfers.length === 0 || status < 200) return undefined;
  return status < 300 ? 'accepted' : 'refused';
}

function inviteAnswer(status: number, role: Role): TransferEvent | undefined {
  const name = status < 200 ? 'rings' : status < 300 ? 'answered' : 'fails';
  switch (role) {
    case 'new':
      return name;
    case 'consultation':
      return `consult-${name}`;
    case 'first':
      if (name === 'fails') return status < 400 ? 'redirected' : 'first-ends';
      return name === 'rings' ? 'first-rings' : undefined;
    case 'none':
      return undefined;
  }
}
