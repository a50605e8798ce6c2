import type { TraceMessage } from '../../trace';
import type { Role } from './event';
import type { TransferEvent } from './machine';

/** What a frame of IAX2 says, by its title and the call that it is in. */
const events: Readonly<Record<string, Readonly<Partial<Record<Role, TransferEvent>>>>> = {
  // RFC 5456 section 6.5.2: the middle tells each of the two in the call that it has with them.
  TXREQ: { first: 'first-told', consultation: 'other-told' },
  // The two find each other outside of any call.
  TXACC: { none: 'found', new: 'found' },
  TXREADY: { first: 'first-ready', consultation: 'other-ready' },
  TXREL: { first: 'released', consultation: 'released' },
  TXMEDIA: { first: 'media-released', consultation: 'media-released' },
  TXREJ: { first: 'refused', consultation: 'refused' },
  UNSUPPORT: { first: 'refused', consultation: 'refused' },
  TRANSFER: { first: 'asked' },
  QUELCH: { first: 'hold' },
  'CONTROL HOLD': { first: 'hold' },
  UNQUELCH: { first: 'resume' },
  'CONTROL UNHOLD': { first: 'resume' },
  NEW: { new: 'call' },
  'CONTROL RINGING': { new: 'rings' },
  'CONTROL ANSWER': { new: 'answered' },
  REJECT: { new: 'fails' },
  HANGUP: { first: 'first-ends', new: 'fails' },
};

/** What it means for a transfer; undefined when it moves nothing. */
export function frameEvent(title: string, { call, index }: TraceMessage, role: Role): TransferEvent | undefined {
  const event = events[title]?.[role];
  // A NEW with a token or credentials is the same call once more; a call that was up has not failed when it ends.
  if (event === 'call' && call?.invite.index !== index) return undefined;
  return event === 'fails' && call?.upAt !== undefined ? undefined : event;
}
