import type { SipMessage, SipRequest, SipResponse } from '../sip';
import { frameLabel, isAnswerFrame, isFailureFrame } from './iax-label';
import { mediaDirection, readSipfrag, type TraceMessage } from '../trace';

/** What an arrow says: the method, the status or the kind of frame, and what matters of the rest. */
export function labelOf(message: TraceMessage): string {
  const { sip, iax } = message;
  if (iax !== undefined) return frameLabel(iax, message);
  if (sip === undefined) return `not ${message.transport === 'iax2' ? 'IAX2' : 'SIP'}: ${message.error?.text ?? `${message.bytes.length} octets`}`;
  return sip.kind === 'request' ? requestLabel(sip, message) : responseLabel(sip);
}

/** Whether an arrow is one that answers: drawn dashed. */
export function isAnswer({ sip, iax }: TraceMessage): boolean {
  return iax === undefined ? sip?.kind === 'response' : isAnswerFrame(iax);
}

/** Whether a message cannot be read, or says that something did not work. */
export function isFailure({ sip, iax, error }: TraceMessage): boolean {
  if (error !== undefined) return true;
  return iax === undefined ? sip?.kind === 'response' && sip.status >= 400 : isFailureFrame(iax);
}

/** The method of a request, and of the request that a response answers; the kind of an IAX2 frame; `other` for what cannot be read. */
export function methodOf({ sip, iax }: TraceMessage): string {
  if (iax !== undefined) return iax.title.replace(/ .*$/u, '');
  if (sip === undefined) return 'other';
  if (sip.kind === 'request') return sip.method;
  return tryRead(() => sip.cseq.method) ?? 'other';
}

function requestLabel(sip: SipRequest, message: TraceMessage): string {
  switch (sip.method) {
    case 'INVITE':
      return `INVITE${isInside(sip) ? inside(sip, message) : outside(sip)}`;
    case 'REFER':
      return referLabel(sip);
    case 'NOTIFY':
      return notifyLabel(sip);
    case 'SUBSCRIBE':
      return `SUBSCRIBE ${tryRead(() => sip.event?.package) ?? ''}${expiresNow(sip) ? ' (end)' : ''}`.trim();
    case 'REGISTER':
      return `REGISTER ${userOf(() => sip.to.uri.user)}${expiresNow(sip) ? ' (end)' : ''}`.trim();
    case 'UPDATE':
      return `UPDATE${inside(sip, message)}`;
    case 'ACK': {
      const direction = mediaDirection(sip);
      return direction === undefined ? 'ACK' : `ACK (${direction})`;
    }
    default:
      return sip.method;
  }
}

/** An INVITE that begins a call: whom it calls, and on whose behalf. */
function outside(sip: SipRequest): string {
  const remarks: string[] = [];
  const replaces = tryRead(() => sip.replaces);
  if (replaces !== undefined) remarks.push(replaces.earlyOnly ? 'Replaces, early-only' : 'Replaces');
  const by = tryRead(() => sip.referredBy?.uri.user);
  if (by !== undefined) remarks.push(`Referred-By ${by}`);
  const direction = mediaDirection(sip);
  if (direction !== undefined && direction !== 'sendrecv') remarks.push(direction);
  const whom = userOf(() => sip.uri.user);
  return `${whom === '' ? '' : ` ${whom}`}${bracketed(remarks)}`;
}

/** An INVITE or UPDATE within a call: what it does to the media. */
function inside(sip: SipRequest, { offers }: TraceMessage): string {
  const direction = mediaDirection(sip);
  if (direction === undefined) return '';
  return ` (${offers === undefined ? '' : `${offers}, `}${direction})`;
}

function referLabel(sip: SipRequest): string {
  const referTo = tryRead(() => sip.referTo);
  const header = sip.header('Refer-To');
  const whom = referTo === undefined ? (header ?? '').slice(0, 40) : (referTo.uri.user ?? referTo.uri.host);
  const isAttended = /[?&]replaces=/i.test(header ?? '');
  return `REFER -> ${whom}${isAttended ? ' (Replaces)' : ''}`;
}

function notifyLabel(sip: SipRequest): string {
  const event = tryRead(() => sip.event?.package) ?? '';
  const line = event === 'refer' ? readSipfrag(sip) : undefined;
  const what = line === undefined ? event : `${line.status} ${line.reason}`.trim();
  const ended = tryRead(() => sip.subscriptionState?.state) === 'terminated';
  return `NOTIFY ${what}${ended ? ' (terminated)' : ''}`.trim();
}

function responseLabel(sip: SipResponse): string {
  const remarks: string[] = [];
  const method = tryRead(() => sip.cseq.method);
  if (method !== undefined && sip.status !== 100) remarks.push(method);
  const direction = mediaDirection(sip);
  if (direction !== undefined && direction !== 'sendrecv') remarks.push(direction);
  const contact = sip.status >= 300 && sip.status < 400 ? tryRead(() => sip.contact?.uri) : undefined;
  if (contact !== undefined) remarks.push(`-> ${contact.user ?? contact.host}`);
  return `${sip.status} ${sip.reason}`.trim() + bracketed(remarks);
}

function bracketed(remarks: readonly string[]): string {
  return remarks.length === 0 ? '' : ` (${remarks.join(', ')})`;
}

function isInside(sip: SipMessage): boolean {
  return (tryRead(() => sip.toTag) ?? '') !== '';
}

function expiresNow(sip: SipMessage): boolean {
  return tryRead(() => sip.expires) === 0;
}

function userOf(read: () => string | undefined): string {
  return tryRead(read) ?? '';
}

/** A header of a stranger's may be malformed; the arrow then goes without it. */
function tryRead<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
